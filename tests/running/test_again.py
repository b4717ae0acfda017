"""A run whose search measures its leader again and judges samples on a rung, with the fake trainer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from types import MappingProxyType

import pytest

import evo_nas
from evo_nas.display import Silent
from evo_nas.history import Ledger, RunFolder
from evo_nas.individual import TrainingKey
from evo_nas.outcome import Status
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.preparation import make_plan
from evo_nas.running.scores import read_scores
from evo_nas.running.verification import verify
from evo_nas.summary import run_digest, status_lines
from tests.faults import killable
from tests.history.earlier_formats import write_as_format_1
from tests.running import again

FAKE = "tests.faults.fake_training"
EPOCHS = 4


@pytest.fixture(autouse=True)
def searching_again(monkeypatch: pytest.MonkeyPatch) -> None:
    again.use(monkeypatch.setattr)


def start(
    path: Path, choices: Choices | None = None, search: Mapping[str, object] = MappingProxyType({}), **options: object
) -> Ending:
    settings = killable.settings({"epochs": str(EPOCHS)} | {key: str(value) for key, value in options.items()})
    settings = settings.model_copy(update={"search": settings.search.model_copy(update=search)})
    plan = make_plan(settings, base=Path.cwd(), dataset=killable.data())
    return launch.start(plan, path, quick(choices), Silent())


def resume(path: Path, choices: Choices | None = None) -> Ending:
    return launch.resume(path, quick(choices), Silent())


def quick(choices: Choices | None) -> Choices:
    given = choices or Choices(workers=2)
    return replace(given, handlers=FAKE, pictures=False)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of eight generations."""
    path = tmp_path_factory.mktemp("again") / "run"
    with pytest.MonkeyPatch.context() as patch:
        again.use(patch.setattr)
        start(path, generations=8)
    return path


def test_it_measures_again_and_promotes(path: Path) -> None:
    evaluated = evo_nas.load_run(path).evaluated
    operators = {each.individual.operator for each in evaluated}
    assert operators == {"sample", "measure_again", "promote"}
    assert max(each.individual.replicate for each in evaluated) >= 2
    with Ledger.read_only(path / "run.db") as ledger:
        keys = ledger.trainings()
        for each in evaluated:
            i = each.individual
            assert keys[TrainingKey(i.fingerprint, i.replicate, i.epochs)] == each.outcome


def test_the_answer_wins_with_the_mean_of_all_its_measurements(path: Path) -> None:
    result = evo_nas.load_run(path)
    best = result.best
    told = [
        each.outcome.metrics["accuracy"]
        for each in result.evaluated
        if each.individual.fingerprint == best.individual.fingerprint and each.individual.epochs is None
    ]
    assert len(told) > 1
    assert best.individual.replicate == 0
    assert best.outcome.metrics["accuracy"] == pytest.approx(fmean(told))
    luckiest = max(each.outcome.metrics["accuracy"] for each in result.evaluated if each.outcome.ok)
    assert best.outcome.metrics["accuracy"] < luckiest
    scores = result.scores
    assert scores["fingerprint"] == best.individual.fingerprint
    assert scores["search"] == best.outcome.metrics
    assert any(f"individual {best.individual.id} " in line for line in status_lines(path))
    assert result.records.hall_of_fame[0].record == best.individual
    hall = [member.record.fingerprint for member in result.records.hall_of_fame]
    assert len(set(hall)) == len(hall)
    assert verify_all(path)


def test_the_confirmation_uses_seeds_that_no_measurement_used(path: Path) -> None:
    with Ledger.read_only(path / "run.db") as ledger:
        (confirmed,) = ledger.trainings("confirmation")
        searched = {key.replicate for key in ledger.trainings() if key.fingerprint == confirmed.fingerprint}
    assert confirmed.fingerprint == evo_nas.load_run(path).best.individual.fingerprint
    assert confirmed.replicate == max(searched) + 1 > 1


def test_a_training_that_ended_on_its_rung_is_promoted_for_nothing(path: Path) -> None:
    with Ledger.read_only(path / "run.db") as ledger:
        outcomes, found = ledger.trainings(curves=True), ledger.found()
    pairs = [(key, key._replace(epochs=None)) for key in outcomes if key.epochs is not None]
    promoted = [(rung, whole) for rung, whole in pairs if whole in outcomes]
    ended = [(rung, whole) for rung, whole in promoted if outcomes[rung].epochs[0] < again.RUNG]
    assert 0 < len(ended) < len(promoted)
    assert found == {whole for _, whole in ended}
    assert all(outcomes[rung] == outcomes[whole] for rung, whole in ended)


def test_the_table_says_who_was_measured_again_and_who_was_on_a_rung(path: Path) -> None:
    table = evo_nas.load_run(path).individuals
    assert (table["replicate"][table["operator"] == "measure_again"] > 0).all()
    assert set(table["rung"].dropna()) == {again.RUNG}
    assert table["rung"][table["operator"] == "promote"].isna().all()


def verify_all(path: Path) -> bool:
    return all(finding.ok for finding in verify(path, handlers=FAKE))


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("trainer", ["auto", "plain"])
def test_workers_and_files_of_rungs_change_nothing(tmp_path: Path, path: Path, workers: int, trainer: str) -> None:
    start(tmp_path / "one", Choices(workers=workers), generations=8, trainer=trainer)
    start(tmp_path / "two", Choices(workers=2), generations=8, trainer=trainer)
    assert run_digest(tmp_path / "one") == run_digest(tmp_path / "two")
    assert read_scores(RunFolder(tmp_path / "one")) == read_scores(RunFolder(tmp_path / "two"))
    assert (tmp_path / "one" / "rungs").exists()


