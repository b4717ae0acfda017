"""How the search went: a row a generation, and who is the best in the end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any

from evo_nas.history.finals import finals_of
from evo_nas.individual import Evaluated
from evo_nas.report.generations import Bests, GenerationSummary, Spread, Summaries
from evo_nas.report.page.columns import paid_seconds
from evo_nas.report.page.diversity import gene_spread
from evo_nas.report.page.packing import shortened
from evo_nas.report.page.record import RunRecord
from evo_nas.strategies import Records


@dataclass(frozen=True, slots=True)
class Progress:
    """best: whom the search believes to be the best, with the mean of its measurements; None before there is one.
    front: ids of the Pareto front, empty with one objective. spreads: of the genes, one a generation (`gene_spread`).
    reference: of the hypervolume, each objective in its own direction.
    """

    best: Evaluated | None
    front: tuple[int, ...]
    generations: tuple[GenerationSummary, ...]
    spreads: tuple[float | None, ...]
    reference: tuple[float, ...] | None

    def rows(self, record: RunRecord) -> list[dict[str, Any]]:
        """A row a generation as plain data; `seconds` and `trainings` are summed up to its end."""
        seconds = self._seconds(record)
        trainings = accumulate(each.evaluations for each in self.generations)
        rows = zip(self.generations, self.spreads, seconds, trainings, strict=True)
        return [_row(each, spread, paid, count) for each, spread, paid, count in rows]

    def _seconds(self, record: RunRecord) -> list[float]:
        spent = dict.fromkeys((each.generation for each in self.generations), 0.0)
        for individual, seconds in zip(record.individuals, paid_seconds(record), strict=True):
            if individual.generation in spent:
                spent[individual.generation] += seconds
        return list(accumulate(spent.values()))


def follow(record: RunRecord) -> Progress:
    """Go through a run generation by generation, as the search itself did."""
    records = Records(record.objectives, hall_of_fame=1, constraints=record.constraints)
    summaries = Summaries(record.objectives, replicates=record.replicates, found=record.found)
    spreads = []
    for _, group in groupby(record.evaluated, key=lambda each: each.individual.generation):
        members = list(group)
        records.update(members)
        summaries.add(members, Bests.of(records.best, records.best_values(), records.hypervolume))
        spreads.append(gene_spread(record.encoding, [each.individual.genome for each in members]))
    records.believe(record.believed)
    finals = finals_of(record.individuals, record.trainings.get("final", {}), record.replicates)
    records = records.from_scratch(finals)
    reference = None
    if records.reference is not None:
        pairs = zip(record.objectives, records.reference, strict=True)
        reference = tuple(float(-objective.weight * value) for objective, value in pairs)
    best = records.best
    known = best is not None and best.record is not None and best.outcome is not None
    return Progress(
        best=Evaluated(best.record, best.outcome) if known else None,  # type: ignore[union-attr, arg-type]
        front=tuple(m.record.id for m in records.front if m.record) if len(record.objectives) > 1 else (),
        generations=tuple(summaries.all),
        spreads=tuple(spreads),
        reference=reference,
    )


def _row(each: GenerationSummary, spread: float | None, seconds: float, trainings: int) -> dict[str, Any]:
    return {
        "generation": each.generation,
        "evaluations": each.evaluations,
        "found": each.found,
        "failed": each.failed,
        "best_id": each.best_id,
        "diversity": shortened(each.diversity),
        "spread": shortened(spread),
        "hypervolume": shortened(each.hypervolume, 7),
        "seconds": shortened(seconds),
        "trainings": trainings,
        "objectives": [_spread(spread) for spread in each.spreads],
    }


def _spread(spread: Spread) -> dict[str, Any]:
    names = ("best", "median", "first_quartile", "third_quartile")
    return {name: shortened(getattr(spread, name), 6) for name in names}
