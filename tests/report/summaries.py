"""The summaries of a made-up run, as a sitting makes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby

from evo_nas.individual import Evaluated, Objective, TrainingKey
from evo_nas.report.generations import Bests, GenerationSummary, Summaries
from evo_nas.strategies import Records


def summarize_run(
    evaluated: Iterable[Evaluated],
    objectives: Sequence[Objective],
    *,
    replicates: int = 1,
    found: AbstractSet[TrainingKey] = frozenset(),
) -> list[GenerationSummary]:
    """All generations of a run, from individuals in order of id."""
    records = Records(objectives, hall_of_fame=1)
    summaries = Summaries(objectives, replicates=replicates, found=found)
    for _, group in groupby(evaluated, key=lambda each: each.individual.generation):
        members = list(group)
        records.update(members)
        summaries.add(members, Bests.of(records.best, records.best_values(), records.hypervolume))
    return summaries.all
