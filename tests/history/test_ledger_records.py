from __future__ import annotations

import math
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.errors import UserError
from evo_nas.history import Ledger, Training
from evo_nas.individual import Evaluated, Individual, TrainingKey, training_keys
from evo_nas.outcome import Outcome, Status, failure
from genomes import Genome
from tests.history.made_up import made_genome, made_individual, made_outcome, made_run

finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(st.characters(codec="utf-8"), max_size=8)
values = st.booleans() | st.integers() | finite | names
genomes = st.builds(
    Genome,
    names,
    st.dictionaries(names, values, max_size=4),
    st.lists(st.dictionaries(names, values, max_size=3), max_size=3).map(tuple),
)
individuals = st.builds(
    Individual,
    id=st.just(0),
    generation=st.integers(0, 10**9),
    genome=genomes,
    fingerprint=names,
    parents=st.lists(st.integers(0, 10**9), max_size=3).map(tuple),
    operator=names,
    changes=st.lists(names, max_size=3).map(tuple),
    replicate=st.integers(0, 10**6),
    epochs=st.none() | st.integers(1, 10**6),
    inherits=st.none() | names,
)
curves = st.lists(st.dictionaries(names, st.lists(finite, max_size=3).map(tuple), max_size=2), max_size=2).map(tuple)
counts = st.lists(st.integers(1, 10**6), max_size=3).map(tuple)
outcomes = st.builds(
    Outcome,
    status=st.sampled_from(Status),
    metrics=st.dictionaries(names, finite, max_size=3),
    parameters=st.integers(0, 10**30),
    flops=st.integers(0, 10**30),
    epochs=counts,
    best_epochs=counts,
    seconds=st.floats(0, 1e9),
    message=st.text(st.characters(codec="utf-8")),
    curves=curves,
    confirmation=st.dictionaries(names, finite, max_size=2),
    inherited_epochs=counts,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "run.db", {"run": "quickstart-1"}) as ledger:
        yield ledger


@given(individual=individuals, outcome=outcomes)
def test_what_is_recorded_is_read_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, individual: Individual, outcome: Outcome
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "run.db"
    with Ledger.create(path, {}) as ledger:
        ledger.propose([individual])
        (key,) = training_keys(individual, 1)
        ledger.record([Training(key.fingerprint, key.replicate, outcome, epochs=key.epochs)])
    with Ledger.read_only(path) as ledger:
        assert ledger.individuals() == [individual]
        assert ledger.trainings(curves=True) == {key: outcome}
        assert ledger.trainings() == {key: replace(outcome, curves=())}
        assert ledger.curves(key) == outcome.curves
        assert ledger.curves(key._replace(epochs=0)) == ()


def test_individuals_come_in_order_of_id_whatever_the_order_of_recording(ledger: Ledger) -> None:
    made = [each.individual for each in made_run(2, 5)]
    ledger.propose(made[5:])
    ledger.propose(made[:5])
    assert ledger.individuals() == made


def test_a_value_of_a_curve_that_was_not_finite_is_nan(ledger: Ledger) -> None:
    outcome = replace(failure(Status.DIVERGED, "NaN"), curves=({"train_loss": (1.0, math.nan, math.inf)},))
    ledger.record([Training("a", 0, outcome)])
    (curve,) = ledger.curves(TrainingKey("a", 0))
    assert curve["train_loss"][0] == 1.0
    assert all(math.isnan(value) for value in curve["train_loss"][1:])


def test_last_words_that_end_in_half_a_character_are_kept(ledger: Ledger) -> None:
    words = b"killed \xff".decode(errors="surrogateescape")
    ledger.record([Training("a", 0, failure(Status.CRASHED, words))])
    ledger.note_death("a", 0, words)
    assert ledger.trainings()[TrainingKey("a", 0)].message == "killed \\udcff"


