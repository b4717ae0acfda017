"""A gene from plain data, as a settings file holds it. The inverse of a gene's `describe`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from genomes.genes import Choice, Float, Gene, Int
from genomes.genome import GenomeError, Value

Kind = Literal["float", "int", "bool", "text"]

EXPECTED: Mapping[Kind, str] = {"float": "a number", "int": "a whole number", "bool": "true or false", "text": "a text"}
TYPES: Mapping[Kind, tuple[type, ...]] = {"float": (float, int), "int": (int,), "bool": (bool,), "text": (str,)}


def gene_from(data: object, kind: Kind | None = None) -> Gene:
    """The gene that plain data describes.

    data: a value, which fixes the gene; a list, one of its values (ordinal if all are numbers); `{low, high, scale}`,
        a range, of whole numbers also with a `step`; or `{values, ordinal}`.
    kind: what its values are. Whole numbers are accepted for "float", nothing else is converted. None: as they come,
        and a range of two whole numbers is an Int.
    Raises GenomeError that says what was expected and what came; the caller names the gene.
    """
    if isinstance(data, Mapping):
        return _from_mapping(data, kind)
    if isinstance(data, list | tuple):
        values = _values(data, kind)
        return Choice(values, ordinal=all(_is_number(value) for value in values))
    value = _value(data, kind)
    if isinstance(value, float):
        return Float(value, value)
    return Choice((value,)) if isinstance(value, bool | str) else Int(value, value)


def plain_data(data: object) -> Any:
    """Arrays and scalars of numpy as lists and numbers of Python, in mappings and lists too; the rest as it is."""
    if isinstance(data, Mapping):
        return {key: plain_data(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain_data(value) for value in data]
    return data.tolist() if hasattr(data, "tolist") else data


@contextmanager
def named(name: str) -> Iterator[None]:
    """Say which gene an error is about."""
    try:
        yield
    except GenomeError as error:
        raise GenomeError(f"[space] {name}: {error}") from None


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _from_mapping(data: Mapping[Any, Any], kind: Kind | None) -> Gene:
    keys = ("values", "ordinal") if "values" in data else ("low", "high", "scale", "step")
    for key in data:
        if key not in keys:
            raise GenomeError(f"unknown key {key!r:.100}{nearest(str(key), keys)}; a gene has {', '.join(keys)}")
    if "values" in data:
        ordinal = data.get("ordinal", False)
        if not isinstance(data["values"], list | tuple) or not isinstance(ordinal, bool):
            raise GenomeError(f"expected {{ values = [...], ordinal = true or false }}, got {data!r:.100}")
        return Choice(_values(data["values"], kind), ordinal)
    if "low" not in data or "high" not in data:
        raise GenomeError(f"expected both low and high, got {data!r:.100}")
    if kind in ("bool", "text"):
        raise GenomeError(f"expected {EXPECTED[kind]} or a list of them, got a range")
    low, high = _value(data["low"], kind), _value(data["high"], kind)
    return _range(low, high, data, kind)


def _range(low: Value, high: Value, data: Mapping[Any, Any], kind: Kind | None) -> Float | Int:
    if not _is_number(low) or not _is_number(high):
        raise GenomeError(f"expected numbers for low and high, got {low!r:.100} and {high!r:.100}")
    scale = data.get("scale", "linear")
    if kind == "int" or (kind is None and isinstance(low, int) and isinstance(high, int)):
        return Int(low, high, scale, data.get("step", 1))  # type: ignore[arg-type]
    if "step" in data:
        raise GenomeError(f"expected a step between whole numbers only, got {data!r:.100}; list the values instead")
    return Float(low, high, scale)  # type: ignore[arg-type]


def _values(data: Sequence[object], kind: Kind | None) -> tuple[Value, ...]:
    return tuple(_value(item, kind) for item in data)


def _value(data: object, kind: Kind | None) -> Value:
    if not isinstance(data, Value):
        raise GenomeError(f"expected a value, a list of values, or {{ low, high }}, got {data!r:.100}")
    if kind is not None and (not isinstance(data, TYPES[kind]) or (kind != "bool" and isinstance(data, bool))):
        raise GenomeError(f"expected {EXPECTED[kind]}, got {data!r:.100}")
    if kind == "float" and isinstance(data, int) and abs(data) <= 2**53:
        return float(data)
    return data


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
