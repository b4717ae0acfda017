"""How much faster than Keras is an epoch of a larger network, where arithmetic and memory count and not the calls?

    python -m experiments.fashion_population         # about ten minutes on two quiet cores

Fashion-MNIST, 20,000 images to train on and 2,000 to validate on after every epoch, one hidden layer of 32 to 512
units, relu, Adam, batches of 32 and of 128. Ours: a random search over three learning rates with four replicates, so
twelve members, two workers; it is run for two epochs and for fourteen, and the difference of the seconds that the two
workers were busy, side by side, is twelve epochs of twelve members without anything that is done once (building,
tracing, reading, the winner). Theirs: the second epoch of
`keras.Model.fit`, the median of three networks, with the whole machine, in turns with ours. Bars for each batch size:
the geometric mean over the widths at least 5 times as fast a member and epoch, and at 512 units at least 3 times.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import geometric_mean

import numpy as np
from numpy.typing import NDArray

from evo_nas.cli import errors_for_people
from evo_nas.config import Settings, parse_settings
from evo_nas.data import Dataset, split_rows, training_folds
from evo_nas.errors import UserError
from experiments.bars import Bar, report
from experiments.fashion_images import fashion_images
from experiments.speed_arguments import speed_parser
from experiments.timed_search import TimedSearch, timed_search

LEARNING_RATES = (3e-4, 1e-3, 3e-3)
WIDTHS = (32, 64, 128, 256, 512)
BATCH_SIZES = (32, 128)
FEW_EPOCHS, MANY_EPOCHS = 2, 14
WORKERS = 2
REPLICATES = 4
NUM_ROWS = 25_000
LEAST_TIMES, LEAST_TIMES_AT_512 = 5.0, 3.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A network's size and how it is fed."""

    width: int
    batch_size: int


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of an epoch of one member, ours and Keras's."""

    cell: Cell
    ours: float
    keras: float

    @property
    def times(self) -> float:
        return self.keras / self.ours

    def __str__(self) -> str:
        shape = f"784-{self.cell.width}-10, batches of {self.cell.batch_size}"
        return f"{shape}: ours {self.ours:.4f} s, Keras {self.keras:.4f} s, {self.times:.2f} times"


def fashion_settings(cell: Cell, *, epochs: int, replicates: int, trainer: str) -> Settings:
    """A random search whose genomes differ in the learning rate alone; a second one of a kind costs nothing."""
    return parse_settings(
        {
            "data": {"name": "fashion_mnist", "test_fraction": 0.12},
            "space": {
                "encoding": "mlp",
                "layers": 1,
                "width": cell.width,
                "activation": "relu",
                "learning_rate": list(LEARNING_RATES),
                "optimizer": "adam",
                "batch_size": cell.batch_size,
                "preprocessing": "none",
            },
            "recipe": {
                "epochs": epochs,
                "validation": {"fraction": 0.0909},
                "replicates": replicates,
                "metrics": ["accuracy"],
                "early_stopping": False,
                "trainer": trainer,
            },
            "search": {"strategy": "random", "population": 16, "generations": 1, "confirmation_replicates": 0},
        },
        where="experiment",
    )


def fashion_rows(*, smoke: bool) -> tuple[Dataset, NDArray[np.int64], NDArray[np.int64]]:
    """The images, and which of them our first replicate trains on and validates on."""
    dataset = fashion_images(500 if smoke else NUM_ROWS)
    settings = fashion_settings(Cell(32, 32), epochs=1, replicates=1, trainer="plain")
    assert settings.data is not None
    search = split_rows(dataset, settings.data).search
    fold = training_folds(dataset, search, settings.recipe.validation, evaluation_seed=0, replicate=0)[0]
    return dataset, fold.train, fold.validation


def our_seconds(cell: Cell, dataset: Dataset, asked: argparse.Namespace) -> float:
    """Of an epoch of one member, with two workers. Raises UserError where the longer run was not the slower one."""
    few, many = (
        timed_search(
            fashion_settings(cell, epochs=epochs, replicates=asked.replicates, trainer=asked.trainer),
            workers=WORKERS,
            dataset=dataset,
        )
        for epochs in (FEW_EPOCHS, MANY_EPOCHS)
    )
    if asked.smoke:  # so little is trained that the difference is noise
        return many.loop_seconds / (many.num_trainings * MANY_EPOCHS)
    difference = (_busy_seconds(many) - _busy_seconds(few)) / WORKERS
    if difference <= 0.0:
        raise UserError(f"{MANY_EPOCHS} epochs took no longer than {FEW_EPOCHS}; measure on a quiet machine")
    return difference / (many.num_trainings * (MANY_EPOCHS - FEW_EPOCHS))


def _busy_seconds(search: TimedSearch) -> float:
    """Of all workers together, with their tasks."""
    return sum(task.seconds for task in search.trainings)


def measured(cell: Cell, dataset: Dataset, asked: argparse.Namespace) -> Timed:
    """A cell, ours and then Keras's; prints it."""
    from experiments.peers.keras_epoch import second_epoch_seconds

    timed = Timed(cell, our_seconds(cell, dataset, asked), second_epoch_seconds(cell, smoke=asked.smoke))
    print(timed, flush=True)
    return timed


def bars(timed: Sequence[Timed], batch_size: int) -> list[Bar]:
    """Of one batch size; that of the widest network where it was measured."""
    ours = {each.cell.width: each.times for each in timed if each.cell.batch_size == batch_size}
    name = f"times as fast as Keras at batches of {batch_size}"
    found = [Bar(f"{name}, geometric mean of the widths", geometric_mean(ours.values()), LEAST_TIMES, "at least")]
    widest = [Bar(f"{name}, 512 units", ours[512], LEAST_TIMES_AT_512, "at least")] if 512 in ours else []
    return found + widest


def main() -> None:
    parser = speed_parser("fashion_population", __doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=BATCH_SIZES)
    parser.add_argument("--replicates", type=int, default=REPLICATES, help="members of each learning rate")
    asked = parser.parse_args()
    cells = [Cell(width, size) for size in asked.batch_sizes for width in asked.widths]
    with errors_for_people():
        dataset = fashion_rows(smoke=asked.smoke)[0]
        timed = [measured(cell, dataset, asked) for cell in (cells[:1] if asked.smoke else cells)]
        sizes = dict.fromkeys(each.cell.batch_size for each in timed)
        sys.exit(report([bar for size in sizes for bar in bars(timed, size)]))


if __name__ == "__main__":
    main()
