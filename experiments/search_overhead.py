"""What does the surrogate itself cost an evaluation, and does the cost stay bounded?

    python -m experiments.search_overhead                       # to 20,000 evaluations
    python -m experiments.search_overhead --evaluations 1000    # a few seconds

Asks and tells on FCNet's space of nine genes with a value that costs nothing, one thread, and prints processor
milliseconds an evaluation in windows. Bars: under 2 ms in the mean of the first 1,000, and the last window costs at
most 1.5 times the window that ends at 2,000.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from evo_nas.cli import errors_for_people
from experiments.bars import Bar, report
from experiments.search.catalogue import problem_named
from experiments.search.engines import ENGINES, engine_named
from experiments.search.problem import Point
from experiments.search.trial import Trial
from experiments.search.workers import processes

TABLE = "fcnet_protein_structure"
MOST_MILLISECONDS = 2.0
MOST_GROWTH = 1.5
FIRST, REFERENCE = 1000, 2000


@dataclass(frozen=True, slots=True)
class Window:
    """Evaluations from `start` up to `stop`, and the processor milliseconds that each of them took."""

    start: int
    stop: int
    milliseconds: float


class Clocked(Trial):
    """A trial that notes the processor time at every evaluation, that of the table left out."""

    def __init__(self, table: str, seed: int, num_evaluations: int) -> None:
        super().__init__(problem_named(table), seed, [num_evaluations])
        self.times = [time.process_time()]
        self._away = 0.0

    def measure(self, point: Point) -> float:
        began = time.process_time()
        self.times.append(began - self._away)
        value = super().measure(point)
        self._away += time.process_time() - began
        return value


def windows(times: Sequence[float], width: int) -> list[Window]:
    """Means over windows of so many evaluations. times: one more than evaluations, from the start."""
    stops = range(width, len(times), width)
    return [Window(stop - width, stop, 1e3 * (times[stop] - times[stop - width]) / width) for stop in stops]


def bars(found: Sequence[Window]) -> list[Bar]:
    """Of windows of equal width."""
    first = fmean(window.milliseconds for window in found if window.stop <= FIRST)
    made = [Bar(f"milliseconds an evaluation up to {FIRST:,}", first, MOST_MILLISECONDS, "at most")]
    reference = next((window for window in found if window.stop == REFERENCE), None)
    if reference is not None and found[-1].stop > REFERENCE:
        growth = found[-1].milliseconds / reference.milliseconds
        name = f"window up to {found[-1].stop:,} / window up to {REFERENCE:,}"
        made.append(Bar(name, growth, MOST_GROWTH, "at most"))
    return made


def measured(engine: str, num_evaluations: int, seed: int, width: int) -> list[Window]:
    """Let an engine spend a trial, and cut its time into windows."""
    trial = Clocked(TABLE, seed, num_evaluations)
    trial.run(engine_named(engine).search)
    return windows(trial.times, width)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.search_overhead",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engine", choices=[engine.name for engine in ENGINES], default="surrogate")
    parser.add_argument("--evaluations", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=500, help="evaluations of a window; divides 1,000")
    parser.add_argument("--seed", type=int, default=0)
    with errors_for_people():
        asked = parser.parse_args(arguments)
        with processes(1) as pool:
            found = pool.submit(measured, asked.engine, asked.evaluations, asked.seed, asked.window).result()
        for window in found:
            print(f"{window.start:>7,} to {window.stop:>7,}: {window.milliseconds:8.3f} ms an evaluation")
        sys.exit(report(bars(found)))


if __name__ == "__main__":
    main()
