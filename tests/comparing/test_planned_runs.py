"""What is equal between the runs of a comparison, and what is their own."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from evo_nas.comparing.contestants import parse_contestants
from evo_nas.comparing.planned import installed
from evo_nas.errors import UserError
from tests.comparing.comparing_cases import conducted, planned_runs, settings_with


def test_within_a_seed_all_strategies_have_the_same_rows_and_noise_and_over_seeds_they_vary(tmp_path: Path) -> None:
    planned = planned_runs(tmp_path, "random,surrogate", settings=settings_with(seed=7))
    assert [run.label for run in planned] == [
        "random, seed 0",
        "surrogate, seed 0",
        "random, seed 1",
        "surrogate, seed 1",
    ]
    for run in planned:
        settings = run.plan.settings
        assert settings.data is not None
        assert settings.search.seed == 7 + run.seed
        assert settings.data.split_seed == settings.recipe.evaluation_seed == run.seed
        assert settings.search.max_evaluations == 8
        assert settings.search.strategy == run.contestant.name
        assert run.folder.path == tmp_path / run.contestant.name / str(run.seed)


def test_limits_of_the_file_are_replaced_by_the_budget(tmp_path: Path) -> None:
    settings = settings_with(max_minutes=0.01, max_evaluations=3, generations=1)
    (run, *_) = planned_runs(tmp_path, "random", settings=settings)
    assert run.plan.settings.search.max_minutes is None
    assert run.plan.settings.search.max_evaluations == 8
    assert run.plan.settings.search.generations * 4 >= 8


def test_another_experiment_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    conducted(planned_runs(tmp_path, "random", seeds=1))
    with pytest.raises(UserError, match="made with other settings; give another --run-dir"):
        planned_runs(tmp_path, "random", seeds=1, settings=settings_with(seed=1))


def test_a_smaller_budget_is_refused(tmp_path: Path) -> None:
    conducted(planned_runs(tmp_path, "random", seeds=1))
    with pytest.raises(UserError, match="has a budget of 8 trainings, got 4 trainings"):
        planned_runs(tmp_path, "random", seeds=1, evaluations=4)
    with pytest.raises(UserError, match="has a budget of 8 trainings, got 400 epochs"):
        planned_runs(tmp_path, "random", seeds=1, epochs=400)


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "random" / "1").mkdir(parents=True)
    (tmp_path / "random" / "1" / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match=r"letter\.txt"):
        planned_runs(tmp_path, "random")


def test_a_strategy_whose_package_is_missing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise PackageNotFoundError(package)

    monkeypatch.setattr("evo_nas.strategies.bayesian.installed.version", missing)
    contestants = parse_contestants("random,bayesian:tpe")
    remaining, remarks = installed(settings_with(), contestants)
    assert [each.name for each in remaining] == ["random"]
    assert remarks[0].startswith("bayesian:tpe is left out: ")
    assert "pip install" in remarks[0]
    with pytest.raises(UserError, match="nobody takes part; bayesian:tpe is left out"):
        installed(settings_with(), contestants[1:])


def test_a_variant_that_is_none_is_no_missing_package() -> None:
    with pytest.raises(UserError, match="sampler"):
        installed(settings_with(), parse_contestants("bayesian:cmaes"))


def test_what_does_not_fit_a_strategy_is_said_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fidelity"):
        planned_runs(tmp_path, "random,random:much")
    assert list(tmp_path.iterdir()) == []
