"""Typed genes: what one number or choice may be, how it is drawn, and what a small step from it is.

Every gene has its own scale: a learning rate moves by factors (log), a dropout by differences (linear), a batch size
along its list (ordinal), an activation to any other (categorical). A gene of one value is fixed and never moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from genomes.genome import GenomeError, Rng, Value

Scale = Literal["linear", "log"]

STEP = 0.15
"""Standard deviation of a numeric step, as a share of the gene's range on its own scale."""
NEIGHBOUR_RATE = 0.5
"""Share of ordinal steps that go to a neighbour; the others go to any other value, neighbours included."""
LARGEST_FLOAT = 1e150  # differences and logarithms of anything below it stay finite
LARGEST_INT = 2**53  # beyond it JSON readers and float64 lose digits


@dataclass(frozen=True, slots=True)
class Float:
    """A real number in [low, high], both ends included. Raises GenomeError for bounds that are no range."""

    low: float
    high: float
    scale: Scale = "linear"

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            bound = getattr(self, name)
            if not _is_number(bound) or not abs(bound) <= LARGEST_FLOAT:
                raise GenomeError(f"expected a finite number for {name}, got {bound!r:.100}")
            object.__setattr__(self, name, float(bound) + 0.0)
        _check_range(self)

    @property
    def fixed(self) -> bool:
        return self.low == self.high

    def sample(self, rng: Rng) -> float:
        """Uniform on the gene's scale."""
        start, stop = self._place(self.low), self._place(self.high)
        return self._value(start + rng.random() * (stop - start))

    def step(self, value: Value, rng: Rng) -> float:
        """A normal step, reflected at the bounds. Differs from `value` unless the gene is fixed."""
        before = self.clip(value)
        after = self._value(_nudged(self._place(before), self._place(self.low), self._place(self.high), rng))
        if after != before:
            return after
        return self.high if before != self.high else self.low

    def clip(self, value: object) -> float:
        """The nearest valid value; `low` for NaN and for whatever is no number."""
        if not _is_number(value):
            return self.low
        if self.low < value < self.high:
            return float(value) + 0.0
        return self.high if value >= self.high else self.low

    def contains(self, value: object) -> bool:
        """Whether `clip` would give the value back to the bit; so neither 1 nor -0.0 is in a Float."""
        return type(value) is float and self.low <= value <= self.high and (value != 0.0 or repr(value) == "0.0")

    def position(self, value: Value) -> float:
        """Where the value lies between low (0) and high (1), on the gene's scale; 0 for a fixed gene."""
        return _share(self._place(self.low), self._place(self.clip(value)), self._place(self.high))

    def describe(self) -> Any:
        """Plain data that `gene_from` reads back: the value of a fixed gene, or low, high and scale."""
        return self.low if self.fixed else {"low": self.low, "high": self.high, "scale": self.scale}

    def _place(self, value: float) -> float:
        return math.log(value) if self.scale == "log" else value

    def _value(self, place: float) -> float:
        value = math.exp(place) if self.scale == "log" else place
        return min(max(value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Int:
    """A whole number in [low, high], both ends included. Raises GenomeError for bounds that are no range.

    stride: only low, low + stride, low + 2 stride, ..., high are values; other than 1 on a linear scale alone.
    """

    low: int
    high: int
    scale: Scale = "linear"
    stride: int = 1

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            bound = getattr(self, name)
            if type(bound) is not int or abs(bound) > LARGEST_INT:
                raise GenomeError(f"expected a whole number of at most 2^53 for {name}, got {bound!r:.100}")
        _check_range(self)
        _check_stride(self)

    @property
    def values(self) -> range:
        """All of them, ascending."""
        return range(self.low, self.high + 1, self.stride)

    @property
    def fixed(self) -> bool:
        return self.low == self.high

    def sample(self, rng: Rng) -> int:
        """Uniform on the gene's scale: on log, k is as likely as the interval from k - 1/2 to k + 1/2 is long."""
        if self.scale == "linear":
            return self.low + self.stride * rng.randrange(0, len(self.values))
        start, stop = math.log(self.low - 0.5), math.log(self.high + 0.5)
        return self.clip(math.exp(start + rng.random() * (stop - start)))

    def step(self, value: Value, rng: Rng) -> int:
        """A normal step rounded, at least one stride, reflected at the bounds. Differs from `value` unless fixed."""
        before = self.clip(value)
        place = _nudged(self._place(before), self._place(self.low), self._place(self.high), rng)
        target = math.exp(place) if self.scale == "log" else place
        after = self.clip(target)
        if after != before or self.fixed:
            return after
        upwards = before < self.high and (target >= before or before == self.low)
        return before + self.stride if upwards else before - self.stride

    def clip(self, value: object) -> int:
        """The nearest valid value; `low` for NaN and for whatever is no number."""
        if not _is_number(value):
            return self.low
        if self.low < value < self.high:
            return (
                round(value) if self.stride == 1 else self.low + self.stride * round((value - self.low) / self.stride)
            )
        return self.high if value >= self.high else self.low

    def contains(self, value: object) -> bool:
        """Whether `clip` would give the value back, type included."""
        return type(value) is int and value in self.values

    def position(self, value: Value) -> float:
        """Where the value lies between low (0) and high (1), on the gene's scale; 0 for a fixed gene."""
        return _share(self._place(self.low), self._place(self.clip(value)), self._place(self.high))

    def describe(self) -> Any:
        """Plain data that `gene_from` reads back: the value of a fixed gene, or low, high, scale and any step."""
        step = {} if self.stride == 1 else {"step": self.stride}
        return self.low if self.fixed else {"low": self.low, "high": self.high, "scale": self.scale, **step}

    def _place(self, value: float) -> float:
        return math.log(value) if self.scale == "log" else value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values; ordinal where their order means something. Raises GenomeError for an empty or double one.

    Values that compare equal (1, 1.0, true) count as the same value.
    """

    values: tuple[Value, ...]
    ordinal: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(_positive_zero(value) for value in self.values))
        if not self.values:
            raise GenomeError("expected at least one value to choose from, got none")
        for index, value in enumerate(self.values):
            if not isinstance(value, str) and not (isinstance(value, int | float) and abs(value) <= LARGEST_FLOAT):
                raise GenomeError(f"expected finite numbers, texts or booleans to choose from, got {value!r:.100}")
            if value in self.values[:index]:
                raise GenomeError(f"expected each value once, got {value!r:.100} twice")

    @property
    def fixed(self) -> bool:
        return len(self.values) == 1

    def sample(self, rng: Rng) -> Value:
        """Each value is as likely as any other."""
        return rng.choice(self.values)

    def step(self, value: Value, rng: Rng) -> Value:
        """Another value: any if categorical; if ordinal, at least every second time a neighbour."""
        last = len(self.values) - 1
        if last == 0:
            return self.values[0]
        index = self.values.index(self.clip(value))
        if self.ordinal and rng.random() < NEIGHBOUR_RATE:
            upwards = index < last and (index == 0 or rng.random() < 0.5)
            return self.values[index + 1 if upwards else index - 1]
        other = rng.randrange(0, last)
        return self.values[other if other < index else other + 1]

    def clip(self, value: object) -> Value:
        """The equal value, else the nearest number for a number, else the first value."""
        if value in self.values:
            return self.values[self.values.index(value)]
        numbers = [member for member in self.values if _is_number(member)]
        if numbers and _is_number(value):
            within = min(max(value, min(numbers)), max(numbers))
            return min(numbers, key=lambda member: abs(member - within))
        return self.values[0]

    def contains(self, value: object) -> bool:
        """Whether `clip` would give the value back to the bit: 1 is not in a choice of 1.0, nor is true."""
        return value in self.values and repr(self.clip(value)) == repr(value)

    def position(self, value: Value) -> float:
        """The value's place in the list between 0 (first) and 1 (last); 0 for a fixed gene."""
        return self.values.index(self.clip(value)) / max(len(self.values) - 1, 1)

    def describe(self) -> Any:
        """Plain data that `gene_from` reads back: the value of a fixed gene, or values and ordinal."""
        return self.values[0] if self.fixed else {"values": list(self.values), "ordinal": self.ordinal}


Gene = Float | Int | Choice


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _positive_zero(value: Value) -> Value:
    return value + 0.0 if type(value) is float else value


def _check_range(gene: Float | Int) -> None:
    if gene.scale not in ("linear", "log"):
        raise GenomeError(f'expected scale = "linear" or "log", got {gene.scale!r:.100}')
    if gene.low > gene.high:
        raise GenomeError(f"low {gene.low:g} is above high {gene.high:g}")
    if gene.scale == "log" and gene.low <= 0:
        raise GenomeError(f"a log scale needs low above 0, got {gene.low:g}")


def _check_stride(gene: Int) -> None:
    if type(gene.stride) is not int or gene.stride < 1:
        raise GenomeError(f"expected a whole number of 1 or more for step, got {gene.stride!r:.100}")
    if gene.stride > 1 and gene.scale != "linear":
        raise GenomeError(f'expected scale = "linear" with a step, got {gene.scale!r:.100}')
    if (gene.high - gene.low) % gene.stride:
        nearest = gene.high - (gene.high - gene.low) % gene.stride
        raise GenomeError(
            f"expected high to be low and whole steps ({gene.low} + {gene.stride} k, such as {nearest}), "
            f"got {gene.high}"
        )


def _nudged(place: float, low: float, high: float, rng: Rng) -> float:
    moved = place + rng.gauss(0.0, STEP * (high - low))
    if moved < low:
        moved = 2.0 * low - moved
    elif moved > high:
        moved = 2.0 * high - moved
    return min(max(moved, low), high)


def _share(low: float, place: float, high: float) -> float:
    return (place - low) / (high - low) if high > low else 0.0
