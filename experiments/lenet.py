"""Does an evolution around LeNet-5 find a network that is better, or one that is as good and far smaller?

    python -m experiments.lenet --run-dir runs/lenet            # the grid, the evolution, and their comparison
    python -m experiments.lenet --run-dir runs/lenet --front    # accuracy against size, beside the same grid

Fashion-MNIST, 60,000 images and 10,000 that its authors keep apart. Three searches, each of them on 30,000 of the
60,000, a fifth of these for validation, and at most nine epochs:

- the grid of a well-known tutorial: LeNet-5 (20 and 50 filters of 5 x 5, 500 units, 431,080 parameters) with four
  optimizers at their default rates and three rates of dropout, twelve networks;
- an evolution that begins with LeNet-5 (`lenet.toml`): two or three blocks of one or two convolutions, no network
  with more parameters than LeNet-5 or more than 1.5e7 FLOPs an image. Networks are judged after three epochs,
  and a third of them goes on (successive halving): a poor one costs three. An epoch is too short to judge batch
  normalisation by: on 12,000 images a good network with it was at 0.64 after one and level with LeNet-5 after three.
- with `--front` NSGA-II in the same space, for accuracy and few parameters.

Then the winner, and LeNet-5 as the grid found it best, are fitted on all 60,000 images for the winner's own number of
epochs, three times with other weights and another order of the images, and read the 10,000 test images, which no choice
saw. The same for the most accurate network of the front with less than a quarter of LeNet-5's parameters. What is
finished is kept in the run folder: the same command goes on where it stopped.

Bars: each search takes at most 20 minutes on two cores; the 95 % interval (Student, three pairs) of the winner's lead
over LeNet-5 lies above 0; the small network loses at most a point (0.01) against LeNet-5.

Measured: the grid's best is nadam with dropout 0.5 (search accuracy 0.9053), in 4.7 minutes; the evolution's winner has
two blocks, the second normalised, 130,358 parameters and 11.7 MFLOPs (0.9208), in 17.4 minutes. Fitted on all images
for eight epochs it reads 0.9239 of the test images, LeNet-5 0.9089: a lead of 0.0150 [0.0100, 0.0201] at 0.30 times the
parameters. No test image chose between networks of a search, but the space took three attempts: judged after one epoch,
LeNet-5 itself won; with random networks of 5,000 to 40,000 parameters a near kin did (0.9131 on two seeds); and that
better networks exist was seen on four made by hand (up to 0.918). The front of NSGA-II took 19.7 minutes; its most
accurate network of less than a quarter of LeNet-5's parameters has 51,818 (0.12 times as many, two blocks), and reads
0.9206 of the test images after nine epochs, LeNet-5 0.9105.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

from evo_nas.cli import errors_for_people
from evo_nas.config import Settings
from evo_nas.data import Dataset
from evo_nas.display import Display
from evo_nas.errors import UserError
from evo_nas.history import RunFolder
from evo_nas.individual import Evaluated
from evo_nas.intervals import t_interval
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import INTERRUPTED, Choices
from evo_nas.running.preparation import default_folder, make_plan
from experiments.bars import Bar, report
from experiments.lenet_networks import OPTIMIZERS, Entrant, drawn_digits, fashion, fitted, grid_of
from experiments.running import SMOKE, changed, settings_of
from genomes import Genome

MINUTES = 20.0
LOST_AT_MOST = 0.01
ONE_IMAGE = 1e-4
"""Of the test images: the least that is above 0."""
FALLING = 0.6
"""The rate after 1,000 steps, as a share; LeNet-5 is trained at a constant one in the grid."""
SMALL = 0.25
"""Of LeNet-5's parameters."""

