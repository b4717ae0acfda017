"""Who was proposed, from whom, by what, and what came of it (law 10)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from evo_nas.errors import UserError
from evo_nas.outcome import Outcome, combine
from genomes import Genome
from genomes.showing import genome_html, html_table, visible

SIZES = ("parameters", "flops", "seconds")
"""Numbers that are fields of an outcome and no metric of the recipe. All of them are better when smaller."""


@dataclass(frozen=True, slots=True)
class Individual:
    """A genome with an id, its parents, and how it was born.

    id: 0, 1, 2, ... in order of proposal, unique in a run. generation: 0 is the first population.
    parents: ids, the one that gave most first; empty for a sample. operator: "sample", "crossover", "insert_layer", ...
    joined by " + " where several made it. changes: what differs from the first parent, a sentence each.

    replicate: 0, or how often the same genome was measured before: a proposal that measures it again, on the next
    seeds, has its genome and fingerprint, a new id, and the first proposal of that genome as its parent. epochs: judged
    after so many epochs only, a rung, fewer than the recipe has; None is the whole recipe, and only that can win.

    inherits: fingerprint of the network whose trained weights its own training begins with, None for one from scratch.
    All proposals of one network begin alike, as the first of them did: no network is trained twice (law 8).
    """

    id: int
    generation: int
    genome: Genome
    fingerprint: str
    parents: tuple[int, ...] = ()
    operator: str = "sample"
    changes: tuple[str, ...] = ()
    replicate: int = 0
    epochs: int | None = None
    inherits: str | None = None

    def __str__(self) -> str:
        """One line: "individual 17 (generation 2, insert_layer of 4): mlp 32 relu 0 | 16 tanh 0; ..."."""
        return f"individual {self.id} ({self.origin}): {self.genome}"

    def _repr_html_(self) -> str:
        born = html_table([("individual", self.id), ("born", self.origin), *(("change", c) for c in self.changes)])
        return f"<div>{born}{genome_html(self.genome)}</div>"

    @property
    def origin(self) -> str:
        """How it was born, for a person: "generation 2, insert_layer of 4"."""
        parents = f" of {' and '.join(map(str, self.parents))}" if self.parents else ""
        return f"generation {self.generation}, {visible(self.operator)}{parents}"


class TrainingKey(NamedTuple):
    """What is never trained twice in a run (law 8). epochs: those after which it is judged, None the whole recipe."""

    fingerprint: str
    replicate: int
    epochs: int | None = None


def training_keys(individual: Individual, replicates: int) -> list[TrainingKey]:
    """The trainings that make an individual's outcome, so many of them: those of its first measurement, or the next."""
    first = individual.replicate * replicates
    return [
        TrainingKey(individual.fingerprint, replicate, individual.epochs)
        for replicate in range(first, first + replicates)
    ]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An individual with the outcome of its training. What a strategy is told."""

    individual: Individual
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.individual}\n  {self.outcome}"

    def _repr_html_(self) -> str:
        return f"<div>{self.individual._repr_html_()}{self.outcome._repr_html_()}</div>"


class EpochCount:
    """Epochs trained, over all folds and replicates: those of a rung are a part of those of what it is promoted to."""

    def __init__(self) -> None:
        self.total = 0
        self._longest: dict[tuple[str, int], int] = {}

    def add(self, evaluated: Iterable[Evaluated]) -> None:
        """A genome that is proposed twice on the same seeds was trained once."""
        for each in evaluated:
            key = each.individual.fingerprint, each.individual.replicate
            before, trained = self._longest.get(key, 0), sum(each.outcome.epochs)
            if trained > before:
                self._longest[key] = trained
                self.total += trained - before


def add_measurement(measurements: list[Evaluated], each: Evaluated) -> bool:
    """Whether it was not there yet: a genome that is proposed twice on the same seeds has been measured once."""
    if any(known.individual.replicate == each.individual.replicate for known in measurements):
        return False
    measurements.append(each)
    return True


def mean_of(measurements: Sequence[Evaluated]) -> Evaluated:
    """A network's first proposal with all of its measurements (at least one), and the seconds of one of them."""
    outcome = combine([each.outcome for each in measurements])
    return Evaluated(measurements[0].individual, replace(outcome, seconds=outcome.seconds / len(measurements)))


def networks(evaluated: Iterable[Evaluated]) -> list[Evaluated]:
    """Each network once, with the mean of its measurements, in order of proposal. What was judged on a rung is none."""
    told: dict[str, list[Evaluated]] = {}
    for each in evaluated:
        if each.individual.epochs is None:
            add_measurement(told.setdefault(each.individual.fingerprint, []), each)
    return [mean_of(measurements) for measurements in told.values()]


def measured(outcome: Outcome, name: str) -> float:
    """A number of an outcome that is ok: a metric, or one of `SIZES`, unless a fitness function told that too."""
    metrics = outcome.metrics
    return float(getattr(outcome, name)) if name in SIZES and name not in metrics else metrics[name]


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
        return measured(outcome, self.name)

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


@dataclass(frozen=True, slots=True)
class Constraint:
    """A number of the outcome that must not pass a bound: at most that, or at least that. It has an objective's names.

    Seconds are those of all trainings behind an outcome together.
    """

    name: str
    at_most: bool
    bound: float

    def violation(self, value: float) -> float:
        """How far a value is beyond the bound, in multiples of the bound (of 1 where that is 0); 0 where it is kept."""
        return max(0.0, self.excess(value))

    def excess(self, value: float) -> float:
        """As `violation`, and below 0 where there is room."""
        return (value - self.bound if self.at_most else self.bound - value) / (abs(self.bound) or 1.0)

    def __str__(self) -> str:
        return f"{self.name} {'<=' if self.at_most else '>='} {self.bound:.12g}"


def parse_constraint(text: str) -> Constraint:
    """`"parameters <= 100000"` -> Constraint. Raises UserError that shows the form expected."""
    found = re.fullmatch(r"\s*(\w+)\s*(<=|>=)\s*(\S+)\s*", text)
    number = _number(found[3]) if found else math.nan
    if found is None or not math.isfinite(number):
        raise UserError(
            f'[search] constraints: expected "NAME <= NUMBER" or "NAME >= NUMBER" '
            f'(for example "parameters <= 100000", "accuracy >= 0.9"), got {text!r}'
        )
    return Constraint(found[1], found[2] == "<=", number)


def total_violation(outcome: Outcome, constraints: Sequence[Constraint]) -> float:
    """How far an outcome that is ok is beyond all bounds together; 0 if it is feasible (Deb 2000, an efficient
    constraint handling method for genetic algorithms)."""
    return sum(constraint.violation(measured(outcome, constraint.name)) for constraint in constraints)


def is_feasible(outcome: Outcome, constraints: Sequence[Constraint]) -> bool:
    """Whether it can win: it is ok and keeps every constraint."""
    return outcome.ok and total_violation(outcome, constraints) == 0.0


def fitness_names(objectives: Sequence[Objective], constraints: Sequence[Constraint]) -> tuple[str, ...]:
    """What a fitness function returns, in order: each objective, then what is constrained and is no objective."""
    return tuple(dict.fromkeys([*(o.name for o in objectives), *(c.name for c in constraints)]))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
