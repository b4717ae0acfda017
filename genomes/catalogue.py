"""A catalogue of genes: what each is, what it may be, and its value where a space is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genomes.gene_reading import EXPECTED, Kind, gene_from, named, nearest
from genomes.genes import Choice, Gene
from genomes.genome import GenomeError, Value


@dataclass(frozen=True, slots=True)
class Entry:
    """One gene of a catalogue: its kind, its default, and its legal values (a range for numbers, or options)."""

    kind: Kind
    default: Value
    low: float = 0.0
    high: float = 0.0
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The genes that a [space] section may name.

    keys: what it may hold beside genes, for the sentence about an unknown one. aliases: other spellings of values.
    """

    entries: Mapping[str, Entry]
    keys: tuple[str, ...] = ()
    aliases: Mapping[Value, Value] = field(default_factory=dict)

    def read(self, space: Mapping[str, Any]) -> dict[str, Gene]:
        """The genes that a section names. Raises GenomeError: which gene, what was expected, what came."""
        genes = {}
        for name, data in space.items():
            kind = self._entry(name).kind
            with named(name):
                genes[name] = gene_from(data, kind)
        return genes

    def legal(self, name: str, gene: Gene) -> Gene:
        """The gene with its values spelt as the catalogue does. Raises GenomeError where one of them is not legal."""
        entry = self._entry(name)
        with named(name):
            if isinstance(gene, Choice):
                gene = Choice(tuple(self.aliases.get(value, value) for value in gene.values), gene.ordinal)
            for value in gene.values if isinstance(gene, Choice) else (gene.low, gene.high):
                _check_value(entry, value)
        return gene

    def _entry(self, name: str) -> Entry:
        if name not in self.entries:
            known = (*self.entries, *self.keys)
            hint = nearest(str(name), known)
            raise GenomeError(f"[space] unknown gene {name!r:.100}{hint}; known genes: {', '.join(known)}")
        return self.entries[name]


def read_flag(space: Mapping[str, Any], key: str) -> bool:
    """A key of a [space] section, false if it is not there. Raises GenomeError for anything but a boolean."""
    flag = space.get(key, False)
    if not isinstance(flag, bool):
        raise GenomeError(f"[space] {key}: expected true or false, got {flag!r:.100}")
    return flag


def completed(entries: Mapping[str, Entry], given: Mapping[str, Gene]) -> dict[str, Gene]:
    """A gene for each entry: the given one, or one that is fixed at the entry's default."""
    return {name: given.get(name) or gene_from(entry.default) for name, entry in entries.items()}


def defaults_of(entries: Mapping[str, Entry]) -> dict[str, Value]:
    return {name: entry.default for name, entry in entries.items()}


def _check_value(entry: Entry, value: Value) -> None:
    if entry.kind == "text":
        if value not in entry.options:
            hint = nearest(str(value), entry.options)
            raise GenomeError(f"expected one of {', '.join(entry.options)}, got {value!r:.100}{hint}")
    elif type(value) is not {"float": float, "int": int, "bool": bool}[entry.kind]:
        raise GenomeError(f"expected {EXPECTED[entry.kind]}, got {value!r:.100}")
    elif entry.kind != "bool" and not entry.low <= float(value) <= entry.high:
        raise GenomeError(f"expected values from {entry.low:g} to {entry.high:g}, got {value!r:.100}")
