"""The store of outcomes across runs: no network is trained twice (law 8)."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evo_nas.config import DataSettings, Recipe
from evo_nas.history.rows import QUICK, encode
from evo_nas.history.schema import UNREADABLE
from evo_nas.history.versions import numeric_versions
from evo_nas.outcome import MACHINE_DEPENDENT, Outcome
from genomes import Genome, canonical_json

FORMAT = 2
"""Format 1, whose curves are written in numbers, is read as well; it becomes format 2 when something is put into it."""
BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the trainings of a run have in common: the tuple of law 2 without genome and replicate.

    program: the form of the training program, "plain" or "population". device: its kind, "cpu" or the model of a GPU.
    """

    data_fingerprint: str
    split: DataSettings
    recipe: Recipe
    program: str
    threads: int
    device: str

    def digest(self) -> str:
        """64 hexadecimal digits. Where the rows came from, how many replicates a run asks for, and which trainer it
        would rather have, do not count: `program` says what was used.
        """
        split, recipe = self.split.in_key(), self.recipe.in_key()
        machine = [self.program, self.threads, self.device]
        return _sha256(canonical_json([self.data_fingerprint, split, recipe, machine, numeric_versions()]))


def training_key(
    conditions: str,
    genome: Genome,
    replicate: int,
    *,
    confirm: bool = False,
    epochs: int | None = None,
    begins_with: str | None = None,
) -> str:
    """64 hexadecimal digits that name a training.

    conditions: `Conditions.digest()`. genome: in canonical form. confirm: the training also measured the
    confirmation rows, and so has more to tell. epochs: after which it was judged, a rung; None is the whole recipe.
    begins_with: the name of the training with whose weights it began; None is from scratch.
    """
    rung = "" if epochs is None else f" {epochs}"
    start = "" if begins_with is None else f" from {begins_with}"
    return _sha256(f"{conditions} {replicate} {confirm}{rung}{start} {canonical_json(genome.to_json())}")


class OutcomeStore:
    """Outcomes by key in one SQLite file, which several processes may use at once.

    It only ever saves time. Whatever is wrong with it (damaged, newer, read-only, a full disk, busy for longer than
    `BUSY_SECONDS`) is told once to `warn`, and from then on it is empty and forgets what it is given.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        self.path = path
        self._warn = warn
        self._connection: sqlite3.Connection | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._prepare(self._connection)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._give_up(error)

    def get(self, key: str) -> Outcome | None:
        """The outcome of a training, its seconds included, or None."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT data FROM outcome WHERE key = ?", (key,)).fetchone()
            return None if row is None else Outcome.from_json(json.loads(zlib.decompress(row[0])))
        except (*UNREADABLE, zlib.error) as error:
            self._give_up(error)
            return None

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome. What is a fact about a machine is not kept (law 8)."""
        self.put_all({key: outcome})

    def put_all(self, outcomes: Mapping[str, Outcome]) -> None:
        """Keep many in one transaction."""
        if self._connection is None:
            return
        kept = [(key, _blob(o)) for key, o in outcomes.items() if o.status not in MACHINE_DEPENDENT]
        if not kept:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._raise_format(self._connection)
            self._connection.executemany("INSERT OR IGNORE INTO outcome VALUES (?, ?)", kept)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, ValueError) as error:
            self._give_up(error)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _raise_format(self, connection: sqlite3.Connection) -> None:
        """To that of today, from an earlier one."""
        if self._version(connection) < FORMAT:
            connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _version(self, connection: sqlite3.Connection) -> int:
        """The format; raises ValueError for a newer one, which another process may have made of it meanwhile."""
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > FORMAT:
            raise ValueError(f"it was written by a newer version (format {version}, this one reads {FORMAT})")
        return version

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if not self._version(connection):
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("SELECT name FROM sqlite_master WHERE name <> 'outcome'").fetchone():
                raise ValueError("it is a database of something else")
            connection.execute("CREATE TABLE IF NOT EXISTS outcome (key TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
        connection.execute("SELECT key FROM outcome LIMIT 1").fetchone()

    def _give_up(self, error: Exception) -> None:
        self.close()
        self._warn(
            f"the store of outcomes {self.path} cannot be used ({error}); the run goes on without it. "
            "Delete the file, free its disk, or give another with --store PATH (or none)"
        )


def open_store(path: str | None, *, warn: Callable[[str], None]) -> OutcomeStore | None:
    """The store at a path; "none" means no store, None the one in `EVO_NAS_STORE`, or else in the user's cache."""
    chosen = path or os.environ.get("EVO_NAS_STORE") or _default_path()
    return None if chosen == "none" else OutcomeStore(Path(chosen), warn)


def _default_path() -> str:
    from platformdirs import user_cache_path

    return str(user_cache_path("evo-nas") / "outcomes.db")


def _blob(outcome: Outcome) -> bytes:
    return zlib.compress(encode(outcome.to_json(packed=True)).encode(), QUICK)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
