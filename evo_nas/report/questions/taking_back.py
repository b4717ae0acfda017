"""The winner with one change of its line taken back: the networks that an ablation trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evo_nas.individual import Individual
from evo_nas.report.questions.line import Change, Step, steps_to
from genomes import Difference, Encoding, Genome, GenomeError, Value, aligned, differences_between

Places = Mapping[int, int | None]
"""A layer's place in a child -> its place in the winner, None where it was removed on the way."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A change of the line, and the winner without it. genome: a valid one; None where it cannot be taken back, and
    then why_not is a sentence."""

    child: int
    parent: int
    change: str
    genome: Genome | None
    why_not: str = ""


class _CannotBeTakenBackError(Exception):
    """With the sentence that says why."""


def variants(individuals: Mapping[int, Individual], number: int, encoding: Encoding) -> list[Variant]:
    """One for each change on the line of an individual, oldest first; each starts from the individual itself.

    What was changed again later cannot be taken back alone. Two changes that give the same network when taken back are
    both named, so their network is trained once.
    """
    steps = steps_to(individuals, number, encoding.canonical)
    winner = individuals[number].genome
    return [
        _variant(step, change, places, winner, encoding)
        for step, places in zip(steps, _places(steps), strict=True)
        for change in step.changes
    ]


def child_without(step: Step, change: Change, encoding: Encoding) -> Genome | None:
    """The child of a step without one of its changes; None where that is no other network of the space."""
    places = {index: index for index in range(len(step.child_genome.layers))}
    return _variant(step, change, places, step.child.genome, encoding).genome


def _places(steps: Sequence[Step]) -> Iterator[Places]:
    """For each step, where the layers of its child are in the winner."""
    for position, step in enumerate(steps):
        places: dict[int, int | None] = {index: index for index in range(len(step.child_genome.layers))}
        for later in steps[position + 1 :]:
            pairs = aligned(later.parent_genome.layers, later.child_genome.layers)
            moved = {before: after for before, after in pairs if before is not None}
            places = {index: None if place is None else moved[place] for index, place in places.items()}
        yield places


def _variant(step: Step, change: Change, places: Places, winner: Genome, encoding: Encoding) -> Variant:
    try:
        genome = _with_lost_genes(step, winner, encoding)
        for difference in change.differences:
            genome = _without(difference, step, places, genome)
        return Variant(step.child.id, step.parent.id, change.text, _valid(genome, winner, encoding))
    except _CannotBeTakenBackError as reason:
        return Variant(step.child.id, step.parent.id, change.text, None, str(reason))


def _with_lost_genes(step: Step, winner: Genome, encoding: Encoding) -> Genome:
    """The winner with the values that genes had when the step left them without effect, as far as they still have
    none: by themselves they change nothing.
    """
    effective = encoding.canonical(winner).genes
    lost = {
        each.gene: each.before
        for each in differences_between(step.parent_genome, step.child_genome)
        if each.kind == "lost" and each.after_layer is None and each.gene not in effective and each.before is not None
    }
    return replace(winner, genes={**winner.genes, **lost})


def _without(difference: Difference, step: Step, places: Places, genome: Genome) -> Genome:
    if difference.kind == "removed":
        return _with_layer_again(difference, step, places, genome)
    if difference.kind in ("takes_effect", "lost"):
        raise _CannotBeTakenBackError("the genes that it left without effect say nothing to the network")
    if difference.after_layer is None:
        return replace(genome, genes=_put_back(difference, genome.genes))
    place = places[difference.after_layer]
    if place is None:
        raise _CannotBeTakenBackError("that layer was removed later")
    before, after = genome.layers[:place], genome.layers[place + 1 :]
    if difference.kind == "inserted":
        return replace(genome, layers=(*before, *after))
    return replace(genome, layers=(*before, _put_back(difference, genome.layers[place]), *after))


def _put_back(difference: Difference, genes: Mapping[str, Value]) -> dict[str, Value]:
    if genes.get(difference.gene) != difference.after or difference.before is None:
        raise _CannotBeTakenBackError("it was changed again later")
    return {**genes, difference.gene: difference.before}


def _with_layer_again(difference: Difference, step: Step, places: Places, genome: Genome) -> Genome:
    """The layer that was removed, behind the one that it stood behind, or in front."""
    assert difference.before_layer is not None
    pairs = aligned(step.parent_genome.layers, step.child_genome.layers)
    ahead = [after for before, after in pairs if before is not None and before < difference.before_layer]
    known = [place for after in ahead if after is not None and (place := places[after]) is not None]
    position = known[-1] + 1 if known else 0
    layer = step.parent_genome.layers[difference.before_layer]
    return replace(genome, layers=(*genome.layers[:position], layer, *genome.layers[position:]))


def _valid(genome: Genome, winner: Genome, encoding: Encoding) -> Genome:
    """As it is, or repaired into the space where it is no point of it."""
    try:
        encoding.check(genome)
    except GenomeError:
        genome = encoding.repair(genome)
    if encoding.fingerprint(genome) == encoding.fingerprint(winner):
        raise _CannotBeTakenBackError("without it the network would be the same")
    return genome
