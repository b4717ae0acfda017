"""What does everything but the training cost? Ask, operators, ledger, checkpoint, tables, lineage; pictures off.

    python -m experiments.engine_overhead

A population of 10,000 for 10 generations with a fitness that is free, a generation a commit, five runs, medians.
Half a minute a run on two cores. Bars: under 200 microseconds an individual, and the tenth generation costs at most
1.2 times the second.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from evo_nas.config import SearchSettings, Settings
from evo_nas.display import Silent
from evo_nas.individual import parse_objective
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.loop import Generation
from evo_nas.running.observer import Progress
from evo_nas.running.preparation import Plan, make_plan
from evo_nas.strategies import make_toolbox
from experiments.bars import Bar, report
from experiments.running import settings_of

MOST_MICROSECONDS = 200.0
MOST_GROWTH = 1.2


class Stopwatch(Silent):
    """Notes when each generation has been written."""

    def __init__(self) -> None:
        self.moments = [time.perf_counter()]

    def generation_ended(self, generation: Generation, progress: Progress) -> None:
        self.moments.append(time.perf_counter())

    def seconds(self) -> list[float]:
        """Wall clock of each generation. The first has two to ask for, the last has none."""
        return [later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False)]


def free_fitness(individual: Any) -> tuple[float]:
    """The cheapest number that differs between individuals."""
    return (individual.genes["learning_rate"],)


def plan(population: int, generations: int, seed: int) -> Plan:
    search = SearchSettings(
        strategy="evolution",
        population=population,
        generations=generations,
        seed=seed,
        objectives=("maximize score",),
    )
    return make_plan(Settings(space=settings_of("quickstart").space, search=search), base=Path.cwd())


def generation_seconds(population: int, generations: int, seed: int) -> list[float]:
    """Wall clock of each generation of one run, and of one more, so that the last of those asks for offspring too."""
    planned = plan(population, generations + 1, seed)
    toolbox = make_toolbox(planned.encoding, planned.settings.search, [parse_objective("maximize score")])
    toolbox.register("evaluate", free_fitness)
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        launch.start(planned, Path(folder) / "run", Choices(toolbox=toolbox, pictures=False), watch)
    return watch.seconds()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.engine_overhead", description=__doc__)
    parser.add_argument("--population", type=int, default=10_000)
    parser.add_argument("--generations", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    asked = parser.parse_args()
    population = 100 if asked.smoke else asked.population
    runs = [generation_seconds(population, asked.generations, seed) for seed in range(1 if asked.smoke else asked.runs)]
    each = [1e6 * statistics.mean(run) / population for run in runs]
    growth = [run[asked.generations - 1] / run[1] for run in runs]
    print("microseconds an individual, a run a line, a generation a column:")
    for run in runs:
        print("  " + " ".join(f"{1e6 * seconds / population:7.1f}" for seconds in run))
    bars = [
        Bar("microseconds an individual (median of the runs)", statistics.median(each), MOST_MICROSECONDS, "at most"),
        Bar("tenth generation / second (median of the runs)", statistics.median(growth), MOST_GROWTH, "at most"),
    ]
    sys.exit(report(bars))


if __name__ == "__main__":
    main()
