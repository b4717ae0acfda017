"""DEAP's `eaSimple` as its documentation uses it: population 20, tournaments of 3, two-point crossover.

Crossover 0.5 and mutation 0.2 are the documentation's; a mutant redraws each gene at 1 / (number of genes). The
population stands for itself: no elitism, as `eaSimple` has none.
"""

from __future__ import annotations

import random

from deap import algorithms, base, tools

from evo_nas.randomness import lent_random
from experiments.search.engines.moves import lengths_of, random_point
from experiments.search.trial import Trial

POPULATION = 20


class Smaller(base.Fitness):  # type: ignore[misc]
    """Smaller is better."""

    weights = (-1.0,)


class Places(list[int]):
    """A point as DEAP knows it."""

    def __init__(self, places: list[int]) -> None:
        super().__init__(places)
        self.fitness = Smaller()


def search(trial: Trial, variant: str) -> None:
    """Evolve. There is one variant."""
    lengths = lengths_of(trial.problem)
    toolbox = base.Toolbox()
    toolbox.register("evaluate", lambda places: (trial.measure(tuple(places)),))
    toolbox.register("mate", tools.cxTwoPoint)
    upper = [length - 1 for length in lengths]
    toolbox.register("mutate", tools.mutUniformInt, low=0, up=upper, indpb=1 / len(lengths))
    toolbox.register("select", tools.selTournament, tournsize=3)
    with lent_random() as reseed:
        reseed("eaSimple", trial.seed)
        rng = random.Random(random.getrandbits(64))
        population = [Places([int(place) for place in random_point(lengths, rng)]) for _ in range(POPULATION)]
        algorithms.eaSimple(population, toolbox, cxpb=0.5, mutpb=0.2, ngen=trial.num_evaluations, verbose=False)
