"""How long do a generation's pictures take, late in a long run? Bar: a second, at 200 individuals over 50 generations.

    python -m experiments.pictures_speed

A run with a free fitness; the curves and the lineage of its last generation are drawn seven times. Median.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from evo_nas.display import Silent
from evo_nas.report.curves import draw_curve
from evo_nas.report.family_picture import draw_generation
from evo_nas.report.generations import Bests, GenerationSummary, Summaries
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.strategies import make_toolbox
from experiments.bars import Bar, report
from experiments.engine_overhead import free_fitness, plan

MOST_SECONDS = 1.0
POPULATION, GENERATIONS = 200, 50


def drawing_seconds(result: Result, folder: Path) -> float:
    """Wall clock of all pictures of the last generation."""
    objectives = result.objectives
    summaries = _summaries(result)
    by_id = {each.individual.id: each for each in result.evaluated}
    began = time.perf_counter()
    draw_curve([folder / "score.png", folder / "score.svg"], summaries, result.evaluated, objectives=objectives)
    draw_generation(folder / "generation.png", result.evaluated[-POPULATION:], by_id, objectives[0])
    return time.perf_counter() - began


def _summaries(result: Result) -> list[GenerationSummary]:
    """Of all generations, each with the best of the whole run: a picture costs the same."""
    bests = Bests.of(result.records.best, result.records.best_values(), None)
    summaries = Summaries(result.objectives, replicates=1, found=set())
    for first in range(0, len(result.evaluated), POPULATION):
        summaries.add(result.evaluated[first : first + POPULATION], bests)
    return summaries.all


def main() -> None:
    planned = plan(POPULATION, GENERATIONS, seed=0)
    toolbox = make_toolbox(planned.encoding, planned.settings.search, planned.objectives)
    toolbox.register("evaluate", free_fitness)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        launch.start(planned, run, Choices(toolbox=toolbox, pictures=False), Silent())
        result = Result(run)
        figures = [drawing_seconds(result, Path(folder)) for _ in range(7)]
    sys.exit(report([Bar("seconds of a generation's pictures", statistics.median(figures), MOST_SECONDS, "at most")]))


if __name__ == "__main__":
    main()
