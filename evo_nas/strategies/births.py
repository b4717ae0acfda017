"""How individuals come into the world: numbered, named after what made them, and never twice the same if avoidable."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from deap import base

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Individual
from evo_nas.randomness import lent_random, stream
from evo_nas.strategies.adaptation import Adaptation, thinned
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.toolbox import operator_name
from evo_nas.strategies.variation import Variation
from genomes import Encoding, Genome, Rng, changes_between, fingerprint_of

FITTED = "fit_size"
"""The operator's name where a genome was brought within the limits on its size."""
SAMPLES = 20
"""Samples drawn in search of one within the limits; then the one least beyond them is brought within."""

EXTRA_MUTATIONS = 4
"""A child that is already known is mutated further, at most this often; then it is admitted as it is, for free."""


class Births:
    """Makes the individuals of a run, in order of their ids. All randomness is keyed by (seed, purpose, id).

    adaptation: what was learnt from the outcomes told so far. Mutants and samples are thinned by it: drawn, and kept
    with its odds, a few times at most; one that fails often, or an operator that gains little, is seldom kept. Without
    it nothing is drawn twice. drawn_from: the space of the samples, which may be a part of the encoding's.
    """

    def __init__(
        self,
        encoding: Encoding,
        toolbox: base.Toolbox,
        settings: SearchSettings,
        *,
        first: Sequence[Genome] = (),
        adaptation: Adaptation | None = None,
        limits: SizeLimits | None = None,
    ) -> None:
        self.encoding = encoding
        self.toolbox = toolbox
        self.variation = Variation(toolbox, encoding)
        self.settings = settings
        self.num_born = 0
        self.adaptation = adaptation
        self.limits = limits
        self.drawn_from = encoding
        self._first = tuple(first)
        self._known: dict[str, str | None] = {}

    def knows(self, genome: Genome) -> bool:
        """Whether an equal network was proposed before."""
        return self.encoding.fingerprint(genome) in self._known

    def recalled(self, individual: Individual) -> Individual:
        """One that was proposed in an earlier sitting, under the next number."""
        self._known.setdefault(individual.fingerprint, individual.inherits)
        self._next_number()
        return individual

    def founder(self) -> Individual:
        """A member of the first population: one of the checkpoint that the run starts from, or random."""
        if self.num_born < len(self._first):
            return self.given(self._first[self.num_born], "checkpoint")
        return self.sample()

    def sample(self, operator: str = "sample") -> Individual:
        """A random point of the space."""
        rng = stream(self.settings.seed, "sample", self.num_born)
        genome = thinned(lambda: self._drawn(rng), self._sample_odds, rng.random)
        return self._admit_within(genome, operator)

    def given(self, genome: Genome, operator: str) -> Individual:
        """A genome from elsewhere: the default, or a member of a checkpoint."""
        return self._admit_within(self.encoding.repair(genome), operator)

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
            return self._finish(parent, (parent,), reseed)

    def child(self, child: DeapIndividual, family: Sequence[DeapIndividual]) -> Individual:
        """A child that was made elsewhere, of parents of this run, the one that gave most first; none for a sample."""
        return self._admit_child(child, family, *self._repaired(child))

    def again(self, individual: Individual, replicate: int) -> Individual:
        """A known individual, to be measured once more: its genome was measured so often before."""
        number = self._next_number()
        generation = number // self.settings.population
        return replace(
            individual,
            id=number,
            generation=generation,
            parents=(individual.id,),
            operator="measure_again",
            changes=(),
            replicate=replicate,
        )

    def _pair(self, parents: Sequence[DeapIndividual], reseed: Callable[..., None]) -> list[Individual]:
        children = list(parents)
        families: list[tuple[DeapIndividual, ...]] = [(parent,) for parent in parents]
        reseed(self.settings.seed, "crossover", self.num_born)
        if len(parents) == 2 and random.random() < self.settings.crossover_rate:
            children = self.variation.children(*parents)
            families = [(parents[0], parents[1]), (parents[1], parents[0])]
        return [self._finish(child, family, reseed) for child, family in zip(children, families, strict=True)]

    def _finish(
        self, child: DeapIndividual, family: tuple[DeapIndividual, ...], reseed: Callable[..., None]
    ) -> Individual:
        reseed(self.settings.seed, "mutation", self.num_born)
        if not child.operators or random.random() < self.settings.mutation_rate:
            child = self._mutant_of(child)
        genome, canonical, fingerprint = self._repaired(child)
        for _ in range(EXTRA_MUTATIONS):
            if fingerprint not in self._known:
                break
            child = self._mutant_of(child)
            genome, canonical, fingerprint = self._repaired(child)
        return self._admit_child(child, family, genome, canonical, fingerprint)

    def _admit_child(
        self,
        child: DeapIndividual,
        family: Sequence[DeapIndividual],
        genome: Genome,
        canonical: Genome,
        fingerprint: str,
    ) -> Individual:
        parents = [parent.record for parent in family if parent.record is not None]
        return self._admit(
            genome,
            fingerprint,
            " + ".join(child.operators),
            parents=tuple(dict.fromkeys(parent.id for parent in parents)),
            changes=changes_between(self._canonical(family[0]), canonical) if family else (),
            inherits=self._heritage(family),
        )

    def _heritage(self, family: Sequence[DeapIndividual]) -> str | None:
        """The network whose weights a child of these begins with: the first parent, if it has any."""
        first = family[0] if family and self.settings.inherit == "weights" else None
        if first is None or first.record is None or first.outcome is None or not first.outcome.ok:
            return None
        return first.record.fingerprint

    def _mutant_of(self, child: DeapIndividual) -> DeapIndividual:
        """The child mutated; by a mutation that is worth while, as far as is known."""
        if self.adaptation is None:
            return self.variation.mutant(child)
        before = len(child.operators)
        return thinned(
            lambda: self.variation.mutant(child),
            lambda mutant: self._mutant_odds(mutant, before),
            random.random,
        )

    def _sample_odds(self, genome: Genome) -> float:
        return 1.0 if self.adaptation is None else self.adaptation.odds(genome)

    def _mutant_odds(self, mutant: DeapIndividual, num_operators_before: int) -> float:
        assert self.adaptation is not None
        return self.adaptation.odds(mutant.genome, mutant.operators[num_operators_before:])

    def _drawn(self, rng: Rng) -> Genome:
        """A random point of the space, within the limits on size if one is found."""
        genome = self.drawn_from.sample(rng)
        if self.limits is None or not self.limits.violation(genome):
            return genome
        return min([genome, *(self.drawn_from.sample(rng) for _ in range(SAMPLES - 1))], key=self.limits.violation)

    def _admit_within(self, genome: Genome, operator: str) -> Individual:
        """Admit a genome that has no parents, brought within the limits on size."""
        if self.limits is not None:
            within = self.limits.brought_within(genome, stream(self.settings.seed, FITTED, self.num_born))
            genome, operator = within, operator if within is genome else f"{operator} + {FITTED}"
        return self._admit(genome, self.encoding.fingerprint(genome), operator)

    def _repaired(self, child: DeapIndividual) -> tuple[Genome, Genome, str]:
        """The child's genome, its own, brought within the limits on size; its canonical form, and its fingerprint.

        The child is nobody's: where its genome is changed, it is changed in place.
        """
        genome = child.copied_genome()
        if self.limits is not None and (within := self.limits.brought_within(genome, random)) is not genome:
            child.become(within)
            child.operators.append(FITTED)
            genome = within
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
        inherits: str | None = None,
    ) -> Individual:
        number = self._next_number()
        inherits = self._known.setdefault(fingerprint, inherits)
        generation = number // self.settings.population
        return Individual(number, generation, genome, fingerprint, parents, operator, changes, inherits=inherits)

    def _next_number(self) -> int:
        self.num_born += 1
        return self.num_born - 1