def test_the_first_record_of_a_training_counts(ledger: Ledger) -> None:
    first, second = (replace(made_outcome(random.Random(seed)), curves=({"loss": (float(seed),)},)) for seed in (1, 2))
    ledger.record([Training("a", 0, first)])
    ledger.record([Training("a", 0, second), Training("a", 1, second)])
    assert ledger.trainings(curves=True) == {TrainingKey("a", 0): first, TrainingKey("a", 1): second}
    assert ledger.curves(TrainingKey("a", 0)) == first.curves


def test_search_and_confirmation_are_kept_apart(ledger: Ledger) -> None:
    first, second = (made_outcome(random.Random(seed)) for seed in (1, 2))
    ledger.record([Training("a", 0, first, found=True), Training("a", 0, second, purpose="confirmation", found=True)])
    assert ledger.trainings() == {TrainingKey("a", 0): first}
    assert ledger.trainings("confirmation") == {TrainingKey("a", 0): second}
    assert ledger.found() == {TrainingKey("a", 0)}


def test_evaluated_are_those_all_of_whose_replicates_are_there(ledger: Ledger) -> None:
    rng = random.Random(0)
    whole, half, twin = (made_individual(number, 0, made_genome(rng)) for number in range(3))
    twin = replace(twin, fingerprint=whole.fingerprint)
    ledger.propose([whole, half, twin])
    first, second = (Outcome(Status.OK, {"loss": loss}, seconds=1.0) for loss in (1.0, 2.0))
    ledger.record([Training(whole.fingerprint, 1, second), Training(half.fingerprint, 0, first)])
    assert list(ledger.evaluated(2)) == []
    ledger.record([Training(whole.fingerprint, 0, first)])
    combined = Outcome(Status.OK, {"loss": 1.5}, seconds=2.0)
    assert list(ledger.evaluated(2)) == [Evaluated(whole, combined), Evaluated(twin, combined)]
    assert [each.individual.id for each in ledger.evaluated(1)] == [0, 1, 2]


def test_measuring_again_and_a_rung_have_trainings_of_their_own(ledger: Ledger) -> None:
    first = made_run(1, 1)[0].individual
    again = replace(first, id=1, operator="measure_again", parents=(0,), replicate=1)
    rung = replace(first, id=2, epochs=3)
    ledger.propose([first, again, rung])
    losses = {(0, None): 1.0, (1, None): 2.0, (2, None): 4.0, (3, None): 8.0, (0, 3): 16.0, (1, 3): 32.0}
    ledger.record(
        [
            Training(first.fingerprint, replicate, Outcome(Status.OK, {"loss": loss}), epochs=epochs)
            for (replicate, epochs), loss in losses.items()
        ]
    )
    assert [each.individual for each in ledger.evaluated(2)] == [first, again, rung]
    assert [each.outcome.metrics["loss"] for each in ledger.evaluated(2)] == [1.5, 6.0, 24.0]


def test_decisions_deaths_and_children(ledger: Ledger) -> None:
    ledger.decide("winner", {"id": 3})
    ledger.decide("clock:budget", {"seconds": 1.5})
    ledger.decide("winner", {"id": 4})
    assert ledger.decisions("winner") == [{"id": 3}, {"id": 4}]
    assert [kind for kind, _ in ledger.all_decisions()] == ["winner", "clock:budget", "winner"]
    for replicate in (0, 0, 1):
        ledger.note_death("a", replicate, "signal 11")
    assert ledger.deaths() == Counter({("a", 0): 2, ("a", 1): 1})
    ledger.note_child(12, 100.25)
    ledger.note_child(13, 100.5)
    ledger.forget_child(12, 100.25)
    ledger.forget_child(13, 7.0)
    assert ledger.children() == [(13, 100.5)]


