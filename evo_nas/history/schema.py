"""The ledger's tables, how its file is opened, and the sentences for a file that is not a ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from evo_nas.atomic import flush_folder
from evo_nas.errors import UserError
from evo_nas.history.versions import program_version

FORMAT = 4

# A training is appended and found by its sequence. An index over random fingerprints would make the tenth commit of
# 10,000 rows cost 2.5 times the first (measured), so a reader builds its dictionary instead. Curves have a table of
# their own, so that reading all trainings does not read them. A size may exceed SQLite's 64 bits: no declared type.
TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE individual (
    id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, fingerprint TEXT NOT NULL, genome TEXT NOT NULL,
    parents TEXT NOT NULL, operator TEXT NOT NULL, changes TEXT NOT NULL,
    replicate INTEGER NOT NULL DEFAULT 0, rung INTEGER, inherits TEXT);
CREATE TABLE training (
    sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, replicate INTEGER NOT NULL, purpose TEXT NOT NULL,
    found INTEGER NOT NULL, status TEXT NOT NULL, metrics TEXT NOT NULL, parameters, flops, epochs TEXT NOT NULL,
    best_epochs TEXT NOT NULL, seconds REAL NOT NULL, message TEXT NOT NULL, confirmation TEXT NOT NULL,
    rung INTEGER, inherited TEXT NOT NULL DEFAULT '[]');
CREATE TABLE curve (training INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE decision (sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE death (
    sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, replicate INTEGER NOT NULL, message TEXT NOT NULL);
CREATE TABLE child (pid INTEGER NOT NULL, create_time REAL NOT NULL, PRIMARY KEY (pid, create_time));
CREATE TABLE session (id INTEGER PRIMARY KEY, seconds REAL NOT NULL);
"""

# What format 1 did not know: measuring a genome again, and rungs; and format 2: inherited weights. A writer adds it to
# the file; a reader, who may not, looks at the two tables through views of their names. Format 3 knew no packed curves.
_ADDED = {
    1: """
ALTER TABLE individual ADD COLUMN replicate INTEGER NOT NULL DEFAULT 0;
ALTER TABLE individual ADD COLUMN rung INTEGER;
ALTER TABLE training ADD COLUMN rung INTEGER;
""",
    2: """
ALTER TABLE individual ADD COLUMN inherits TEXT;
ALTER TABLE training ADD COLUMN inherited TEXT NOT NULL DEFAULT '[]';
""",
    3: "",
}
_SEEN_AS_TODAY = {
    1: """
CREATE TEMP VIEW individual AS SELECT *, 0 AS replicate, NULL AS rung, NULL AS inherits FROM main.individual;
CREATE TEMP VIEW training AS SELECT *, NULL AS rung, '[]' AS inherited FROM main.training;
""",
    2: """
CREATE TEMP VIEW individual AS SELECT *, NULL AS inherits FROM main.individual;
CREATE TEMP VIEW training AS SELECT *, '[]' AS inherited FROM main.training;
""",
    3: "",
}


UNREADABLE = (
    sqlite3.Error,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What reading a file of another kind, or one whose bytes were changed, raises."""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn whatever a damaged or foreign file does into one sentence that names it."""
    try:
        yield
    except UNREADABLE as error:
        raise UserError(
            f"{path}: expected the ledger of a run, but it is damaged or of another kind ({error}); "
            "restore the file from a backup, or start a new run from a checkpoint with --from"
        ) from error


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turn a write that failed into one sentence. SQLite has rolled back: every earlier commit is there."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UserError(
            f"{path}: cannot be written ({error}); free the disk or the file, then go on with "
            f"`evo-nas resume {path.parent}`: nothing that was recorded is lost"
        ) from error


def create_file(path: Path, meta: Mapping[str, str]) -> None:
    """Make an empty ledger. It appears under its name only when it is complete. Raises UserError, FileExistsError."""
    if path.exists():
        raise FileExistsError(path)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    unfinished.with_name(unfinished.name + "-journal").unlink(missing_ok=True)
    rows = {"format": str(FORMAT), "evo_nas": program_version(), **meta}
    with writable(path), closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(f"BEGIN; {TABLES}")
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows.items())
        connection.execute("COMMIT")
    unfinished.replace(path)
    flush_folder(path.parent)


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes. Checks the whole file, and brings it to today's format. Raises UserError."""
    connection = _connect(path, "rw")
    try:
        with readable(path):
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            written = _format(connection, path)
            if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise ValueError(found)
        if written < FORMAT:
            _migrate(connection, path, written)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises UserError.

    A writer that was killed leaves a journal which must be rolled back before anybody can read, and that takes a
    moment of writing: SQLite does it under its own locks when a writing connection reads.
    """
    connection = _connect(path, "ro")
    try:
        with readable(path):
            try:
                written = _format(connection, path)
            except sqlite3.OperationalError:
                with closing(_connect(path, "rw")) as healer:
                    healer.execute("SELECT count(*) FROM meta").fetchone()
                written = _format(connection, path)
            if written < FORMAT:
                connection.executescript(_SEEN_AS_TODAY[written])
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    if not path.is_file():
        raise UserError(f"{path}: there is no ledger here; give the folder of a run")
    with readable(path):
        uri = f"{path.resolve().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=60.0)


def _migrate(connection: sqlite3.Connection, path: Path, written: int) -> None:
    """All of it or nothing. Whoever is too old for it from now on is told the version that is not."""
    with writable(path):
        try:
            added = "".join(_ADDED[number] for number in range(written, FORMAT))
            connection.executescript(f"BEGIN IMMEDIATE; {added}")
            now = [(str(FORMAT), "format"), (program_version(), "evo_nas")]
            connection.executemany("UPDATE meta SET value = ? WHERE key = ?", now)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _format(connection: sqlite3.Connection, path: Path) -> int:
    """The format of a ledger. Raises UserError for a newer one, ValueError where it names none."""
    meta = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('format', 'evo_nas')"))
    if "format" not in meta:
        raise ValueError("it names no format")
    if int(meta["format"]) > FORMAT:
        raise UserError(
            f"{path}: was written by a newer version (ledger format {meta['format']}, this one reads {FORMAT}); "
            f"install evo-nas >= {meta['evo_nas']}"
        )
    return int(meta["format"])
