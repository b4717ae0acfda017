"""The line of an individual: its first parents, step by step, each step with what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evo_nas.history.lineage import main_line
from evo_nas.individual import Individual
from genomes import Difference, Genome, differences_between, phrase

Canonical = Callable[[Genome], Genome]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a step: a difference, or the same difference in every layer. text: in words."""

    differences: tuple[Difference, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """From a parent to its child, in canonical form. changes: at least one; what merely took effect is none."""

    parent: Individual
    child: Individual
    parent_genome: Genome
    child_genome: Genome
    changes: tuple[Change, ...]


def steps_to(individuals: Mapping[int, Individual], number: int, canonical: Canonical) -> list[Step]:
    """The steps of an individual's line, oldest first. A network that was measured again or promoted is one place of
    it, by its first proposal.
    """
    line = [individuals[each] for each in main_line(individuals, number)]
    distinct = [each for position, each in enumerate(line) if not position or _differ(line[position - 1], each)]
    genomes = [canonical(each.genome) for each in distinct]
    return [
        Step(parent, child, before, after, changes_of(before, after))
        for (parent, child), (before, after) in zip(pairwise(distinct), pairwise(genomes), strict=True)
    ]


def changes_of(parent: Genome, child: Genome) -> tuple[Change, ...]:
    """What was changed of the parent, without the genes that took or lost effect by it."""
    differences = differences_between(parent, child)
    told = [each for each in differences if each.kind not in ("takes_effect", "lost")] or list(differences)
    everywhere = _in_every_layer(told, len(child.layers))
    return tuple(_changes(told, everywhere, parent, child))


def _differ(one: Individual, other: Individual) -> bool:
    return one.fingerprint != other.fingerprint


def _in_every_layer(differences: Sequence[Difference], num_layers: int) -> dict[tuple[object, ...], list[Difference]]:
    """What happened alike to all layers of a network that has several: gene, before, after -> the differences."""
    alike: dict[tuple[object, ...], list[Difference]] = {}
    for each in differences:
        if each.kind == "changed" and each.after_layer is not None:
            alike.setdefault(_same(each), []).append(each)
    return {key: found for key, found in alike.items() if len(found) == num_layers > 1}


def _changes(
    differences: Sequence[Difference],
    everywhere: Mapping[tuple[object, ...], list[Difference]],
    parent: Genome,
    child: Genome,
) -> list[Change]:
    found, told = [], set()
    for each in differences:
        together = everywhere.get(_same(each)) if each.after_layer is not None else None
        if together is None:
            found.append(Change((each,), phrase(each, parent, child)))
        elif _same(each) not in told:
            told.add(_same(each))
            text = phrase(each, parent, child).split(" ", 2)[2]
            found.append(Change(tuple(together), f"{text} in every layer"))
    return found


def _same(each: Difference) -> tuple[object, ...]:
    return each.kind, each.gene, each.before, each.after
