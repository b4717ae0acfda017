"""Networks of the user's own in the middle of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import final

from evo_nas.individual import Evaluated, Individual
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.strategy import Strategy
from genomes import Encoding, Genome

INJECTED = "inject"


@final
class Injected(Strategy):
    """A search some of whose proposals are given: from number n on, the next newcomer makes room for the network that
    was injected at n. The search is told its outcome as if it had proposed it, so that it can become a parent.

    What the search would have proposed there is not made. Proposals that measure a known network again stay.
    injected: number -> a network; not for a search that keeps account of what it asked for by number.
    """

    def __init__(self, inner: Strategy, encoding: Encoding, injected: Mapping[int, Genome]) -> None:
        self._inner = inner
        self._encoding = encoding
        self._waiting = sorted(injected.items(), key=lambda item: item[0])

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self._inner.population

    def required_results(self, proposal: int) -> int:
        return self._inner.required_results(proposal)

    def ask(self, n: int) -> list[Individual]:
        return [self._given_or(individual) for individual in self._inner.ask(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        self._inner.tell(evaluated)

    def answer(self, waiting: Sequence[Evaluated] = ()) -> Individual | None:
        return self._inner.answer(waiting)

    def converged(self) -> str | None:
        """Never while a network waits for its place."""
        return None if self._waiting else self._inner.converged()

    def remarks(self) -> Sequence[str]:
        return self._inner.remarks()

    def _given_or(self, individual: Individual) -> Individual:
        if individual.replicate or not self._waiting or individual.id < self._waiting[0][0]:
            return individual
        _, genome = self._waiting.pop(0)
        fingerprint = self._encoding.fingerprint(genome)
        return replace(individual, genome=genome, fingerprint=fingerprint, parents=(), operator=INJECTED, changes=())
