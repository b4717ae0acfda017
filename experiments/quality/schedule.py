"""Which trials there are, and which of them wait for what others bring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from experiments.quality.results import Results
from experiments.quality.sets import QualitySet
from experiments.quality.trace import answers_question
from experiments.quality.trials import Cell, Trial

Role = Literal["choice", "peer", "ours"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What was asked for. peers: the names of those that are installed; the first seed of each chooses the better.

    whole: ours go on to the end of the minutes as well.
    """

    sets: tuple[QualitySet, ...]
    peers: tuple[str, ...]
    ours: str
    minutes: float
    peer_seeds: int
    our_seeds: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the plan. engine: empty for the better peer of the set."""

    set: str
    role: Role
    engine: str
    seed: int


def slots_of(scope: Scope) -> list[Slot]:
    """All places, set by set, each after those that it waits for."""
    slots = []
    for each in scope.sets:
        slots += [Slot(each.name, "choice", peer, 0) for peer in scope.peers]
        slots += [Slot(each.name, "peer", "", seed) for seed in range(1, scope.peer_seeds)]
        slots += [Slot(each.name, "ours", scope.ours, seed) for seed in range(scope.our_seeds)]
    return slots


def part_of(slots: Sequence[Slot], part: int, num_parts: int) -> list[Slot]:
    """The k-th of n pieces, k counted from 1: parts that are run in their order wait for nothing."""
    first, end = ((number * len(slots)) // num_parts for number in (part - 1, part))
    return list(slots[first:end])


def trial_of(slot: Slot, scope: Scope, results: Results) -> Trial | None:
    """The trial of a place; None while others have not said which it is."""
    engine = slot.engine or better_peer(slot.set, scope, results)
    if engine is None:
        return None
    cell = Cell(engine, slot.set, slot.seed, scope.minutes)
    if slot.role != "ours":
        return Trial(cell)
    target = target_of(slot.set, scope, results)
    if target is None:
        return None
    return Trial(cell, None if scope.whole else target)


def is_done(trial: Trial, results: Results) -> bool:
    """Whether the results say what the trial would. A target that is harder than before lets ours be run again."""
    return answers_question(results.get(trial.cell, ()), trial.cell.minutes, trial.target)


def better_peer(name: str, scope: Scope, results: Results) -> str | None:
    """Whose first seed was best on the confirmation rows in the end; None before all have been run."""
    found = {peer: _final(Cell(peer, name, 0, scope.minutes), results) for peer in scope.peers}
    known = {peer: score for peer, score in found.items() if score is not None}
    return min(known, key=lambda peer: known[peer]) if known and len(known) == len(found) else None


def peer_cells(name: str, scope: Scope, results: Results) -> list[Cell]:
    """The better peer's trials on a set, none before it is known."""
    peer = better_peer(name, scope, results)
    return [] if peer is None else [Cell(peer, name, seed, scope.minutes) for seed in range(scope.peer_seeds)]


def target_of(name: str, scope: Scope, results: Results) -> float | None:
    """What ours must reach on a set: the median of the better peer's scores in the end; None before they are known."""
    found = [_final(cell, results) for cell in peer_cells(name, scope, results)]
    known = [score for score in found if score is not None]
    return median(known) if known and len(known) == len(found) else None


def _final(cell: Cell, results: Results) -> float | None:
    """The confirmation at the end of the minutes; NaN, which a diverged network says, is as good as none."""
    trace = results.get(cell, ())
    if not answers_question(trace, cell.minutes, None):
        return None
    score = trace[-1].confirmation
    return math.inf if math.isnan(score) else score
