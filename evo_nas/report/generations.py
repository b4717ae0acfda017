"""generations.csv and the summaries behind it: what a generation achieved, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean, median, pstdev, quantiles

from evo_nas.atomic import append_durably, write_atomically
from evo_nas.individual import Evaluated, Objective
from evo_nas.report.tables import Cell, csv_text


@dataclass(frozen=True, slots=True)
class Spread:
    """One objective over a generation's successes, in its own unit. All but `best` are None where all failed.

    best: the best value of the run so far. std: of the population, not of a sample.
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

    evaluations: distinct trainings that this generation asked for first; found: those of them that the store of
    outcomes knew. failed: individuals without a fitness. best_id: the best individual of the run so far by the first
    objective, None before there is one. diversity: distinct networks among its individuals, in (0, 1]. seconds: spent
    training its individuals.
    """

    generation: int
    evaluations: int
    found: int
    failed: int
    spreads: tuple[Spread, ...]
    best_id: int | None
    diversity: float
    seconds: float


def summarize(
    evaluated: Sequence[Evaluated],
    objectives: Sequence[Objective],
    *,
    previous: GenerationSummary | None,
    evaluations: int,
    found: int,
) -> GenerationSummary:
    """Summarise the individuals proposed in one generation (at least one); `previous` is the generation before."""
    successes = [each for each in evaluated if each.outcome.ok]
    before: Sequence[Spread | None] = previous.spreads if previous else [None] * len(objectives)
    return GenerationSummary(
        generation=evaluated[0].individual.generation,
        evaluations=evaluations,
        found=found,
        failed=len(evaluated) - len(successes),
        spreads=tuple(_spread(successes, o, earlier) for o, earlier in zip(objectives, before, strict=True)),
        best_id=_best_id(successes, objectives[0], previous),
        diversity=len({each.individual.fingerprint for each in evaluated}) / len(evaluated),
        seconds=sum(each.outcome.seconds for each in evaluated),
    )


def summarize_run(
    evaluated: Iterable[Evaluated],
    objectives: Sequence[Objective],
    *,
    replicates: int,
    found: AbstractSet[tuple[str, int]],
) -> list[GenerationSummary]:
    """All generations of a run, from individuals in order of id. found: (fingerprint, replicate) from the store."""
    summaries: list[GenerationSummary] = []
    seen: set[str] = set()
    for _, group in groupby(evaluated, key=lambda each: each.individual.generation):
        members = list(group)
        new = {each.individual.fingerprint for each in members} - seen
        seen |= new
        summaries.append(
            summarize(
                members,
                objectives,
                previous=summaries[-1] if summaries else None,
                evaluations=len(new) * replicates,
                found=sum((fingerprint, replicate) in found for fingerprint in new for replicate in range(replicates)),
            )
        )
    return summaries


def append_generation(path: Path, summary: GenerationSummary, objectives: Sequence[Objective]) -> None:
    """Append a line and flush it to the disk. Writes the header first where there is no file yet."""
    header = [] if path.exists() else [_header(objectives)]
    append_durably(path, csv_text([*header, _row(summary)]))


def rewrite_generations(path: Path, summaries: Iterable[GenerationSummary], objectives: Sequence[Objective]) -> None:
    """Make the whole table again, at resume."""
    write_atomically(path, csv_text([_header(objectives), *map(_row, summaries)]))


def _spread(successes: Sequence[Evaluated], objective: Objective, previous: Spread | None) -> Spread:
    values = [objective.value(each.outcome) for each in successes]
    candidates = values if previous is None or previous.best is None else [*values, previous.best]
    best = max(candidates, key=lambda value: objective.weight * value, default=None)
    if not values:
        return Spread(best)
    quartiles = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return Spread(
        best, median(values), fmean(values), pstdev(values), min(values), max(values), quartiles[0], quartiles[2]
    )


def _best_id(successes: Sequence[Evaluated], objective: Objective, previous: GenerationSummary | None) -> int | None:
    best = max(successes, key=lambda each: objective.weight * objective.value(each.outcome), default=None)
    earlier = previous.spreads[0].best if previous else None
    if best is None or (earlier is not None and objective.weight * (objective.value(best.outcome) - earlier) <= 0):
        return previous.best_id if previous else None
    return best.individual.id


def _header(objectives: Sequence[Objective]) -> list[str]:
    names = ("best", "median", "mean", "std", "min", "max")
    spreads = [f"{name}_{objective.name}" for objective in objectives for name in names]
    return ["generation", "evaluations", "found", "failed", *spreads, "best_id", "diversity", "seconds"]


def _row(summary: GenerationSummary) -> list[Cell]:
    row: list[Cell] = [summary.generation, summary.evaluations, summary.found, summary.failed]
    for spread in summary.spreads:
        row += [spread.best, spread.median, spread.mean, spread.std, spread.minimum, spread.maximum]
    return [*row, summary.best_id, summary.diversity, summary.seconds]
