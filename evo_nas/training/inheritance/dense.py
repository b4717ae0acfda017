"""The weights with which a dense network begins, from those of its parent (Net2Net: Chen, Goodfellow and Shlens 2016).

Widened: units are copied at random, and what comes after divides its weights among the copies. Deepened: a layer that
changes nothing, where its activation allows that; else one that is drawn. Both networks then say the same. Whatever
else has changed, layers keep their weights as far as these fit, as in Real et al. (2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from evo_nas.training.inheritance.activations import identity_gain
from evo_nas.training.inheritance.normalization import NORMALIZATION, Parts, idle_normalization, softened, with_form
from evo_nas.training.inheritance.units import (
    INPUTS,
    UNRELATED,
    Array,
    Units,
    activated,
    chosen_units,
    divided,
    passed_on,
)
from genomes import Genome, Value
from genomes.differences import aligned

Layer = Mapping[str, Value]
OUTPUTS = "logits"
"""The last dense layer."""


def dense_weights(
    parent: Genome, weights: Parts, child: Genome, drawn: Parts, generator: np.random.Generator
) -> dict[str, Array]:
    """Path of a weight -> its value, for a child whose fresh weights are `drawn`. weights: the parent's, trained.

    Both genomes are canonical ones of the encoding "mlp", for the same numbers of inputs and outputs.
    """
    heir = DenseHeir(weights, drawn, generator)
    num_inputs = heir.kernel_of("hidden_1" if parent.layers else OUTPUTS).shape[-2]
    units = Units.same(INPUTS, num_inputs)
    units = heir.take_layers(parent.layers, child.layers, units, is_normalized=_is_normalized(child))
    heir.take_outputs(units, len(parent.layers) - 1)
    return heir.made


def _is_normalized(genome: Genome) -> bool:
    return bool(genome.genes.get("batch_normalization", False))


@dataclass(slots=True)
class DenseHeir:
    """The child's dense layers, from the inputs to the outputs. made: its weights so far; the rest is as drawn.

    before: the activation that the values left which come next, None where they may be anything.
    """

    weights: Parts
    drawn: Parts
    generator: np.random.Generator
    before: str | None = None
    made: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made = dict(self.drawn)

    def kernel_of(self, name: str) -> Array:
        """The parent's."""
        return self.weights[f"{name}/kernel"]

    def take_layers(
        self, parent: Sequence[Layer], child: Sequence[Layer], units: Units, *, is_normalized: bool
    ) -> Units:
        """All hidden layers, those of the child aligned with the parent's; what the last one hands on."""
        for theirs, ours in aligned(parent, child):
            if ours is None:
                continue
            if theirs is None:
                units = self._inserted(ours, child[ours], units, is_normalized=is_normalized)
            else:
                units = self._kept(theirs, ours, child[ours], units, is_normalized=is_normalized)
            self.before = str(child[ours]["activation"])
        return units

    def take_outputs(self, units: Units, place: int) -> None:
        """The last layer, which takes the units of the parent's layer at a place."""
        kernel = self.kernel_of(OUTPUTS)
        if (met := units.met_by(place, kernel.shape[-2])) is not None:
            self.made[f"{OUTPUTS}/kernel"] = divided(kernel, met, self.generator)
            self.made[f"{OUTPUTS}/bias"] = self.weights[f"{OUTPUTS}/bias"]

    def _kept(self, theirs: int, ours: int, layer: Layer, units: Units, *, is_normalized: bool) -> Units:
        """A layer of the child that was one of the parent, whatever became of its width and activation."""
        width = int(layer["width"])
        parts = with_form(_parts(self.weights, theirs + 1), normalized=is_normalized)
        met = units.met_by(theirs - 1, parts["kernel"].shape[-2])
        if met is None:
            return Units.unrelated(width)
        source = chosen_units(np.arange(parts["kernel"].shape[-1]), width, self.generator)
        taken = {name: values[source] for name, values in parts.items() if name != "kernel"}
        taken["kernel"] = divided(parts["kernel"], met, self.generator)[..., source]
        if layer["activation"] == "softmax":
            taken = softened(taken, source)
        self._write(ours + 1, taken)
        return activated(theirs, source, str(layer["activation"]))

    def _inserted(self, ours: int, layer: Layer, units: Units, *, is_normalized: bool) -> Units:
        """A layer that only the child has: it hands on what it was given if it can, and is drawn if not."""
        width, available = int(layer["width"]), np.unique(units.source)
        gain = identity_gain(str(layer["activation"]), self.before)
        if gain is None or units.place == UNRELATED or width < len(available):
            return Units.unrelated(width)
        source = chosen_units(available, width, self.generator)
        taken = {"kernel": passed_on(units, source) / np.float32(gain), "bias": np.zeros(width, np.float32)}
        if is_normalized:
            taken = {"kernel": taken["kernel"], **idle_normalization(width)}
        self._write(ours + 1, taken)
        return Units.of(units.place, source)

    def _write(self, number: int, parts: Parts) -> None:
        for name, values in parts.items():
            self.made[_path(number, name)] = values


def _parts(weights: Parts, number: int) -> dict[str, Array]:
    """The weights of a hidden layer, counted from 1."""
    names = ("kernel", "bias", *NORMALIZATION)
    return {name: weights[_path(number, name)] for name in names if _path(number, name) in weights}


def _path(number: int, name: str) -> str:
    return f"{'normalization' if name in NORMALIZATION else 'hidden'}_{number}/{name}"
