"""In which ancestor a property first appeared (in the manner of git's bisect, but exact: every ancestor is known)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evo_nas.errors import UserError
from evo_nas.individual import SIZES, Evaluated, Individual
from evo_nas.report.questions.line import Canonical
from genomes import Genome, GenomeError, Value
from genomes.predicates import Predicate

OWN_NAMES = ("id", "generation", "operator", "status", "layers", *SIZES)
"""What every individual has besides its genes and metrics; "layers" is how many."""
OF_LAYERS: Mapping[str, Callable[[Sequence[Value]], Value]] = {
    "max": max,
    "min": min,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
}
"""What is said of a gene of the layers where they differ in it: "max_width"."""


@dataclass(frozen=True, slots=True)
class Origin:
    """inherited: from the ancestor in which the property appeared to the individual asked about, oldest first, each the
    child of the one before. appeared: that ancestor. lost: other ancestors that had it, and it was lost again."""

    appeared: Evaluated
    inherited: tuple[Evaluated, ...]
    lost: tuple[int, ...]


def values_of(evaluated: Evaluated, genome: Genome) -> dict[str, Value]:
    """What the names stand for in an individual, whose canonical form this is. A failure has no metrics; a gene of the
    layers has its own name where all layers share the value.
    """
    individual, outcome = evaluated.individual, evaluated.outcome
    own = (
        individual.id,
        individual.generation,
        individual.operator,
        str(outcome.status),
        len(genome.layers),
        outcome.parameters,
        outcome.flops,
        outcome.seconds,
    )
    return {**dict(zip(OWN_NAMES, own, strict=True)), **outcome.metrics, **_of_layers(genome), **genome.genes}


def _of_layers(genome: Genome) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name in dict.fromkeys(name for layer in genome.layers for name in layer):
        found = [layer[name] for layer in genome.layers if name in layer]
        values |= {f"{each}_{name}": of(found) for each, of in OF_LAYERS.items()}
        if len(set(found)) == 1:
            values[name] = found[0]
    return values


def origin(evaluated: Mapping[int, Evaluated], number: int, property_text: str, canonical: Canonical) -> Origin:
    """Follow a property back from an individual that has it, each time to a parent that has it too (the first such),
    until no parent has. Raises UserError where it cannot be read, or the individual has it not.
    """
    try:
        family = {each: _values(evaluated[each], canonical) for each in _family(evaluated, number)}
        predicate = Predicate(property_text, _seen(family.values()))
        having = {each for each, values in family.items() if predicate.holds(values)}
    except GenomeError as error:
        raise UserError(str(error)) from None
    if number not in having:
        told = ", ".join(f"{name} is {family[number].get(name, 'without a value')}" for name in predicate.names)
        raise UserError(f"individual {number} does not have the property {property_text!r}: {told}")
    path = [number]
    while parents := [each for each in evaluated[path[-1]].individual.parents if each in having]:
        path.append(parents[0])
    inherited = tuple(evaluated[each] for each in reversed(path))
    return Origin(inherited[0], inherited, tuple(sorted(having - _reaching(evaluated, having, number))))


def _values(each: Evaluated, canonical: Canonical) -> dict[str, Value]:
    return values_of(each, canonical(each.individual.genome))


def _seen(family: Iterable[Mapping[str, Value]]) -> dict[str, list[Value]]:
    """Every name that has a value somewhere, and its values."""
    seen: dict[str, list[Value]] = {}
    for values in family:
        for name, value in values.items():
            seen.setdefault(name, []).append(value)
    return seen


def _family(evaluated: Mapping[int, Evaluated], number: int) -> set[int]:
    """An individual and its ancestors, as far as they were trained."""
    found, waiting = {number}, [number]
    while waiting:
        for parent in evaluated[waiting.pop()].individual.parents:
            if parent in evaluated and parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def _reaching(evaluated: Mapping[int, Evaluated], having: set[int], number: int) -> set[int]:
    """Those from whom the property came down without a gap."""
    found, waiting = {number}, [number]
    while waiting:
        individual: Individual = evaluated[waiting.pop()].individual
        for parent in having.intersection(individual.parents) - found:
            found.add(parent)
            waiting.append(parent)
    return found
