"""What a check of gradients found: a distance for each tensor, and a verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RIGHT, PROBABLE, DOUBTFUL = 1e-7, 1e-5, 1e-3
"""Up to which distance a gradient is right, probably right, or worth a closer look, in 64 bits."""


@dataclass(frozen=True, slots=True)
class TensorCheck:
    """The gradient of one tensor: automatic a against numerical b, in 64 bits.

    distance: ||a - b|| / (||a|| + ||b||) over the entries that were compared, from 0 to 1. num_compared: how many of
    the num_entries there are. measurable: false where both are smaller than what central differences can tell from 0.
    """

    name: str
    distance: float
    num_compared: int
    num_entries: int
    measurable: bool = True

    @property
    def verdict(self) -> str:
        """In words."""
        if not self.measurable:
            return "zero, as far as can be measured"
        for limit, words in ((RIGHT, "right"), (PROBABLE, "probably right"), (DOUBTFUL, "look closer")):
            if self.distance <= limit:
                return words
        return "wrong"


@dataclass(frozen=True, slots=True)
class GradientReport:
    """A check of all tensors. kinks: what the function has that has no derivative everywhere, such as "relu"."""

    tensors: Sequence[TensorCheck]
    kinks: Sequence[str] = ()

    @property
    def distance(self) -> float:
        """The largest of those that can be measured."""
        return max((tensor.distance for tensor in self.tensors if tensor.measurable), default=0.0)

    @property
    def verdict(self) -> str:
        """In words, of the worst tensor; "look closer" names what may explain it."""
        worst = max(self.tensors, key=lambda tensor: tensor.distance * tensor.measurable).verdict
        if worst != "look closer" or not self.kinks:
            return worst
        named = " and ".join(self.kinks)
        return f"look closer: a kink of {named} between the two points of a difference would explain it"

    @property
    def ok(self) -> bool:
        """Whether no gradient is wrong."""
        return self.distance <= DOUBTFUL

    def __str__(self) -> str:
        rows = [
            (tensor.name, f"{tensor.distance:.1e}", f"{tensor.num_compared} of {tensor.num_entries}", tensor.verdict)
            for tensor in self.tensors
        ]
        table = [("tensor", "distance", "compared", "verdict"), *rows]
        widths = [max(len(row[column]) for row in table) for column in range(4)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
        return "\n".join([*(line.rstrip() for line in lines), f"gradients: {self.verdict}"])

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` is the inverse."""
        names = ("name", "distance", "num_compared", "num_entries", "measurable")
        return {"tensors": [{n: getattr(t, n) for n in names} for t in self.tensors], "kinks": list(self.kinks)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GradientReport:
        """Raises KeyError or TypeError where the data is no report."""
        return cls(tuple(TensorCheck(**tensor) for tensor in data["tensors"]), tuple(data["kinks"]))