GRID: dict[str, dict[str, Any]] = {
    "space": {"optimizer": list(OPTIMIZERS)},
    "search": {"strategy": "listed", "fidelity": "full", "population": 12, "generations": 1},
}
FRONT = {
    "search": {
        "strategy": "evolution",
        "survival": "nsga2",
        "objectives": ["maximize accuracy", "minimize parameters"],
    }
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for. images: those that the searches see; all_images: those of the comparison."""

    folder: Path
    settings: Settings
    images: Dataset
    all_images: Dataset
    workers: int | None
    smoke: bool


def searched(asked: Asked, name: str, settings: Settings, networks: Sequence[Genome] = ()) -> tuple[Result, float]:
    """Make or finish the run of a name; its result, and its minutes over all sittings."""
    folder = asked.folder / name
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        choices = Choices(workers=asked.workers)
        if RunFolder(folder).holds_run():
            ending = launch.resume(folder, choices, display)
        else:
            plan = make_plan(settings, base=Path.cwd(), dataset=asked.images)
            ending = launch.start(plan, folder, choices, display, networks=networks)
    if ending.reason == INTERRUPTED:
        raise UserError(f"{folder}: interrupted; the same command goes on")
    return Result(folder), ending.elapsed_seconds / 60


def tell(name: str, found: Evaluated) -> str:
    outcome, genes = found.outcome, found.individual.genome.genes
    return (
        f"{name}: search accuracy {outcome.metrics['accuracy']:.4f}, {outcome.parameters:,} parameters, "
        f"{outcome.flops / 1e6:.1f} MFLOPs, best after {epochs_of(found)} epochs; {genes['optimizer']}, dropout "
        f"{genes['head_dropout']:.2g}, {len(found.individual.genome.layers)} blocks"
    )


def epochs_of(found: Evaluated) -> int:
    """After which it was best."""
    return max(1, round(median(found.outcome.best_epochs)))


def grid(asked: Asked) -> tuple[Evaluated, Bar]:
    """LeNet-5 as the grid found it best."""
    encoding = make_plan(asked.settings, base=Path.cwd(), dataset=asked.images).encoding
    networks = grid_of(encoding)
    if asked.smoke:
        networks = [networks[0], networks[-1]]
    result, minutes = searched(asked, "grid", changed(asked.settings, GRID), networks)
    print(tell("the grid's best", result.best))
    return result.best, Bar("minutes of the grid", minutes, MINUTES, "at most")


def compared(asked: Asked, lenet: Evaluated, name: str, other: Evaluated) -> list[float]:
    """By how much a network reads more of the test images than LeNet-5, for each seed."""
    epochs = epochs_of(other)
    entrants = [
        Entrant(f"lenet-{epochs}", lenet.individual.genome, epochs),
        Entrant(name, other.individual.genome, epochs),
    ]
    scores = fitted(entrants, asked.settings, asked.all_images, asked.folder / "fitted", workers=asked.workers)
    for each in entrants:
        print(f"{each.name}, {epochs} epochs on all training images: test accuracy {fmean(scores[each.name]):.4f}")
    return [mine - its for mine, its in zip(scores[name], scores[entrants[0].name], strict=True)]


def beginnings(lenet: Evaluated) -> list[Genome]:
    """LeNet-5 as the grid found it best, and the same with a rate that falls."""
    genome = lenet.individual.genome
    return [genome, replace(genome, genes={**genome.genes, "decay": FALLING})]


def evolve(asked: Asked, lenet: Evaluated) -> list[Bar]:
    """The evolution, and its winner against LeNet-5."""
    result, minutes = searched(asked, "evolution", asked.settings, beginnings(lenet))
    winner = result.best
    print(tell("the evolution's winner", winner))
    lead = compared(asked, lenet, "winner", winner)
    low, high = t_interval(lead) or (0.0, 0.0)
    share = winner.outcome.parameters / lenet.outcome.parameters
    print(f"its lead over LeNet-5: {fmean(lead):+.4f} [{low:+.4f}, {high:+.4f}] at {share:.2f} times the parameters")
    return [
        Bar("minutes of the evolution", minutes, MINUTES, "at most"),
        Bar("lower end of the winner's lead over LeNet-5", low, ONE_IMAGE, "at least"),
    ]


def front(asked: Asked, lenet: Evaluated) -> list[Bar]:
    """NSGA-II, and the best small network of its front against LeNet-5."""
    result, minutes = searched(asked, "front", changed(asked.settings, FRONT), beginnings(lenet))
    for member in result.front:
        print(tell("on the front", member))
    limit = SMALL * lenet.outcome.parameters
    smallest = min(result.front, key=lambda each: each.outcome.parameters)
    small = [each for each in result.front if each.outcome.parameters < limit] or [smallest]
    best = max(small, key=lambda each: each.outcome.metrics["accuracy"])
    lead, share = compared(asked, lenet, "small", best), best.outcome.parameters / lenet.outcome.parameters
    print(f"at {share:.3f} times the parameters: {fmean(lead):+.4f}")
    return [
        Bar("minutes of NSGA-II", minutes, MINUTES, "at most"),
        Bar("its parameters, as a share of LeNet-5's", share, SMALL, "at most"),
        Bar("accuracy that the small network loses against LeNet-5", -fmean(lead), LOST_AT_MOST, "at most"),
    ]


def asked_for(arguments: argparse.Namespace) -> Asked:
    settings = settings_of("lenet")
    if arguments.smoke:
        small = {**SMOKE, "recipe": {"epochs": 3}, "search": {**SMOKE["search"], "least_epochs": 1}}
        settings = changed(settings, small)
    if arguments.seed is not None:
        settings = changed(settings, {"search": {"seed": arguments.seed}})
    folder = arguments.run_dir or default_folder("lenet")
    images = drawn_digits(200, 100) if arguments.smoke else fashion(30_000, 10_000)
    everything = drawn_digits(300, 100) if arguments.smoke else fashion(60_000, 10_000)
    return Asked(folder, settings, images, everything, arguments.workers, arguments.smoke)


def main(arguments: Sequence[str] | None = None) -> int:
    """Search, fit and compare; 0 if the bars are met."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.lenet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--front", action="store_true", help="accuracy against size in place of the evolution")
    parser.add_argument("--run-dir", type=Path, default=None, help="where all is written, and found again")
    parser.add_argument("--seed", type=int, default=None, help="seed of the searches")
    parser.add_argument("--workers", type=int, default=None, help="child processes")
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    with errors_for_people():
        given = parser.parse_args(arguments)
        asked = asked_for(given)
        lenet, minutes = grid(asked)
        bars = front(asked, lenet) if given.front else evolve(asked, lenet)
        return report([minutes, *bars])


if __name__ == "__main__":
    sys.exit(main())
