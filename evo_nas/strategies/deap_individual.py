"""An individual as DEAP's operators know it: a list of layers with genes and a fitness beside it.

The frozen `Individual` is what the rest of the program sees; this one exists while parents are chosen and varied.
DEAP's own list operators (`tools.cxMessyOnePoint`, `tools.mutShuffleIndexes`, ...) work on it as they are, and whatever
they make is repaired afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from deap import base

from evo_nas.individual import Constraint, Individual, Objective, objective_values, total_violation
from evo_nas.outcome import Outcome
from genomes import Genome, Value


class ObjectiveFitness(base.Fitness):  # type: ignore[misc]
    """DEAP's fitness with the weights of a run, and feasible before infeasible. (A class made by `deap.creator` is not
    found by a fresh process.)

    violation: 0 for a feasible individual, see `total_violation`. Of two that violate equally, which all feasible ones
    do, the values decide, else who violates less: as a comparison and as dominance (Deb 2000; Deb et al. 2002). DEAP's
    operators that compare fitnesses obey it; those that read `values` (roulette, lexicase) cannot.
    """

    def __init__(self, weights: tuple[float, ...], values: tuple[float, ...] = (), *, violation: float = 0.0) -> None:
        self.weights = weights  # without DEAP's checks of the class attribute: they cost more than all the rest
        self.violation = violation
        if values:
            self.values = values

    def dominates(self, other: ObjectiveFitness, obj: slice = slice(None)) -> bool:
        """Whether it is nowhere worse and somewhere better than the other."""
        if self.violation != other.violation:
            return self.violation < other.violation
        return bool(super().dominates(other, obj))

    def __lt__(self, other: ObjectiveFitness) -> bool:
        if self.violation != other.violation:
            return self.violation > other.violation
        return bool(self.wvalues < other.wvalues)

    def __le__(self, other: ObjectiveFitness) -> bool:
        return not other < self

    def __gt__(self, other: ObjectiveFitness) -> bool:
        return other < self

    def __ge__(self, other: ObjectiveFitness) -> bool:
        return not self < other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ObjectiveFitness):
            return NotImplemented
        return self.violation == other.violation and bool(self.wvalues == other.wvalues)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.violation, self.wvalues))

    def __deepcopy__(self, memo: dict[int, Any]) -> ObjectiveFitness:
        copy = ObjectiveFitness.__new__(ObjectiveFitness)
        copy.weights, copy.wvalues, copy.violation = self.weights, self.wvalues, self.violation
        return copy


class DeapIndividual(list[dict[str, Value]]):
    """Layers as a mutable list; `genes` holds the network-wide genes, `fitness` is invalid for a failure.

    `record` is the individual it stands for and `outcome` what came of it, where it was evaluated; a child that is
    being made has neither. `operators` names what made it so far, in order. The genes and layers are the genome's own:
    as everywhere in DEAP, clone an individual before you change it.
    """

    def __init__(self, genome: Genome, weights: tuple[float, ...]) -> None:
        super().__init__(genome.layers)  # type: ignore[arg-type]
        self.encoding = genome.encoding
        self.genes: dict[str, Value] = genome.genes  # type: ignore[assignment]
        self.fitness = ObjectiveFitness(weights)
        self.operators: list[str] = []
        self.record: Individual | None = None
        self.outcome: Outcome | None = None
        self.canonical: Genome | None = None

    @property
    def genome(self) -> Genome:
        """The genome as it stands, not yet repaired."""
        return Genome(self.encoding, self.genes, tuple(self))

    def become(self, genome: Genome) -> None:
        """Take over copies of another genome's genes and layers, in place, as DEAP's operators do."""
        self[:] = [dict(layer) for layer in genome.layers]
        self.genes = dict(genome.genes)

    def copied_genome(self) -> Genome:
        """The same with genes and layers of its own, for whoever may change or keep them."""
        return Genome(self.encoding, dict(self.genes), tuple(map(dict, self)))

    def grown(self, genome: Genome, operator: str) -> DeapIndividual:
        """A child of this genome, not evaluated, by one operator after those that made this one."""
        child = DeapIndividual(genome, self.fitness.weights)
        child.encoding, child.operators = self.encoding, [*self.operators, operator]
        return child

    def __deepcopy__(self, memo: dict[int, Any]) -> DeapIndividual:
        memo[id(self)] = copy = DeapIndividual.__new__(DeapIndividual)
        copy.extend([dict(layer) for layer in self])
        copy.encoding, copy.record, copy.outcome, copy.canonical = self.encoding, self.record, self.outcome, None
        copy.genes, copy.operators = dict(self.genes), list(self.operators)
        copy.fitness = self.fitness.__deepcopy__(memo)
        if len(self.__dict__) > len(copy.__dict__):  # what a user's `mate` says to the `mutate` that follows it
            others = {name: value for name, value in self.__dict__.items() if name not in copy.__dict__}
            copy.__dict__.update(deepcopy(others, memo))
        return copy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeapIndividual) and self.genes == other.genes and super().__eq__(other)

    __hash__ = None


def evaluated_individual(
    individual: Individual,
    outcome: Outcome,
    objectives: Sequence[Objective],
    constraints: Sequence[Constraint] = (),
) -> DeapIndividual:
    """A member of a population. A failure keeps an invalid fitness, so that no operator can prefer it."""
    member = DeapIndividual(individual.genome, tuple(objective.weight for objective in objectives))
    member.record, member.outcome = individual, outcome
    values = objective_values(outcome, objectives)
    if values is not None:
        member.fitness.values = values
        member.fitness.violation = total_violation(outcome, constraints)
    return member
