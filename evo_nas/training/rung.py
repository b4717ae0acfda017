"""A training handed back before its end, and taken up again as if it had never stopped.

A rung of successive halving (Jamieson and Talwalkar 2016) is a number of epochs after which a search may let a
training go. What a training needs to go on is one file: its weights, what the update rule keeps of them, the best
weights so far, and its curves, from which everything else follows. The file says whose it is, and nobody else is
trained on from it. Both trainers write it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.errors import UserError
from evo_nas.training.weights import read_arrays, save_weights
from genomes import canonical_json

if TYPE_CHECKING:
    from evo_nas.training.open_training import OpenTraining

Arrays = Mapping[str, NDArray[Any]]
NAME = "training"


@dataclass(frozen=True, slots=True)
class Rung:
    """Train until so many epochs are over (all of them, where the recipe has fewer).

    before: the file that an earlier rung wrote, or None to begin. after: where to write one.
    """

    epochs: int
    before: Path | None = None
    after: Path | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Rung:
        """{"epochs", "before", "after"}, the last two a path or None."""
        before, after = (Path(payload[name]) if payload[name] else None for name in ("before", "after"))
        return cls(payload["epochs"], before, after)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingState:
    """What the next epoch depends on. weights: of a network by itself everything that belongs to it, dropout's counts
    too; of a cohort's member its weights by slab, in the units of the program. slots: what the update rule keeps, of a
    member by slab and number ("hidden_1/kernel:0").
    """

    weights: Arrays
    slots: Arrays = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One fold between two rungs. state: None where it has finished. untrained: its loss before the first epoch."""

    state: TrainingState | None
    best: Arrays
    curves: Mapping[str, Sequence[float]]
    untrained: float

    @property
    def num_epochs(self) -> int:
        return len(self.curves.get("train_loss", ()))


def training_name(training: OpenTraining) -> str:
    """64 hexadecimal digits of what a training is, at whatever rung: its genome, rows, recipe and replicate."""
    request, rows = training.request, training.data.dataset.fingerprint
    asked = [request.fingerprint, rows, request.split.in_key(), request.recipe.in_key(), request.replicate]
    return hashlib.blake2b(canonical_json(asked).encode(), digest_size=32).hexdigest()


def save_snapshots(snapshots: Sequence[Snapshot], path: Path, *, name: str) -> None:
    """Write the folds of the training of a name. Raises OSError, and leaves what was there."""
    arrays: dict[str, NDArray[Any]] = {NAME: np.frombuffer(bytes.fromhex(name), dtype=np.uint8)}
    for number, snapshot in enumerate(snapshots):
        state = snapshot.state or TrainingState({})
        parts: dict[str, Arrays] = {"weights": state.weights, "slots": state.slots, "best": snapshot.best}
        parts["curves"] = {name: np.array(values) for name, values in snapshot.curves.items()}
        parts["start"] = {"untrained": np.array([snapshot.untrained])}
        arrays |= {f"{number} {part} {name}": array for part, named in parts.items() for name, array in named.items()}
    save_weights(arrays, path)


def load_snapshots(path: Path, num_folds: int, *, name: str) -> list[Snapshot]:
    """What `save_snapshots` wrote, of so many folds or, where one was lost, of the first of them.

    Raises UserError where it is missing, damaged or of another training.
    """
    arrays = read_arrays(path)
    _check_name(arrays.pop(NAME, np.empty(0, dtype=np.uint8)).tobytes().hex(), name, path)
    folds: list[dict[str, dict[str, NDArray[Any]]]] = [{} for _ in range(num_folds)]
    for key, array in arrays.items():
        number, part, entry = key.split(" ", 2)
        if int(number) >= num_folds:
            raise UserError(f"{path}: this training was begun with more folds than {num_folds}")
        folds[int(number)].setdefault(part, {})[entry] = array
    return [_snapshot(parts) for parts in folds if "start" in parts]


def _check_name(found: str, expected: str, path: Path) -> None:
    if not found:
        raise UserError(f"{path}: this is no training that was handed back; begin it anew")
    if found != expected:
        raise UserError(
            f"{path}: expected the training {expected[:8]} to go on with, got {found[:8]}, which has another genome, "
            "other rows, another recipe or another replicate; begin it anew"
        )


def _snapshot(parts: Mapping[str, Arrays]) -> Snapshot:
    state = TrainingState(parts["weights"], parts.get("slots", {})) if "weights" in parts else None
    curves = {name: values.tolist() for name, values in parts.get("curves", {}).items()}
    return Snapshot(state, parts.get("best", {}), curves, float(parts["start"]["untrained"][0]))