def test_seconds_are_summed_over_sessions(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with Ledger.create(path, {}) as ledger:
        ledger.propose([], elapsed_seconds=1.0)
        ledger.record([], elapsed_seconds=2.5)
        ledger.record([])
        assert ledger.elapsed_seconds() == 2.5
    with Ledger.open(path) as ledger:
        assert ledger.elapsed_seconds() == 2.5
        ledger.record([], elapsed_seconds=0.5)
    with Ledger.open(path) as ledger:
        ledger.record([], elapsed_seconds=1.0)
        assert ledger.elapsed_seconds() == 4.0


def test_a_transaction_is_whole_or_not_there(ledger: Ledger) -> None:
    first, second = (each.individual for each in made_run(1, 2))
    ledger.propose([first])
    with pytest.raises(sqlite3.IntegrityError):
        ledger.propose([second, first])
    with pytest.raises(ValueError, match="not JSON compliant"):
        ledger.decide("winner", {"loss": math.nan})
    assert ledger.individuals() == [first]
    ledger.propose([second])
    assert ledger.individuals() == [first, second]


def test_a_reader_sees_commits_and_cannot_write(ledger: Ledger) -> None:
    with Ledger.read_only(ledger.path) as reader:
        ledger.decide("winner", {"id": 1})
        assert reader.decisions("winner") == [{"id": 1}]
        with pytest.raises(UserError, match=r"run\.db: cannot be written \(attempt to write a readonly database\)"):
            reader.decide("winner", {"id": 2})


def test_no_index_grows_under_the_trainings(ledger: Ledger) -> None:
    """Random keys touch every page of an index: the cost of a commit would grow with the run."""
    with closing(sqlite3.connect(ledger.path)) as connection:
        for table in ("individual", "training", "curve", "decision", "death"):
            assert connection.execute(f"PRAGMA index_list({table})").fetchall() == []


def test_the_file_is_flushed_and_journalled(ledger: Ledger) -> None:
    assert ledger._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger._connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_meta(ledger: Ledger) -> None:
    assert ledger.meta("run") == "quickstart-1"
    with pytest.raises(UserError, match=r"run\.db: the ledger does not say its 'colour'"):
        ledger.meta("colour")


def test_a_ledger_is_never_made_over_another(ledger: Ledger) -> None:
    with pytest.raises(FileExistsError):
        Ledger.create(ledger.path, {})


def test_a_newer_ledger_is_refused_with_the_version_to_install(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '5' WHERE key = 'format'")
        connection.execute("UPDATE meta SET value = '3.1' WHERE key = 'evo_nas'")
    for opened in (Ledger.open, Ledger.read_only):
        with pytest.raises(UserError, match=r"run\.db: was written by a newer version .*install evo-nas >= 3\.1"):
            opened(ledger.path)


@pytest.mark.parametrize("opened", [Ledger.open, Ledger.read_only])
@pytest.mark.parametrize("content", [b"", b"run = 1\n", b"SQLite format 3\0" + bytes(range(256)) * 20])
def test_a_file_that_is_no_ledger_is_named(tmp_path: Path, opened: type, content: bytes) -> None:
    path = tmp_path / "run.db"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"run\.db: expected the ledger of a run, but it is damaged or of another kind"):
        opened(path)


@pytest.mark.parametrize("opened", [Ledger.open, Ledger.read_only])
def test_a_database_of_another_program_is_named(tmp_path: Path, opened: type) -> None:
    path = tmp_path / "run.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    with pytest.raises(UserError, match="it names no format"):
        opened(path)


@pytest.mark.parametrize("opened", [Ledger.open, Ledger.read_only])
def test_a_missing_ledger_is_not_made(tmp_path: Path, opened: type) -> None:
    with pytest.raises(UserError, match="there is no ledger here"):
        opened(tmp_path / "run.db")
    assert not list(tmp_path.iterdir())


def test_damage_within_is_found_when_a_writer_opens(ledger: Ledger) -> None:
    ledger.propose([each.individual for each in made_run(1, 200)])
    ledger.close()
    content = bytearray(ledger.path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = b"\xa5" * 4096
    ledger.path.write_bytes(content)
    with pytest.raises(UserError, match=r"run\.db: expected the ledger of a run, but it is damaged"):
        Ledger.open(ledger.path)


def test_a_row_that_is_no_record_is_reported_with_its_file(ledger: Ledger) -> None:
    ledger.propose([made_run(1, 1)[0].individual])
    ledger._connection.execute("UPDATE individual SET genome = '{\"genes\": 3}'")
    with pytest.raises(UserError, match=r"run\.db: .*expected a genome"):
        ledger.individuals()
