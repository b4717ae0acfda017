"""Ledgers as earlier versions wrote them."""

from __future__ import annotations

import json
import sqlite3
import tomllib
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import tomli_w

from evo_nas.curves import curves_to_json
from evo_nas.history.rows import curves_from

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE individual (
    id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, fingerprint TEXT NOT NULL, genome TEXT NOT NULL,
    parents TEXT NOT NULL, operator TEXT NOT NULL, changes TEXT NOT NULL);
CREATE TABLE training (
    sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, replicate INTEGER NOT NULL, purpose TEXT NOT NULL,
    found INTEGER NOT NULL, status TEXT NOT NULL, metrics TEXT NOT NULL, parameters, flops, epochs TEXT NOT NULL,
    best_epochs TEXT NOT NULL, seconds REAL NOT NULL, message TEXT NOT NULL, confirmation TEXT NOT NULL);
CREATE TABLE curve (training INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE decision (sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE death (
    sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, replicate INTEGER NOT NULL, message TEXT NOT NULL);
CREATE TABLE child (pid INTEGER NOT NULL, create_time REAL NOT NULL, PRIMARY KEY (pid, create_time));
CREATE TABLE session (id INTEGER PRIMARY KEY, seconds REAL NOT NULL);
"""


LATER_SETTINGS = ("constraints", "survival", "adapt", "restarts", "stop_when_converged")
"""Keys of [search] that those versions did not know."""


def write_as_format_1(ledger: Path, config: Path | None = None) -> None:
    """Replace a ledger by one of format 1 with the same rows; and the run's file of settings, if there is one."""
    old = ledger.with_name("old.db")
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.executescript(TABLES)
        connection.execute("ATTACH ? AS new", (str(ledger),))
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        connection.execute("UPDATE main.meta SET value = '1' WHERE key = 'format'")
        _write_curves_in_numbers(connection)
        for (settings,) in connection.execute("SELECT value FROM main.meta WHERE key = 'settings'").fetchall():
            recorded = json.dumps(_without_later(json.loads(settings)))
            connection.execute("UPDATE main.meta SET value = ? WHERE key = 'settings'", (recorded,))
    old.replace(ledger)
    if config is not None:
        config.write_text(tomli_w.dumps(_without_later(tomllib.loads(config.read_text()))))


def write_as_format(ledger: Path, number: int) -> None:
    """Take out of a ledger what its format did not know: 1, 2 or 3."""
    if number == 1:
        write_as_format_1(ledger)
        return
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'format'", (str(number),))
        _write_curves_in_numbers(connection)
        if number == 2:
            connection.execute("ALTER TABLE individual DROP COLUMN inherits")
            connection.execute("ALTER TABLE training DROP COLUMN inherited")


def in_numbers(blob: bytes) -> bytes:
    """Curves as formats before the fourth wrote them."""
    return zlib.compress(json.dumps(curves_to_json(curves_from(blob))).encode())


def _write_curves_in_numbers(connection: sqlite3.Connection) -> None:
    for training, data in connection.execute("SELECT training, data FROM main.curve").fetchall():
        connection.execute("UPDATE main.curve SET data = ? WHERE training = ?", (in_numbers(data), training))


def _without_later(settings: dict[str, Any]) -> dict[str, Any]:
    return settings | {"search": {k: v for k, v in settings["search"].items() if k not in LATER_SETTINGS}}
