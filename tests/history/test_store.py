from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evo_nas.config import DataSettings, Recipe
from evo_nas.history import Conditions, OutcomeStore, open_store, training_key
from evo_nas.history import store as store_module
from evo_nas.outcome import Outcome, Status, failure
from tests.history.made_up import made_genome, made_outcome

CONDITIONS = Conditions("d4f1", DataSettings(name="iris"), Recipe(), program="plain", threads=1, device="cpu")
OUTCOME = made_outcome(random.Random(0))

# A store that may write no more than its first pages: what a full disk does to it.
FULL_DISK = """
import resource, sys
from pathlib import Path
from evo_nas.history import OutcomeStore
from evo_nas.outcome import Outcome, Status
warnings = []
store = OutcomeStore(Path(sys.argv[1]), warnings.append)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
for number in range(2_000):
    store.put(str(number), Outcome(Status.OK, {"loss": number / 7}))
print(len(warnings), "run goes on without it" in warnings[0], store.get("0"))
"""

MANY_PUTS = """
import sys
from pathlib import Path
from evo_nas.history import OutcomeStore
from evo_nas.outcome import Outcome, Status
def fail(message):
    raise SystemExit(message)
store = OutcomeStore(Path(sys.argv[1]), fail)
for number in range(100):
    store.put(f"{number}", Outcome(Status.OK, {"loss": float(number)}))
    store.put(f"{sys.argv[2]}-{number}", Outcome(Status.OK, {"loss": float(number)}))
"""


def refuse(message: str) -> None:
    raise AssertionError(message)


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)


def test_an_outcome_comes_back_to_the_bit(tmp_path: Path) -> None:
    outcome = replace(OUTCOME, curves=({"train_loss": (0.1, 0.2)},), confirmation={"loss": 0.3})
    store = OutcomeStore(tmp_path / "deep" / "outcomes.db", refuse)
    assert store.get("a") is None
    store.put("a", outcome)
    assert store.get("a") == outcome
    store.close()
    again = OutcomeStore(tmp_path / "deep" / "outcomes.db", refuse)
    assert again.get("a") == outcome
    again.close()


