"""A request with its data at hand: what it takes to train on any of its folds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras
import numpy as np

from evo_nas.config import BYTES_PER_MB
from evo_nas.data import Fold
from evo_nas.training.augmentation import strengths_of
from evo_nas.training.encodings import TrainedEncoding, trained_encoding
from evo_nas.training.examples import (
    FoldExamples,
    SplitDataset,
    check_class_weights,
    open_data,
    open_folds,
    row_weights,
)
from evo_nas.training.fitting import Fit, fit_fold
from evo_nas.training.news import Alive, Report, silent
from evo_nas.training.optimizers import build_loss, build_optimizer
from evo_nas.training.program import Program
from evo_nas.training.request import TrainingRequest
from evo_nas.training.rung import Snapshot
from evo_nas.training.tracing import InputForm
from evo_nas.training.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class OpenTraining:
    """folds: those of the request's replicate; one if it validates on a hold-out. alive: is told that work goes on."""

    request: TrainingRequest
    data: SplitDataset
    folds: tuple[Fold, ...]
    alive: Alive = silent

    @classmethod
    def of(cls, request: TrainingRequest, alive: Alive = silent) -> OpenTraining:
        """Raises UserError where the data cannot be read or divided."""
        data, recipe = open_data(request.data, request.split), request.recipe
        trained_encoding(request.genome).ready(request.encoding)
        folds = open_folds(data, recipe.validation, recipe.evaluation_seed, request.replicate)
        return cls(request, data, folds, alive)

    def build(self) -> Program:
        """The network of the request, ready to be trained.

        Raises UserError for class weights of an unknown class, and what Keras raises where it cannot build.
        """
        check_class_weights(self.request.recipe.class_weights, self.data.dataset.classes)
        genes, recipe = self.request.genome.genes, self.request.recipe
        optimizer, loss = build_optimizer(genes, recipe.precision), build_loss(recipe.loss)
        form = InputForm(self._trained.fed, strengths_of(genes, recipe.augmentation))
        return Program(
            self.network(),
            optimizer,
            loss,
            batch_size=int(genes["batch_size"]),
            form=form,
            resident_bytes=self.request.image_memory_mb * BYTES_PER_MB,
            alive=self.alive,
        )

    def network(self) -> keras.Model:
        """The network of the request; its weights mean nothing yet."""
        dataset, genome, precision = self.data.dataset, self.request.genome, self.request.recipe.precision
        return self._trained.build(genome, dataset.input_shape, dataset.num_outputs, dataset.task, precision)

    def whole(self, network: keras.Model) -> keras.Model:
        """What is saved of a trained network of the request: one for the rows themselves, with the same weights."""
        dataset, genome = self.data.dataset, self.request.genome
        return self._trained.whole(network, genome, dataset.num_outputs, dataset.task)

    def examples(self, fold: Fold) -> FoldExamples:
        """What the genome's network is trained and scored on, found again as [data] cache says."""
        genome = self.request.genome
        return self._trained.examples(self.data, fold, genome, self.request.split.cache, self.alive)

    def fit(
        self,
        program: Program,
        fold: Fold,
        name: int | str,
        report: Report,
        *,
        begin: Weights | Snapshot | None = None,
        until: int | None = None,
    ) -> Fit:
        """Train on a fold. name: its number, or "all". begin, until: see `fit_fold`."""
        examples = self.examples(fold)
        weights = row_weights(examples.train, self.request.recipe.class_weights, self.data.dataset.classes)
        streams = self.request.streams(name)
        recipe = self.request.recipe
        return fit_fold(program, examples, recipe, streams, weights=weights, report=report, begin=begin, until=until)

    @property
    def _trained(self) -> TrainedEncoding:
        genome, setting = self.request.genome, self.request.recipe.augmentation
        return trained_encoding(genome, augmented=bool(strengths_of(genome.genes, setting).on))

    def lasting(self, epochs: int) -> OpenTraining:
        """The same training for so many epochs and not one less."""
        recipe = self.request.recipe.model_copy(update={"epochs": epochs, "early_stopping": False})
        return replace(self, request=replace(self.request, recipe=recipe))

    @property
    def all_search_rows(self) -> Fold:
        """Every search row to train on, none to validate on."""
        return Fold(self.data.rows.search, np.empty(0, dtype=np.int64))

    @property
    def every_row(self) -> Fold:
        """Every row of the data set to train on, those that were kept back too; none to validate on."""
        return Fold(np.arange(self.data.dataset.num_rows, dtype=np.int64), np.empty(0, dtype=np.int64))
