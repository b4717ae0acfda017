"""How often networks were measured, and the table of the best: each network once, with the mean of its measurements."""

from __future__ import annotations

from dataclasses import dataclass

from evo_nas.individual import Evaluated
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut, shown
from evo_nas.report.ranking import ranked

MOST_LISTED = 25


@dataclass(frozen=True, slots=True)
class Listed:
    """A network of the table. values: the mean of its measurements in each objective. rank: 1 is the best mean."""

    rank: int
    id: int
    generation: int
    operator: str
    values: tuple[str, ...]
    num_measured: int
    parameters: str
    is_winner: bool


def num_measurements(record: RunRecord, best: Evaluated | None) -> int:
    """Trainings of the search, of the whole recipe, that the score of a network is the mean of."""
    return 0 if best is None else _counts(record).get(best.individual.fingerprint, 0) * record.replicates


def listed_networks(record: RunRecord, best: Evaluated | None) -> list[Listed]:
    """The best by the mean of all their measurements, first objective first; the winner in any case, as the last."""
    if not record.objectives:
        return []
    counts = _counts(record)
    winner = best.individual.fingerprint if best else None
    ranking = [e for e in ranked(record.evaluated, record.objectives, record.constraints) if e.outcome.ok]
    told = [
        (rank, each)
        for rank, each in enumerate(ranking, start=1)
        if rank <= MOST_LISTED or each.individual.fingerprint == winner
    ]
    return [
        Listed(
            rank=rank,
            id=each.individual.id,
            generation=each.individual.generation,
            operator=cut(each.individual.operator),
            values=tuple(shown(objective.value(each.outcome)) for objective in record.objectives),
            num_measured=counts[each.individual.fingerprint] * record.replicates,
            parameters=shown(each.outcome.parameters or None),
            is_winner=each.individual.fingerprint == winner,
        )
        for rank, each in told
    ]


def _counts(record: RunRecord) -> dict[str, int]:
    """Fingerprint -> distinct measurements of the whole recipe."""
    found: dict[str, set[int]] = {}
    for each in record.evaluated:
        if each.individual.epochs is None:
            found.setdefault(each.individual.fingerprint, set()).add(each.individual.replicate)
    return {fingerprint: len(replicates) for fingerprint, replicates in found.items()}
