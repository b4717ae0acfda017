"""From rows to figures: geometric means over tables, paired ratios with bootstrap intervals, hit rates."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import numpy as np

from evo_nas.randomness import array_stream
from experiments.search.results import Row
from experiments.search.trial import AnswerKind

FLOORS: Mapping[str, float] = {"share": 1e-5, "regret": 1e-4}
"""What a score below counts as. Share: of the table, truly better. Regret: 0 the optimum, 1 the median point."""
NUM_RESAMPLES = 10_000

Pair = tuple[str, int]
"""Table and seed: what two engines have in common."""
Field = Literal["share", "regret"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """An engine with a batch size; 0 for its own rule."""

    engine: str
    batch: int = 0

    def __str__(self) -> str:
        return f"{self.engine}, batch {self.batch}" if self.batch else self.engine


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of geometric means with its 95 % interval. num_pairs: tables x seeds that both have."""

    figure: float
    low: float
    high: float
    num_pairs: int

    def __str__(self) -> str:
        return f"{self.figure:.3g} [{self.low:.3g}, {self.high:.3g}] over {self.num_pairs} pairs"


def geometric_mean(scores: Mapping[Pair, float], floor: float) -> float:
    """The geometric mean over tables of the geometric mean over each table's seeds. Raises ValueError for no scores."""
    if not scores:
        raise ValueError("expected at least one score")
    return math.exp(fmean(fmean(logs) for logs in _logs_by_table(scores, floor).values()))


def paired_ratio(ours: Mapping[Pair, float], theirs: Mapping[Pair, float], floor: float) -> Ratio:
    """Ours by theirs over the pairs that both have; below 1 is better.

    The interval is a bootstrap's (Efron 1979) 2.5th and 97.5th percentile: seeds are drawn again within their table,
    the tables stay. Raises ValueError for no pair in common.
    """
    pairs = sorted(ours.keys() & theirs.keys())
    if not pairs:
        raise ValueError("expected a table and a seed that both engines have results for")
    differences = {pair: math.log(max(ours[pair], floor)) - math.log(max(theirs[pair], floor)) for pair in pairs}
    by_table = _by_table(differences)
    rng = array_stream("bootstrap", len(pairs))
    resampled = np.zeros(NUM_RESAMPLES)
    for values in by_table.values():
        drawn = rng.integers(0, len(values), (NUM_RESAMPLES, len(values)))
        resampled += np.asarray(values)[drawn].mean(axis=1) / len(by_table)
    low, high = np.exp(np.percentile(resampled, [2.5, 97.5]))
    return Ratio(math.exp(fmean(map(fmean, by_table.values()))), float(low), float(high), len(pairs))


class Scores:
    """The rows of a question, arranged. A peer is held to the better of its kinds of answer, ours to its own."""

    def __init__(self, rows: Iterable[Row], tables: Sequence[str], ours: frozenset[str], field: Field) -> None:
        self.tables = tuple(tables)
        self.floor = FLOORS[field]
        self._ours = ours
        self._found: dict[tuple[Contestant, int], dict[AnswerKind, dict[Pair, float]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._hits: dict[tuple[Contestant, int], dict[AnswerKind, dict[Pair, bool]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._seconds: dict[tuple[Contestant, int], list[float]] = defaultdict(list)
        for row in rows:
            if row.table in self.tables:
                self._add(row, getattr(row, field))

    @property
    def contestants(self) -> list[Contestant]:
        """Those with any result, in order of name."""
        return sorted({contestant for contestant, _ in self._found}, key=lambda each: (each.engine, each.batch))

    def kind(self, contestant: Contestant, checkpoint: int) -> AnswerKind:
        """The kind of answer that a contestant is held to, chosen by its geometric mean over all its results."""
        kinds = self._found[contestant, checkpoint]
        if contestant.engine in self._ours:
            return "own"
        return min(kinds, key=lambda kind: geometric_mean(kinds[kind], self.floor))

    def of(self, contestant: Contestant, checkpoint: int) -> dict[Pair, float]:
        """(table, seed) -> score; empty where a table has no result."""
        if (contestant, checkpoint) not in self._found:
            return {}
        found = self._found[contestant, checkpoint][self.kind(contestant, checkpoint)]
        return found if {table for table, _ in found} == set(self.tables) else {}

    def hit_rate(self, contestant: Contestant, checkpoint: int) -> float:
        """How often the answer is the optimum; NaN without results."""
        hits = self._hits[contestant, checkpoint][self.kind(contestant, checkpoint)]
        by_table = _by_table({pair: float(hit) for pair, hit in hits.items()})
        return fmean(map(fmean, by_table.values())) if by_table else math.nan

    def num_seeds(self, contestant: Contestant, checkpoint: int) -> int:
        """Seeds of the table that has fewest."""
        counts = [len(values) for values in _by_table(self.of(contestant, checkpoint)).values()]
        return min(counts, default=0)

    def seconds(self, contestant: Contestant, checkpoint: int) -> float:
        """Mean processor seconds of the engine up to there; NaN without results."""
        seconds = self._seconds.get((contestant, checkpoint))
        return fmean(seconds) if seconds else math.nan

    def mean(self, contestant: Contestant, checkpoint: int) -> float:
        """The geometric mean; NaN where a table has no result."""
        scores = self.of(contestant, checkpoint)
        return geometric_mean(scores, self.floor) if scores else math.nan

    def ratio(self, ours: Contestant, theirs: Contestant, checkpoint: int) -> Ratio:
        """Ours by theirs. Raises ValueError where they have nothing in common."""
        return paired_ratio(self.of(ours, checkpoint), self.of(theirs, checkpoint), self.floor)

    def best(self, contestants: Iterable[Contestant], checkpoint: int) -> Contestant | None:
        """The one with the smallest geometric mean of those measured there."""
        measured = [each for each in contestants if self.of(each, checkpoint)]
        return min(measured, key=lambda each: self.mean(each, checkpoint), default=None)

    def _add(self, row: Row, score: float) -> None:
        key = (Contestant(row.engine, row.batch), row.checkpoint)
        self._found[key][row.answer][row.table, row.seed] = score
        self._hits[key][row.answer][row.table, row.seed] = row.optimum
        self._seconds[key].append(row.overhead_seconds)


def _logs_by_table(scores: Mapping[Pair, float], floor: float) -> dict[str, list[float]]:
    return _by_table({pair: math.log(max(score, floor)) for pair, score in scores.items()})


def _by_table(values: Mapping[Pair, float]) -> dict[str, list[float]]:
    grouped: dict[str, list[float]] = defaultdict(list)
    for (table, _), value in values.items():
        grouped[table].append(value)
    return dict(grouped)
