"""Guessed settings: valid for every reader, right about columns, safe for any name."""

from __future__ import annotations

import csv
import random
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas.config import Settings, read_settings
from evo_nas.data import check_splits, guess_settings, load_data
from evo_nas.errors import UserError
from genomes import encoding_from


def guessed(folder: Path, text: str, target: str = "y", delimiter: str = ",") -> Settings:
    (folder / "rows.csv").write_text(text, encoding="utf-8", newline="")
    (folder / "rows.toml").write_text(guess_settings(folder / "rows.csv", target, delimiter), encoding="utf-8")
    return read_settings(folder / "rows.toml")


def usable(settings: Settings, folder: Path) -> None:
    assert settings.data is not None
    data = load_data(settings.data, base=folder)
    assert settings.data.task == data.task
    recipe = settings.recipe.for_task(data.task)
    check_splits(data, settings.data, recipe)
    settings.search.parsed_objectives(recipe)
    encoding = encoding_from(settings.space)
    encoding.check(encoding.default())


def people(rows: int) -> str:
    header = "id,name,age,town,rooms,big,empty,y\n"
    towns = ("Rome", "Oslo", "?")
    return header + "".join(
        f"{1000 + i},person {i},{20 + i / 7},{towns[i % 3]},{i % 5},{10**17 + i},,{'no' if i % 4 else 'yes'}\n"
        for i in range(rows)
    )


@pytest.mark.parametrize("rows", [24, 200, 1500, 10_000])
def test_columns_are_recognised(tmp_path: Path, rows: int) -> None:
    settings = guessed(tmp_path, people(rows))
    assert settings.data is not None
    assert settings.data.path == "rows.csv"
    assert settings.data.categorical == ("town",)
    assert settings.data.drop == ("id", "name", "big", "empty")
    text = (tmp_path / "rows.toml").read_text()
    assert '# few whole numbers; codes belong into categorical: ["rooms"]' in text
    assert '# "name" has nearly as many labels as rows' in text
    assert '# "id" counts the rows, like an ID' in text
    usable(settings, tmp_path)


def test_folds_only_for_few_rows_and_large_classes(tmp_path: Path) -> None:
    assert guessed(tmp_path, people(200)).recipe.validation.folds == 5
    assert guessed(tmp_path, people(24)).recipe.validation.fraction == 0.25
    assert guessed(tmp_path, people(1500)).recipe.validation.fraction == 0.25


@pytest.mark.parametrize(
    ("values", "task", "objective"),
    [
        (["a", "b"], "binary", "maximize roc_auc"),
        (["a", "b", "c"], "multiclass", "maximize accuracy"),
        ([str(i / 3) for i in range(60)], "regression", "maximize r2"),
    ],
)
def test_task_metrics_and_objective(tmp_path: Path, values: list[str], task: str, objective: str) -> None:
    rows = "".join(f"{i % 50},{values[i % len(values)]}\n" for i in range(60))
    settings = guessed(tmp_path, "x,y\n" + rows)
    assert settings.data is not None
    assert (settings.data.task, settings.search.objectives) == (task, (objective,))
    usable(settings, tmp_path)


def test_rare_classes_are_mentioned(tmp_path: Path) -> None:
    rows = [f"{i % 9},{int(i % 10 == 0)}\n" for i in range(100)]
    guessed(tmp_path, "x,y\n" + "".join(rows))
    assert '# class_weights = "balanced"' in (tmp_path / "rows.toml").read_text()
    guessed(tmp_path, "x,y\n" + "".join(f"{i % 9},{i % 2}\n" for i in range(100)))
    assert "class_weights" not in (tmp_path / "rows.toml").read_text()


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(label=NAMES, target=NAMES, delimiter=st.sampled_from(",;\t|"))
def test_any_name_survives(tmp_path_factory: pytest.TempPathFactory, label: str, target: str, delimiter: str) -> None:
    label, target = label.strip() + "1", target.strip() + "2"
    if "\0" in label + target or "\r" in label + target or "\ufeff" in label + target:
        return
    folder = tmp_path_factory.mktemp("guess")
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [("red" if i % 3 else "blue", i % 2) for i in range(40)]
        csv.writer(file, delimiter=delimiter).writerows([(label, target), *rows])
    (folder / "rows.toml").write_text(guess_settings(folder / "rows.csv", target, delimiter), "utf-8", newline="")
    settings = read_settings(folder / "rows.toml")
    assert settings.data is not None
    assert (settings.data.categorical, settings.data.target) == ((label,), target)
    usable(settings, folder)


def test_the_path_is_relative_to_the_settings(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "rows.csv"
    path.write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    assert tomllib.loads(guess_settings(path, "y"))["data"]["path"] == "rows.csv"
    elsewhere = guess_settings(path, "y", settings_folder=tmp_path)
    assert tomllib.loads(elsewhere)["data"]["path"] == "deep/rows.csv"


def test_public_tables(public_folder: Path) -> None:
    text = guess_settings(public_folder / "tabular" / "uci_default_credit.csv.gz", "default payment next month")
    assert tomllib.loads(text)["data"]["drop"] == ["ID"]
    assert '"EDUCATION", "MARRIAGE"' in text
    text = guess_settings(public_folder / "tabular" / "california_housing.csv.gz", "median_house_value")
    assert tomllib.loads(text)["data"]["categorical"] == ["ocean_proximity"]
    assert tomllib.loads(text)["data"]["task"] == "regression"


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        ("size,y\n1,0\n2,1\n", "why", r"no column 'why' to predict .*one of size, y"),
        ("size,y\n1,0\n2,0\n", "y", "target 'y' is '0' in every row"),
        ("size,y\n1,0\n2,?\n", "y", "target 'y' has no value in row 2"),
        ("size,y\n", "y", "no rows"),
    ],
)
def test_refusals(tmp_path: Path, text: str, target: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        guessed(tmp_path, text, target)


def test_a_small_learning_rate_is_in_every_space(tmp_path: Path) -> None:
    encoding = encoding_from(guessed(tmp_path, people(200)).space)
    rates = [float(encoding.sample(random.Random(i)).genes["learning_rate"]) for i in range(200)]
    assert 1e-4 <= min(rates) < 1e-3 < np.median(rates) < max(rates) <= 3e-2
