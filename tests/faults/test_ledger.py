"""Killed while writing, and no room to write: what was acknowledged is there, and nothing else is."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from evo_nas.history import Ledger, Training, read_checkpoint
from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome, Status

NUM_KILLS = 30

# Commits for ever: three individuals, their trainings with curves, a decision; then says how many it has committed.
WRITER = """
import sys
from pathlib import Path
from evo_nas.history import Ledger, Training
from evo_nas.individual import Individual
from evo_nas.outcome import Outcome, Status
from genomes import Genome
path = Path(sys.argv[1])
with Ledger.open(path) if path.exists() else Ledger.create(path, {}) as ledger:
    first = len(ledger.individuals()) // 3
    for commit in range(first, 1_000_000):
        members = [Individual(3 * commit + k, commit, Genome("flat", {"x": commit}), f"{commit}-{k}") for k in range(3)]
        ledger.propose(members)
        outcome = Outcome(Status.OK, {"loss": float(commit)}, curves=({"loss": (0.5,) * 50},))
        ledger.record([Training(m.fingerprint, 0, outcome) for m in members], elapsed_seconds=float(commit - first))
        ledger.decide("commit", {"number": commit})
        sys.stdout.write(f"{commit}\\n")
        sys.stdout.flush()
"""

CHECKPOINTER = """
import sys
from pathlib import Path
from evo_nas.history import checkpoint_text
from evo_nas.atomic import write_atomically
from tests.history.made_up import made_run
run = made_run(2, 300)
texts = [checkpoint_text(run[:n], run="r", generation=n, settings="s", objectives=[]) for n in (200, 600)]
for number in range(1_000_000):
    write_atomically(Path(sys.argv[1]), texts[number % 2])
    sys.stdout.write("x\\n")
    sys.stdout.flush()
"""

# No file may grow beyond the limit: writes fail half-way, as on a full disk.
FULL_DISK = """
import resource, sys
from pathlib import Path
from evo_nas.errors import UserError
from evo_nas.history import Ledger
from evo_nas.atomic import write_atomically
folder = Path(sys.argv[1])
write_atomically(folder / "checkpoint.json", "old")
with Ledger.create(folder / "run.db", {}) as ledger:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    committed = 0
    try:
        while True:
            ledger.decide("step", {"number": committed, "text": "x" * 1000})
            committed += 1
    except UserError as error:
        print(committed, "cannot be written" in str(error), "evo-nas resume" in str(error))
    try:
        write_atomically(folder / "checkpoint.json", "new" * 100_000)
    except OSError as error:
        print(error.strerror)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ledger.decide("step", {"number": committed})
    print(len(ledger.decisions("step")) == committed + 1)
"""

# Dies in the middle of a transaction, part of which SQLite has already written over the old pages.
HALF_WRITTEN = """
import os, signal, sys
from pathlib import Path
from evo_nas.history import Ledger
with Ledger.create(Path(sys.argv[1]), {}) as ledger:
    ledger.decide("step", {"number": 0})
    ledger._connection.execute("PRAGMA cache_size = 2")
    ledger._connection.execute("BEGIN IMMEDIATE")
    ledger._connection.execute("UPDATE decision SET data = '{}'")
    for number in range(100):
        ledger._connection.execute("INSERT INTO decision (kind, data) VALUES ('step', ?)", ("x" * 1000,))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_after(command: list[str], seconds: float) -> list[str]:
    """Run a writer, kill it so long after its first acknowledgement, and return all that it acknowledged."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        # Nothing is waited for here: this is the random moment of the kill.
        time.sleep(seconds)
        writer.kill()
        rest = writer.stdout.read()
        assert writer.wait() == -9
    # A line cut by the kill was not acknowledged.
    return [line.decode() for line in (first + rest).splitlines(keepends=True) if line.endswith(b"\n")]


def test_every_acknowledged_commit_survives_being_killed(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    rng = random.Random(7)
    for _ in range(NUM_KILLS):
        acknowledged = kill_after([sys.executable, "-c", WRITER, str(path)], rng.uniform(0.0, 0.03))
        last = int(acknowledged[-1])
        with Ledger.read_only(path) as ledger:
            assert len(ledger.decisions("commit")) in (last + 1, last + 2)
            assert [d["number"] for d in ledger.decisions("commit")][: last + 1] == list(range(last + 1))
            individuals = ledger.individuals()
            assert [i.id for i in individuals] == list(range(len(individuals)))
            assert len(individuals) % 3 == 0
            trainings = ledger.trainings(curves=True)
            assert len(trainings) % 3 == 0
            assert 3 * (last + 1) <= len(trainings) <= len(individuals) <= 3 * (last + 2)
            assert all(len(outcome.curves) == 1 for outcome in trainings.values())
        finish(path)


def finish(path: Path) -> None:
    """Give the last individuals their trainings and decision, as a resumed run does, so that the writer can go on."""
    with Ledger.open(path) as ledger:
        individuals, trainings = ledger.individuals(), ledger.trainings()
        outcome = Outcome(Status.OK, {"loss": 0.0}, curves=({"loss": (0.5,)},))
        missing = [i.fingerprint for i in individuals if TrainingKey(i.fingerprint, 0) not in trainings]
        ledger.record([Training(fingerprint, 0, outcome) for fingerprint in missing])
        for number in range(len(ledger.decisions("commit")), len(individuals) // 3):
            ledger.decide("commit", {"number": number})


def test_a_checkpoint_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "generation_0001.json"
    rng = random.Random(7)
    for _ in range(10):
        kill_after([sys.executable, "-c", CHECKPOINTER, str(path)], rng.uniform(0.0, 0.02))
        checkpoint = read_checkpoint(path)
        assert len(checkpoint.population) == checkpoint.generation
        leftovers = {entry.name for entry in tmp_path.iterdir()} - {path.name}
        assert leftovers <= {f".{path.name}.tmp"}


def test_a_full_disk_costs_nothing_that_was_there(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    ledger_line, checkpoint_line, recovered = done.stdout.splitlines()
    committed, refused, says_how_to_go_on = ledger_line.split()
    assert int(committed) > 10
    assert (refused, says_how_to_go_on, recovered) == ("True", "True", "True")
    assert checkpoint_line == "File too large"
    assert (tmp_path / "checkpoint.json").read_text() == "old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["checkpoint.json", "run.db"]


def test_a_reader_finds_the_last_commit_under_a_half_written_one(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    died = subprocess.run([sys.executable, "-c", HALF_WRITTEN, str(path)], check=False)
    assert died.returncode == -9
    assert path.with_name("run.db-journal").stat().st_size > 0
    with Ledger.read_only(path) as ledger:
        assert ledger.decisions("step") == [{"number": 0}]
    assert not path.with_name("run.db-journal").exists()
    with Ledger.open(path) as ledger:
        assert ledger.decisions("step") == [{"number": 0}]
