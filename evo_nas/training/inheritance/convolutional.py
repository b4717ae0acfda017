"""The weights with which a convolutional network begins, from those of its parent (Net2Net: Chen et al. 2016).

As for dense networks, with filters for units. A convolution that changes nothing has a single 1 in the middle of each
filter. A block that is put in with a skip connection begins with a branch that gives 0, whatever its activation; one
without must have an activation that changes nothing. Pooling, strides and unpadded kernels that only the child has
change what it says: its layers keep their weights as far as these fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evo_nas.training.inheritance.activations import NEVER_NEGATIVE, identity_gain
from evo_nas.training.inheritance.convolution import POINTWISE, identity_filters, parts_of, taken_parts, written
from evo_nas.training.inheritance.dense import OUTPUTS, DenseHeir
from evo_nas.training.inheritance.normalization import Parts, idle_normalization
from evo_nas.training.inheritance.units import (
    INPUTS,
    UNRELATED,
    Array,
    Units,
    activated,
    chosen_units,
    copies_of,
    passed_on,
)
from genomes import Genome, Value
from genomes.cnn_shapes import num_convolutions
from genomes.differences import aligned

Block = Mapping[str, Value]
NOT_ZERO_AT_ZERO = frozenset({"sigmoid", "softmax"})
JUST_ALIVE = 1e-6
"""What a branch hands to a relu in place of 0, where relu has no slope and nothing would ever be learnt."""


def convolutional_weights(
    parent: Genome, weights: Parts, child: Genome, drawn: Parts, generator: np.random.Generator
) -> dict[str, Array]:
    """As `dense.dense_weights`, for canonical genomes of the encoding "cnn"."""
    heir = BlockHeir(DenseHeir(weights, drawn, generator))
    units = Units.same(INPUTS, _channels_in(weights, parent.layers[0]))
    for theirs, ours in aligned(parent.layers, child.layers):
        if ours is None:
            continue
        units = (
            heir.inserted(ours, child.layers[ours], units)
            if theirs is None
            else heir.kept((theirs, ours), (parent.layers[theirs], child.layers[ours]), units)
        )
    return _with_head(heir.dense, parent, child, units)


def _channels_in(weights: Parts, block: Block) -> int:
    kind = "depthwise_kernel" if block["convolutions"] == "separable" else "kernel"
    return int(weights[f"convolution_1_1/{kind}"].shape[2])


def _with_head(heir: DenseHeir, parent: Genome, child: Genome, units: Units) -> dict[str, Array]:
    """The dense layers, which take the last block's channels, or each of its pixels."""
    first = ["hidden_1" if genome.genes["head_layers"] else OUTPUTS for genome in (parent, child)]
    theirs, ours = heir.kernel_of(first[0]).shape[-2], heir.drawn[f"{first[1]}/kernel"].shape[-2]
    channels, is_last = int(parent.layers[-1]["filters"]), units.place == len(parent.layers) - 1
    heads = [genome.genes["head"] for genome in (parent, child)]
    fits = is_last and heads[0] == heads[1] and theirs * len(units) == ours * channels
    met = Units(INPUTS, units.source, units.share).repeated(ours // len(units), channels) if fits else None
    before, after = _head_layers(parent), _head_layers(child)
    handed_on = heir.take_layers(before, after, met or Units.unrelated(ours), is_normalized=False)
    heir.take_outputs(handed_on, len(before) - 1)
    return heir.made


def _head_layers(genome: Genome) -> list[Block]:
    genes = genome.genes
    if not genes["head_layers"]:
        return []
    layer = {"width": genes["head_width"], "activation": genes["head_activation"]}
    return [layer] * int(genes["head_layers"])


@dataclass(slots=True)
class BlockHeir:
    """The child's blocks, from the first to the last. dense: what is known so far, and what takes the head over."""

    dense: DenseHeir

    def kept(self, numbers: tuple[int, int], blocks: tuple[Block, Block], units: Units) -> Units:
        """A block of the child that was one of the parent; what it hands on. numbers: of both, counted from 0."""
        theirs, (before, block) = numbers[0], blocks
        met = units.met_by(theirs - 1, self._channels_of(theirs, before))
        is_separable = [each["convolutions"] == "separable" for each in blocks]
        if met is None or is_separable[0] != is_separable[1]:
            self._note_sign(block, followed=False)
            return Units.unrelated(int(block["filters"]))
        source = self._convolutions(numbers, blocks, met)
        if block["skip"]:
            self._shortcut(numbers, blocks, met, source)
        self._note_sign(block, followed=f"projection_{numbers[1] + 1}/kernel" not in self.dense.made)
        return activated(theirs, source, str(block["activation"]))

    def inserted(self, ours: int, block: Block, units: Units) -> Units:
        """A block that only the child has: it hands on what it was given if it can, and is drawn if not."""
        filters, available = int(block["filters"]), np.unique(units.source)
        kind, is_known = str(block["activation"]), units.place != UNRELATED and filters >= len(available)
        as_branch = bool(block["skip"]) and kind not in NOT_ZERO_AT_ZERO
        gain = identity_gain(kind, self.dense.before)
        if not is_known or (not as_branch and (gain is None or block["skip"])):
            self._note_sign(block, followed=False)
            return Units.unrelated(filters)
        if as_branch:
            handed_on = self._inserted_branch(ours, block, units)
        else:
            source = chosen_units(available, filters, self.dense.generator)
            self._inserted_chain(ours, block, passed_on(units, source), gain or 1.0)
            handed_on = Units.of(units.place, source)
        self._note_sign(block, followed=True)
        return handed_on

    def _inserted_branch(self, ours: int, block: Block, units: Units) -> Units:
        """The branch gives next to nothing, so that the shortcut alone decides."""
        self._silence(f"convolution_{ours + 1}_{num_convolutions(block)}", block)
        projection = f"projection_{ours + 1}/kernel"
        if projection not in self.dense.made:
            return units
        source = chosen_units(np.unique(units.source), int(block["filters"]), self.dense.generator)
        self.dense.made[projection] = passed_on(units, source)[None, None]
        return Units.of(units.place, source)

    def _silence(self, name: str, block: Block) -> None:
        """Let a convolution give 0 to its activation, by what is left free to change: one kind of weights is enough."""
        made, offset = self.dense.made, JUST_ALIVE if block["activation"] == "relu" else 0.0
        normalization, is_separable = _normalization(name), block["convolutions"] == "separable"
        kernel = f"{name}/{POINTWISE if is_separable else 'kernel'}"
        weights, added = kernel, f"{name}/bias"
        if block["batch_normalization"]:
            weights, added = f"{normalization}/gamma", f"{normalization}/beta"
        made[weights] = np.zeros_like(made[weights])
        made[added] = np.full_like(made[added], offset)

    def _inserted_chain(self, ours: int, block: Block, kernel: Array, gain: float) -> None:
        """Convolutions that change nothing, one after the other."""
        for index in range(1, num_convolutions(block) + 1):
            first = kernel if index == 1 else np.eye(kernel.shape[1], dtype=np.float32)
            self._write(f"convolution_{ours + 1}_{index}", block, first / np.float32(gain))

    def _write(self, name: str, block: Block, kernel: Array) -> None:
        """A convolution whose filters are a 1 in the middle, times a kernel float32 [channels, filters]."""
        made, size, count = self.dense.made, int(block["kernel"]), kernel.shape[1]
        if block["convolutions"] == "separable":
            ones = np.ones((kernel.shape[0], 1), np.float32)
            made[f"{name}/depthwise_kernel"] = identity_filters(ones, size)
            made[f"{name}/pointwise_kernel"] = kernel[None, None]
        else:
            made[f"{name}/kernel"] = identity_filters(kernel, size)
        if block["batch_normalization"]:
            made |= {f"{_normalization(name)}/{each}": value for each, value in idle_normalization(count).items()}
        else:
            made[f"{name}/bias"] = np.zeros(count, np.float32)

    def _convolutions(self, numbers: tuple[int, int], blocks: tuple[Block, Block], met: Units) -> NDArray[np.int64]:
        """Those of a kept block; which of the parent's filters each of the last one's stands for."""
        (theirs, ours), (before, block) = numbers, blocks
        filters, generator = int(block["filters"]), self.dense.generator
        available = np.arange(int(before["filters"]))
        source = (
            met.source if self._keeps_its_shortcut(numbers, blocks) else chosen_units(available, filters, generator)
        )
        for index in range(1, num_convolutions(block) + 1):
            name = f"convolution_{ours + 1}_{index}"
            if index <= num_convolutions(before):
                found = parts_of(self.dense.weights, f"convolution_{theirs + 1}_{index}")
                taken = taken_parts(found, met, source, block, generator)
                self.dense.made |= written(name, taken)
            elif (gain := identity_gain(str(block["activation"]), str(block["activation"]))) is not None:
                same = passed_on(met, source) / np.float32(gain)
                self._write(name, block, same)
            met = activated(theirs, source, str(block["activation"]))
        return source

    def _keeps_its_shortcut(self, numbers: tuple[int, int], blocks: tuple[Block, Block]) -> bool:
        """Whether what comes in is added as it is, in the parent and in the child."""
        theirs, ours = (f"projection_{number + 1}/kernel" for number in numbers)
        both = bool(blocks[0]["skip"] and blocks[1]["skip"])
        return both and theirs not in self.dense.weights and ours not in self.dense.made

    def _shortcut(
        self, numbers: tuple[int, int], blocks: tuple[Block, Block], met: Units, source: NDArray[np.int64]
    ) -> None:
        """The projection of a kept block, if it has one."""
        theirs, ours = (f"projection_{number + 1}/kernel" for number in numbers)
        made, weights = self.dense.made, self.dense.weights
        if ours not in made:
            return
        if theirs in weights:
            kernel = taken_parts({"kernel": weights[theirs]}, met, source, {"kernel": 1}, self.dense.generator)[
                "kernel"
            ]
        elif blocks[0]["skip"]:
            kernel = passed_on(met, source)[None, None]
        else:
            kernel = np.zeros_like(made[ours])
        shared = copies_of(source) if blocks[1]["activation"] == "softmax" else np.ones(len(source))
        made[ours] = (kernel / shared).astype(np.float32)

    def _channels_of(self, theirs: int, block: Block) -> int:
        """That the parent's block takes."""
        kind = "depthwise_kernel" if block["convolutions"] == "separable" else "kernel"
        return int(self.dense.weights[f"convolution_{theirs + 1}_1/{kind}"].shape[2])

    def _note_sign(self, block: Block, *, followed: bool) -> None:
        """What may come next: a sum of values that are never negative is none either."""
        kind, before = str(block["activation"]), self.dense.before
        signed = bool(block["skip"]) and not (followed and before in NEVER_NEGATIVE and kind in NEVER_NEGATIVE)
        self.dense.before = None if signed else kind


def _normalization(name: str) -> str:
    return name.replace("convolution", "normalization")
