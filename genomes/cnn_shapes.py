"""How many pixels a convolution block leaves, and whether it has enough of them to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genomes.genome import Value

Pixels = tuple[int, int]
"""Height and width."""
Block = Mapping[str, Value]

NEEDED_TO_REDUCE = 2
"""Pixels in either direction that a pooling or a stride must see, so that halving them means something."""


def kernel_of(block: Block) -> int:
    return int(block["kernel"])


def lost_by(block: Block) -> int:
    """Pixels in either direction that one convolution of a block loses: those that an unpadded kernel overhangs."""
    kernel = kernel_of(block)
    return kernel - 1 if kernel > 1 and block["padding"] == "valid" else 0


def num_convolutions(block: Block) -> int:
    return 2 if block["convolutions"] == "two" else 1


def convolved(block: Block, pixels: Pixels) -> tuple[Pixels, ...]:
    """The pixels after each convolution of a block. A stride belongs to the first, and halves upwards."""
    lost = lost_by(block)
    height, width = pixels[0] - lost, pixels[1] - lost
    if block["reduction"] == "stride":
        height, width = (height + 1) // 2, (width + 1) // 2
    if block["convolutions"] != "two":
        return ((height, width),)
    return (height, width), (height - lost, width - lost)


def pooled(block: Block, pixels: Pixels) -> Pixels:
    """The pixels after the block's pooling, which halves downwards."""
    return (pixels[0] // 2, pixels[1] // 2) if block["reduction"] in ("max", "average") else pixels


def after(block: Block, pixels: Pixels) -> Pixels | None:
    """The pixels that a block leaves; None where they run out on the way."""
    if block["reduction"] == "stride" and min(pixels) - lost_by(block) < NEEDED_TO_REDUCE:
        return None
    last = convolved(block, pixels)[-1]
    least = NEEDED_TO_REDUCE if block["reduction"] in ("max", "average") else 1
    return pooled(block, last) if min(last) >= least else None


def pixels_along(blocks: Sequence[Block], pixels: Pixels) -> tuple[Pixels, ...]:
    """The pixels before each block that has enough of them, and after the last of these; at least the first."""
    along = [pixels]
    for block in blocks:
        left = after(block, along[-1])
        if left is None:
            break
        along.append(left)
    return tuple(along)
