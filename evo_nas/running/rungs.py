"""Trainings that were judged on a rung: which of them ended there, and from which files others go on."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.evaluation.evaluator import rung_path
from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome, Status

SUFFIX = ".safetensors"


@dataclass(slots=True)
class Rungs:
    """folder: where files of trainings lie that were handed back, or None. recipe: as JSON holds it. Both are asked
    for only where there are rungs.
    """

    folder: Path | None
    recipe: Mapping[str, Any]
    _known: dict[tuple[str, int], dict[int, Outcome]] = field(default_factory=dict)

    def note(self, outcomes: Mapping[TrainingKey, Outcome]) -> None:
        """Take in outcomes of the search. Those of the whole recipe are of no interest here."""
        for key, outcome in outcomes.items():
            if key.epochs is not None:
                self._known.setdefault(key[:2], {})[key.epochs] = outcome

    def make_room(self, keys: Iterable[TrainingKey]) -> None:
        """Make the folder where one of the trainings may be handed back. Raises UserError where that cannot be."""
        if self.folder is None or all(key.epochs is None for key in keys):
            return
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{self.folder}: the folder cannot be made ({error.strerror}); free the disk, then go on with "
                f"`evo-nas resume {self.folder.parent}`: nothing that was recorded is lost"
            ) from None

    def outcome(self, key: TrainingKey) -> Outcome:
        """Of a rung. Raises KeyError where it is not known."""
        return self._known[key[:2]][-1 if key.epochs is None else key.epochs]

    def ended_before(self, key: TrainingKey) -> TrainingKey | None:
        """A rung below this one which the training never went beyond, so that its outcome is this one's too."""
        for epochs, outcome in self._below(key).items():
            if has_ended(outcome, epochs, self.recipe):
                return key._replace(epochs=epochs)
        return None

    def file_before(self, key: TrainingKey) -> int | None:
        """The highest rung below this one whose file is there, in epochs; None to begin anew."""
        there = [n for n in self._below(key) if self.folder and Path(rung_path(self.folder, *key[:2], n)).exists()]
        return max(there, default=None)

    def _below(self, key: TrainingKey) -> dict[int, Outcome]:
        limit = math.inf if key.epochs is None else key.epochs
        return {epochs: outcome for epochs, outcome in self._known.get(key[:2], {}).items() if epochs < limit}


def has_ended(outcome: Outcome, epochs: int, recipe: Mapping[str, Any]) -> bool:
    """Whether an outcome after so many epochs is that of the whole recipe, since the training did not go on.

    Refused, stopped early on every fold, or lost before the rung while no other fold had reached it. A training that
    was lost in its last epoch here is not one that must have been lost: a kept weight may still be mended.
    """
    if outcome.status is Status.INVALID:
        return True
    if not outcome.epochs:
        return False
    if outcome.status is Status.DIVERGED:
        return all(trained < epochs for trained in outcome.epochs)
    return outcome.ok and all(
        trained < epochs or trained >= recipe["epochs"] or _is_out_of_patience(trained - best, recipe)
        for trained, best in zip(outcome.epochs, outcome.best_epochs, strict=True)
    )


def _is_out_of_patience(epochs_since: int, recipe: Mapping[str, Any]) -> bool:
    stopping = recipe["early_stopping"]
    return bool(stopping) and epochs_since >= stopping["patience"]


def drop_rungs(folder: Path, fingerprints: Collection[str], finished: Iterable[TrainingKey]) -> None:
    """Delete the files of trainings that nobody will promote any more.

    fingerprints: networks that may still be promoted. finished: trainings whose outcome is known. Of a training that
    climbed, the file of its highest rung is kept. A file that is missed later costs time: the training is made again
    from its start, to the same bits.
    """
    files = {path: _named(path) for path in folder.glob(f"*{SUFFIX}")}
    whole = {key[:2] for key in finished if key.epochs is None} if files else set()
    known = set(files.values()).intersection(finished)
    highest = {key[:2]: key.epochs for key in sorted(known, key=lambda key: key.epochs or 0)}
    for path, key in files.items():
        is_passed = (key.epochs or 0) < (highest.get(key[:2]) or 0)
        if key[:2] in whole or is_passed or key.fingerprint not in fingerprints:
            path.unlink(missing_ok=True)


def _named(path: Path) -> TrainingKey:
    """The training whose file it is, see `rung_path`."""
    fingerprint, replicate, epochs = path.name.removesuffix(SUFFIX).rsplit("-", 2)
    return TrainingKey(fingerprint, int(replicate), int(epochs))
