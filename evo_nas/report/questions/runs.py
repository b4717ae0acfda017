"""Two runs side by side: settings, fronts, gene frequencies, and what each found that the other did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from evo_nas.individual import Evaluated, Objective, networks
from evo_nas.report.questions.pairs import Row
from genomes import Value

MOST_VALUES = 3
"""Values of a gene that are named, the most frequent."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs. settings: as its file holds them. evaluated: with canonical genomes. best, front: of them,
    by what the run believes."""

    name: str
    settings: Mapping[str, Any]
    objectives: Sequence[Objective]
    evaluated: Sequence[Evaluated]
    best: Evaluated | None
    front: Sequence[Evaluated]


@dataclass(frozen=True, slots=True)
class Found:
    """common: networks that both trained. first_only, second_only: those that only one did, in the order in which it
    proposed them."""

    common: int
    first_only: tuple[Evaluated, ...]
    second_only: tuple[Evaluated, ...]


def setting_rows(first: Side, second: Side) -> list[Row]:
    """Every key whose value differs, such as "search.population"."""
    ours, theirs = dict(_flat(first.settings)), dict(_flat(second.settings))
    keys = dict.fromkeys([*ours, *theirs])
    return [row for key in keys if (row := Row(key, ours.get(key), theirs.get(key))).differs]


def gene_rows(first: Side, second: Side) -> list[Row]:
    """Each gene in all networks of a run: median and extremes of numbers, shares of values."""
    ours, theirs = _genes(first.evaluated), _genes(second.evaluated)
    names = dict.fromkeys([*ours, *theirs])
    return [Row(name, _spread(ours.get(name, ())), _spread(theirs.get(name, ()))) for name in names]


def found(first: Side, second: Side) -> Found:
    """By fingerprint, networks that succeeded."""
    ours, theirs = _successes(first), _successes(second)
    return Found(
        common=len(ours.keys() & theirs.keys()),
        first_only=tuple(each for name, each in ours.items() if name not in theirs),
        second_only=tuple(each for name, each in theirs.items() if name not in ours),
    )


def _successes(side: Side) -> dict[str, Evaluated]:
    return {each.individual.fingerprint: each for each in networks(side.evaluated) if each.outcome.ok}


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif value is not None:
            yield f"{above}{key}", str(value)


def _genes(evaluated: Sequence[Evaluated]) -> dict[str, list[Value]]:
    """A gene's values, once a network; those of layers once a layer; the number of layers as "layers"."""
    genes: dict[str, list[Value]] = {}
    for each in networks(evaluated):
        genome = each.individual.genome
        for name, value in genome.genes.items():
            genes.setdefault(name, []).append(value)
        if genome.layers:
            genes.setdefault("layers", []).append(len(genome.layers))
        for layer in genome.layers:
            for name, value in layer.items():
                genes.setdefault(f"layer {name}", []).append(value)
    return genes


def _spread(values: Sequence[Value]) -> str:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not values:
        return "-"
    if len(numbers) == len(values) and len(set(values)) > 1:
        return f"{median(numbers):.4g} ({min(numbers):.4g} to {max(numbers):.4g})"
    counts = Counter(map(str, values)).most_common()
    shown = [f"{value} {count / len(values):.0%}" for value, count in counts[:MOST_VALUES]]
    return ", ".join([*shown, *(["..."] if len(counts) > MOST_VALUES else [])])
