"""The genes and conditions of a flat space from plain data, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genomes.gene_reading import gene_from, named, nearest, plain_data
from genomes.genes import Choice, Gene
from genomes.genome import GenomeError, Value
from genomes.space import Condition

WHEN, UNLESS = "when", "unless"


def read_flat(space: Mapping[str, Any]) -> tuple[dict[str, Gene], list[Condition]]:
    """What a [space] section without its key `encoding` says. Raises GenomeError: which gene, expected, got."""
    genes: dict[str, Gene] = {}
    conditions: list[Condition] = []
    for name, data in space.items():
        with named(name):
            alone, its_conditions = _parted(name, plain_data(data))
            genes[name] = gene_from(alone)
            conditions += its_conditions
    return genes, conditions


def described(genes: Mapping[str, Gene], conditions: Sequence[Condition]) -> dict[str, Any]:
    """Plain data that `read_flat` reads back to equal genes and conditions."""
    return {name: _described(gene, [c for c in conditions if c.gene == name]) for name, gene in genes.items()}


def check_names(genes: Mapping[str, Gene]) -> None:
    """Raise GenomeError where there is no gene, or a name that cannot be one."""
    if not genes:
        raise GenomeError(
            "[space] flat: expected at least one gene, such as rate = { low = 0.1, high = 1.0 }, got none"
        )
    for name in genes:
        if not isinstance(name, str) or not name or name == "encoding" or "," in name:
            raise GenomeError(
                f'[space] {name!r:.100}: expected a text without commas, other than "encoding", as a gene\'s name'
            )


def check_conditions(genes: Mapping[str, Gene], conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The conditions with values as their genes spell them (1.0 for 1). Raises GenomeError, naming the gene."""
    checked: dict[tuple[str, str, bool], Condition] = {}
    for condition in conditions:
        with named(condition.gene):
            place = (condition.gene, condition.on, condition.unless)
            if place in checked:
                raise GenomeError(f"two conditions on {condition.on!r}; expected one that holds the values of both")
            checked[place] = _spelt(genes, condition)
    return tuple(checked.values())


def _spelt(genes: Mapping[str, Gene], condition: Condition) -> Condition:
    gene = _earlier(genes, condition)
    for value in condition.values:
        if gene.clip(value) != value:
            hint = nearest(str(value), map(str, gene.values)) if isinstance(gene, Choice) else ""
            raise GenomeError(f"a condition names {condition.on} = {value!r:.100}{hint}, which is not in {gene}")
    values = tuple(gene.clip(value) for value in condition.values)
    return Condition(condition.gene, condition.on, values, condition.unless)


def _earlier(genes: Mapping[str, Gene], condition: Condition) -> Gene:
    order = list(genes)
    if condition.gene not in genes or condition.on not in genes:
        missing = condition.on if condition.gene in genes else condition.gene
        hint = nearest(str(missing), order)
        raise GenomeError(f"a condition names {missing!r:.100}{hint}, which is no gene of this space")
    if order.index(condition.on) >= order.index(condition.gene):
        raise GenomeError(f"a condition names {condition.on!r:.100}; expected a gene that stands before this one")
    return genes[condition.on]


def _parted(name: str, data: object) -> tuple[object, list[Condition]]:
    """The gene's own data, and its conditions."""
    if not isinstance(data, Mapping):
        return data, []
    conditions = [
        Condition(name, on, values, unless=key == UNLESS)
        for key in (WHEN, UNLESS)
        for on, values in _condition_values(key, data.get(key, {})).items()
    ]
    return {key: value for key, value in data.items() if key not in (WHEN, UNLESS)}, conditions


def _condition_values(key: str, data: object) -> dict[str, tuple[Value, ...]]:
    if not isinstance(data, Mapping):
        raise GenomeError(f"expected {key} = {{ other_gene = [its values] }}, got {data!r:.100}")
    read = {}
    for on, given in data.items():
        values = tuple(given) if isinstance(given, list | tuple) else (given,)
        if not values or not all(isinstance(value, Value) for value in values):
            raise GenomeError(f"expected {key} = {{ {on} = [its values] }}, got {given!r:.100}")
        read[on] = values
    return read


def _described(gene: Gene, conditions: Sequence[Condition]) -> Any:
    data = gene.describe()
    if not conditions:
        return data
    described = dict(data) if isinstance(data, Mapping) else {"values": [data]}
    for key in (WHEN, UNLESS):
        chosen = {c.on: list(c.values) for c in conditions if c.unless is (key == UNLESS)}
        if chosen:
            described[key] = chosen
    return described