def write_as_format_1(path: Path, outcome: Outcome) -> None:
    blob = zlib.compress(json.dumps(outcome.to_json()).encode())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE outcome (key TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID")
        connection.execute("INSERT INTO outcome VALUES ('a', ?)", (blob,))
        connection.execute("PRAGMA user_version = 1")


def test_what_format_1_kept_in_numbers_is_found(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.db"
    outcome = replace(OUTCOME, curves=({"train_loss": (0.1, 1e-300)},))
    write_as_format_1(path, outcome)
    before = path.read_bytes()
    store = OutcomeStore(path, refuse)
    assert store.get("a") == outcome
    assert path.read_bytes() == before, "earlier versions would not read it any more"
    store.put("b", outcome)
    assert store.get("a") == store.get("b") == outcome
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_only_what_another_machine_would_find_as_well_is_kept(tmp_path: Path) -> None:
    store = OutcomeStore(tmp_path / "outcomes.db", refuse)
    store.put_all({status: failure(status, "why") if status != Status.OK else OUTCOME for status in Status})
    assert {status for status in Status if store.get(status)} == {Status.OK, Status.DIVERGED, Status.INVALID}
    store.close()


@pytest.mark.parametrize(
    "changed",
    [
        replace(CONDITIONS, data_fingerprint="d4f2"),
        replace(CONDITIONS, split=DataSettings(name="iris", split_seed=1)),
        replace(CONDITIONS, split=DataSettings(name="iris", test_fraction=0.3)),
        replace(CONDITIONS, split=DataSettings(name="iris", confirmation_fraction=0.1)),
        replace(CONDITIONS, recipe=Recipe(epochs=51)),
        replace(CONDITIONS, recipe=Recipe(evaluation_seed=1)),
        replace(CONDITIONS, recipe=Recipe(early_stopping=False)),
        replace(CONDITIONS, program="population"),
        replace(CONDITIONS, threads=2),
        replace(CONDITIONS, device="NVIDIA H200"),
    ],
)
def test_whatever_can_change_a_number_changes_the_key(changed: Conditions) -> None:
    assert changed.digest() != CONDITIONS.digest()


@pytest.mark.parametrize(
    "same",
    [
        replace(CONDITIONS, recipe=Recipe(replicates=5)),
        *(replace(CONDITIONS, recipe=Recipe(trainer=trainer)) for trainer in ("auto", "plain", "population")),
        replace(CONDITIONS, split=DataSettings(path="elsewhere/iris.csv", target="species")),
    ],
)
def test_what_cannot_change_a_number_leaves_the_key(same: Conditions) -> None:
    assert same.digest() == CONDITIONS.digest()


def test_a_version_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = CONDITIONS.digest()
    monkeypatch.setattr(store_module, "numeric_versions", lambda: (("tensorflow", "99"),))
    assert CONDITIONS.digest() != before


def test_genome_replicate_confirmation_rung_and_the_training_it_began_with_are_part_of_the_key() -> None:
    rng = random.Random(0)
    first, second = made_genome(rng), made_genome(rng)
    keys = {
        training_key("c", genome, replicate, confirm=confirm)
        for genome in (first, second)
        for replicate in (0, 1)
        for confirm in (False, True)
    }
    assert len(keys) == 8
    keys |= {training_key("c", first, 0, epochs=epochs) for epochs in (None, 1, 2)}
    assert len(keys) == 10
    keys |= {training_key("c", first, 0, begins_with=parent) for parent in (None, "one parent", "another")}
    assert len(keys) == 12
    reordered = replace(first, genes=dict(reversed(first.genes.items())))
    assert training_key("c", reordered, 0) == training_key("c", first, 0)


def test_two_processes_share_a_store(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.db"
    command = [sys.executable, "-c", MANY_PUTS, str(path)]
    processes = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [process.wait() for process in processes] == [0, 0]
    store = OutcomeStore(path, refuse)
    for number in range(100):
        for key in (f"{number}", f"a-{number}", f"b-{number}"):
            assert store.get(key) == Outcome(Status.OK, {"loss": float(number)})
    store.close()


def damaged(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def no_database(path: Path) -> None:
    path.write_text("outcomes = 1\n")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 3")


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE accounts (id)")


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (damaged, "malformed|not a database"),
        (no_database, "not a database"),
        (newer, "newer version"),
        (foreign, "database of something else"),
        (a_folder, "unable to open"),
    ],
)
def test_a_store_that_cannot_be_used_warns_once_and_is_empty(
    tmp_path: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    path = tmp_path / "outcomes.db"
    spoil(path)
    warnings: list[str] = []
    store = OutcomeStore(path, warnings.append)
    store.put("a", OUTCOME)
    assert store.get("a") is None
    (warning,) = warnings
    assert "outcomes.db cannot be used" in warning
    assert any(part in warning for part in reason.split("|"))


def test_an_entry_that_is_no_outcome_warns_once_and_is_a_miss(tmp_path: Path) -> None:
    warnings: list[str] = []
    store = OutcomeStore(tmp_path / "outcomes.db", warnings.append)
    store.put("a", OUTCOME)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE outcome SET data = x'00'")
    assert store.get("a") is None
    assert store.get("a") is None
    assert len(warnings) == 1


def test_a_read_only_store_does_not_fail_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    OutcomeStore(tmp_path / "outcomes.db", refuse).close()
    connect = sqlite3.connect
    uri = f"file:{tmp_path / 'outcomes.db'}?mode=ro"
    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: connect(uri, uri=True, isolation_level=None))
    warnings: list[str] = []
    store = OutcomeStore(tmp_path / "outcomes.db", warnings.append)
    store.put("a", OUTCOME)
    store.put("b", OUTCOME)
    (warning,) = warnings
    assert "readonly database" in warning


def test_a_full_disk_does_not_fail_the_run(tmp_path: Path) -> None:
    done = python(FULL_DISK, str(tmp_path / "outcomes.db"))
    assert (done.stdout, done.stderr) == ("1 True None\n", "")


def test_where_the_store_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVO_NAS_STORE", str(tmp_path / "variable.db"))
    monkeypatch.setattr(store_module, "_default_path", lambda: str(tmp_path / "default.db"))
    assert open_store("none", warn=refuse) is None
    for given_path, expected in ((str(tmp_path / "given.db"), "given.db"), (None, "variable.db")):
        store = open_store(given_path, warn=refuse)
        assert store is not None
        assert store.path.name == expected
        store.close()
    monkeypatch.setenv("EVO_NAS_STORE", "none")
    assert open_store(None, warn=refuse) is None
    monkeypatch.delenv("EVO_NAS_STORE")
    store = open_store(None, warn=refuse)
    assert store is not None
    assert store.path.name == "default.db"
    store.close()
