"""Values that people write by hand, as the genes that they mean: "RMSprop", "Min-Max", 1 for 1.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genomes.catalogue import Entry
from genomes.gene_reading import nearest
from genomes.genome import GenomeError, Value

ALSO: Mapping[str, str] = {
    "swish": "silu",
    "identity": "linear",
    "standardize": "standard",
    "standardscaler": "standard",
}
"""Other names, as `_plain` spells them, of what the catalogue has."""


def read_value(key: str, entry: Entry, given: object) -> Value:
    """The value of a gene. Numbers may be whole where a gene is real; texts in any case, with or without signs between
    the words. Raises GenomeError that names the key."""
    if entry.kind == "text":
        return exact(key, "none" if given is None else given, options(entry.options))
    if entry.kind == "bool":
        if not isinstance(given, bool):
            raise GenomeError(f"{key}: expected true or false, got {given!r:.100}")
        return given
    if entry.kind == "int":
        return count(key, given, low=int(entry.low), high=int(entry.high))
    return finite(key, given, low=entry.low, high=entry.high)


def count(key: str, given: object, *, low: int, high: int = 1_000_000_000) -> int:
    """A whole number from low to high. Raises GenomeError that names the key."""
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        raise GenomeError(f"{key}: expected a whole number from {low:,} to {high:,}, got {given!r:.100}")
    return given


def finite(key: str, given: object, *, low: float, high: float) -> float:
    """A number from low to high, -0.0 as 0.0. Raises GenomeError that names the key."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not low <= given <= high:
        raise GenomeError(f"{key}: expected a number from {low:g} to {high:g}, got {given!r:.100}")
    return float(given) + 0.0


def options(names: Sequence[str]) -> dict[str, str]:
    """The names by the way in which they are compared."""
    return {_plain(name): name for name in names}


def exact(key: str, given: object, known: Mapping[str, str]) -> str:
    """The name that is meant. known: of `options`. Raises GenomeError that names the key."""
    spelt = _plain(given) if isinstance(given, str) else ""
    name = known.get(spelt) or known.get(ALSO.get(spelt, ""))
    if name is None:
        hint = nearest(str(given).lower(), known.values())
        raise GenomeError(f"{key}: expected one of {', '.join(known.values())}, got {given!r:.100}{hint}")
    return name


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
