"""One training of one genome: all folds of a replicate, from a request to an outcome."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import keras
import tensorflow as tf

from evo_nas.data import Fold
from evo_nas.errors import UserError, described
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.training.fitting import Scores, score
from evo_nas.training.fold_results import FoldResult, combined, memory_refusal
from evo_nas.training.inheritance.ancestors import beginning
from evo_nas.training.news import Report, alive_by
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.program import Program
from evo_nas.training.request import TrainingRequest
from evo_nas.training.rung import Rung, Snapshot, load_snapshots, save_snapshots, training_name
from evo_nas.training.weights import save_weights


def train_candidate(
    request: TrainingRequest, report: Report, *, weights: Path | None, confirm: bool, rung: Rung | None = None
) -> Outcome:
    """Train a genome on every fold of its replicate. Total: whatever goes wrong is an outcome that says what (law 1).

    weights: where the kept weights are written if the training was on a hold-out, or None. confirm: score the kept
    weights on the confirmation rows too, if there are any. rung: where only a part of the epochs is wanted; the outcome
    is then that of the epochs so far. Without the file of an earlier rung, or where it cannot be used, the training
    begins anew and comes to the same bits.

    INVALID: the predicted bytes are over the recipe's limit, or the network cannot be built. DIVERGED: see
    `fit_fold`; the first fold that is lost ends the training. OUT_OF_MEMORY: TensorFlow or Python found none left.
    CRASHED: anything else, by the exception's name and text.
    """
    started = time.monotonic()
    with clean_session():
        outcome = _without_exceptions(lambda: _train(request, report, weights=weights, confirm=confirm, rung=rung))
    return replace(outcome, seconds=time.monotonic() - started)


@contextmanager
def clean_session() -> Iterator[None]:
    """Leave nothing of a network behind: Keras's global state cleared, graphs collected.

    Not before as well: with the state go all graphs that TensorFlow has optimized, those of cohorts too, and a winner
    that is trained again by a program that was kept would wait half a second for it.
    """
    try:
        yield
    finally:
        keras.utils.clear_session()
        gc.collect()  # a traced function is a cycle


class _CannotBuildError(Exception):
    """The text says why."""


def _without_exceptions(train: Callable[[], Outcome]) -> Outcome:
    try:
        return train()
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        return failure(Status.OUT_OF_MEMORY, described(error))
    except _CannotBuildError as error:
        return failure(Status.INVALID, str(error))
    except Exception as error:  # noqa: BLE001 - a failure is a value, whatever it was (law 1)
        return failure(Status.CRASHED, described(error))


def _train(
    request: TrainingRequest, report: Report, *, weights: Path | None, confirm: bool, rung: Rung | None
) -> Outcome:
    training = OpenTraining.of(request, alive_by(report))
    dataset = training.data.dataset
    size = request.encoding.size(request.genome, dataset.input_shape, dataset.num_outputs)
    sized = Outcome(Status.OK, parameters=size.parameters, flops=size.flops)
    if reason := memory_refusal(size, request.recipe.memory_limit_mb):
        return replace(sized, status=Status.INVALID, message=reason)
    results = _fit_folds(_built(training), training, report, confirm=confirm, rung=rung)
    if rung is not None and rung.after is not None:
        snapshots = [result.fit.snapshot for result in results if result.fit.snapshot]
        save_snapshots(snapshots, rung.after, name=training_name(training))
    if weights is not None and len(training.folds) == 1 and not results[0].fit.trouble:
        save_weights(results[0].fit.weights, weights)
    return combined(sized, results)


def _built(training: OpenTraining) -> Program:
    try:
        return training.build()
    except (MemoryError, tf.errors.ResourceExhaustedError):
        raise
    except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes of a genome
        raise _CannotBuildError(described(error)) from None


def _fit_folds(
    program: Program, training: OpenTraining, report: Report, *, confirm: bool, rung: Rung | None
) -> list[FoldResult]:
    """The results of the folds, up to the first that is lost."""
    results = []
    before, until = _handed_back(training, rung), rung.epochs if rung else None
    for number, fold in enumerate(training.folds):
        begin = before.get(number) or beginning(training, program, report)
        fit = training.fit(program, fold, number, report, begin=begin, until=until)
        wanted = confirm and not fit.trouble and len(training.data.rows.confirmation) > 0
        results.append(FoldResult(fit, _confirmed(program, training, fold) if wanted else {}))
        if fit.trouble:
            break
    return results


def _handed_back(training: OpenTraining, rung: Rung | None) -> dict[int, Snapshot]:
    """What an earlier rung left of the folds, by their numbers; nothing where that cannot be used."""
    if rung is None or rung.before is None:
        return {}
    try:
        snapshots = load_snapshots(rung.before, len(training.folds), name=training_name(training))
    except UserError:
        return {}
    return dict(zip(range(len(snapshots)), snapshots, strict=True))


def _confirmed(program: Program, training: OpenTraining, fold: Fold) -> Scores:
    examples = training.examples(fold)
    return score(program, examples, examples.confirmation, training.request.recipe.metrics)
