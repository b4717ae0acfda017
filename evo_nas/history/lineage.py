"""Where an individual came from: recorded at birth, never reconstructed (law 10). No function here recurses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome


@dataclass(frozen=True, slots=True)
class LineageLine:
    """One ancestor as a person reads it.

    fitness: value of the objective in its own unit, None for a failure. gain: how much better than the best of its
    parents, in that unit and positive for better; None for a sample, or where there is nothing to compare (see `gain`).
    """

    id: int
    generation: int
    operator: str
    changes: tuple[str, ...]
    fitness: float | None
    gain: float | None


def fitness(outcome: Outcome, objective: Objective) -> float | None:
    """The value of an objective, None for a failure."""
    return objective.value(outcome) if outcome.ok else None


def gain(child: Evaluated, parent: Evaluated, objective: Objective) -> float | None:
    """How much better the child is than the parent: positive for better, whatever the direction.

    None where either side failed, where both are the same network, measured again or promoted, or where one was judged
    after fewer epochs than the other.
    """
    ours, theirs = child.individual, parent.individual
    if not (child.outcome.ok and parent.outcome.ok) or ours.fingerprint == theirs.fingerprint:
        return None
    if ours.epochs != theirs.epochs:
        return None
    return objective.weight * (objective.value(child.outcome) - objective.value(parent.outcome))


def family_tree(evaluated: Iterable[Evaluated], objective: Objective) -> Any:
    """A `networkx.DiGraph` with an edge from each parent to its child. Parents that are not given have no node.

    Node attributes: generation, operator, changes (joined by "; "), status, parameters, fingerprint, replicate (from 1
    on), rung (its epochs), inherits and effective_epochs (of who began with inherited weights) and every metric by its
    name; what is empty has no attribute. Edge attribute: gain, absent where there is none.
    """
    import networkx

    members = {each.individual.id: each for each in evaluated}
    graph = networkx.DiGraph()
    for number, each in members.items():
        graph.add_node(number, **node_attributes(each))
    for child, parent in edges(members.values()):
        step = gain(members[child], members[parent], objective)
        graph.add_edge(parent, child, **({} if step is None else {"gain": step}))
    return graph


def node_attributes(evaluated: Evaluated) -> dict[str, int | float | str]:
    """The attributes of a node of the family tree."""
    individual, outcome = evaluated.individual, evaluated.outcome
    attributes: dict[str, int | float | str] = {
        "generation": individual.generation,
        "operator": individual.operator,
        "status": str(outcome.status),
        "parameters": outcome.parameters,
        "fingerprint": individual.fingerprint,
    }
    if individual.changes:
        attributes["changes"] = "; ".join(individual.changes)
    if individual.replicate:
        attributes["replicate"] = individual.replicate
    if individual.epochs is not None:
        attributes["rung"] = individual.epochs
    if individual.inherits is not None:
        attributes |= {"inherits": individual.inherits, "effective_epochs": outcome.effective_epochs}
    return attributes | dict(outcome.metrics)


def edges(evaluated: Iterable[Evaluated]) -> list[tuple[int, int]]:
    """(child, parent) for every parent that is among those given, in order, each once."""
    members = {each.individual.id: each.individual for each in evaluated}
    return [
        (individual.id, parent)
        for individual in members.values()
        for parent in dict.fromkeys(individual.parents)
        if parent in members
    ]


def with_parents(members: Sequence[Evaluated], by_id: Mapping[int, Evaluated]) -> list[Evaluated]:
    """The parents of a generation that are not members of it, in order of id, and then its members."""
    own = {each.individual.id for each in members}
    parents = {parent for each in members for parent in each.individual.parents}
    return [by_id[parent] for parent in sorted(parents - own) if parent in by_id] + list(members)


def ancestors(individuals: Mapping[int, Individual], number: int) -> list[int]:
    """The ids of all ancestors, each once, oldest first; without the individual itself."""
    found: set[int] = set()
    waiting = list(individuals[number].parents)
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting.extend(individuals[parent].parents)
    return sorted(found)


def main_line(individuals: Mapping[int, Individual], number: int) -> list[int]:
    """The line of first parents, those that gave most: oldest first, the individual itself last."""
    line = [number]
    while parents := individuals[line[-1]].parents:
        line.append(parents[0])
    return line[::-1]


def lineage_lines(
    evaluated: Mapping[int, Evaluated], numbers: Sequence[int], objective: Objective
) -> list[LineageLine]:
    """One line for each id given (from `ancestors` or `main_line`), in that order."""
    return [_line(evaluated[number], evaluated, objective) for number in numbers]


def _line(each: Evaluated, evaluated: Mapping[int, Evaluated], objective: Objective) -> LineageLine:
    individual = each.individual
    steps = [gain(each, evaluated[parent], objective) for parent in individual.parents]
    return LineageLine(
        id=individual.id,
        generation=individual.generation,
        operator=individual.operator,
        changes=individual.changes,
        fitness=fitness(each.outcome, objective),
        gain=min((step for step in steps if step is not None), default=None),
    )
