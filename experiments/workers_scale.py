"""Do two workers do the work in half the time, and does one worker's memory stay where it is?

    python -m experiments.workers_scale

One or two minutes on two quiet cores. Speed: a search of 2,000 candidates of 50 epochs on breast cancer with one worker
and with two, in turns, three of each; the seconds of its generations, TensorFlow's import and the winner left out,
medians. Memory: the one worker's child, never replaced, is looked at while it trains. Its growth is the median of the
looks in the last fifth of the run less that of the looks between 200 candidates and a fifth of the run; the largest
look is printed beside it. Bars: two workers at least 1.6 times as fast as one (goal 1.8); less than 50 MB of growth.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import psutil

from evo_nas.cli import errors_for_people
from evo_nas.config import Settings
from evo_nas.running.observer import Progress
from experiments.bars import Bar, report
from experiments.running import SMOKE, changed
from experiments.speed_arguments import speed_parser
from experiments.timed_search import search_settings, timed_search

LEAST_RATIO, GOAL_RATIO = 1.6, 1.8
MOST_MEGABYTES = 50.0
WARM_UP = 200
"""Candidates after which a child has all that it will ever need."""


@dataclass(slots=True)
class MemoryWatch:
    """Looks at the child while a search goes on: (candidates finished, MB resident)."""

    looks: list[tuple[int, float]] = field(default_factory=list)

    def look(self, progress: Progress) -> None:
        sizes = [_resident_megabytes(child) for child in psutil.Process().children()]
        if sizes and progress.counts.finished:
            self.looks.append((progress.counts.finished, max(sizes)))


def _resident_megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def growth(looks: Sequence[tuple[int, float]], *, warm_up: int) -> float:
    """MB between the level after the warm-up and the level at the end, each the median of a fifth of the run.

    looks: (candidates finished, MB), in the order in which they were taken; there must be some after the warm-up.
    """
    last = looks[-1][0]
    after = [(number, size) for number, size in looks if number >= warm_up]
    early = [size for number, size in after if number <= max(last / 5, after[0][0])]
    late = [size for number, size in after if number >= last * 4 / 5]
    return median(late) - median(early)


def generations_seconds(settings: Settings, watch: MemoryWatch, *, workers: int) -> float:
    """Wall clock of a search without its winner."""
    done = timed_search(settings, workers=workers, on_progress=watch.look if workers == 1 else lambda progress: None)
    print(f"{workers} workers: {done.num_trainings} networks in {done.loop_seconds:.2f} s", flush=True)
    return done.loop_seconds


def main() -> None:
    asked = speed_parser("workers_scale", __doc__).parse_args()
    settings = search_settings(smoke=False, trainer=asked.trainer, population=100, generations=20)
    settings = changed(settings, {"evaluation": {"recycle_after": 1_000_000}})
    settings = changed(settings, SMOKE) if asked.smoke else settings
    watches = [MemoryWatch() for _ in range(1 if asked.smoke else 3)]
    one, two = [], []
    with errors_for_people():
        for watch in watches:
            one.append(generations_seconds(settings, watch, workers=1))
            two.append(generations_seconds(settings, watch, workers=2))
    for watch in watches:
        sizes = [size for number, size in watch.looks]
        print(f"MB of the child: {sizes[0]:.0f} at {watch.looks[0][0]} candidates, {max(sizes):.0f} at most")
    grown = [growth(watch.looks, warm_up=0 if asked.smoke else WARM_UP) for watch in watches]
    bars = [
        Bar(
            f"two workers as fast as one, times (goal {GOAL_RATIO:g})",
            median(one) / median(two),
            LEAST_RATIO,
            "at least",
        ),
        Bar("MB that the child grew after 200 candidates, the most of the runs", max(grown), MOST_MEGABYTES, "at most"),
    ]
    sys.exit(report(bars))


if __name__ == "__main__":
    main()
