"""Who was proposed, from whom, by what, and what came of it (law 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evo_nas.errors import UserError
from evo_nas.outcome import Outcome
from genomes import Genome

SIZES = ("parameters", "flops", "seconds")
"""Objectives that are fields of an outcome and no metric of the recipe. All of them are better when smaller."""


@dataclass(frozen=True, slots=True)
class Individual:
    """A genome with an id, its parents, and how it was born.

    id: 0, 1, 2, ... in order of proposal, unique in a run. generation: 0 is the first population.
    parents: ids, the one that gave most first; empty for a sample. operator: "sample", "crossover", "insert_layer", ...
    joined by " + " where several made it. changes: what differs from the first parent, a sentence each.
    """

    id: int
    generation: int
    genome: Genome
    fingerprint: str
    parents: tuple[int, ...] = ()
    operator: str = "sample"
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An individual with the outcome of its training. What a strategy is told."""

    individual: Individual
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Objective:
    """One number to be made as large or as small as possible: a metric, "loss", or one of `SIZES`."""

    name: str
    maximize: bool

    @property
    def weight(self) -> float:
        """+1 or -1: DEAP multiplies by it, and larger is better only there (law 13)."""
        return 1.0 if self.maximize else -1.0

    def value(self, outcome: Outcome) -> float:
        """The number of an outcome that is ok, in its own unit and direction."""
        return float(getattr(outcome, self.name)) if self.name in SIZES else outcome.metrics[self.name]

    def __str__(self) -> str:
        return f"{'maximize' if self.maximize else 'minimize'} {self.name}"


def parse_objective(text: str) -> Objective:
    """`"maximize roc_auc"` -> Objective. Raises UserError that shows the form expected."""
    direction, _, name = text.strip().partition(" ")
    if direction not in ("maximize", "minimize") or not name.strip():
        raise UserError(
            f'[search] objectives: expected "maximize NAME" or "minimize NAME" '
            f'(for example "maximize roc_auc", "minimize parameters"), got {text!r}'
        )
    return Objective(name.strip(), direction == "maximize")


def objective_values(outcome: Outcome, objectives: Sequence[Objective]) -> tuple[float, ...] | None:
    """One value an objective, or None for a failure, which can never win (law 1)."""
    return tuple(objective.value(outcome) for objective in objectives) if outcome.ok else None
