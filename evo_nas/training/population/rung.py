"""A training handed back before its end, and taken up again as if it had never stopped.

A rung of successive halving (Jamieson and Talwalkar 2016) is a number of epochs after which a search may let a
training go. What a member needs to go on is one file: its weights, what the update rule keeps of them, the best
weights so far, and its curves, from which everything else follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.errors import UserError
from evo_nas.training.population.slabs import State
from evo_nas.training.population.state import MemberState
from evo_nas.training.weights import read_arrays, save_weights

Arrays = Mapping[str, NDArray[Any]]


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
class Snapshot:
    """One member between two rungs. state: None where it has finished. untrained: its loss before the first epoch."""

    state: MemberState | None
    best: State
    curves: Mapping[str, Sequence[float]]
    untrained: float

    @property
    def num_epochs(self) -> int:
        return len(self.curves.get("train_loss", ()))


def save_snapshots(snapshots: Sequence[Snapshot], path: Path) -> None:
    """Write the folds of one training. Raises OSError, and leaves what was there."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, snapshot in enumerate(snapshots):
        state = snapshot.state or MemberState({})
        parts: dict[str, Arrays] = {"weights": state.weights, "slots": state.slots, "best": snapshot.best}
        parts["curves"] = {name: np.array(values) for name, values in snapshot.curves.items()}
        parts["start"] = {"untrained": np.array([snapshot.untrained])}
        arrays |= {f"{number} {part} {name}": array for part, named in parts.items() for name, array in named.items()}
    save_weights(arrays, path)


def load_snapshots(path: Path, num_folds: int) -> list[Snapshot]:
    """What `save_snapshots` wrote. Raises UserError where the file is missing, damaged, or of other folds."""
    folds: list[dict[str, dict[str, NDArray[Any]]]] = [{} for _ in range(num_folds)]
    for key, array in read_arrays(path).items():
        number, part, name = key.split(" ", 2)
        if int(number) >= num_folds:
            raise UserError(f"{path}: this training was begun with more folds than {num_folds}")
        folds[int(number)].setdefault(part, {})[name] = array
    return [_snapshot(parts, path) for parts in folds]


def _snapshot(parts: Mapping[str, Arrays], path: Path) -> Snapshot:
    if "start" not in parts:
        raise UserError(f"{path}: this is no training that was handed back")
    state = MemberState(parts["weights"], parts.get("slots", {})) if "weights" in parts else None
    curves = {name: values.tolist() for name, values in parts.get("curves", {}).items()}
    return Snapshot(state, parts.get("best", {}), curves, float(parts["start"]["untrained"][0]))
