"""The questions that are asked of the raw results: their problems, engines, and bars."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from experiments.bars import Bar
from experiments.search.catalogue import EXACT, GROUPS
from experiments.search.engines import ENGINES
from experiments.search.results import Row
from experiments.search.schedule import CHECKPOINTS
from experiments.search.score import Contestant, Field, Scores

OURS = Contestant("surrogate")
OUR_ENGINES = frozenset(engine.name for engine in ENGINES if engine.ours)
BATCHES = (8, 32, 64)


@dataclass(frozen=True, slots=True)
class Question:
    """What is measured and what it must show.

    engines: names, empty for all. batches: of our engines; 0 is their own rule. final: run once, for no choice.
    bars: of the scores and the rows; a figure that has not been measured is NaN and meets no bar.
    """

    name: str
    tables: tuple[str, ...]
    bars: Callable[[Scores, Sequence[Row]], list[Bar]]
    engines: tuple[str, ...] = ()
    batches: tuple[int, ...] = (0,)
    most_evaluations: int = CHECKPOINTS[-1]
    field: Field = "share"
    final: bool = False


def peers_of(scores: Scores) -> list[Contestant]:
    """Everybody with results who is none of ours."""
    return [contestant for contestant in scores.contestants if contestant.engine not in OUR_ENGINES]


def against_the_best(scores: Scores, rows: Sequence[Row]) -> list[Bar]:
    """At 50, 100 and 300 half of the best peer, at 1,000 not worse than it."""
    return [bar for checkpoint in CHECKPOINTS for bar in _at_checkpoint(scores, checkpoint)]


def _at_checkpoint(scores: Scores, checkpoint: int) -> list[Bar]:
    best = scores.best(peers_of(scores), checkpoint)
    if best is None or not scores.of(OURS, checkpoint):
        return [Bar(f"{checkpoint} evaluations: not measured for ours and a peer", math.nan, 0.5, "at most")]
    if scores.mean(best, checkpoint) <= 2 * scores.floor:
        name = f"{checkpoint} evaluations: how often the optimum is hit; {best} (at the floor) hits it"
        return [Bar(name, scores.hit_rate(OURS, checkpoint), scores.hit_rate(best, checkpoint), "at least")]
    ratio, place = scores.ratio(OURS, best, checkpoint), f"{checkpoint} evaluations, ratio to {best}"
    if checkpoint == CHECKPOINTS[-1]:
        return [Bar(f"{place}: lower end of the interval", ratio.low, 1.0, "at most")]
    return [
        Bar(place, ratio.figure, 0.5, "at most"),
        Bar(f"{place}: upper end of the interval", ratio.high, 1.0, "at most"),
    ]


def evaluations_to_the_optimum(scores: Scores, rows: Sequence[Row]) -> list[Bar]:
    """The mean over the seeds."""
    runs = optimum_after(rows, OURS)
    figure = fmean(runs) if runs else math.nan
    return [Bar(f"mean evaluations to the optimum of {EXACT} ({len(runs)} seeds)", figure, 60.0, "at most")]


def optimum_after(rows: Sequence[Row], contestant: Contestant) -> list[int]:
    """Evaluations until the optimum was first measured, a number a seed; all of a run that never found it."""
    own = [row for row in rows if (row.engine, row.batch, row.table) == (contestant.engine, contestant.batch, EXACT)]
    last = max((row.checkpoint for row in own), default=0)
    return list({row.seed: row.optimum_after or last for row in own if row.checkpoint == last}.values())


def larger_batches(scores: Scores, rows: Sequence[Row]) -> list[Bar]:
    """Batches of 32 and 64 against 8."""
    wanted = ((32, 300, 1.3), (64, 300, 1.3), (32, 100, 2.0))
    return [_batch_bar(scores, batch, checkpoint, bar) for batch, checkpoint, bar in wanted]


def _batch_bar(scores: Scores, batch: int, checkpoint: int, bar: float) -> Bar:
    name = f"{checkpoint} evaluations, batch {batch} against batch {BATCHES[0]}"
    wide, narrow = Contestant(OURS.engine, batch), Contestant(OURS.engine, BATCHES[0])
    if not scores.of(wide, checkpoint) or not scores.of(narrow, checkpoint):
        return Bar(f"{name}: not measured", math.nan, bar, "at most")
    return Bar(name, scores.ratio(wide, narrow, checkpoint).figure, bar, "at most")


def no_bars(scores: Scores, rows: Sequence[Row]) -> list[Bar]:
    """Figures alone, whichever way they come out."""
    return []


QUESTIONS = (
    Question("table", GROUPS["development"], against_the_best),
    Question("untouched", GROUPS["untouched"], no_bars, final=True),
    Question(
        "optimum",
        GROUPS["exact"],
        evaluations_to_the_optimum,
        engines=("surrogate", "aging P=100 S=10", "aging P=20 S=5", "local search", "TPE"),
    ),
    Question(
        "batches", GROUPS["development"], larger_batches, engines=("surrogate",), batches=BATCHES, most_evaluations=300
    ),
    Question("ordinal", GROUPS["ordinal"], no_bars, most_evaluations=300),
    Question("landscapes", GROUPS["landscapes"], no_bars, most_evaluations=300, field="regret"),
)


def question_named(name: str) -> Question:
    """The question of that name."""
    (found,) = (question for question in QUESTIONS if question.name == name)
    return found
