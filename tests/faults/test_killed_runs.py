"""Pull the plug at any moment: a resumed run equals one that never stopped (laws 3, 5, 6 and 8)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from evo_nas.history import Ledger
from evo_nas.outcome import Status
from tests.faults.killable import GENERATIONS, POPULATION
from tests.faults.runs import end, finish, kill_when, num_trainings, start

pytestmark = pytest.mark.kills


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> str:
    return finish(tmp_path_factory.mktemp("whole") / "run")


def moments(folder: Path, generator: random.Random, unit: int) -> dict[str, Callable[[], bool]]:
    """The kinds of moments at which the plug is pulled, each a question asked again and again.

    unit: how many trainings at the most are committed together.
    """
    total = POPULATION * GENERATIONS
    early = generator.randrange(0, POPULATION)
    middle = generator.randrange(1, GENERATIONS - 1) * POPULATION + generator.randrange(1, POPULATION)
    late = generator.randrange(total - POPULATION, total - 4) if unit == 1 else total - POPULATION
    writing = generator.randrange(0, total - POPULATION - 2)
    journal = folder / "run.db-journal"
    return {
        "before the first checkpoint": lambda: num_trainings(folder) >= early,
        "inside a half-done generation": lambda: num_trainings(folder) >= middle,
        "while writing": lambda: num_trainings(folder) in (-1, *range(writing, total)) and journal.exists(),
        "in the last generation": lambda: num_trainings(folder) >= late,
    }


def slow(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.slow)


CHAINS = [(0, "auto"), (2, "auto"), *(slow(*each) for each in ((0, "plain"), (1, "auto"), (1, "plain"), (2, "plain")))]


@pytest.mark.parametrize(("chain", "trainer"), CHAINS)
def test_killed_four_times_in_a_row_and_resumed_each_time(tmp_path: Path, chain: int, trainer: str) -> None:
    option = f"trainer={trainer}"
    whole = finish(tmp_path / "whole", option)
    folder = tmp_path / "run"
    for moment in moments(folder, random.Random(chain), 1 if trainer == "plain" else POPULATION).values():
        kill_when(start(folder, option, seconds=0.1), moment)  # slow beside the look that finds the moment
        assert num_trainings(folder) < POPULATION * GENERATIONS
    assert finish(folder, option) == whole


@pytest.mark.slow
def test_killed_inside_a_cohort(tmp_path: Path, uninterrupted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, log = tmp_path / "run", tmp_path / "log"
    monkeypatch.setenv("FAKE_LOG", str(log))
    for member in (2, 9, 22):
        log.write_bytes(b"")
        kill_when(start(folder, seconds=0.04), lambda member=member: log.stat().st_size >= member)
        assert num_trainings(folder) < POPULATION * GENERATIONS
    assert finish(folder) == uninterrupted


def test_killed_while_a_cohort_is_halved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Genomes that kill their child are found again, and nobody else is blamed for them."""
    monkeypatch.setenv("GUILTY_PREFIXES", "kill=1 garbage=e")
    options = "handlers=tests.faults.guilty", "population=12", "generations=4"
    whole = finish(tmp_path / "whole", *options)
    folder = tmp_path / "run"
    for sought in (1, 15, 30):
        kill_when(start(folder, *options, seconds=0.02), lambda sought=sought: num_trainings(folder) >= sought)
    assert finish(folder, *options, "workers=3") == whole
    with Ledger.read_only(folder / "run.db") as ledger:
        outcomes = ledger.trainings()
    crashed = {fingerprint for (fingerprint, *_), outcome in outcomes.items() if outcome.status is Status.CRASHED}
    assert crashed == {fingerprint for fingerprint, *_ in outcomes if fingerprint[0] in "1e"}
    assert crashed


