"""Do folds add members to a program, or programs to a run?

    python -m experiments.folds_as_members

About a minute on two cores. Eight generations of 64 random genomes on breast cancer, 50 epochs, one worker, once with a
split that holds out a fifth and once with five folds, the same genomes in both. A program of TensorFlow's is built when
a graph is traced, and those are counted in the child (`watched_tasks.py`). The cost of a genome is what the tasks took
that built no graph, divided by the genomes in them. Bars: the folds build no more graphs than the split and none in the
later half of their tasks, and cost at most 5.5 times as much.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from evo_nas.cli import errors_for_people
from evo_nas.errors import UserError
from experiments.bars import Bar, report
from experiments.running import changed
from experiments.speed_arguments import speed_parser
from experiments.timed_search import TaskEntry, search_settings, timed_search

MOST_TIMES = 5.5
SPLIT: Mapping[str, Any] = {"fraction": 0.2}
FOLDS: Mapping[str, Any] = {"folds": 5}


def training_tasks(validation: Mapping[str, Any], *, trainer: str, smoke: bool) -> tuple[TaskEntry, ...]:
    """The trainings of one run with one worker, in the order in which they were made."""
    settings = search_settings(smoke=smoke, trainer=trainer, strategy="random", population=64)
    search = {"generations": 4 if smoke else 8, "confirmation_replicates": 0}
    settings = changed(settings, {"recipe": {"validation": validation}, "search": search})
    return timed_search(settings, workers=1).trainings


def seconds_of_genome(tasks: Sequence[TaskEntry]) -> float:
    """Of a training in the tasks that built no graph. Raises UserError where every task built one."""
    warm = [task for task in tasks if task.num_graphs == 0]
    if not warm:
        raise UserError(
            "every training built a graph, so there is nothing to compare; is the trainer the population's?"
        )
    return sum(task.seconds for task in warm) / sum(task.num_members for task in warm)


def main() -> None:
    asked = speed_parser("folds_as_members", __doc__).parse_args()
    with errors_for_people():
        split = training_tasks(SPLIT, trainer=asked.trainer, smoke=asked.smoke)
        folds = training_tasks(FOLDS, trainer=asked.trainer, smoke=asked.smoke)
        sys.exit(report(bars(split, folds)))


def bars(split: Sequence[TaskEntry], folds: Sequence[TaskEntry]) -> list[Bar]:
    """What the two runs must keep, and a line that says what they did."""
    graphs_of_split, graphs_of_folds = (sum(task.num_graphs for task in tasks) for tasks in (split, folds))
    one, five = seconds_of_genome(split), seconds_of_genome(folds)
    print(f"a split: {1e3 * one:.2f} ms a genome and {graphs_of_split} graphs in {len(split)} tasks")
    print(f"five folds: {1e3 * five:.2f} ms a genome and {graphs_of_folds} graphs in {len(folds)} tasks")
    return [
        Bar("graphs that the folds built and the split did not", graphs_of_folds - graphs_of_split, 0, "at most"),
        Bar("graphs built in the later half of the folds' tasks", _later_graphs(folds), 0, "at most"),
        Bar("times that five folds cost one split", five / one, MOST_TIMES, "at most"),
    ]


def _later_graphs(tasks: Sequence[TaskEntry]) -> int:
    return sum(task.num_graphs for task in tasks[(len(tasks) + 1) // 2 :])


if __name__ == "__main__":
    main()
