"""A small space and a fitness with a known best, for tests of searches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies import Strategy, make_strategy, make_toolbox
from genomes import Encoding, encoding_from

SPACE = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 5},
    "width": {"low": 4, "high": 64, "scale": "log"},
    "activation": ["relu", "tanh", "sigmoid"],
    "dropout": {"low": 0.0, "high": 0.5},
    "learning_rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
    "optimizer": ["adam", "sgd"],
}
SCORE = Objective("score", maximize=True)
COST = Objective("cost", maximize=False)

Fitness = Callable[[Individual], tuple[float, ...] | None]


def encoding(**genes: Any) -> Encoding:
    return encoding_from(SPACE | genes)


def score(individual: Individual) -> tuple[float, ...]:
    """Best is 0: three layers of 32 units, relu, a learning rate of 1e-2."""
    genome = individual.genome
    rate = abs(math.log10(float(genome.genes["learning_rate"])) + 2)
    depth = abs(len(genome.layers) - 3)
    widths = sum(abs(math.log2(int(layer["width"]) / 32)) for layer in genome.layers)
    others = sum(layer["activation"] != "relu" for layer in genome.layers)
    return (-(rate + depth + widths + others),)


def make(
    objectives: Sequence[Objective] = (SCORE,), toolbox: Any = None, space: Encoding | None = None, **settings: Any
) -> Strategy:
    search = SearchSettings(**{"sampler": "tpe", **settings})
    space = space or encoding()
    return make_strategy(space, toolbox or make_toolbox(space, search, objectives), search, objectives)


def outcome(values: tuple[float, ...] | None, objectives: Sequence[Objective]) -> Outcome:
    if values is None:
        return failure(Status.CRASHED, "on purpose")
    return Outcome(Status.OK, {o.name: value for o, value in zip(objectives, values, strict=True)})


def search(
    strategy: Strategy, num_proposals: int, fitness: Fitness = score, objectives: Sequence[Objective] = (SCORE,)
) -> list[Evaluated]:
    """Ask and tell one batch after another, exactly as many results as each proposal requires."""
    done: list[Evaluated] = []
    told = 0
    while len(done) < num_proposals:
        needed = strategy.required_results(len(done))
        if needed > told:
            strategy.tell(done[told:needed])
            told = needed
        count = 1
        while len(done) + count < num_proposals and strategy.required_results(len(done) + count) == needed:
            count += 1
        done.extend(Evaluated(i, outcome(fitness(i), objectives)) for i in strategy.ask(count))
    strategy.tell(done[told:])
    return done
