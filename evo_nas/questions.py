"""Questions to a family tree, from Python: `questions.blame("runs/credit")`. Only `ablate` trains.

Everywhere `name` is an individual's id or "best", and whatever cannot be answered raises UserError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from evo_nas.display import Silent
from evo_nas.errors import UserError
from evo_nas.history import OutcomeStore
from evo_nas.history.rows import PURPOSES
from evo_nas.individual import Individual, Objective
from evo_nas.report.questions.ablation import Ablated, Plan, ablated
from evo_nas.report.questions.blame import Blamed
from evo_nas.report.questions.blame import blame as blame_of
from evo_nas.report.questions.measurements import Measurements
from evo_nas.report.questions.origins import Origin
from evo_nas.report.questions.origins import origin as origin_of
from evo_nas.result import Result
from evo_nas.running import ablation
from evo_nas.running.ablation import Cost
from evo_nas.running.choices import Choices
from evo_nas.running.computed import FitnessFunction
from evo_nas.running.observer import Observer
from evo_nas.running.preparation import OpenRun, open_run

NUM_SEEDS = 5
"""Pairs of trainings that an ablation compares, unless told otherwise."""


def blame(run_dir: str | Path, name: str | int = "best", *, objective: str | None = None) -> list[Blamed]:
    """Which changes along the line of an individual paid, those that paid most first; see `Blamed`.

    objective: one of the run's, by its name; the first if none.
    """
    result, goal = _opened(run_dir, objective)
    run = _run(result)
    with closing(run.ledger) as ledger:
        measurements = Measurements.of([ledger.trainings(purpose) for purpose in PURPOSES], goal)
    return blame_of(_individuals(result), result.number_of(name), measurements, run.plan.encoding)


def bisect(run_dir: str | Path, condition: str, name: str | int = "best") -> Origin:
    """The ancestor in which a condition such as "parameters > 1e5" first held; see `Origin`."""
    result = Result(Path(run_dir))
    run = _run(result)
    run.ledger.close()
    return origin_of(result.by_id, result.number_of(name), condition, run.plan.encoding.canonical)


def ablation_cost(run_dir: str | Path, name: str | int = "best", *, seeds: int = NUM_SEEDS) -> Cost:
    """What `ablate` would still have to train. Raises UserError for a run with a fitness function of its own."""
    result = Result(Path(run_dir))
    run = _run(result)
    with closing(run.ledger):
        number = result.number_of(name)
        plan = ablation.plan_ablation(run, result.by_id, number, seeds)
        return ablation.cost_of(plan, run, result.by_id[number].individual)


def ablate(
    run_dir: str | Path,
    name: str | int = "best",
    *,
    seeds: int = NUM_SEEDS,
    objective: str | None = None,
    evaluate: FitnessFunction | None = None,
    workers: int | None = None,
    store: OutcomeStore | None = None,
    observer: Observer | None = None,
) -> list[Ablated]:
    """Train an individual without each change of its line, and with all of them, on the same new seeds; see `Ablated`.

    What is trained is recorded in the ledger, outside the digest, and never trained again. evaluate: the fitness
    function of a run that has one of its own, called `seeds` times for each network; nothing of that is recorded.
    """
    if seeds < 1:
        raise UserError(f"ablate: expected at least 1 seed, got {seeds}")
    result, goal = _opened(run_dir, objective)
    number = result.number_of(name)
    individual = result.by_id[number].individual

    def plan_for(run: OpenRun) -> Plan:
        return ablation.plan_ablation(run, result.by_id, number, seeds)

    run = _run(result)
    with closing(run.ledger):
        plan = plan_for(run)
    if evaluate is not None:
        return ablated(plan, individual, ablation.computed(plan, evaluate, run), goal)
    choices = Choices(workers=workers, store=store)
    outcomes = ablation.ablate(result.run_dir, plan_for, choices, observer or Silent())
    return ablated(plan, individual, outcomes, goal)


def objective_named(result: Result, name: str | None) -> Objective:
    """One of the run's objectives; the first if None."""
    for objective in result.objectives:
        if name in (None, objective.name):
            return objective
    known = ", ".join(objective.name for objective in result.objectives)
    raise UserError(f"{result.run_dir}: expected one of the objectives of this run ({known}), got {name!r:.100}")


def _opened(run_dir: str | Path, objective: str | None) -> tuple[Result, Objective]:
    result = Result(Path(run_dir))
    return result, objective_named(result, objective)


def _run(result: Result) -> OpenRun:
    return open_run(result.run_dir, read_only=True)


def _individuals(result: Result) -> Mapping[int, Individual]:
    return {number: each.individual for number, each in result.by_id.items()}


__all__: Sequence[str] = ["Ablated", "Blamed", "Cost", "Origin", "ablate", "ablation_cost", "bisect", "blame"]
