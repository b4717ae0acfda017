"""Searches on rungs, with made-up curves of learning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.strategies import MultiFidelity, make_strategy, make_toolbox
from genomes import Encoding
from tests.strategies.searching import SCORE, encoding, score

EPOCHS = 81
RUNGS = (3, 9, 27, None)


def climber(
    objectives: Sequence[Objective] = (SCORE,), space: Encoding | None = None, epochs: int = EPOCHS, **settings: Any
) -> MultiFidelity:
    given = {"strategy": "evolution", "fidelity": "halving", "population": 9} | settings
    search, space = SearchSettings(**given), space or encoding()
    toolbox = make_toolbox(space, search, objectives)
    strategy = make_strategy(space, toolbox, search, objectives, epochs=epochs)
    assert isinstance(strategy, MultiFidelity)
    return strategy


def trained(individual: Individual) -> int:
    """The epochs after which it is judged."""
    return individual.epochs or EPOCHS


def learning(individual: Individual) -> tuple[float, ...]:
    """Better with every epoch, and the order of networks stays."""
    return (score(individual)[0] - 50.0 / trained(individual),)


def crossing(individual: Individual) -> tuple[float, ...]:
    """Curves that cross: what is good in the end may learn slowly."""
    slow = 5 + int(individual.fingerprint[:4], 16) % 40
    return (score(individual)[0] - 4.0 * math.exp(-trained(individual) / slow),)


def on_rungs(done: Sequence[Evaluated]) -> list[tuple[int | None, int]]:
    """(epochs, how many in a row)."""
    rows: list[tuple[int | None, int]] = []
    for each in done:
        epochs = each.individual.epochs
        if rows and rows[-1][0] == epochs:
            rows[-1] = epochs, rows[-1][1] + 1
        else:
            rows.append((epochs, 1))
    return rows
