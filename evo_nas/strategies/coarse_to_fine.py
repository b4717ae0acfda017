"""Coarse to fine: random search in ranges that are drawn together around the best, round by round."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import final

from deap import base

from evo_nas.config import CoarseToFineSettings, SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.strategies.best_seen import BestSeen
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.fidelity.ranking import best_of
from evo_nas.strategies.gene_words import words_for
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.novelty import Novelty
from evo_nas.strategies.strategy import Strategy, generational_requirement
from genomes import Encoding, Gene, Genome, GenomeError, Value
from genomes.narrowing import FEWEST, narrowed


@final
class CoarseToFine(Strategy):
    """Rounds of `round_generations` generations, however many there are: with the usual six, three rounds of two.

    Within a round networks are drawn independently, as in random search. Then each gene is narrowed (`narrowed`) around
    the values that it has, where it has an effect, in the best networks so far, as many as `keep` of a round; the
    values of a layer's gene are those of all layers. Since the best are kept over all rounds, ranges draw together, and
    move on where better networks lie beyond them. A failure is never among the best; with several objectives they are
    those of the foremost fronts (NSGA-II), and what keeps the constraints comes first.

    It is what people do by hand after a wide random search, and in essence the cross-entropy method with uniform
    distributions (Rubinstein 1999), which looks at the last round only. How long a round is does not depend on how long
    the search will be, so that a search that is extended is the search that went on.

    Raises UserError for an encoding that does not tell its genes.
    """

    def __init__(
        self,
        encoding: Encoding,
        toolbox: base.Toolbox,
        settings: SearchSettings,
        objectives: Sequence[Objective],
        *,
        first: Sequence[Genome] = (),
        limits: SizeLimits | None = None,
    ) -> None:
        asked = settings.coarse_to_fine or CoarseToFineSettings()
        self.encoding = encoding
        self._all_genes = _genes_of(encoding)
        self.genes = self._all_genes
        self.births = Births(encoding, toolbox, settings, first=first, limits=limits)
        self._round_size = asked.round_generations * settings.population
        self._num_kept = max(FEWEST, math.ceil(asked.keep * self._round_size))
        self._best = BestSeen(settings, objectives)
        self._novelty = Novelty(settings.population)
        self._members: dict[str, DeapIndividual] = {}
        self._num_told = 0
        self._remarks: list[str] = []

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self._best.members

    def required_results(self, proposal: int) -> int:
        return generational_requirement(proposal, self._round_size)

    def ask(self, n: int) -> list[Individual]:
        return [self.births.founder() for _ in range(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        self._best.tell(evaluated)
        self._novelty.tell(evaluated)
        for each in evaluated:
            self._members.setdefault(each.individual.fingerprint, self._best.member(each))
            self._num_told += 1
            if self._num_told % self._round_size == 0:
                self._narrow()

    def converged(self) -> str | None:
        """Where nothing new is left in the ranges as they are."""
        if not self._novelty.found_nothing:
            return None
        return f"the last {self._novelty.num_known_in_row} proposals were known: the ranges as narrowed hold no more"

    def remarks(self) -> Sequence[str]:
        return self._remarks

    def _narrow(self) -> None:
        following = self._num_told // self._round_size + 1
        elite = self._elite()
        if len(elite) < FEWEST:
            self._remarks.append(f"round {following} keeps its ranges: too few networks have succeeded to narrow them")
            return
        values = _values_in([self.encoding.canonical(genome) for genome in elite])
        before = self.genes
        self.genes = {name: narrowed(gene, values.get(name, ())) for name, gene in self._all_genes.items()}
        self.births.drawn_from = self.encoding.narrowed(self.genes)
        told = [words_for(name, gene, before[name]) for name, gene in self.genes.items() if gene != before[name]]
        after = f"round {following}, after the best {len(elite)} of {len(self._members)} networks"
        self._remarks.append(f"{after}: {'; '.join(told) or 'nothing is narrowed'}")

    def _elite(self) -> list[Genome]:
        """The best of all networks, each once."""
        members = list(self._members.values())
        return [members[place].genome for place in best_of(members, self._num_kept)]


def _genes_of(encoding: Encoding) -> Mapping[str, Gene]:
    try:
        return encoding.outline().genes
    except GenomeError as error:
        raise UserError(f"[search] coarse_to_fine: {error}") from None


def _values_in(genomes: Sequence[Genome]) -> dict[str, list[Value]]:
    """Gene -> its values in the genomes that have it, "layers" the number of layers."""
    values: dict[str, list[Value]] = {"layers": [len(genome.layers) for genome in genomes]}
    for genome in genomes:
        for mapping in (genome.genes, *_distinct(genome.layers)):
            for name, value in mapping.items():
                values.setdefault(name, []).append(value)
    return values


def _distinct(layers: Sequence[Mapping[str, Value]]) -> list[Mapping[str, Value]]:
    """Each layer that differs from those before it: equal ones tell no more than one of them."""
    return [layer for place, layer in enumerate(layers) if layer not in layers[:place]]
