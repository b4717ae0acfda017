"""Trainings beside the search: recorded, never made twice, and in no digest."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

import evo_nas
from evo_nas import questions
from evo_nas.display import Silent
from evo_nas.errors import UserError
from evo_nas.history import Training
from evo_nas.outcome import Outcome, Status
from evo_nas.report.questions.ablation import Plan
from evo_nas.result import Result
from evo_nas.running import ablation
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.running.verification import verify
from evo_nas.summary import run_digest
from tests.running.test_sittings import FAKE, asked_after, resume, start


def with_ancestors(run_dir: Path) -> int:
    """Somebody with a line behind it."""
    return max(
        Result(run_dir).by_id.values(), key=lambda each: (bool(each.individual.parents), each.individual.id)
    ).individual.id


def train(run_dir: Path, *, seeds: int = 3, stop_after: int | None = None) -> tuple[Plan, int]:
    """The plan, and how many of its trainings the ledger holds afterwards."""
    result, number = Result(run_dir), with_ancestors(run_dir)
    plans: list[Plan] = []

    def plan_for(run: OpenRun) -> Plan:
        plans.append(ablation.plan_ablation(run, result.by_id, number, seeds))
        return plans[-1]

    stop = asked_after(stop_after) if stop_after is not None else lambda: False
    outcomes = ablation.ablate(run_dir, plan_for, Choices(handlers=FAKE, workers=2, stop=stop), Silent())
    return plans[0], sum(key in outcomes for key in plans[0].keys)


def test_an_ablation_changes_no_digest_and_is_never_made_twice(tmp_path: Path) -> None:
    start(tmp_path / "run", strategy="evolution")
    before = run_digest(tmp_path / "run")
    plan, num_trained = train(tmp_path / "run")
    assert num_trained == len(plan.keys) > 3
    assert questions.ablation_cost(tmp_path / "run", with_ancestors(tmp_path / "run"), seeds=3).trainings == 0
    again, _ = train(tmp_path / "run", seeds=4)
    assert again.replicates[:3] == plan.replicates
    with closing(open_run(tmp_path / "run", read_only=True).ledger) as ledger:
        assert len(ledger.trainings("ablation")) == len(again.keys)
    assert run_digest(tmp_path / "run") == before
    assert all(finding.ok for finding in verify(tmp_path / "run", handlers=FAKE))
    resume(tmp_path / "run", Choices(num_generations=6))


def test_its_seeds_are_those_of_no_other_training(tmp_path: Path) -> None:
    start(tmp_path / "run", strategy="surrogate")
    plan, _ = train(tmp_path / "run")
    individual = Result(tmp_path / "run").by_id[with_ancestors(tmp_path / "run")].individual
    with closing(open_run(tmp_path / "run", read_only=True).ledger) as ledger:
        used = {
            key.replicate
            for key in [*ledger.trainings(), *ledger.trainings("confirmation")]
            if key.fingerprint == individual.fingerprint
        }
    assert used.isdisjoint(plan.replicates)


def test_its_seeds_are_those_of_no_network_that_it_trains(tmp_path: Path) -> None:
    start(tmp_path / "run", strategy="evolution")
    evaluated, number = Result(tmp_path / "run").by_id, with_ancestors(tmp_path / "run")
    with closing((run := open_run(tmp_path / "run")).ledger):
        first = ablation.plan_ablation(run, evaluated, number, 1)
        other = next(name for name in first.members if name != evaluated[number].individual.fingerprint)
        run.ledger.record([Training(other, 7, Outcome(Status.OK, {"loss": 1.0}))], elapsed_seconds=0.0)
        assert list(ablation.plan_ablation(run, evaluated, number, 3).replicates) == [8, 9, 10]


def fitness(individual: list[object]) -> tuple[float, float]:
    """As a search takes it: of an individual that is a list of layers; refuses some, and has two objectives."""
    width = individual.genome.genes["width"]  # type: ignore[attr-defined]
    if width == 13:
        raise ValueError("thirteen")
    return float(width) + len(individual), float(individual.genome.genes["depth"])  # type: ignore[attr-defined]


def test_a_fitness_function_is_asked_as_the_search_asked_it(tmp_path: Path) -> None:
    space = {"encoding": "flat", "width": {"low": 1, "high": 64}, "depth": {"low": 1, "high": 9}}
    result = evo_nas.search(
        space,
        evaluate=fitness,
        objectives=["maximize score", "minimize cost"],
        strategy="evolution",
        population=8,
        generations=6,
        run_dir=tmp_path / "run",
    )
    name = max((each.individual for each in result.evaluated if each.individual.parents), key=lambda each: each.id).id
    for objective, gene in (("score", "width"), ("cost", "depth")):
        found = questions.ablate(tmp_path / "run", name, seeds=2, objective=objective, evaluate=fitness)
        measured = [each for each in found if each.gain is not None]
        assert measured
        assert {each.gain for each in measured if not each.variant.change.startswith(gene)} <= {0.0}
        assert all(each.gain for each in measured if each.variant.change.startswith(gene))
    for asked in (questions.ablation_cost, questions.ablate):
        with pytest.raises(UserError, match=r"call evo_nas\.questions\.ablate\(run_dir, evaluate="):
            asked(tmp_path / "run", name)


def test_one_that_was_stopped_keeps_what_came_back_and_goes_on(tmp_path: Path) -> None:
    start(tmp_path / "run", strategy="evolution")
    plan, first = train(tmp_path / "run", stop_after=2)
    _, then = train(tmp_path / "run")
    assert first <= then == len(plan.keys)


def test_the_cost_is_known_before(tmp_path: Path) -> None:
    start(tmp_path / "run", strategy="evolution")
    cost = questions.ablation_cost(tmp_path / "run", with_ancestors(tmp_path / "run"), seeds=2)
    plan, _ = train(tmp_path / "run", seeds=2)
    assert cost.trainings == len(plan.keys)
    assert cost.seconds > 0.0


@pytest.mark.bad_input
def test_fewer_than_one_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at least 1 seed"):
        questions.ablate(tmp_path, seeds=0)
