"""The best genome becomes a saved network, and its test score is that of the file (law 9)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import keras

from evo_nas.config import DataSettings
from evo_nas.data import Fold
from evo_nas.errors import UserError
from evo_nas.training.candidate import clean_session
from evo_nas.training.examples import open_data
from evo_nas.training.fusing import POPULATION, program_form
from evo_nas.training.judging import Judged, judged
from evo_nas.training.news import Alive, Report, alive_by, silent
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.population.alone import fit_alone
from evo_nas.training.request import TrainingRequest
from evo_nas.training.weights import assign_weights, load_weights
from evo_nas.training.winner import Winner, save_winner
from evo_nas.training.winner_insight import keep_insight


def export_winner(
    request: TrainingRequest, report: Report, *, weights: Path | None, best_epochs: Sequence[int], folder: Path
) -> dict[str, Any]:
    """Write the network of a genome and its preprocessing into an existing folder, and score what was written.

    With a hold-out that is the network that was scored: its weights are read from `weights` or, where that file is
    missing or cannot be used, trained again to the same bits. With folds a new one is fitted on all search rows, for
    the median of `best_epochs` (one for each fold of each replicate) without early stopping.

    Returns {"test": {metric: value}, "test_interval": see `bootstrap_interval`, "parameters", "fitted_on",
    "model_sha256"}; "test" is empty, and its interval None, where no rows were kept back. Raises UserError where the
    network diverges or the folder cannot be written.
    """
    with clean_session():
        training = OpenTraining.of(request, alive_by(report))
        if len(training.folds) == 1:
            fold, fitted_on = training.folds[0], "the weights that were scored"
            network = _scored_network(training, weights, report)
        else:
            epochs = max(1, round(median(best_epochs)))
            fold, fitted_on = training.all_search_rows, f"all search rows, {epochs} epochs (median of the folds' best)"
            network = trained_network(training.lasting(epochs), fold, "all", report)
        network = training.whole(network)
        model_sha256 = saved(network, training, fold, folder)
        parameters = network.count_params()
        said = _on_test_rows(folder, request.data, request.split, training.alive)
        keep_insight(said or _on_held_out_rows(folder, training), training.data.dataset.schema, folder, model_sha256)
    return {**_tested(said), "parameters": parameters, "fitted_on": fitted_on, "model_sha256": model_sha256}


def test_score(folder: Path, data: Path, split: DataSettings, alive: Alive) -> dict[str, Any]:
    """{"test": as of `score_winner`, "test_interval": see `bootstrap_interval`; None without test rows}."""
    return _tested(_on_test_rows(folder, data, split, alive))


def score_winner(folder: Path, data: Path, split: DataSettings, alive: Alive = silent) -> dict[str, float]:
    """Metric -> value of the saved network on the test rows; empty where no rows were kept back.

    Raises UserError where the folder holds no winner, or one of other columns than the data's.
    """
    said = _on_test_rows(folder, data, split, alive)
    return said.scores() if said else {}


def _tested(said: Judged | None) -> dict[str, Any]:
    return {"test": said.scores(), "test_interval": said.interval()} if said else {"test": {}, "test_interval": None}


def _on_test_rows(folder: Path, data: Path, split: DataSettings, alive: Alive) -> Judged | None:
    """None where no rows were kept back."""
    opened = open_data(data, split)
    return judged(folder, opened.dataset, opened.rows.test, "test", alive)


def _on_held_out_rows(folder: Path, training: OpenTraining) -> Judged | None:
    """On those that the network was validated on; None with folds, on all of which it was fitted."""
    if len(training.folds) > 1:
        return None
    return judged(folder, training.data.dataset, training.folds[0].validation, "validation", training.alive)


def _scored_network(training: OpenTraining, weights: Path | None, report: Report) -> keras.Model:
    """The network with the weights that were scored: a training is a pure function of its request (law 2)."""
    network = training.network()
    expected = {weight.path: tuple(weight.shape) for weight in network.weights}
    try:
        kept = load_weights(weights, expected) if weights is not None else None
    except UserError:
        kept = None
    if kept is None:
        return trained_network(training, training.folds[0], 0, report)
    assign_weights(network, kept)
    return network


def trained_network(training: OpenTraining, fold: Fold, name: int | str, report: Report) -> keras.Model:
    """A network trained on a fold, by the form of program that trained it in the search. Raises UserError where it
    diverges.
    """
    request = training.request
    if program_form(request.genome, request.recipe.trainer) == POPULATION:
        fit, network = fit_alone(training, fold, name, report), training.network()
    else:
        program = training.build()
        fit, network = training.fit(program, fold, name, report), program.model
    if fit.trouble:
        raise UserError(f"the network diverged when it was trained for the export: {fit.trouble}")
    assign_weights(network, fit.weights)
    return network


def saved(network: keras.Model, training: OpenTraining, fold: Fold, folder: Path) -> str:
    """Write a network that was fitted on a fold, and return the SHA-256 of its file. Raises UserError."""
    request, schema = training.request, training.data.dataset.schema
    preprocessing = training.examples(fold).preprocessing
    try:
        return save_winner(Winner(network, schema, preprocessing, request.recipe.metrics, request.fingerprint), folder)
    except OSError as error:
        raise UserError(f"{folder}: the winner cannot be written here ({error.strerror})") from None
