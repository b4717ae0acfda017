"""Bad input ends in one clear sentence, exit code 2, and no half-made run folder."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from evo_nas.history import RunFolder, hold
from tests.command_line.commands import Said, evo_nas
from tests.faults import killable

pytestmark = pytest.mark.bad_input

ROWS = "age,city,income,bought\n" + "".join(
    f"{20 + i % 40},{'ABC'[i % 3]},{1000.5 + 7 * i},{'yes' if i % 2 else 'no'}\n" for i in range(60)
)

SETTINGS = """
[data]
path = "rows.csv"
target = "bought"
categorical = ["city"]
[space]
encoding = "mlp"
layers = { low = 1, high = 2 }
width = { low = 4, high = 8 }
[recipe]
epochs = 1
[search]
population = 4
generations = 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "experiment.toml").write_text(SETTINGS)
    return tmp_path


def assert_one_sentence(said: Said, *patterns: str) -> None:
    assert said.exit_code == 2, said
    assert said.errors.startswith("evo-nas: ")
    assert said.errors.count("\n") == 1, said.errors
    assert "Traceback" not in said.errors
    for pattern in patterns:
        assert re.search(pattern, said.errors), (pattern, said.errors)


def run(folder: Path) -> Said:
    return evo_nas("run", folder / "experiment.toml", "--run-dir", folder / "run", "--store", "none")


SETTINGS_FAULTS = {
    "unknown section": (("[search]", "[serach]"), ("serach", "did you mean 'search'")),
    "unknown key": (("population", "populaton"), ("populaton", "did you mean 'population'")),
    "unknown gene": (("width =", "widht ="), ("widht", "'?width'?")),
    "unknown encoding": (('"mlp"', '"mpl"'), ("mpl", "mlp")),
    "broken TOML": (("[search]", "[search"), ("not valid TOML",)),
    "population 0": (("population = 4", "population = 0"), ("population", "0")),
    "batch 0": (
        ("population = 4", "population = 4\nbatch = 0"),
        (r"\[search\] batch: input should be greater", "got 0"),
    ),
    "negative generations": (("generations = 2", "generations = -1"), ("generations", "-1")),
    "text for a number": (("population = 4", 'population = "many"'), ("population", "many")),
    "missing section": (("[data]", "[recipe.validation]\nfraction = 0.2\n[dta]"), (r"\[data\] is missing",)),
    "empty range": (("low = 4, high = 8", "low = 9, high = 8"), ("width", "9", "8")),
    "empty choice": (("epochs = 1", "epochs = 1\n[space.activation]\nvalues = []"), ("activation",)),
    "missing file": (("rows.csv", "no_such.csv"), ("no_such.csv",)),
    "missing target": (('"bought"', '"bougt"'), ("bougt", "bought")),
    "missing categorical column": (('["city"]', '["town"]'), ("town",)),
    "text in a numeric column": (('categorical = ["city"]', ""), ("city", "categorical")),
    "unknown metric": (("epochs = 1", 'epochs = 1\nmetrics = ["auc"]'), ("auc", "roc_auc")),
    "metric of another task": (("epochs = 1", 'epochs = 1\nmetrics = ["r2"]'), ("r2", "binary")),
    "unknown objective": (("population = 4", 'population = 4\nobjectives = ["maximize speed"]'), ("speed",)),
    "objective without a direction": (("population = 4", 'population = 4\nobjectives = ["accuracy"]'), ("maximize",)),
    "constraint of another form": (
        ("population = 4", 'population = 4\nconstraints = ["parameters < 5"]'),
        ("NAME <= NUMBER", "parameters < 5"),
    ),
    "constraint on nothing known": (("population = 4", 'population = 4\nconstraints = ["speed >= 5"]'), ("speed",)),
    "a front of one objective": (("population = 4", 'population = 4\nsurvival = "nsga2"'), ("two objectives or more",)),
    "more folds than rows": (("epochs = 1", "epochs = 1\nvalidation = { folds = 900 }"), ("900",)),
    "both kinds of validation": (("epochs = 1", "epochs = 1\nvalidation = { folds = 3, fraction = 0.5 }"), ("folds",)),
    "nothing left to search on": (('target = "bought"', 'target = "bought"\ntest_fraction = 0.99'), ("fraction|rows",)),
    "weights of no class": (("epochs = 1", "epochs = 1\nclass_weights = { perhaps = 2.0 }"), ("perhaps", "no, yes")),
    "negative class weights": (("epochs = 1", "epochs = 1\nclass_weights = { yes = -2.0 }"), ("yes", "-2")),
    "a metric twice": (("epochs = 1", 'epochs = 1\nmetrics = ["accuracy", "accuracy"]'), ("each name once",)),
    "a text for a list": (("population = 4", 'population = 4\nobjectives = "maximize accuracy"'), ("expected a list",)),
    "a number for a table": (("epochs = 1", "epochs = 1\nvalidation = 5"), ("expected a table",)),
    "trainer in capitals": (
        ("epochs = 1", 'epochs = 1\ntrainer = "Population"'),
        (r"\[recipe\] trainer: expected 'auto', 'plain' or 'population', got 'Population'", "mean 'population'"),
    ),
    "a population of wide networks": (
        (
            "high = 2 }\nwidth = { low = 4, high = 8 }\n[recipe]",
            'high = 12 }\nwidth = { low = 600, high = 800 }\n[recipe]\ntrainer = "population"',
        ),
        (r"\[recipe\] trainer: .*at most 512 units, got width = 600 to 800; use trainer = \"auto\"",),
    ),
    "infinite rate": (("epochs = 1", "epochs = 1\nearly_stopping = { min_delta = inf }"), ("min_delta",)),
}