def test_cohorts_are_committed_as_one(tmp_path: Path) -> None:
    """Six trainings of one key fit into one cohort, so the ledger never holds a part of a generation."""
    folder = tmp_path / "run"
    process = start(folder, seconds=0.01)
    seen = set()
    while process.poll() is None:
        seen.add(num_trainings(folder))
    errors = end(process)
    assert process.returncode == 0, errors
    assert seen - {-1} <= set(range(0, POPULATION * GENERATIONS + 1, POPULATION))
    assert len(seen) > 2


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_changes_nothing(tmp_path: Path, uninterrupted: str, workers: int) -> None:
    assert finish(tmp_path / "run", f"workers={workers}") == uninterrupted


def test_the_same_seed_gives_the_same_digest_and_another_seed_another(tmp_path: Path, uninterrupted: str) -> None:
    assert finish(tmp_path / "again") == uninterrupted
    assert finish(tmp_path / "other", "seed=1") != uninterrupted


def test_a_cold_and_a_warm_store_give_the_same_digest(tmp_path: Path, uninterrupted: str) -> None:
    store = f"store={tmp_path / 'outcomes.db'}"
    assert finish(tmp_path / "cold", store) == uninterrupted
    assert finish(tmp_path / "warm", store) == uninterrupted
    with sqlite3.connect(tmp_path / "warm" / "run.db") as connection:
        (found, all_of_them) = connection.execute("SELECT sum(found), count(*) FROM training").fetchone()
    connection.close()
    assert found >= all_of_them - 1  # all but the confirmation of the winner


def test_a_finished_run_that_is_extended_equals_one_that_went_through(tmp_path: Path) -> None:
    whole = finish(tmp_path / "whole", "generations=7")
    assert finish(tmp_path / "run") != whole
    assert finish(tmp_path / "run", "resume_generations=7") == whole


@pytest.mark.parametrize(
    "options",
    [
        ("strategy=surrogate", "steady_state=yes", "objectives=maximize accuracy,minimize parameters"),
        ("objectives=maximize accuracy,minimize parameters",),
    ],
)
def test_other_ways_of_searching_resume_to_the_same_digest(tmp_path: Path, options: tuple[str, ...]) -> None:
    whole = finish(tmp_path / "whole", *options)
    folder = tmp_path / "run"
    kill_when(start(folder, *options, seconds=0.04), lambda: num_trainings(folder) >= 9)
    assert finish(folder, *options, "workers=1") == whole


@pytest.mark.parametrize(("chain", "trainer"), [(0, "auto"), slow(1, "plain")])
def test_measuring_again_and_rungs_survive_kills_at_any_moment(tmp_path: Path, chain: int, trainer: str) -> None:
    """With and without the files of the rungs, by one worker, two or three."""
    options = "double=again", "epochs=4", "generations=8", f"trainer={trainer}"
    whole = finish(tmp_path / "whole", *options, "workers=1")
    folder, generator = tmp_path / "run", random.Random(chain)
    for sought in sorted(generator.sample(range(40), 4)):
        kill_when(start(folder, *options, seconds=0.03), lambda sought=sought: num_trainings(folder) >= sought)
        files = list((folder / "rungs").glob("*"))
        for file in generator.sample(files, len(files) // 2):
            file.unlink()
    assert finish(folder, *options, "workers=3") == whole
    assert finish(tmp_path / "two", *options, "workers=2") == whole


def test_a_promotion_is_found_in_a_warm_store(tmp_path: Path) -> None:
    options = "double=again", "epochs=4", f"store={tmp_path / 'outcomes.db'}"
    whole = finish(tmp_path / "cold", *options)
    assert finish(tmp_path / "warm", *options) == whole
    with Ledger.read_only(tmp_path / "warm" / "run.db") as ledger:
        assert {key for key in ledger.trainings() if key.epochs is not None} <= ledger.found()
        assert set(ledger.trainings()) == ledger.found()


def test_replicates_are_trained_apart_and_survive_a_kill(tmp_path: Path) -> None:
    whole = finish(tmp_path / "whole", "replicates=3")
    folder = tmp_path / "run"
    kill_when(start(folder, "replicates=3", seconds=0.02), lambda: num_trainings(folder) >= 25)
    assert finish(folder, "workers=3") == whole
