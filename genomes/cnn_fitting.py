"""Blocks that never run out of pixels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import final

from genomes.cnn_genes import CONVOLUTIONS, LARGEST_KERNEL, PADDINGS, REDUCTIONS
from genomes.cnn_shapes import Block, Pixels, after, pixels_along
from genomes.genome import GenomeError, Value
from genomes.layers import Layers, LayerSpace

OF_PIXELS = ("reduction", "convolutions", "kernel", "padding")
"""The genes that pixels depend on, those that are changed last first."""


@final
class Fitting:
    """Fits blocks of a space to images of some height and width.

    Raises GenomeError where not even the fewest blocks, each with the mildest values of its genes, find enough pixels.
    """

    def __init__(self, blocks: LayerSpace, pixels: Pixels) -> None:
        self._lengths = blocks.lengths
        self._pixels = pixels
        self._genes = {name: blocks.layer.genes[name] for name in OF_PIXELS}
        fewest = (blocks.layer.default(),) * self._lengths.lowest
        if len(self._milder(fewest, ())) < len(fewest):
            raise GenomeError(
                f"[space] layers: images of {pixels[0]} x {pixels[1]} pixels are too small for the fewest blocks of "
                f'the space, {len(fewest)}; allow fewer layers, reduction = "none" or padding = "same"'
            )

    def fitted(self, blocks: Layers) -> Layers:
        """The blocks themselves where each has enough pixels.

        Else those that run out are padded, have smaller kernels, one convolution in place of two, or are not reduced;
        a block for which none of this is allowed goes with all after it, and where then too few are left, the last ones
        take the mildest values that the space has.
        """
        along = pixels_along(blocks, self._pixels)
        if len(along) > len(blocks):
            return blocks
        kept, pixels = list(blocks[: len(along) - 1]), along[-1]
        for block in blocks[len(kept) :]:
            found = next(((each, left) for each in self._alike(block) if (left := after(each, pixels))), None)
            if found is None:
                return self._shortened(blocks, tuple(kept))
            kept.append(found[0])
            pixels = found[1]
        return tuple(kept)

    def check(self, blocks: Layers) -> None:
        """Raise GenomeError, naming the block, where pixels run out."""
        along = pixels_along(blocks, self._pixels)
        if len(along) <= len(blocks):
            height, width = along[-1]
            raise GenomeError(
                f"layer {len(along)}: {height} x {width} pixels are left, too few for its kernel, padding and reduction"
            )

    def _shortened(self, blocks: Layers, kept: Layers) -> Layers:
        if len(kept) >= self._lengths.lowest:
            return kept[: self._lengths.shorter(len(kept) + 1)]
        wanted = blocks[: self._lengths.lowest]
        tries = (self._milder(wanted, kept[:start]) for start in range(len(kept), -1, -1))
        return next(each for each in tries if len(each) == len(wanted))

    def _milder(self, blocks: Layers, kept: Layers) -> Layers:
        """The first blocks as they are kept, then each of the others so that it leaves as many pixels as it can."""
        pixels = pixels_along(kept, self._pixels)[-1]
        for block in blocks[len(kept) :]:
            left = [(each, rest) for each in self._all_of(block) if (rest := after(each, pixels))]
            if not left:
                return kept
            mildest, pixels = max(left, key=lambda pair: min(pair[1]))
            kept = (*kept, mildest)
        return kept

    def _alike(self, block: Block) -> Iterator[Block]:
        """The block with other values of its genes, the least different first."""
        mild: dict[str, list[Value]] = {
            "reduction": [block["reduction"], "none"],
            "convolutions": [block["convolutions"], "one", "separable"],
            "kernel": list(range(int(block["kernel"]), 0, -1)),
            "padding": [block["padding"], "same"],
        }
        return self._with(block, mild)

    def _all_of(self, block: Block) -> Iterator[Block]:
        every: dict[str, list[Value]] = {
            "reduction": [block["reduction"], *REDUCTIONS],
            "convolutions": [block["convolutions"], *CONVOLUTIONS],
            "kernel": list(range(LARGEST_KERNEL, 0, -1)),
            "padding": [block["padding"], *PADDINGS],
        }
        return self._with(block, every)

    def _with(self, block: Block, values: dict[str, list[Value]]) -> Iterator[Block]:
        allowed = ([each for each in values[name] if self._genes[name].contains(each)] for name in OF_PIXELS)
        for combined in product(*allowed):
            yield {**block, **dict(zip(OF_PIXELS, combined, strict=True))}
