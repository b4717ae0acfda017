"""Surrogate-assisted evolution: many children are made, and a model of the fitness says which are worth a training."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import final

import numpy as np
from deap import base
from threadpoolctl import ThreadpoolController

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.randomness import lent_random
from evo_nas.strategies.adaptation import Adaptation
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.restarts import RESTART, Restarts
from evo_nas.strategies.strategy import Strategy
from evo_nas.strategies.surrogate.batches import Batches
from evo_nas.strategies.surrogate.embedding import Embedding
from evo_nas.strategies.surrogate.first_population import first_genomes
from evo_nas.strategies.surrogate.judgement import Judgement, Rows, chosen_again
from evo_nas.strategies.surrogate.model import LEAST_FITTED, Model
from evo_nas.strategies.surrogate.observed import Observed
from evo_nas.strategies.surrogate.offspring import NUM_PARENTS, Nursery
from evo_nas.strategies.surrogate.screening import screened
from genomes import Encoding, Genome

POOL, POOL_EACH, MOST_POOL = 100, 20, 300
"""Offspring of a batch: so many, and so many more for each proposal, at most."""
AGAIN, AGAIN_LATE, AGAIN_EACH, CONTENDERS, AGAIN_SHARE = 2, 60, 2, 16, 2
"""Of n proposals n / (n + AGAIN_LATE) / AGAIN measure a known genome again, and of a batch one in AGAIN_EACH, at most:
early there is more to learn elsewhere, late it remains to be found out who of the good is best. It is one of the
CONTENDERS that are believed best, and comes once in a batch, or 1/AGAIN_SHARE as often as it was measured: one more
measurement finds out who leads by luck, a single one says little between two that were measured ten times."""


@final
class SurrogateEvolution(Strategy):
    """Evolution (DEAP's operators through the toolbox) whose offspring are screened by Gaussian processes.

    Parents are the genomes that are believed best, by posterior mean and not by what was measured. Of some hundred
    children, and of the neighbours of the best of them, those are proposed that promise most: by expected improvement,
    or with several objectives by what they would add to the front. Known genomes are measured again, on new seeds,
    where that promises to correct what is believed best; `answer` is the posterior-mean best, never the luckiest.

    Screening is that of evolution strategies with a model (Emmerich et al. 2006) on the terms of Bayesian optimization:
    see `one_objective.py`, `several_objectives.py`, `gaussian_process.py`. `population` is the largest batch, and how
    many are shown as the population. With `steady_state` a batch does not wait for the one before it: what is open is
    believed to give what is expected. full_epochs: those of the recipe, where proposals are judged at rungs; then all
    batches are `population` large.
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
        full_epochs: int | None = None,
    ) -> None:
        self.settings = settings
        self.objectives = tuple(objectives)
        constraints = settings.parsed_constraints()
        self.adaptation = Adaptation(encoding, objectives) if settings.adapt else None
        self.births = Births(encoding, toolbox, settings, first=first, limits=limits)
        self.restarts = Restarts(encoding, settings, objectives, constraints)
        self._first = tuple(first)
        self._batches = Batches(
            settings.population if settings.batch == "growing" else min(settings.batch, settings.population),
            constant=full_epochs is not None or settings.batch != "growing",
            in_flight=settings.in_flight if settings.steady_state else None,
        )
        self._embedding = Embedding(encoding.axes(), with_rungs=full_epochs is not None)
        self._observed = Observed(encoding, objectives, constraints, full_epochs=full_epochs)
        self._model = Model(self._embedding, len(self.objectives))
        self._prepared: deque[Individual] = deque()
        self._open: deque[tuple[float, ...]] = deque()
        self._places: set[tuple[float, ...]] = set()
        self._num_measured: Counter[str] = Counter()
        self._num_again = 0
        self._judged: tuple[tuple[int, int], tuple[Judgement, Rows]] | None = None
        self._libraries = ThreadpoolController()

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return [member for member in self._ranked() if member.fitness.valid][: self.settings.population]

    def required_results(self, proposal: int) -> int:
        return self._batches.required_results(proposal)

    def ask(self, n: int) -> list[Individual]:
        while len(self._prepared) < n:
            with self._one_thread(), lent_random() as reseed:
                reseed(self.settings.seed, "batch", self.births.num_born)
                self._prepared.extend(self._batch(self._batches.size(self.births.num_born)))
        return [self._prepared.popleft() for _ in range(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        for each in evaluated:
            self._open.popleft()
            self._noted(each.individual)  # a script may tell another than was proposed
        self._observed.tell(evaluated)
        if self.adaptation is not None:
            self.adaptation.tell(evaluated)
        self.restarts.due(evaluated, lambda: [member.genome for member in self.population])

    def answer(self, waiting: Sequence[Evaluated] = ()) -> Individual | None:
        """With several objectives None: the front is the answer."""
        if len(self.objectives) > 1:
            return None
        ranked = self._ranked_with(waiting) if waiting else self._ranked()
        return next((member.record for member in ranked if _may_win(member)), None)

    def converged(self) -> str | None:
        return self.restarts.convergence.converged()

    def remarks(self) -> Sequence[str]:
        return self.restarts.remarks

    @contextmanager
    def _one_thread(self) -> Iterator[None]:
        """A linear algebra library with more threads rounds differently, and takes cores from the trainings."""
        with self._libraries.limit(limits=1, user_api="blas"):
            yield

    def _ranked(self) -> list[DeapIndividual]:
        """Who is believed best by the whole recipe, the best first."""
        if not len(self._observed):
            return []
        judgement, rows = self._judgement()
        return [self._observed.members[i] for i in rows[judgement.order]]

    def _ranked_with(self, waiting: Sequence[Evaluated]) -> list[DeapIndividual]:
        """The same with outcomes that the search has not been told."""
        observed, model = self._observed.also(waiting), deepcopy(self._model)
        with self._one_thread():
            judgement, rows = model.judgement(observed)
        return [observed.members[i] for i in rows[judgement.order]]

    def _judgement(self) -> tuple[Judgement, Rows]:
        """What is believed now; made anew only where more was told or learnt."""
        state = self._observed.num_told, self._model.num_fitted
        if self._judged is None or self._judged[0] != state:
            with self._one_thread():
                self._judged = state, self._model.judgement(self._observed)
        return self._judged[1]

    def _batch(self, count: int) -> list[Individual]:
        if self.births.num_born == 0:
            return self._founders(count)
        fresh = [self._admitted(self.births.sample(RESTART)) for _ in range(count) if self.restarts.take_fresh()]
        if len(self._observed) < LEAST_FITTED:
            return fresh + [self._admitted(self.births.sample()) for _ in range(count - len(fresh))]
        return fresh + self._offspring(count - len(fresh))

    def _founders(self, count: int) -> list[Individual]:
        given = [self._admitted(self.births.given(genome, "checkpoint")) for genome in self._first]
        rest = first_genomes(self.births.encoding, count - len(given)) if not given else []
        made = given + [self._admitted(self.births.given(genome, operator)) for genome, operator in rest]
        return made + [self._admitted(self.births.sample()) for _ in range(count - len(made))]

    def _offspring(self, count: int) -> list[Individual]:
        if not count:
            return []
        self._model.learn(self._observed)
        if len(self._observed.repeats[0]) and self._observed.any_feasible and not self._observed.without_noise:
            self._observed.correct(self._model.replicate_effects(self._observed))
            self._judged = None
        judgement, rows = self._judgement()
        again = self._measured_again(judgement, rows, count)
        nursery = Nursery(self.births, self._places, self.adaptation)
        pool = nursery.offspring(self._parents(rows[judgement.order]), min(POOL + POOL_EACH * count, MOST_POOL))
        chosen = screened(
            pool,
            count - len(again),
            nursery=nursery,
            judgement=judgement,
            embedding=self._embedding,
            open_places=self._open,
        )
        made = again + [self._admitted(self.births.child(each.child, each.family)) for each in chosen]
        return made + [self._admitted(self.births.sample()) for _ in range(count - len(made))]

    def _parents(self, best: Rows) -> list[DeapIndividual]:
        """The best that did not fail; a genome that was judged at several rungs is one parent."""
        distinct: dict[str, DeapIndividual] = {}
        for i in best:
            member = self._observed.members[i]
            if member.record is not None and member.fitness.valid:
                distinct.setdefault(member.record.fingerprint, member)
            if len(distinct) == NUM_PARENTS:
                break
        return list(distinct.values())

    def _measured_again(self, judgement: Judgement, rows: Rows, count: int) -> list[Individual]:
        """Those known genomes of which another measurement promises most."""
        observed = self._observed
        allowed = observed.num_whole**2 // (AGAIN * (observed.num_whole + AGAIN_LATE))
        quota = min(allowed - self._num_again, max(1, count // AGAIN_EACH))
        contenders = np.array([i for i in judgement.order[:CONTENDERS] if _may_win(observed.members[rows[i]])])
        if quota <= 0 or observed.without_noise or len(contenders) < 2:
            return []
        most = np.maximum(1.0, observed.counts[rows[contenders]] // AGAIN_SHARE)
        chosen = rows[chosen_again(judgement, contenders, quota, most)]
        self._num_again += len(chosen)
        records = [record for i in chosen if (record := observed.members[i].record) is not None]
        return [self._admitted(self.births.again(each, self._num_measured[each.fingerprint])) for each in records]

    def _admitted(self, individual: Individual) -> Individual:
        self._open.append(self._noted(individual))
        return individual

    def _noted(self, individual: Individual) -> tuple[float, ...]:
        """Where it lies; it is known from now on."""
        place = tuple(self.births.encoding.coordinates(individual.genome))
        self._places.add(place)
        measured = self._num_measured[individual.fingerprint]
        self._num_measured[individual.fingerprint] = max(measured, individual.replicate + 1)
        return place


def _may_win(member: DeapIndividual) -> bool:
    whole = member.record is not None and member.record.epochs is None
    return whole and member.fitness.valid and not member.fitness.violation
