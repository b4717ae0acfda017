"""Where children begin with their parents' weights, a run that was killed, or has lost weights, comes to the same end.

The fake trainer's outcomes are a function of the whole chain of trainings, so that any wrong weights change the digest.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from evo_nas.history import Ledger
from tests.faults.killable import GENERATIONS, POPULATION
from tests.faults.runs import finish, kill_when, num_trainings, start

pytestmark = pytest.mark.kills

OPTIONS = "handlers=tests.faults.inheriting", "inherit=weights"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("inherited") / "run"
    return folder, finish(folder, *OPTIONS, "workers=1")


def lose_weights(folder: Path, generator: random.Random) -> None:
    files = sorted((folder / "weights").glob("*"))
    for file in generator.sample(files, len(files) // 2):
        file.unlink()


@pytest.mark.parametrize("strategy", ["evolution", pytest.param("aging", marks=pytest.mark.slow)])
def test_killed_at_any_moment_with_half_of_the_weights_lost(
    tmp_path: Path, whole: tuple[Path, str], strategy: str
) -> None:
    options = *OPTIONS, f"strategy={strategy}"
    expected = whole[1] if strategy == "evolution" else finish(tmp_path / "whole", *options, "workers=1")
    folder, generator = tmp_path / "run", random.Random(0)
    for sought in (3, 15):
        kill_when(start(folder, *options, seconds=0.1), lambda sought=sought: num_trainings(folder) >= sought)
        assert num_trainings(folder) < POPULATION * GENERATIONS
        lose_weights(folder, generator)
    assert finish(folder, *options, "workers=2") == expected


@pytest.mark.slow
def test_a_warm_store_saves_the_trainings_and_changes_nothing(tmp_path: Path, whole: tuple[Path, str]) -> None:
    """The store keeps no weights: whoever begins with some that nobody has trains them again."""
    options = *OPTIONS, f"store={tmp_path / 'outcomes.db'}"
    assert finish(tmp_path / "short", *options, "generations=3") != whole[1]
    assert finish(tmp_path / "long", *options) == whole[1]
    with Ledger.read_only(tmp_path / "long" / "run.db") as ledger:
        assert len(ledger.found()) == 3 * POPULATION


def test_the_ledger_says_who_began_with_what_and_who_was_trained_from_scratch(whole: tuple[Path, str]) -> None:
    with Ledger.read_only(whole[0] / "run.db") as ledger:
        individuals, outcomes, finals = ledger.individuals(), ledger.trainings(), ledger.trainings("final")
    by_id = {each.id: each for each in individuals}
    results = {key.fingerprint: outcome for key, outcome in outcomes.items()}
    heirs = [each for each in individuals if each.inherits is not None]
    assert len(heirs) > POPULATION
    for child in heirs:
        parent, outcome = results[str(child.inherits)], results[child.fingerprint]
        assert child.inherits == by_id[child.parents[0]].fingerprint
        assert parent.ok
        if outcome.ok:
            assert outcome.inherited_epochs == (parent.best_epochs[0] + sum(parent.inherited_epochs),)
            assert outcome.effective_epochs == 4 + outcome.inherited_epochs[0]
    assert {key.fingerprint for key in finals} <= {each.fingerprint for each in heirs}
    assert 1 <= len(finals) <= 3
    assert all(not outcome.inherited_epochs for outcome in finals.values())


@pytest.mark.slow
def test_a_run_that_is_extended_equals_one_that_went_through(tmp_path: Path, whole: tuple[Path, str]) -> None:
    folder = tmp_path / "run"
    assert finish(folder, *OPTIONS, "generations=3") != whole[1]
    assert finish(folder, *OPTIONS, f"resume_generations={GENERATIONS}") == whole[1]
