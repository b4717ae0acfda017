"""An individual as DEAP's operators know it: a list of layers with genes and a fitness beside it.

The frozen `Individual` is what the rest of the program sees; this one exists while parents are chosen and varied.
DEAP's own list operators (`tools.cxMessyOnePoint`, `tools.mutShuffleIndexes`, ...) work on it as they are, and whatever
they make is repaired afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deap import base

from evo_nas.individual import Individual, Objective, objective_values
from evo_nas.outcome import Outcome
from genomes import Genome, Value


class ObjectiveFitness(base.Fitness):  # type: ignore[misc]
    """DEAP's fitness with the weights of a run. (A class made by `deap.creator` is not found by a fresh process.)"""

    def __init__(self, weights: tuple[float, ...], values: tuple[float, ...] = ()) -> None:
        self.weights = weights  # without DEAP's checks of the class attribute: they cost more than all the rest
        if values:
            self.values = values

    def __deepcopy__(self, memo: dict[int, Any]) -> ObjectiveFitness:
        return ObjectiveFitness(self.weights, self.values)


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

    def __deepcopy__(self, memo: dict[int, Any]) -> DeapIndividual:
        copy = DeapIndividual(self.genome, self.fitness.weights)
        copy[:] = [dict(layer) for layer in self]
        copy.genes = dict(self.genes)
        copy.fitness.wvalues = self.fitness.wvalues
        copy.operators = list(self.operators)
        copy.record, copy.outcome = self.record, self.outcome
        return copy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeapIndividual) and self.genes == other.genes and super().__eq__(other)

    __hash__ = None


def evaluated_individual(individual: Individual, outcome: Outcome, objectives: Sequence[Objective]) -> DeapIndividual:
    """A member of a population. A failure keeps an invalid fitness, so that no operator can prefer it."""
    member = DeapIndividual(individual.genome, tuple(objective.weight for objective in objectives))
    member.record, member.outcome = individual, outcome
    values = objective_values(outcome, objectives)
    if values is not None:
        member.fitness.values = values
    return member
