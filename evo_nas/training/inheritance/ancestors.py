"""The weights that a training begins with: its parent's, as they were kept, or else trained again to the same bits."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from evo_nas.errors import UserError
from evo_nas.randomness import array_stream
from evo_nas.training.inheritance import inherited_weights
from evo_nas.training.news import Report
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.program import Program
from evo_nas.training.request import Ancestor
from evo_nas.training.weights import Weights, read_arrays, read_weights, save_weights

FOLD = 0
"""The only one: weights are inherited where one part of the rows is held out."""


def beginning(training: OpenTraining, program: Program, report: Report) -> Weights | None:
    """What the program's network begins with; None where it has no ancestors and begins with what is drawn.

    Kept weights are read. Where they are missing or damaged, that ancestor is trained again with the weights of its
    own parent, and so on back to one that began from scratch; what is found on the way is kept again. Raises UserError
    where one of them is lost this time, and OSError where its weights cannot be written.
    """
    if not training.request.ancestors:
        return None
    return _begun(training, program, _parent_weights(training, report))


def _begun(training: OpenTraining, program: Program, weights: Weights | None) -> Weights | None:
    """weights: of the last ancestor; None without any."""
    request = training.request
    if weights is None:
        return None
    streams = request.streams(FOLD)
    program.start(streams)
    key = (streams.evaluation_seed, "inheritance", streams.fold, streams.replicate, streams.fingerprint)
    drawn, parent = read_weights(program.model), request.ancestors[-1].genome
    return inherited_weights(parent, weights, request.genome, drawn, array_stream(*key))


def _parent_weights(training: OpenTraining, report: Report) -> Weights | None:
    ancestors = training.request.ancestors
    place, weights = len(ancestors), None
    while place and (weights := _kept(ancestors[place - 1])) is None:
        place -= 1
    for number in range(place, len(ancestors)):
        weights = _trained_again(training, number, weights, report)
    return weights


def _kept(ancestor: Ancestor) -> Weights | None:
    if ancestor.weights is None:
        return None
    try:
        return read_arrays(ancestor.weights)
    except UserError:
        return None


def _trained_again(training: OpenTraining, number: int, weights: Weights | None, report: Report) -> Weights:
    """The kept weights of an ancestor, given those of the one before it."""
    ancestors = training.request.ancestors
    lost = ancestors[number]
    request = replace(training.request, genome=lost.genome, fingerprint=lost.fingerprint, ancestors=ancestors[:number])
    again = replace(training, request=request)
    program = again.build()
    fit = again.fit(program, again.folds[FOLD], FOLD, report, begin=_begun(again, program, weights))
    if fit.trouble:
        raise UserError(f"an ancestor could not be trained again: {fit.trouble}")
    if lost.weights is not None:
        _keep(fit.weights, lost.weights)
    return fit.weights


def _keep(weights: Weights, path: Path) -> None:
    """Two children of one parent may do so at the same moment, with the same bits: each writes a file of its own."""
    own = path.with_name(f"{os.getpid()}-{path.name}")
    save_weights(weights, own)
    with suppress(FileNotFoundError):  # whoever tidies up took it for a leftover
        own.replace(path)
