"""The ledger: the append-only record of a run, and the only truth about it (law 5)."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evo_nas.curves import Curve
from evo_nas.errors import UserError
from evo_nas.history.rows import (
    Purpose,
    Row,
    Training,
    curves_blob,
    curves_from,
    encode,
    individual_from,
    individual_row,
    outcome_from,
    storable,
    training_row,
)
from evo_nas.history.schema import connect_reader, connect_writer, create_file, readable, writable
from evo_nas.individual import Evaluated, Individual, TrainingKey, training_keys
from evo_nas.outcome import Outcome, combine

_INDIVIDUAL = "id, generation, fingerprint, genome, parents, operator, changes, replicate, rung, inherits"
_KEY = "fingerprint, replicate, rung"
_OUTCOME = "status, metrics, parameters, flops, epochs, best_epochs, seconds, message, confirmation, inherited"
_UPDATE = "ON CONFLICT (id) DO UPDATE SET seconds = excluded.seconds"


class Ledger:
    """One SQLite file with a rollback journal and `synchronous=FULL`: one writer (who holds the run's lock), any
    number of readers. Every method that writes is one transaction: when it has returned, a kill or a power cut
    cannot take it back, and before that nothing of it is there. No write costs more because the run is long.

    A file that is damaged, foreign or newer raises UserError naming it, as does a write on a full disk.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._session: int = self._rows("SELECT coalesce(max(id), 0) + 1 FROM session")[0][0]

    @classmethod
    def create(cls, path: Path, meta: Mapping[str, str]) -> Ledger:
        """Make a ledger and open it for writing. Raises FileExistsError where there is one."""
        create_file(path, meta)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Ledger:
        """Open for writing. Checks the whole file first."""
        return cls(path, connect_writer(path))

    @classmethod
    def read_only(cls, path: Path) -> Ledger:
        """Open for reading, also while another process writes."""
        return cls(path, connect_reader(path))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    def propose(self, individuals: Sequence[Individual], *, elapsed_seconds: float | None = None) -> None:
        """Record proposals. elapsed_seconds: monotonic seconds of this sitting so far."""
        with self._transaction(elapsed_seconds):
            self._insert_all(
                f"individual ({_INDIVIDUAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(individual_row, individuals)
            )

    def record(self, trainings: Sequence[Training], *, elapsed_seconds: float | None = None) -> None:
        """Record what one worker handed back together.

        The first record of a key and purpose is the one that counts.
        """
        with self._transaction(elapsed_seconds):
            (last,) = self._connection.execute("SELECT coalesce(max(sequence), 0) FROM training").fetchone()
            numbered = list(enumerate(trainings, start=last + 1))
            rows = ((sequence, *training_row(training)) for sequence, training in numbered)
            self._insert_all("training VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            curves = ((sequence, curves_blob(t.outcome)) for sequence, t in numbered if t.outcome.curves)
            self._insert_all("curve VALUES (?, ?)", curves)

    def decide(self, kind: str, data: Mapping[str, Any]) -> None:
        """Record a decision that no replay could take again (law 12). Plain data; the digest skips some kinds."""
        with self._transaction():
            self._insert_all("decision (kind, data) VALUES (?, ?)", [(kind, encode(data))])

    def note_child(self, pid: int, create_time: float) -> None:
        """Remember a child process, so that a resume can end it should we be killed."""
        with self._transaction():
            self._insert_all("child VALUES (?, ?)", [(pid, create_time)])

    def forget_child(self, pid: int, create_time: float) -> None:
        """The child has ended. Unknown children are no error."""
        with self._transaction():
            self._connection.execute("DELETE FROM child WHERE pid = ? AND create_time = ?", (pid, create_time))

    def note_death(self, fingerprint: str, replicate: int, message: str) -> None:
        """A child died while it trained this alone (law 11)."""
        with self._transaction():
            row = (fingerprint, replicate, storable(message))
            self._insert_all("death (fingerprint, replicate, message) VALUES (?, ?, ?)", [row])

    # Reading

    def individuals(self) -> list[Individual]:
        """All of them, in order of id."""
        with readable(self.path):
            return [individual_from(row) for row in self._rows(f"SELECT {_INDIVIDUAL} FROM individual ORDER BY id")]

    def trainings(self, purpose: Purpose = "search", *, curves: bool = False) -> dict[TrainingKey, Outcome]:
        """Outcomes by key, in the order in which they were recorded."""
        column = "(SELECT data FROM curve WHERE curve.training = sequence)" if curves else "NULL"
        query = f"SELECT {_KEY}, {column}, {_OUTCOME} FROM training WHERE purpose = ? ORDER BY sequence"
        found: dict[TrainingKey, Outcome] = {}
        with readable(self.path):
            for fingerprint, replicate, epochs, data, *row in self._rows(query, purpose):
                key = TrainingKey(fingerprint, replicate, epochs)
                if key not in found:
                    found[key] = outcome_from(tuple(row), data)
        return found

    def found(self) -> set[TrainingKey]:
        """The trainings of the search that were known already and cost nothing."""
        query = f"SELECT {_KEY} FROM training WHERE found AND purpose = 'search'"
        return {TrainingKey(*row) for row in self._rows(query)}

    def curves(self, key: TrainingKey, purpose: Purpose = "search") -> tuple[Curve, ...]:
        """One mapping a fold; empty where there is no such training or it has no curves."""
        query = (
            "SELECT data FROM curve JOIN training ON training = sequence "
            "WHERE fingerprint = ? AND replicate = ? AND rung IS ? AND purpose = ? ORDER BY sequence LIMIT 1"
        )
        with readable(self.path):
            rows = self._rows(query, *key, purpose)
            return curves_from(rows[0][0]) if rows else ()

    def curves_of(self, keys: AbstractSet[TrainingKey]) -> dict[TrainingKey, tuple[Curve, ...]]:
        """The curves of many trainings of the search in one pass; those without any are left out."""
        query = f"SELECT {_KEY}, sequence FROM training WHERE purpose = 'search' ORDER BY sequence DESC"
        sequences = {TrainingKey(*key): sequence for *key, sequence in self._rows(query) if tuple(key) in keys}
        found: dict[TrainingKey, tuple[Curve, ...]] = {}
        with readable(self.path):
            for key, sequence in sequences.items():
                for (data,) in self._rows("SELECT data FROM curve WHERE training = ?", sequence):
                    found[key] = curves_from(data)
        return found

    def evaluated(self, replicates: int) -> Iterator[Evaluated]:
        """In order of id: the individuals all of whose replicates are there, replicates combined, without curves."""
        outcomes = self.trainings()
        for individual in self.individuals():
            known = [outcomes.get(key) for key in training_keys(individual, replicates)]
            complete = [outcome for outcome in known if outcome is not None]
            if len(complete) == replicates:
                yield Evaluated(individual, combine(complete))

    def decisions(self, kind: str) -> list[dict[str, Any]]:
        """The data of every decision of a kind, oldest first."""
        return [data for each, data in self.all_decisions() if each == kind]

    def all_decisions(self) -> list[tuple[str, dict[str, Any]]]:
        """(kind, data) of every decision, oldest first."""
        with readable(self.path):
            rows = self._rows("SELECT kind, data FROM decision ORDER BY sequence")
            return [(kind, json.loads(data)) for kind, data in rows]

    def children(self) -> list[tuple[int, float]]:
        """(pid, create_time) of the children that were not seen to end."""
        return [(pid, create_time) for pid, create_time in self._rows("SELECT pid, create_time FROM child")]

    def deaths(self) -> Counter[tuple[str, int]]:
        """(fingerprint, replicate) -> how many children died training it alone."""
        return Counter(
            (fingerprint, replicate)
            for fingerprint, replicate in self._rows("SELECT fingerprint, replicate FROM death")
        )

    def meta(self, key: str) -> str:
        """Raises UserError where the ledger does not say."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", key)
        if not rows:
            raise UserError(f"{self.path}: the ledger does not say its {key!r}; it was not written by `evo-nas run`")
        return str(rows[0][0])

    def elapsed_seconds(self) -> float:
        """Seconds of all sessions together, as far as they were committed."""
        return float(self._rows("SELECT coalesce(sum(seconds), 0.0) FROM session")[0][0])

    def _rows(self, query: str, *values: Any) -> list[Row]:
        # All at once: a reader that dawdles over an open cursor would block the writer.
        with readable(self.path):
            return self._connection.execute(query, values).fetchall()

    def _insert_all(self, target: str, rows: Any) -> None:
        self._connection.executemany(f"INSERT INTO {target}", rows)

    @contextmanager
    def _transaction(self, elapsed_seconds: float | None = None) -> Iterator[None]:
        with writable(self.path):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                if elapsed_seconds is not None:
                    self._insert_all("session VALUES (?, ?) " + _UPDATE, [(self._session, elapsed_seconds)])
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