@pytest.mark.parametrize("fault", SETTINGS_FAULTS)
def test_faults_of_a_settings_file(folder: Path, fault: str) -> None:
    (before, after), patterns = SETTINGS_FAULTS[fault]
    assert before in SETTINGS
    (folder / "experiment.toml").write_text(SETTINGS.replace(before, after))
    assert_one_sentence(run(folder), *patterns)
    assert not (folder / "run").exists()


def rows(change: dict[int, str]) -> str:
    lines = ROWS.splitlines()
    for number, line in change.items():
        lines[number] = line
    return "\n".join(lines) + "\n"


ROW_FAULTS = {
    "infinite value": (rows({3: "30,A,inf,yes"}), ("income", "inf")),
    "integer beyond 2^53": (rows({3: "9007199254740993,A,5.5,yes"}), ("age", "2\\^53|9007199254740993")),
    "text in a numeric column": (rows({3: "thirty,A,5.5,yes"}), ("age", "thirty")),
    "constant target": (ROWS.replace(",yes", ",no"), ("bought", "no|constant|one value")),
    "a class with one row": (rows({3: "30,A,5.5,perhaps"}), ("perhaps",)),
    "no rows": (ROWS.splitlines()[0] + "\n", ("row",)),
    "an empty file": ("", ("rows.csv",)),
    "no target in a row": (rows({3: "30,A,5.5,"}), ("bought",)),
    "two columns of one name": (ROWS.replace("age,city", "income,city"), ("income",)),
}


@pytest.mark.parametrize("fault", ROW_FAULTS)
def test_faults_of_the_rows(folder: Path, fault: str) -> None:
    text, patterns = ROW_FAULTS[fault]
    (folder / "rows.csv").write_text(text)
    assert_one_sentence(run(folder), *patterns)
    assert not (folder / "run").exists()


@pytest.mark.parametrize("option", [("--seed", str(2**63)), ("--max-minutes", "0"), ("--max-minutes", "inf")])
def test_options_are_checked_like_settings(folder: Path, run_copy: Path, option: tuple[str, str]) -> None:
    said = evo_nas("run", folder / "experiment.toml", "--run-dir", folder / "run", "--store", "none", *option)
    assert_one_sentence(said, option[0].removeprefix("--").replace("-", "_"))
    assert not (folder / "run").exists()
    if option[0] == "--max-minutes":
        assert_one_sentence(evo_nas("resume", run_copy, "--store", "none", *option), "max_minutes")


def test_predictions_never_overwrite_their_rows_and_need_a_place(finished: Path, folder: Path) -> None:
    said = evo_nas("predict", finished, folder / "rows.csv", "-o", folder / "rows.csv")
    assert_one_sentence(said, "rows themselves")
    assert (folder / "rows.csv").read_text() == ROWS
    assert_one_sentence(evo_nas("predict", finished, folder / "none.csv"), "none.csv: no such file")


def test_init_names_what_it_cannot_read_or_write(folder: Path) -> None:
    assert_one_sentence(evo_nas("init", folder / "none.csv", "--target", "bought"), "no such file")
    assert_one_sentence(evo_nas("init", folder, "--target", "bought"), "the classes of images", "leave --target out")
    assert_one_sentence(evo_nas("init", folder), "no images of any class were found")
    assert_one_sentence(evo_nas("init", folder / "rows.csv"), "name the column to be predicted with --target")
    said = evo_nas("init", folder / "rows.csv", "--target", "bought", "-o", folder / "none" / "a.toml")
    assert_one_sentence(said, "cannot be written", "a.toml")


def test_no_settings_file(tmp_path: Path) -> None:
    assert_one_sentence(evo_nas("run", tmp_path / "none.toml"), "none.toml", "evo-nas init")


