"""The space of the settings as other tools are told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Integers = tuple[int, int]
Numbers = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network whose hidden layers are all alike, and how it is trained."""

    depth: int
    width: int
    activation: str
    dropout: float
    optimizer: str
    learning_rate: float
    batch_size: int
    l2: float


@dataclass(frozen=True, slots=True)
class Space:
    """The lowest and the highest value of a number, or what there is to choose from.

    width, learning_rate and l2 are searched by their logarithm; batch_sizes are in order.
    """

    depth: Integers
    width: Integers
    activations: tuple[str, ...]
    dropout: Numbers
    optimizers: tuple[str, ...]
    learning_rate: Numbers
    batch_sizes: tuple[int, ...]
    l2: Numbers

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> Space:
        """That of a [space] section, which must name these eight. Raises KeyError where it does not."""
        return cls(
            depth=_ends(section["layers"]),
            width=_ends(section["width"]),
            activations=tuple(section["activation"]),
            dropout=_ends(section["dropout"]),
            optimizers=tuple(section["optimizer"]),
            learning_rate=_ends(section["learning_rate"]),
            batch_sizes=tuple(section["batch_size"]),
            l2=_ends(section["l2"]),
        )


def _ends(gene: Mapping[str, Any]) -> Any:
    return gene["low"], gene["high"]
