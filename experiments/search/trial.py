"""One engine on one problem with one seed: hands out values, counts them, notes the answers on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from evo_nas.randomness import array_stream
from experiments.search.problem import Point, Problem

AnswerKind = Literal["luckiest", "repeats", "own"]


class BudgetSpentError(Exception):
    """Raised by `measure` instead of an evaluation too many; ends the engine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine would hand over after so many evaluations.

    kind: "luckiest", the point with the smallest value seen; "repeats", that with the smallest mean of its values;
    "own", what the engine itself believes best. optimum_after: evaluations until the optimum was first measured.
    overhead_seconds: processor time since the start, the problem's part in it is microseconds.
    """

    checkpoint: int
    kind: AnswerKind
    share: float
    regret: float
    optimum: bool
    optimum_after: int | None
    overhead_seconds: float


class Trial:
    """What an engine is given. One evaluation returns the value of one random training seed, repeats included.

    The seed of evaluation n is drawn from a stream keyed by (problem, seed, n), so all engines have the same luck. An
    engine tells what it has been given before it measures again: its answers are noted at the next measurement.
    batch: the size of a batch where the engine has one and somebody asked. until_optimum: end at the optimum.
    """

    def __init__(
        self,
        problem: Problem,
        seed: int,
        checkpoints: Sequence[int],
        *,
        batch: int | None = None,
        until_optimum: bool = False,
    ) -> None:
        self.problem = problem
        self.seed = seed
        self.num_evaluations = max(checkpoints)
        self.batch = batch
        self.answers: list[Answer] = []
        self.believed_best: Callable[[], Point] | None = None
        self._open = sorted(checkpoints)
        self._until_optimum = until_optimum
        self._luck = array_stream("luck", problem.name, seed).random(self.num_evaluations)
        self._values: dict[Point, tuple[int, float]] = {}
        self._luckiest: tuple[float, Point] | None = None
        self._optimum_after: int | None = None
        self._num_measured = 0
        self._began = time.process_time()

    @property
    def num_left(self) -> int:
        """Evaluations that may still be asked for."""
        return self.num_evaluations - self._num_measured

    def measure(self, point: Point) -> float:
        """The value of the next training, of that point. Raises BudgetSpentError when there is none."""
        self._note_answers()
        if not self.num_left or (self._until_optimum and self._optimum_after is not None):
            raise BudgetSpentError
        value = self.problem.value(point, float(self._luck[self._num_measured]))
        self._num_measured += 1
        count, total = self._values.get(point, (0, 0.0))
        self._values[point] = (count + 1, total + value)
        if self._luckiest is None or value < self._luckiest[0]:
            self._luckiest = (value, point)
        if self._optimum_after is None and self.problem.is_optimum(point):
            self._optimum_after = self._num_measured
        return value

    def run(self, engine: Callable[[Trial], None]) -> list[Answer]:
        """Let the engine spend the trial; the answers at all checkpoints.

        An engine that comes to its end before is held to its last answer.
        """
        with suppress(BudgetSpentError):
            engine(self)
        self._note_answers()
        for checkpoint in self._open:
            self.answers.extend(self._answers(checkpoint))
        self._open = []
        return self.answers

    def _note_answers(self) -> None:
        if self._open and self._num_measured == self._open[0]:
            self.answers.extend(self._answers(self._open.pop(0)))

    def _answers(self, checkpoint: int) -> list[Answer]:
        if self._luckiest is None:
            raise ValueError(f"{self.problem.name}: the engine measured nothing, so it has no answer")
        overhead = time.process_time() - self._began
        points: dict[AnswerKind, Point] = {
            "luckiest": self._luckiest[1],
            "repeats": min(self._values, key=lambda point: self._values[point][1] / self._values[point][0]),
        }
        if self.believed_best is not None:
            points["own"] = self.believed_best()
        return [self._answer(checkpoint, kind, point, overhead) for kind, point in points.items()]

    def _answer(self, checkpoint: int, kind: AnswerKind, point: Point, overhead: float) -> Answer:
        problem = self.problem
        return Answer(
            checkpoint=checkpoint,
            kind=kind,
            share=problem.share(point),
            regret=problem.regret(point),
            optimum=problem.is_optimum(point),
            optimum_after=self._optimum_after,
            overhead_seconds=overhead,
        )
