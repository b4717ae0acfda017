"""How individuals come into the world: numbered, named after what made them, and never twice the same if avoidable."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from deap import base

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Individual
from evo_nas.randomness import lent_random, stream
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.toolbox import mate, mutate, operator_name
from genomes import Encoding, Genome, changes_between, fingerprint_of

EXTRA_MUTATIONS = 4
"""A child that is already known is mutated further, at most this often; then it is admitted as it is, for free."""


class Births:
    """Makes the individuals of a run, in order of their ids. All randomness is keyed by (seed, purpose, id)."""

    def __init__(
        self, encoding: Encoding, toolbox: base.Toolbox, settings: SearchSettings, *, first: Sequence[Genome] = ()
    ) -> None:
        self.encoding = encoding
        self.toolbox = toolbox
        self.settings = settings
        self.num_born = 0
        self._first = tuple(first)
        self._known: set[str] = set()

    def founder(self) -> Individual:
        """A member of the first population: one of the checkpoint that the run starts from, or random."""
        if self.num_born < len(self._first):
            return self.given(self._first[self.num_born], "checkpoint")
        return self.sample()

    def sample(self) -> Individual:
        """A random point of the space."""
        genome = self.encoding.sample(stream(self.settings.seed, "sample", self.num_born))
        return self._admit(genome, self.encoding.fingerprint(genome), "sample")

    def given(self, genome: Genome, operator: str) -> Individual:
        """A genome from elsewhere: the default, or a member of a checkpoint."""
        genome = self.encoding.repair(genome)
        return self._admit(genome, self.encoding.fingerprint(genome), operator)

    def select(self, population: Sequence[DeapIndividual], num_parents: int) -> list[DeapIndividual]:
        """Parents by the toolbox's `select`, whose stream is keyed by the next id."""
        with lent_random() as reseed:
            reseed(self.settings.seed, "select", self.num_born)
            parents = list(self.toolbox.select(population, num_parents))
        if len(parents) != num_parents:
            name = operator_name(self.toolbox.select)
            raise UserError(f"the operator {name} was asked for {num_parents} parents and gave {len(parents)}")
        return parents

    def offspring(self, parents: Sequence[DeapIndividual]) -> list[Individual]:
        """A child of each parent: neighbours are mated at the crossover rate, children mutated at the mutation rate.

        This is DEAP's `varAnd`, but that a child of neither operator, which would be a copy, is mutated.
        """
        children: list[Individual] = []
        with lent_random() as reseed:
            for i in range(0, len(parents), 2):
                children.extend(self._pair(parents[i : i + 2], reseed))
        return children

    def mutant(self, parent: DeapIndividual) -> Individual:
        """A mutated child of one parent."""
        with lent_random() as reseed:
            return self._finish(self.toolbox.clone(parent), (parent,), reseed)

    def _pair(self, parents: Sequence[DeapIndividual], reseed: Callable[..., None]) -> list[Individual]:
        children = [self.toolbox.clone(parent) for parent in parents]
        families: list[tuple[DeapIndividual, ...]] = [(parent,) for parent in parents]
        reseed(self.settings.seed, "crossover", self.num_born)
        if len(parents) == 2 and random.random() < self.settings.crossover_rate:
            children = list(_applied(self.toolbox.mate, *children))
            families = [(parents[0], parents[1]), (parents[1], parents[0])]
            for child in children:
                child.operators.append(_shown(self.toolbox.mate, mate, "crossover"))
        return [self._finish(child, family, reseed) for child, family in zip(children, families, strict=True)]

    def _finish(
        self, child: DeapIndividual, family: tuple[DeapIndividual, ...], reseed: Callable[..., None]
    ) -> Individual:
        reseed(self.settings.seed, "mutation", self.num_born)
        if not child.operators or random.random() < self.settings.mutation_rate:
            child = self._mutated(child)
        genome, canonical, fingerprint = self._repaired(child)
        for _ in range(EXTRA_MUTATIONS):
            if fingerprint not in self._known:
                break
            child = self._mutated(child)
            genome, canonical, fingerprint = self._repaired(child)
        parents = [parent.record for parent in family if parent.record is not None]
        return self._admit(
            genome,
            fingerprint,
            " + ".join(child.operators),
            parents=tuple(dict.fromkeys(parent.id for parent in parents)),
            changes=changes_between(self._canonical(family[0]), canonical),
        )

    def _mutated(self, child: DeapIndividual) -> DeapIndividual:
        num_operators = len(child.operators)
        (mutated,) = _applied(self.toolbox.mutate, child)
        if len(mutated.operators) == num_operators:
            mutated.operators.append(_shown(self.toolbox.mutate, mutate, "mutate"))
        return mutated  # type: ignore[no-any-return]

    def _repaired(self, child: DeapIndividual) -> tuple[Genome, Genome, str]:
        genome = self.encoding.repair(child.genome)
        canonical = self.encoding.canonical(genome)
        return genome, canonical, fingerprint_of(canonical)

    def _canonical(self, parent: DeapIndividual) -> Genome:
        if parent.canonical is None:
            parent.canonical = self.encoding.canonical(parent.genome)
        return parent.canonical

    def _admit(
        self,
        genome: Genome,
        fingerprint: str,
        operator: str,
        *,
        parents: tuple[int, ...] = (),
        changes: tuple[str, ...] = (),
    ) -> Individual:
        number = self.num_born
        self.num_born += 1
        self._known.add(fingerprint)
        generation = number // self.settings.population
        return Individual(number, generation, genome, fingerprint, parents, operator, changes)


def _applied(operator: Any, *individuals: DeapIndividual) -> Any:
    """What an operator makes. Raises UserError where one of the user's own cannot cope with what it was given."""
    try:
        made = operator(*individuals)
        if len(made) != len(individuals) or not all(isinstance(each, DeapIndividual) for each in made):
            raise TypeError(f"expected a tuple of {len(individuals)} individuals, got {made!r:.60}")
        return made
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        lengths = " and ".join(str(len(individual)) for individual in individuals)
        raise UserError(
            f"the operator {operator_name(operator)} failed on individuals of {lengths} layers "
            f"({type(error).__name__}: {error}); let it return them unchanged where it has nothing to do "
            "(DEAP's list operators need two layers: give the space layers = { low = 2, ... })"
        ) from error


def _shown(operator: Any, ours: Callable[..., Any], name: str) -> str:
    """The operator's name in the lineage: ours by its role, a user's own by the name of its function."""
    written = operator_name(operator)
    return name if written == ours.__name__ else written
