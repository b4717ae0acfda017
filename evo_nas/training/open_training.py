"""A request with its data at hand: what it takes to train on any of its folds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras
import numpy as np

from evo_nas.data import Fold
from evo_nas.training.examples import (
    FoldExamples,
    SplitDataset,
    check_class_weights,
    fold_examples,
    open_data,
    open_folds,
    row_weights,
)
from evo_nas.training.fitting import Fit, fit_fold
from evo_nas.training.network import build_network
from evo_nas.training.news import Report
from evo_nas.training.optimizers import build_loss, build_optimizer
from evo_nas.training.program import Program
from evo_nas.training.request import TrainingRequest


@dataclass(frozen=True, slots=True, eq=False)
class OpenTraining:
    """folds: those of the request's replicate; one if it validates on a hold-out."""

    request: TrainingRequest
    data: SplitDataset
    folds: tuple[Fold, ...]

    @classmethod
    def of(cls, request: TrainingRequest) -> OpenTraining:
        """Raises UserError where the data cannot be read or divided."""
        data, recipe = open_data(request.data, request.split), request.recipe
        return cls(request, data, open_folds(data, recipe.validation, recipe.evaluation_seed, request.replicate))

    def build(self) -> Program:
        """The network of the request, ready to be trained.

        Raises UserError for class weights of an unknown class, and what Keras raises where it cannot build.
        """
        check_class_weights(self.request.recipe.class_weights, self.data.dataset.classes)
        genes, loss = self.request.genome.genes, build_loss(self.request.recipe.loss)
        return Program(self.network(), build_optimizer(genes), loss, batch_size=int(genes["batch_size"]))

    def network(self) -> keras.Model:
        """The network of the request; its weights mean nothing yet."""
        dataset = self.data.dataset
        return build_network(self.request.genome, dataset.num_inputs, dataset.num_outputs, dataset.task)

    def examples(self, fold: Fold) -> FoldExamples:
        return fold_examples(self.data, fold, str(self.request.genome.genes["preprocessing"]))

    def fit(self, program: Program, fold: Fold, name: int | str, report: Report) -> Fit:
        """Train on a fold. name: its number, or "all"."""
        examples = self.examples(fold)
        weights = row_weights(examples.train, self.request.recipe.class_weights, self.data.dataset.classes)
        streams = self.request.streams(name)
        return fit_fold(program, examples, self.request.recipe, streams, weights=weights, report=report)

    def lasting(self, epochs: int) -> OpenTraining:
        """The same training for so many epochs and not one less."""
        recipe = self.request.recipe.model_copy(update={"epochs": epochs, "early_stopping": False})
        return replace(self, request=replace(self.request, recipe=recipe))

    @property
    def all_search_rows(self) -> Fold:
        """Every search row to train on, none to validate on."""
        return Fold(self.data.rows.search, np.empty(0, dtype=np.int64))
