"""Whole runs with real training, small enough for every day."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas
import pytest

import evo_nas
from evo_nas.running.verification import verify
from evo_nas.summary import run_digest
from tests.command_line.commands import evo_nas as command

pytestmark = pytest.mark.usefixtures("prepared_tensorflow")

SPACE = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 2},
    "width": {"low": 4, "high": 16},
    "activation": ["relu", "tanh"],
    "learning_rate": {"low": 1e-2, "high": 1e-1, "scale": "log"},
    "preprocessing": ["standard", "quantile"],
    "batch_size": 32,
}
SMALL = {"population": 4, "generations": 2, "display": False, "store": "none"}


@pytest.mark.bad_genomes
def test_genomes_that_cannot_be_trained_end_as_their_status_and_the_run_goes_on(tmp_path: Path) -> None:
    space = SPACE | {"width": [8, 10_000_000], "learning_rate": [1e-2, 1e6], "optimizer": ["adam", "sgd"]}
    result = evo_nas.search(
        space, "iris", recipe={"epochs": 6}, run_dir=tmp_path / "run", seed=3, **SMALL | {"population": 10}
    )
    table = result.individuals
    wide = table["layers"].str.contains("10000000")
    wild = ~wide & (table["learning_rate"] == 1e6)
    sane = ~wide & ~wild
    assert set(table[wide]["status"]) == {"invalid"}
    assert table[wide]["message"].str.contains("MB").all()
    assert "diverged" in set(table[wild]["status"]) <= {"diverged", "ok"}  # bounded activations may survive
    assert set(table[sane]["status"]) == {"ok"}
    assert min(wide.sum(), wild.sum(), sane.sum()) > 0
    assert result.best.individual.id in set(table[sane]["id"])


@pytest.mark.slow
def test_folds_confirmation_rows_and_several_objectives(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(150, 3))
    frame = pandas.DataFrame(rows, columns=["a", "b", "c"])
    frame["town"] = np.where(rows[:, 0] > 0.5, "Aachen", "Bonn")
    frame.loc[::17, "a"] = np.nan
    frame["price"] = 50_000 + 8_000 * rows[:, 1] + 20_000 * (frame["town"] == "Bonn")
    result = evo_nas.search(
        SPACE,
        evo_nas.dataset_from_frame(frame, "price"),
        recipe={"epochs": 25, "validation": {"folds": 3}, "metrics": ["r2", "mae"]},
        objectives=["maximize r2", "minimize parameters"],
        settings={"data": {"confirmation_fraction": 0.2}, "search": {"confirmation_replicates": 2}},
        run_dir=tmp_path / "run",
        **SMALL,
    )
    scores = result.scores
    assert scores["confirmation"]["on"] == "confirmation rows and new seeds"
    assert scores["confirmation"]["trainings"] == 2
    assert "all search rows" in scores["fitted_on"]
    assert set(scores["test"]) == {"r2", "mae"}
    assert scores["test"]["r2"] > 0.3
    predictions = result.predict(frame.drop(columns="price").head(7))
    assert predictions["prediction"].between(0, 120_000).all()
    assert (tmp_path / "run" / "curves" / "front.png").is_file()
    assert all(finding.ok for finding in verify(tmp_path / "run"))


def test_the_same_bits_with_one_worker_or_two_and_from_a_cold_or_a_warm_store(tmp_path: Path) -> None:
    def digest(name: str, store: str, workers: int) -> str:
        asked = SMALL | {"store": store, "workers": workers}
        evo_nas.search(SPACE, "wine", recipe={"epochs": 3}, run_dir=tmp_path / name, seed=5, **asked)
        return run_digest(tmp_path / name).hash

    store = str(tmp_path / "outcomes.db")
    first = digest("cold", store, 2)
    assert digest("warm", store, 1) == first
    assert digest("alone", "none", 1) == first
    cold, warm = (json.loads((tmp_path / name / "winner" / "scores.json").read_text()) for name in ("cold", "warm"))
    for scores in (cold, warm):
        del scores["files"], scores["sha256"]  # Keras writes the time into its files
    assert cold == warm


def test_a_table_of_ones_own_from_init_to_predict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVO_NAS_STORE", "none")
    generator = np.random.default_rng(1)
    table = pandas.DataFrame({"age": generator.integers(18, 80, 120), "plan": generator.choice(["a", "b", "c"], 120)})
    table["left"] = np.where((table["age"] > 50) ^ (table["plan"] == "a"), "yes", "no")
    table.to_csv("customers.csv", index=False)
    assert command("init", "customers.csv", "--target", "left").exit_code == 0
    text = Path("customers.toml").read_text()
    small = text.replace("population = 12", "population = 3").replace("generations = 6", "generations = 2")
    assert small != text
    Path("customers.toml").write_text(small)
    ran = command("run", "customers.toml", "--run-dir", "run")
    assert ran.exit_code == 0, ran.errors
    assert "test score" in ran.output
    assert "evo-nas resume run --generations" in ran.output
    table.drop(columns="left").head(5).to_csv("new.csv", index=False)
    said = command("predict", "run", "new.csv")
    assert said.output.splitlines()[0] == "prediction,probability_no,probability_yes"
    assert len(said.output.splitlines()) == 6
    assert command("verify", "run").exit_code == 0
    assert command("status", "run").output.count("go on") == 0
    pandas.DataFrame({"age": [1]}).to_csv("wrong.csv", index=False)
    wrong = command("predict", "run", "wrong.csv")
    assert (wrong.exit_code, wrong.errors.count("\n")) == (2, 1)
    assert "plan" in wrong.errors
    assert command("init", "customers.csv", "--target", "left").exit_code == 2
