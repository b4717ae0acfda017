"""What one training returned: a status and its numbers. A failure is a value here, never an exception (law 1)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean
from typing import Any, final

from evo_nas.curves import Curve, curves_from_json, curves_to_json, packed_curves
from genomes.showing import html_table, visible


class Status(StrEnum):
    """How a training ended. Only `OK` can win; everything else stays in the lineage and says why."""

    OK = "ok"
    DIVERGED = "diverged"  # a loss that is NaN, infinite or a million times the untrained one
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    INVALID = "invalid"  # cannot be built, or refused by its predicted bytes
    CRASHED = "crashed"  # the worker died or answered garbage


MACHINE_DEPENDENT = frozenset({Status.OUT_OF_MEMORY, Status.TIMED_OUT, Status.CRASHED})
"""Facts about a machine: kept in their run, never in the store (law 8), counted apart by the digest (law 6)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The numbers of one training of one genome (all folds of one replicate).

    metrics: validation metric -> mean over the folds, every value finite; empty unless the status is ok.
        The key "loss" is the validation loss; the other keys are metrics of the recipe.
    parameters, flops: size of the network; flops of one row's inference. 0 where the network was never sized.
    epochs: epochs trained, one for each fold. best_epochs: the epoch (1-based) whose weights were scored, one a fold.
    seconds: wall clock of the training, recorded, never part of a digest.
    message: why it failed, for a person; empty if ok.
    curves: one mapping a fold.
    confirmation: metric -> mean over folds on the confirmation rows; empty where there are none or nobody asked.
    inherited_epochs: epochs behind the weights that the training began with, one for each fold; empty from scratch.
    """

    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: int = 0
    flops: int = 0
    epochs: tuple[int, ...] = ()
    best_epochs: tuple[int, ...] = ()
    seconds: float = 0.0
    message: str = ""
    curves: tuple[Curve, ...] = field(default=(), repr=False)
    confirmation: Mapping[str, float] = field(default_factory=dict)
    inherited_epochs: tuple[int, ...] = ()

    def __str__(self) -> str:
        """One line: "ok: roc_auc 0.99, loss 0.05; 2,113 parameters, 40 epochs, 1.2 s", or why it failed."""
        told = ", ".join(f"{visible(name)} {value:.4f}" for name, value in self.metrics.items())
        size = [f"{self.parameters:,} parameters"] if self.parameters else []
        trained = [f"{sum(self.epochs)} epochs{self._and_inherited()}"] if self.epochs else []
        cost = ", ".join([*size, *trained, f"{self.seconds:.1f} s"])
        return f"{self.status}: {'; '.join(part for part in (told or visible(self.message), cost) if part)}"

    def _repr_html_(self) -> str:
        sizes = {"parameters": f"{self.parameters:,}", "FLOPs": f"{self.flops:,}", "epochs": sum(self.epochs)}
        rows = {"status": str(self.status), **({"why": self.message} if self.message else {}), **self.metrics, **sizes}
        return html_table({**rows, "seconds": round(self.seconds, 3)}.items())

    @property
    def ok(self) -> bool:
        return self.status is Status.OK

    @property
    def effective_epochs(self) -> int:
        """Epochs behind the weights in all: its own and those inherited, over all folds and replicates."""
        return sum(self.epochs) + sum(self.inherited_epochs)

    def _and_inherited(self) -> str:
        return f" and {sum(self.inherited_epochs)} inherited" if self.inherited_epochs else ""

    def to_json(self, *, packed: bool = False) -> dict[str, Any]:
        """Plain data that `json.dumps(..., allow_nan=False)` accepts. packed: the curves are for a machine to read."""
        return {
            "status": str(self.status),
            "metrics": dict(self.metrics),
            "parameters": self.parameters,
            "flops": self.flops,
            "epochs": list(self.epochs),
            "best_epochs": list(self.best_epochs),
            "seconds": self.seconds,
            "message": self.message,
            "curves": packed_curves(self.curves) if packed else curves_to_json(self.curves),
            "confirmation": dict(self.confirmation),
            **({"inherited_epochs": list(self.inherited_epochs)} if self.inherited_epochs else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """The inverse of `to_json`. Raises ValueError, KeyError or TypeError where the data is not an outcome."""
        outcome = cls(
            status=Status(data["status"]),
            metrics={str(k): _finite(v) for k, v in data["metrics"].items()},
            parameters=int(data["parameters"]),
            flops=int(data["flops"]),
            epochs=tuple(int(v) for v in data["epochs"]),
            best_epochs=tuple(int(v) for v in data["best_epochs"]),
            seconds=_finite(data["seconds"]),
            message=str(data["message"]),
            curves=curves_from_json(data["curves"]),
            confirmation={str(k): _finite(v) for k, v in data["confirmation"].items()},
            inherited_epochs=tuple(int(v) for v in data.get("inherited_epochs", ())),
        )
        if outcome.ok and not outcome.metrics:
            raise ValueError("an outcome that is ok has at least one metric")
        return outcome


def failure(status: Status, message: str, *, seconds: float = 0.0) -> Outcome:
    """An outcome that says why there are no numbers."""
    return Outcome(status=status, message=message, seconds=seconds)


@final
class Replicates:
    """The outcomes of a genome's replicates as one: the mean of every metric, the sum of the seconds.

    The first failure stands for all: a network that fails on one seed in three is no network to ship. For a genome that
    is measured hundreds of times and asked after each: numbers are kept side by side, not outcomes far apart in memory.
    """

    __slots__ = ("_confirmation", "_failure", "_joined", "_metrics", "_seconds", "first")

    def __init__(self, first: Outcome) -> None:
        self.first = first
        self._failure = None if first.ok else first
        self._seconds: list[float] = []

    def add(self, outcome: Outcome) -> None:
        """The next replicate, with the metrics of the first."""
        if not self._seconds:
            self._begin()
        self._seconds.append(outcome.seconds)
        if self._failure is None and not outcome.ok:
            self._failure = outcome
        if self._failure is not None:
            return
        for columns, told in ((self._metrics, outcome.metrics), (self._confirmation, outcome.confirmation)):
            for name, column in columns.items():
                column.append(told[name])
        for joined, values in zip(self._joined, _joinable(outcome), strict=True):
            joined.extend(values)

    def outcome(self) -> Outcome:
        """All of them as one, those of a single one as they are."""
        if not self._seconds:
            return self.first
        if self._failure is not None:
            return failure(self._failure.status, self._failure.message, seconds=sum(self._seconds))
        epochs, best_epochs, inherited_epochs, curves = map(tuple, self._joined)
        return Outcome(
            status=Status.OK,
            metrics={name: fmean(column) for name, column in self._metrics.items()},
            parameters=self.first.parameters,
            flops=self.first.flops,
            epochs=epochs,
            best_epochs=best_epochs,
            seconds=sum(self._seconds),
            curves=curves,
            confirmation={name: fmean(column) for name, column in self._confirmation.items()},
            inherited_epochs=inherited_epochs,
        )

    def _begin(self) -> None:
        """Most genomes are measured once, and need none of this."""
        first = self.first
        self._seconds.append(first.seconds)
        self._metrics = {name: [value] for name, value in first.metrics.items()}
        self._confirmation = {name: [value] for name, value in first.confirmation.items()}
        self._joined: list[list[Any]] = [list(values) for values in _joinable(first)]


def _joinable(outcome: Outcome) -> tuple[tuple[Any, ...], ...]:
    return outcome.epochs, outcome.best_epochs, outcome.inherited_epochs, outcome.curves


def combine(replicates: Sequence[Outcome]) -> Outcome:
    """One outcome from the replicates of a genome, at least one; see `Replicates`."""
    if len(replicates) == 1:
        return replicates[0]
    combined = Replicates(replicates[0])
    for outcome in replicates[1:]:
        combined.add(outcome)
    return combined.outcome()


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"expected a finite number, got {value!r}")
    return number
