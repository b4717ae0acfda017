"""What every tool is given: rows that are preprocessed, the space, epochs and early stopping."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from evo_nas.config import Recipe, Settings
from evo_nas.data import split_rows, training_folds
from evo_nas.running.preparation import make_plan
from evo_nas.training.examples import FoldExamples, SplitDataset, fold_examples
from evo_nas.training.metrics import measure
from experiments.quality.space import Space

PREPROCESSING = "standard"


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """examples: the training and validation rows of our own search's first replicate, which it trains all networks on
    first, and the confirmation rows, which no choice sees. metric: smaller is better.
    """

    metric: str
    examples: FoldExamples
    space: Space
    recipe: Recipe

    @classmethod
    def of(cls, settings: Settings) -> Problem:
        """The problem of settings with a hold-out and one metric. Raises UserError where the rows cannot be had."""
        plan = make_plan(settings, base=Path.cwd())
        dataset, data, recipe = plan.dataset, plan.settings.data, plan.recipe
        assert dataset is not None
        assert data is not None
        rows = split_rows(dataset, data)
        seed = recipe.evaluation_seed
        (fold,) = training_folds(dataset, rows.search, recipe.validation, evaluation_seed=seed, replicate=0)
        examples = fold_examples(SplitDataset(dataset, rows), fold, PREPROCESSING)
        (metric,) = recipe.metrics
        return cls(metric, examples, Space.of(settings.space), recipe)

    @property
    def unit(self) -> float:
        """What a score in the units that networks are trained in is multiplied by: a regression's are standardised."""
        return self.examples.preprocessing.target_deviation

    def confirmation(self, outputs: NDArray[Any]) -> float:
        """The metric of a network on the confirmation rows. outputs: what it says of them [rows, 1]."""
        predictions = self.examples.readable(outputs)
        return measure([self.metric], self.examples.confirmation.truth, predictions, self.examples.task)[self.metric]
