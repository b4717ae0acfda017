"""Our own strategies, driven through `evo_nas.AskTell` as any script would drive them.

`trial.batch` is the population of the surrogate (its largest batch) and of a generational search, and what is in flight
in a steady-state one; without it the surrogate has a population of 8, and the others have the sizes of the small peers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from evo_nas.config import SearchSettings, parse_record
from evo_nas.individual import parse_objective
from evo_nas.strategies import make_strategy, make_toolbox
from evo_nas.strategies.ask_tell import AskTell
from experiments.search.problem import Point, Problem
from experiments.search.trial import Trial

SIZES: Mapping[str, Mapping[str, int]] = {
    "surrogate": {"population": 8},
    "evolution": {"population": 20},
    "aging": {"population": 20, "tournament_size": 5, "in_flight": 1},
    "random": {},
}
BATCH_KEYS: Mapping[str, str] = {"surrogate": "population", "evolution": "population", "aging": "in_flight"}


def search(trial: Trial, variant: str) -> None:
    """Ask and tell. variant: a strategy of [search]."""
    problem = trial.problem
    asking = AskTell(
        problem.encoding, "minimize loss", strategy=variant, seed=trial.seed, settings=_settings(trial.batch, variant)
    )

    def believed_best() -> Point:
        return problem.point_of(asking.best.genome)

    trial.believed_best = believed_best
    while proposals := asking.ask():
        for proposal in proposals:
            asking.tell(proposal, trial.measure(problem.point_of(proposal.genome)))


def batches_of(problem: Problem, strategy: str, batch: int | None, num_evaluations: int) -> list[tuple[int, int]]:
    """(first proposal, size) of each batch: the proposals that may be asked for once the same results are there."""
    settings = parse_record(SearchSettings, {"strategy": strategy, **_settings(batch, strategy)}, where="batches")
    objectives = (parse_objective("minimize loss"),)
    toolbox = make_toolbox(problem.encoding, settings, objectives)
    required = make_strategy(problem.encoding, toolbox, settings, objectives).required_results
    starts: dict[int, int] = {}
    sizes = Counter(required(proposal) for proposal in range(num_evaluations))
    for proposal in range(num_evaluations):
        starts.setdefault(required(proposal), proposal)
    return [(start, sizes[needed]) for needed, start in starts.items()][:-1]  # the last may be cut


def _settings(batch: int | None, strategy: str) -> dict[str, Any]:
    settings: dict[str, Any] = {**SIZES[strategy], "stop_when_converged": False}
    if batch is not None:
        settings[BATCH_KEYS[strategy]] = batch
    return settings
