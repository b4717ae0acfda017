"""Jobs that are trained together, and what becomes of them where that goes wrong: they are tried again in halves, until
the guilty one is alone (law 11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from evo_nas.evaluation.evaluator import Job, outcomes_of
from evo_nas.evaluation.tasks import Task, TaskFinished
from evo_nas.outcome import Outcome
from evo_nas.running.workers import Workers

Finished = Sequence[tuple[Job, Outcome]]


@dataclass(frozen=True, slots=True)
class Halving:
    """Hands jobs to the workers.

    make_task: the task with a number that trains some jobs. label: what a display shows for it. on_finished: the
    outcomes of what one task handed back, in the order of its jobs; each job is in exactly one such call. on_died: a
    child died under a job that was alone, so that nobody else can have been guilty.
    """

    workers: Workers
    make_task: Callable[[Sequence[Job], int], Task]
    label: Callable[[Sequence[Job]], str]
    on_finished: Callable[[Finished], None]
    on_died: Callable[[Job, str], None]

    def train(self, jobs: Sequence[Job]) -> None:
        """Train jobs, at least one, in one task.

        Whatever ends the task of several as a whole (a death, garbage, a limit that kills, memory) makes two tasks of
        half of them each; n jobs with one guilty among them cost at most 2 log2(n) tasks more. What ends the task of
        one is its outcome.
        """
        self.workers.submit(
            partial(self.make_task, jobs),
            label=self.label(jobs),
            on_finished=partial(self._finished, jobs),
            on_died=partial(self._died, jobs),
        )

    def _finished(self, jobs: Sequence[Job], event: TaskFinished) -> None:
        if event.failure is None or len(jobs) == 1:
            self.on_finished(list(zip(jobs, outcomes_of(event, len(jobs)), strict=True)))
            return
        middle = len(jobs) // 2
        for half in (jobs[:middle], jobs[middle:]):
            self.train(half)

    def _died(self, jobs: Sequence[Job], message: str) -> None:
        if len(jobs) == 1:
            self.on_died(jobs[0], message)
