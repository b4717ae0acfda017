"""From a value that a person's code gives to an outcome: the one place where it is seen to be a number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from evo_nas.errors import UserError
from evo_nas.outcome import Outcome, Status, failure

LARGEST_VALUE = 1e100
"""Beyond it a value counts as infinite: means and variances of such numbers overflow."""

Told = float | Sequence[float | None] | None
"""A number, or one for each name; None is a failure."""


def outcome_of_value(value: Told, names: Sequence[str], number: int) -> Outcome:
    """The outcome that a value says. names: of the numbers in it. number: of the proposal, for the message of an error.

    None, NaN, infinite or beyond `LARGEST_VALUE` is a failure. Raises UserError for what is neither a number for each
    name nor None.
    """
    values = _numbers(value, names, number)
    if values is None:
        return failure(Status.INVALID, "told as a failure")
    return outcome_of_numbers(values, names, origin="told")


def outcome_of_numbers(values: Sequence[float], names: Sequence[str], *, origin: str) -> Outcome:
    """The outcome of one value for each name: diverged where one is NaN or beyond `LARGEST_VALUE`.

    origin: the beginning of the sentence that says so.
    """
    if not all(abs(value) <= LARGEST_VALUE for value in values):
        return failure(Status.DIVERGED, f"{origin} {tuple(values)}")
    return Outcome(Status.OK, dict(zip(names, values, strict=True)))


def _numbers(value: Told, names: Sequence[str], number: int) -> tuple[float, ...] | None:
    """One number for each name; None for a failure."""
    if value is None:
        return None
    several = isinstance(value, Iterable) and getattr(value, "ndim", 1) != 0
    given = list(value) if several else [value]  # type: ignore[arg-type]
    if len(given) == len(names) and not any(isinstance(each, str | bytes) for each in (value, *given)):
        try:
            return None if None in given else tuple(_number(each) for each in given)
        except (TypeError, ValueError):
            pass
    expected = "a number" if len(names) == 1 else f"a tuple of {len(names)} numbers ({', '.join(names)})"
    raise UserError(f"tell: proposal {number}: expected {expected}, or None for a failure, got {value!r:.100}")


def _number(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