@pytest.mark.parametrize("command", ["resume", "status", "digest", "verify", "lineage"])
def test_a_folder_that_holds_no_run(tmp_path: Path, command: str) -> None:
    assert_one_sentence(evo_nas(command, tmp_path / "none"), "no such run folder")
    (tmp_path / "letters").mkdir()
    assert_one_sentence(evo_nas(command, tmp_path / "letters"), "not a run folder")
    assert list(tmp_path.iterdir()) == [tmp_path / "letters"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run with the fake trainer."""
    path = tmp_path_factory.mktemp("finished") / "run"
    killable.main([str(path), "generations=2"])
    return path


@pytest.fixture
def run_copy(finished: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(finished, tmp_path / "copy"))


def test_a_folder_that_holds_a_run_is_not_overwritten(folder: Path, run_copy: Path) -> None:
    said = evo_nas("run", folder / "experiment.toml", "--run-dir", run_copy, "--store", "none")
    assert_one_sentence(said, "already holds a run", "evo-nas resume")


def test_a_run_in_use_by_another_process(run_copy: Path) -> None:
    with hold(RunFolder(run_copy)):
        assert_one_sentence(evo_nas("resume", run_copy, "--store", "none"), "in use")
        assert_one_sentence(evo_nas("verify", run_copy), "in use")
        assert evo_nas("status", run_copy).exit_code == 0


def test_a_run_of_a_newer_version(run_copy: Path) -> None:
    with sqlite3.connect(run_copy / "run.db") as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
        changed = connection.total_changes
    connection.close()
    assert changed == 1
    for command in ("resume", "status", "digest", "verify", "lineage"):
        assert_one_sentence(evo_nas(command, run_copy), "newer version")


def test_a_ledger_that_is_no_database(run_copy: Path) -> None:
    (run_copy / "run.db").write_bytes(b"not a database, " * 500)
    for command in ("resume", "status", "digest", "verify", "lineage"):
        assert_one_sentence(evo_nas(command, run_copy), "run.db")


def test_fewer_generations_than_planned(run_copy: Path) -> None:
    assert_one_sentence(evo_nas("resume", run_copy, "--generations", "1", "--store", "none"), "2 generations", "1")


def test_an_individual_that_is_not_there(run_copy: Path) -> None:
    assert_one_sentence(evo_nas("lineage", run_copy, "999"), "999", "0 to 11")
    assert_one_sentence(evo_nas("lineage", run_copy, "worst"), "worst", "best")


@pytest.mark.parametrize("damage", ["cut", "edited", "newer", "foreign", "missing"])
def test_a_damaged_checkpoint_is_refused_and_made_again(folder: Path, run_copy: Path, damage: str) -> None:
    path = RunFolder(run_copy).checkpoint(1)
    whole = path.read_text()
    if damage == "cut":
        path.write_text(whole[: len(whole) // 2])
    elif damage == "edited":
        path.write_text(whole.replace('"ok"', '"oh"', 1))
    elif damage == "newer":
        path.write_text(whole.replace('"format": 1', '"format": 99'))
    elif damage == "foreign":
        path.write_text(json.dumps([1, 2, 3]))
    else:
        path.unlink()
    said = evo_nas("run", folder / "experiment.toml", "--from", path, "--run-dir", folder / "new", "--store", "none")
    assert_one_sentence(said, "generation_0001.json")
    assert not (folder / "new").exists()
    from evo_nas.running.verification import verify

    findings = verify(run_copy, handlers="tests.faults.fake_training")
    assert [finding.mended for finding in findings].count(True) == 1
    assert "generation_0001.json" in next(finding.text for finding in findings if finding.mended)
    assert path.read_text() == whole
    assert all(finding.ok for finding in verify(run_copy, handlers="tests.faults.fake_training"))


def test_a_winner_that_was_changed_is_found_out(run_copy: Path) -> None:
    from evo_nas.running.verification import verify

    for name in ("model.keras", "genome.json", "preprocessing.json", "scores.json"):
        path = run_copy / "winner" / name
        path.write_bytes(path.read_bytes().replace(b"1", b"2") + b" ")
        winner = verify(run_copy, handlers="tests.faults.fake_training")[-1]
        assert not winner.ok
        assert "evo-nas resume" in winner.text
        killable.main([str(run_copy), "generations=2"])
        assert all(finding.ok for finding in verify(run_copy, handlers="tests.faults.fake_training"))


def test_a_settings_file_that_was_changed_is_made_again(run_copy: Path) -> None:
    from evo_nas.running.verification import verify

    whole = (run_copy / "config.toml").read_text()
    for damage in ("", "[search]\npopulation = 99\n"):
        (run_copy / "config.toml").write_text(damage)
        assert sum(finding.mended for finding in verify(run_copy, handlers="tests.faults.fake_training")) == 1
        assert (run_copy / "config.toml").read_text() == whole


def test_rows_that_are_lost_are_named(run_copy: Path) -> None:
    from evo_nas.running.verification import verify

    (run_copy / "data.npz").write_bytes(b"garbage")
    finding = verify(run_copy, handlers="tests.faults.fake_training")[-1]
    assert (finding.ok, finding.what) == (False, "data")
    assert_one_sentence(evo_nas("resume", run_copy, "--store", "none"), "data.npz")


def test_an_individual_that_was_changed_in_the_ledger_is_found_out(run_copy: Path) -> None:
    from evo_nas.running.verification import verify

    with sqlite3.connect(run_copy / "run.db") as connection:
        connection.execute("UPDATE individual SET operator = 'miracle' WHERE id = 8")
    connection.close()
    findings = verify(run_copy, handlers="tests.faults.fake_training")
    assert not findings[0].ok
    assert "individual 8" in findings[0].text
    said = evo_nas("resume", run_copy, "--store", "none")
    assert said.exit_code == 2
    assert re.search("^evo-nas: individual 8 .* another version", said.errors, re.MULTILINE)
