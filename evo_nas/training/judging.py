"""A saved network, read again, and what it says of some rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.data import Dataset
from evo_nas.errors import UserError
from evo_nas.randomness import array_stream
from evo_nas.training.bootstrap import bootstrap_interval
from evo_nas.training.examples import examples_of
from evo_nas.training.metrics import Predictions, Truth, measure
from evo_nas.training.news import Alive, silent
from evo_nas.training.winner import Winner, load_winner


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """source: what the rows were kept for, "test" or "validation". rows: their numbers in the data set [rows], at least
    one. predictions: as in `metrics.measure`.
    """

    winner: Winner
    dataset: Dataset
    source: str
    rows: NDArray[np.int64]
    predictions: Predictions

    @property
    def truth(self) -> Truth:
        """As in `metrics.measure`."""
        return self.dataset.target[self.rows]

    def scores(self) -> dict[str, float]:
        """Of the metrics that the network was chosen by."""
        return measure(self.winner.metrics, self.truth, self.predictions, self.dataset.task)

    def interval(self) -> dict[str, Any]:
        """Of these scores, see `bootstrap_interval`."""
        generator = array_stream("test interval", self.winner.fingerprint)
        metrics, task = self.winner.metrics, self.dataset.task
        return bootstrap_interval(metrics, self.truth, self.predictions, task, generator)


def judged(
    folder: Path, dataset: Dataset, rows: NDArray[np.int64], source: str, alive: Alive = silent
) -> Judged | None:
    """What the network in a folder says of rows of a data set; None where there are no rows.

    alive: is called after each piece of them. Raises UserError where the folder holds no winner, or one of other
    columns than the data's.
    """
    winner = load_winner(folder)
    if winner.schema != dataset.schema:
        raise UserError(f"{folder}: this winner was trained on other columns or classes than those of {dataset.name}")
    if not len(rows):
        return None
    examples = examples_of(dataset, rows, winner.preprocessing)
    return Judged(winner, dataset, source, rows, winner.predict_examples(examples, alive))
