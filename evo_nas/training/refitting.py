"""After a search: its best network fitted on every row there is, or trained further from its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.training.candidate import clean_session
from evo_nas.training.exporting import saved, score_winner, test_score, trained_network
from evo_nas.training.fitting import score
from evo_nas.training.news import Report, alive_by
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.request import TrainingRequest
from evo_nas.training.weights import assign_weights, read_weights
from evo_nas.training.winner import load_winner

EVERYTHING, FURTHER = "everything", "further"
"""What the streams of these trainings are keyed by, where others have the number of a fold."""


def refit(request: TrainingRequest, report: Report, *, epochs: int, folder: Path) -> dict[str, Any]:
    """Train the network of a genome anew on all rows of the data set for so many epochs, and write it into a folder.

    There are no rows left to stop or to score by. Epochs are passes over the rows and are not scaled: more rows are
    more steps (Goodfellow, Bengio and Courville 2016, algorithm 7.2, counted in passes).
    Returns {"rows", "parameters", "model_sha256"}. Raises UserError where the network diverges or cannot be written.
    """
    with clean_session():
        training = OpenTraining.of(request, alive_by(report)).lasting(epochs)
        network = training.whole(trained_network(training, training.every_row, EVERYTHING, report))
        model_sha256 = saved(network, training, training.every_row, folder)
        rows, parameters = training.data.dataset.num_rows, network.count_params()
    return {"rows": rows, "parameters": parameters, "model_sha256": model_sha256}


def train_further(
    request: TrainingRequest, report: Report, *, winner: Path, epochs: int, folder: Path
) -> dict[str, Any]:
    """Train a saved winner for so many epochs more on the rows that it was fitted on; the last weights are kept.

    The state of its optimizer was not saved and begins anew; the network trains by itself, whatever trained it before.
    Returns {"rows", "parameters", "model_sha256", "curves", "validation" and "test": {"before", "after"}}, each of
    the latter a mapping of metrics, empty without such rows; "test" has the "interval" of "after" too. Raises UserError
    where the winner cannot be read or is of another genome, the training diverges, or the folder cannot be written.
    """
    with clean_session():
        training = OpenTraining.of(request, alive_by(report)).lasting(epochs)
        fold = training.folds[0] if len(training.folds) == 1 else training.all_search_rows
        begin = read_weights(load_winner(winner).model)
        program, examples, metrics = training.build(), training.examples(fold), request.recipe.metrics
        if not set(begin) >= set(read_weights(program.model)):
            raise UserError(f"{winner}: this is the network of another genome than that of the run's best")
        assign_weights(program.model, begin)
        has_validation = len(examples.validation) > 0
        before = score(program, examples, examples.validation, metrics) if has_validation else {}
        fit = training.fit(program, fold, FURTHER, report, begin=begin)
        if fit.trouble:
            raise UserError(f"the network diverged when it was trained further: {fit.trouble}")
        network = training.whole(program.model)
        model_sha256 = saved(network, training, fold, folder)
        parameters = network.count_params()
        before_test = score_winner(winner, request.data, request.split, training.alive)
        after_test = test_score(folder, request.data, request.split, training.alive)
    return {
        "rows": len(examples.train),
        "parameters": parameters,
        "model_sha256": model_sha256,
        "curves": {name: list(values) for name, values in fit.curves.items()},
        "validation": {"before": before, "after": dict(fit.scores)},
        "test": {"before": before_test, "after": after_test["test"], "interval": after_test["test_interval"]},
    }