@pytest.mark.parametrize("replicates", [1, 2])
@pytest.mark.parametrize("stopped_after", [2, 3, 4])
def test_stopped_and_resumed_without_its_rungs_it_is_the_same_run(
    tmp_path: Path, stopped_after: int, replicates: int
) -> None:
    whole = start(tmp_path / "whole", replicates=replicates)
    questions = iter(range(stopped_after))
    ending = start(tmp_path / "run", Choices(stop=lambda: next(questions, None) is None), replicates=replicates)
    assert ending.reason == "interrupted"
    for file in (tmp_path / "run" / "rungs").glob("*"):
        file.unlink()
    assert resume(tmp_path / "run").scores == whole.scores
    assert run_digest(tmp_path / "run") == run_digest(tmp_path / "whole")
    assert verify_all(tmp_path / "run"), verify(tmp_path / "run", handlers=FAKE)


def test_a_run_that_is_extended_measures_its_winner_on(tmp_path: Path) -> None:
    """The winner may stay the same while its search score does not."""
    whole = start(tmp_path / "whole", generations=9)
    for generations in (3, 5, 7):
        if generations == 3:
            start(tmp_path / "run", generations=3)
        else:
            resume(tmp_path / "run", Choices(num_generations=generations))
        result = evo_nas.load_run(tmp_path / "run")
        assert result.scores["search"] == result.best.outcome.metrics
        assert result.scores["confirmation"] is not None
    assert resume(tmp_path / "run", Choices(num_generations=9)).scores == whole.scores
    assert run_digest(tmp_path / "run") == run_digest(tmp_path / "whole")


@pytest.mark.parametrize("most", [1, 7, 13, 20])
def test_a_budget_counts_genomes_and_replicates_and_no_rung_twice(tmp_path: Path, most: int) -> None:
    assert start(tmp_path / "run", max_evaluations=most).reason == "evaluations"
    with Ledger.read_only(tmp_path / "run" / "run.db") as ledger:
        trained = {key[:2] for key in ledger.trainings()}
        asked = {(i.fingerprint, i.replicate) for i in ledger.individuals()}
    assert trained == asked
    assert len(asked) == most
    resume(tmp_path / "run", Choices(max_evaluations=1000))
    start(tmp_path / "whole")
    assert run_digest(tmp_path / "run") == run_digest(tmp_path / "whole")


def test_files_of_rungs_are_dropped_when_nobody_can_need_them(path: Path) -> None:
    result = evo_nas.load_run(path)
    files = [file.name.rsplit("-", 2)[0] for file in (path / "rungs").iterdir()]
    on_rungs = [each.individual for each in result.evaluated if each.individual.epochs is not None]
    promoted = {each.individual.fingerprint for each in result.evaluated if each.individual.operator == "promote"}
    last = max(individual.generation for individual in on_rungs)
    assert files
    assert not promoted & set(files)
    recent = {individual.fingerprint for individual in on_rungs if individual.generation >= last - 1}
    assert set(files) <= recent
    assert len(recent) < len(on_rungs)


def test_a_run_whose_rungs_alone_succeeded_has_no_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class OnRungs(again.Again):  # type: ignore[misc]
        def _propose(self):
            return replace(super()._propose(), epochs=again.RUNG)

    monkeypatch.setattr("tests.running.again.Again", OnRungs)
    ending = start(tmp_path / "run", generations=1)
    assert ending.best is None
    assert not (tmp_path / "run" / "winner" / "scores.json").exists()
    with pytest.raises(evo_nas.UserError, match="no training has succeeded yet"):
        _ = evo_nas.load_run(tmp_path / "run").best
    assert status_lines(tmp_path / "run")


def test_a_run_in_a_ledger_of_format_1_is_shown_verified_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a search that knows neither: what an older version has begun."""
    monkeypatch.undo()
    old = {"adapt": False, "restarts": 0, "stop_when_converged": False}
    start(tmp_path / "whole", search=old)
    start(tmp_path / "run", search=old, max_evaluations=14)
    before = run_digest(tmp_path / "run")
    write_as_format_1(tmp_path / "run" / "run.db", tmp_path / "run" / "config.toml")
    assert run_digest(tmp_path / "run") == before
    assert verify_all(tmp_path / "run"), verify(tmp_path / "run", handlers=FAKE)
    assert len(evo_nas.load_run(tmp_path / "run").individuals) == 14
    assert resume(tmp_path / "run", Choices(max_evaluations=1000)).reason == "finished"
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash
    assert verify_all(tmp_path / "run"), verify(tmp_path / "run", handlers=FAKE)


def test_a_fitness_function_is_called_again_for_every_measurement(tmp_path: Path) -> None:
    calls: list[tuple[str, int]] = []

    def fitness(individual: evo_nas.strategies.DeapIndividual) -> float:
        calls.append((individual.record.fingerprint, individual.record.replicate))
        return len(calls) % 5

    result = evo_nas.search(
        killable.SPACE, evaluate=fitness, objectives=["maximize score"], population=6, generations=5, display=False,
        run_dir=tmp_path / "run",
    )  # fmt: skip
    assert len([each for each in result.evaluated if each.individual.replicate]) >= 3
    assert result.best.individual.replicate == 0
    assert all(each.outcome.status is Status.OK for each in result.evaluated)
    assert verify_all(tmp_path / "run"), verify(tmp_path / "run", handlers=FAKE)


def test_the_winner_s_files_belong_together(path: Path) -> None:
    genome = json.loads((path / "winner" / "genome.json").read_text())
    best = evo_nas.load_run(path).best.individual
    assert (genome["individual"], genome["fingerprint"]) == (best.id, best.fingerprint)
