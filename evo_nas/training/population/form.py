"""What is fixed when a program is traced. Everything else about a cohort is a tensor: a search traces one, or a few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from evo_nas.config import Recipe
from evo_nas.training.described import values_of
from evo_nas.training.fusing import MAX_DEPTH, is_branched, update_rule
from evo_nas.training.places import tiled
from genomes import Encoding, Genome


@dataclass(frozen=True, slots=True)
class Form:
    """The shape of a program: which operations are in it.

    depth: hidden layers of the deepest network. activations: those that may occur. branched: whether cohorts of one
    have a form of their own, see `of_cohort`. mixed: whether members may have different ones. rule: name of the update
    rule. dropout, input_dropout, penalties (L1, L2), max_norm: whether any member may have them. A member without takes
    part in these operations with numbers that change no bit, so they may depend on the space and the cohort.
    many_inputs: more than a batch has rows, so that the first layer's values are fewer than its weights. biased_inputs:
    data begin with a column of ones, and the first kernel with the bias, so that the first layer's values are gone over
    once less; by genome, recipe and data alone, since the sum is another in its last bits (law 4).
    """

    depth: int
    activations: tuple[str, ...]
    branched: bool
    mixed: bool
    rule: str
    batch_normalization: bool
    dropout: bool
    input_dropout: bool
    penalties: bool
    max_norm: bool
    many_inputs: bool
    biased_inputs: bool
    loss: str

    @classmethod
    def of(cls, genome: Genome, encoding: Encoding, recipe: Recipe, num_inputs: int) -> Form:
        """The form for a canonical genome and all that its space can make of the same optimizer and normalization."""
        bounds = _bounds(encoding)
        normalized = bool(genome.genes.get("batch_normalization", False))
        many_inputs = num_inputs > int(genome.genes["batch_size"])
        return cls(
            depth=min(bounds.depth, MAX_DEPTH),
            activations=bounds.activations,
            branched=bounds.branched,
            mixed=len(bounds.activations) > 1,
            rule=update_rule(genome.genes),
            batch_normalization=normalized,
            dropout=bounds.dropout,
            input_dropout=bounds.input_dropout,
            penalties=bounds.penalties,
            max_norm=bounds.max_norm,
            many_inputs=many_inputs,
            biased_inputs=not normalized and not many_inputs and tiled(num_inputs) > num_inputs,
            loss=recipe.loss,
        )

    def of_cohort(self, genomes: Sequence[Genome]) -> Form:
        """The form for a cohort of such genomes: without mixtures where all have one activation."""
        used = {layer["activation"] for genome in genomes for layer in genome.layers}
        return replace(self, mixed=False) if self.branched and len(used) == 1 else self


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What any genome of a space may have."""

    depth: int
    activations: tuple[str, ...]
    branched: bool
    dropout: bool
    input_dropout: bool
    penalties: bool
    max_norm: bool


@lru_cache(maxsize=8)
def _bounds(encoding: Encoding) -> _Bounds:
    space = encoding.describe()
    return _Bounds(
        depth=_highest(space["layers"]),
        activations=tuple(sorted(str(value) for value in values_of(space["activation"]))),
        branched=is_branched(encoding),
        dropout=_highest(space["dropout"]) > 0,
        input_dropout=_highest(space["input_dropout"]) > 0,
        penalties=_highest(space["l1"]) > 0 or _highest(space["l2"]) > 0,
        max_norm=_highest(space["max_norm"]) > 0,
    )


def _highest(described: Any) -> Any:
    return max(values_of(described))
