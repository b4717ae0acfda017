"""A ledger of an earlier format is read as it is and migrated by its writer."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evo_nas.errors import UserError
from evo_nas.history import Ledger, Training
from evo_nas.history.digest import digest
from tests.history.earlier_formats import write_as_format
from tests.history.made_up import made_run

RUN = made_run(2, 4)
CURVES = ({"train_loss": (0.5, math.nan, 1e-300)},)
MEANING = {"search": {"objectives": ["minimize loss"]}}


@pytest.fixture(params=[1, 2, 3])
def old(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "run.db"
    with Ledger.create(path, {"run": "old-1"}) as ledger:
        ledger.propose([each.individual for each in RUN])
        for each in RUN:
            outcome = replace(each.outcome, curves=CURVES)
            ledger.record([Training(each.individual.fingerprint, 0, outcome, found=each.individual.id == 2)])
        ledger.note_death("a", 0, "signal 9")
    write_as_format(path, request.param)
    return path


def columns(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def test_a_reader_sees_all_of_it_and_changes_nothing(old: Path) -> None:
    before = old.read_bytes()
    with Ledger.read_only(old) as ledger:
        assert ledger.individuals() == [each.individual for each in RUN]
        assert list(ledger.evaluated(1)) == RUN
        assert [key.fingerprint for key in ledger.found()] == [RUN[2].individual.fingerprint]
        for key in ledger.trainings():
            assert repr(ledger.curves(key)) == repr(CURVES)
    assert old.read_bytes() == before


def test_a_writer_brings_it_to_the_format_of_today(old: Path) -> None:
    with Ledger.read_only(old) as ledger:
        before = digest(ledger, MEANING)
    again = replace(RUN[0].individual, id=len(RUN), operator="measure_again", parents=(0,), replicate=1)
    with Ledger.open(old) as ledger:
        assert digest(ledger, MEANING) == before
        assert ledger.meta("format") == "4"
        ledger.propose([again])
        ledger.record([Training(again.fingerprint, 1, RUN[0].outcome, epochs=3)])
    with Ledger.open(old) as ledger:
        assert ledger.individuals() == [*(each.individual for each in RUN), again]
        assert (again.fingerprint, 1, 3) in ledger.trainings()
    new = old.with_name("new.db")
    Ledger.create(new, {}).close()
    assert [columns(old, table) for table in ("individual", "training")] == [
        columns(new, table) for table in ("individual", "training")
    ]


@pytest.mark.parametrize("old", [1], indirect=True)
def test_a_migration_that_fails_leaves_what_was_there(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("ALTER TABLE training ADD COLUMN rung TEXT")
    with pytest.raises(UserError, match=r"run\.db: cannot be written \(duplicate column name: rung\)"):
        Ledger.open(old)
    assert "replicate" not in columns(old, "individual")
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone() == ("1",)
