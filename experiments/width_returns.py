"""What do more units bring, and where do they stop paying, on the credit card clients?

    python -m experiments.width_returns

Half a minute on two quiet cores (22 s of computing). The loss on the rows learned from falls with every doubling, from
0.433 to 0.365; on held-out rows it is best with 4 units (0.4295) and worst with 256 (0.465), and so is the ROC AUC:
0.776 with one unit, 0.781 with two, 0.782 with 4 to 16, 0.760 with 256. From 2 units on, more bring nothing that is
more than the noise of three seeds.

One hidden layer of 1 to 256 units (91 inputs, as in assembly_line.py), three seeds each, 40 epochs that nothing stops
early: no choice is made on the held-out rows (a quarter, another quarter for each seed), so their score is an honest
one. The loss on the rows learned from is the mean over the last epoch, as it was learned. The picture lies in the run
folder, width_returns.png: rows learned from go on getting better, rows held out do not.

Bars: the largest network learns the rows learned from better than the smallest, by 0.01 of log loss at least; and the
smallest width that the best one does not beat on every seed is smaller than the largest.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import fmean
from typing import Any

import evo_nas
from evo_nas.cli import errors_for_people
from evo_nas.config.metrics import METRICS
from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome
from evo_nas.report.diminishing_returns import WidthScores, draw_returns, enough
from evo_nas.running.preparation import default_folder, open_run
from experiments.assembly_materials import FULL, SMOKE
from experiments.bars import Bar, report

LEAST_LEARNED = 0.01
WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SEEDS = 3
EPOCHS = 40


def networks(widths: Sequence[int]) -> list[dict[str, Any]]:
    """One hidden layer each, trained alike."""
    trained = {"Optimization": "Adam", "Learning rate": 0.002, "Batch size": 256}
    return [{"Hidden layers": [width], "Activations": "relu", **trained} for width in widths]


def measured(result: evo_nas.Result, metric: str, learned: str | None) -> list[WidthScores]:
    """A metric of every width and seed, and the end of the curve of the rows learned from that belongs to it, if there
    is one. Every training must have succeeded.
    """
    run = open_run(result.run_dir, read_only=True)
    with closing(run.ledger):
        outcomes = run.ledger.trainings(curves=True)
        individuals = run.ledger.individuals()
    return [
        _of_width(int(each.genome.layers[0]["width"]), each.fingerprint, outcomes, metric=metric, learned=learned)
        for each in individuals
    ]


def _of_width(
    width: int, fingerprint: str, outcomes: Mapping[TrainingKey, Outcome], *, metric: str, learned: str | None
) -> WidthScores:
    keys = sorted(key for key in outcomes if key.fingerprint == fingerprint)
    seeds = [outcomes[key] for key in keys]
    curves = [float(outcome.curves[0][learned][-1]) for outcome in seeds] if learned else []
    return WidthScores(width, seeds[0].parameters, curves, [outcome.metrics[metric] for outcome in seeds])


def table(losses: Sequence[WidthScores], areas: Sequence[WidthScores]) -> list[str]:
    lines = ["units  parameters  loss learned  loss held out  ROC AUC held out (range over seeds)"]
    for loss, area in zip(losses, areas, strict=True):
        spread = f"[{min(area.held_out):.4f}, {max(area.held_out):.4f}]"
        lines.append(
            f"{loss.width:5d}  {loss.parameters:10,}  {fmean(loss.learned):12.4f}  {fmean(loss.held_out):13.4f}  "
            f"{fmean(area.held_out):.4f} {spread}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.width_returns", description=__doc__)
    parser.add_argument("--run-dir", type=Path, default=None, help="where the run is written")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--store", default="none", help="where outcomes are kept across runs: a path, or none")
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    asked = parser.parse_args()
    folder = asked.run_dir or default_folder("width_returns")
    with errors_for_people():
        sys.exit(run(folder, smoke=asked.smoke, workers=asked.workers, store=asked.store))


def run(folder: Path, *, smoke: bool, workers: int | None, store: str | None) -> int:
    """Train, print the table, draw the picture; 0 if both bars are met."""
    widths, seeds, epochs = ((2, 8), 2, 2) if smoke else (WIDTHS, SEEDS, EPOCHS)
    recipe = {"epochs": epochs, "metrics": ["roc_auc"], "early_stopping": False, "replicates": seeds}
    data = (SMOKE if smoke else FULL).data
    result = evo_nas.train(networks(widths), data, recipe=recipe, run_dir=folder, workers=workers, store=store)
    losses, areas = measured(result, "loss", "train_loss"), measured(result, "roc_auc", None)
    print(*table(losses, areas), sep="\n")
    paths = [folder / "curves" / f"width_returns.{suffix}" for suffix in ("png", "svg")]
    draw_returns(paths, {"log loss": losses, "ROC AUC": areas}, maximize={"log loss": False, "ROC AUC": True})
    gained = fmean(losses[0].learned) - fmean(losses[-1].learned)
    least = enough(areas, maximize=METRICS["roc_auc"])
    return report(
        [
            Bar("log loss on the rows learned from, smallest less largest width", gained, LEAST_LEARNED, "at least"),
            Bar("units from which on more bring nothing", least.width, widths[-2], "at most"),
        ]
    )


if __name__ == "__main__":
    main()
