"""generations.csv and the summaries behind it: what a generation achieved, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, pstdev, quantiles

from evo_nas.atomic import append_durably
from evo_nas.individual import Evaluated, Objective, TrainingKey, training_keys
from evo_nas.report.tables import Cell, csv_text
from evo_nas.strategies import DeapIndividual
from evo_nas.strategies.hypervolume import has_hypervolume


@dataclass(frozen=True, slots=True)
class Bests:
    """The best of the run so far: its id, and the best value of each objective; None before there is one.

    A network that was measured several times counts with the mean of all. hypervolume: of the front, larger is better,
    against the reference point that the first generation fixed (see `strategies.hypervolume`); None with one objective.
    """

    id: int | None
    values: tuple[float | None, ...]
    hypervolume: float | None = None

    @classmethod
    def of(cls, best: DeapIndividual | None, values: tuple[float | None, ...], hypervolume: float | None) -> Bests:
        """best: of the run so far. values, hypervolume: those of `Records`."""
        record = best.record if best is not None else None
        return cls(record.id if record is not None else None, values, hypervolume)


@dataclass(frozen=True, slots=True)
class Spread:
    """One objective over a generation's successes, in its own unit. All but `best` are None where there are none.

    best: the best value of the run so far, which a second measurement may take back. std: of the population, not of a
    sample. Individuals that were judged on a rung are left out: their scores compare with nobody's.
    """

    best: float | None
    median: float | None = None
    mean: float | None = None
    std: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    first_quartile: float | None = None
    third_quartile: float | None = None


@dataclass(frozen=True, slots=True)
class GenerationSummary:
    """A generation in numbers.

    evaluations: distinct trainings that this generation asked for first; found: those of them that were known already.
    failed: individuals without a fitness. best_id: the best individual of the run so far, None before there is one.
    diversity: distinct networks among its individuals, in (0, 1]. seconds: spent training its individuals.
    """

    generation: int
    evaluations: int
    found: int
    failed: int
    spreads: tuple[Spread, ...]
    best_id: int | None
    diversity: float
    seconds: float
    hypervolume: float | None = None


def summarize(
    evaluated: Sequence[Evaluated],
    objectives: Sequence[Objective],
    *,
    bests: Bests,
    evaluations: int,
    found: int,
) -> GenerationSummary:
    """Summarise the individuals proposed in one generation (at least one). bests: after it."""
    successes = [each for each in evaluated if each.outcome.ok]
    whole = [each for each in successes if each.individual.epochs is None]
    return GenerationSummary(
        generation=evaluated[0].individual.generation,
        evaluations=evaluations,
        found=found,
        failed=len(evaluated) - len(successes),
        spreads=tuple(_spread(whole, o, best) for o, best in zip(objectives, bests.values, strict=True)),
        best_id=bests.id,
        diversity=len({each.individual.fingerprint for each in evaluated}) / len(evaluated),
        seconds=sum(each.outcome.seconds for each in evaluated),
        hypervolume=bests.hypervolume,
    )


class Summaries:
    """The generations of a run, one after the other.

    replicates: trainings of an individual. found: trainings that were known already, a set that may grow meanwhile.
    """

    def __init__(self, objectives: Sequence[Objective], *, replicates: int, found: AbstractSet[TrainingKey]) -> None:
        self.all: list[GenerationSummary] = []
        self._objectives = tuple(objectives)
        self._replicates = replicates
        self._found = found
        self._asked: set[TrainingKey] = set()

    def add(self, evaluated: Sequence[Evaluated], bests: Bests) -> GenerationSummary:
        """Summarise the next generation. bests: after it."""
        asked = {key for each in evaluated for key in training_keys(each.individual, self._replicates)}
        new = asked - self._asked
        self._asked |= new
        found = len(new & self._found)
        summary = summarize(evaluated, self._objectives, bests=bests, evaluations=len(new), found=found)
        self.all.append(summary)
        return summary


def append_generation(path: Path, summary: GenerationSummary, objectives: Sequence[Objective]) -> None:
    """Append a line and flush it to the disk. Writes the header first where there is no file yet."""
    header = [] if path.exists() else [_header(objectives)]
    append_durably(path, csv_text([*header, _row(summary, objectives)]))


def _spread(successes: Sequence[Evaluated], objective: Objective, best: float | None) -> Spread:
    values = [objective.value(each.outcome) for each in successes]
    if not values:
        return Spread(best)
    quartiles = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return Spread(
        best, median(values), fmean(values), pstdev(values), min(values), max(values), quartiles[0], quartiles[2]
    )


def _header(objectives: Sequence[Objective]) -> list[str]:
    names = ("best", "median", "mean", "std", "min", "max")
    spreads = [f"{name}_{objective.name}" for objective in objectives for name in names]
    volume = ["hypervolume"] if has_hypervolume(objectives) else []
    return ["generation", "evaluations", "found", "failed", *spreads, *volume, "best_id", "diversity", "seconds"]


def _row(summary: GenerationSummary, objectives: Sequence[Objective]) -> list[Cell]:
    row: list[Cell] = [summary.generation, summary.evaluations, summary.found, summary.failed]
    for spread in summary.spreads:
        row += [spread.best, spread.median, spread.mean, spread.std, spread.minimum, spread.maximum]
    volume = [summary.hypervolume] if has_hypervolume(objectives) else []
    return [*row, *volume, summary.best_id, summary.diversity, summary.seconds]
