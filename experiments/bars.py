"""A figure, its bar, and met or not met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured figure and what it must reach."""

    name: str
    figure: float
    bar: float
    direction: Literal["at most", "at least"]

    @property
    def met(self) -> bool:
        return self.figure <= self.bar if self.direction == "at most" else self.figure >= self.bar

    def __str__(self) -> str:
        verdict = "met" if self.met else "NOT MET"
        return f"{self.name}: {self.figure:.4g}, bar: {self.direction} {self.bar:g}, {verdict}"


def report(bars: Sequence[Bar]) -> int:
    """Print each bar; 0 if all are met, else 1."""
    for bar in bars:
        print(bar)
    return 0 if all(bar.met for bar in bars) else 1
