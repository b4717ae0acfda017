"""When a training has ended on its rung, and which files nobody needs any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo_nas.errors import UserError
from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.running.rungs import Rungs, drop_rungs, has_ended

RECIPE = {"epochs": 9, "early_stopping": {"patience": 2}}
PATIENT = {"epochs": 9, "early_stopping": False}


def fitted(*trained: int, best: tuple[int, ...]) -> Outcome:
    return Outcome(Status.OK, {"loss": 1.0}, epochs=trained, best_epochs=best)


def lost(*trained: int) -> Outcome:
    return Outcome(Status.DIVERGED, epochs=trained)


@pytest.mark.parametrize(
    ("outcome", "recipe", "ended"),
    [
        (fitted(5, best=(5,)), RECIPE, False),
        (fitted(5, best=(4,)), RECIPE, False),
        (fitted(5, best=(3,)), RECIPE, True),
        (fitted(4, best=(2,)), RECIPE, True),
        (fitted(4, 5, best=(2, 4)), RECIPE, False),
        (fitted(4, 5, best=(2, 3)), RECIPE, True),
        (fitted(5, best=(5,)), PATIENT, False),
        (fitted(5, best=(5,)), {"epochs": 5, "early_stopping": False}, True),
        (lost(4), RECIPE, True),
        (lost(5), RECIPE, False),
        (lost(3, 4), RECIPE, True),
        (lost(5, 1), RECIPE, False),
        (lost(), RECIPE, False),
        (failure(Status.INVALID, "too large"), RECIPE, True),
        (failure(Status.CRASHED, "killed"), RECIPE, False),
        (failure(Status.TIMED_OUT, "slow"), RECIPE, False),
        (failure(Status.OUT_OF_MEMORY, "full"), RECIPE, False),
    ],
)
def test_whether_a_training_has_ended_after_five_epochs(
    outcome: Outcome, recipe: dict[str, object], ended: bool
) -> None:
    assert has_ended(outcome, 5, recipe) is ended


def test_only_a_lower_rung_of_the_same_training_speaks_for_it(tmp_path: Path) -> None:
    rungs = Rungs(tmp_path, RECIPE)
    assert rungs.ended_before(TrainingKey("a", 0)) is None
    rungs.note({TrainingKey("a", 0, 5): fitted(4, best=(2,)), TrainingKey("a", 1): fitted(4, best=(2,))})
    assert rungs.ended_before(TrainingKey("a", 0)) == TrainingKey("a", 0, 5)
    assert rungs.ended_before(TrainingKey("a", 0, 7)) == TrainingKey("a", 0, 5)
    assert rungs.ended_before(TrainingKey("a", 0, 5)) is None
    assert rungs.ended_before(TrainingKey("a", 1)) is None
    assert rungs.ended_before(TrainingKey("b", 0)) is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "rungs").touch()
    rungs = Rungs(tmp_path / "rungs", RECIPE)
    rungs.make_room([TrainingKey("a", 0)])
    with pytest.raises(
        UserError, match=r"rungs: the folder cannot be made .File exists.; free the disk, then go on with"
    ):
        rungs.make_room([TrainingKey("a", 0), TrainingKey("a", 0, 3)])


def test_files_are_kept_while_somebody_may_go_on_from_them(tmp_path: Path) -> None:
    for name in ("a-0-3", "a-0-6", "a-1-3", "b-0-3", "c-10-3"):
        (tmp_path / f"{name}.safetensors").touch()
    done = [TrainingKey("a", 0), TrainingKey("c", 10, 3), TrainingKey("c", 1)]
    drop_rungs(tmp_path, {"a", "c"}, done)
    assert {path.stem for path in tmp_path.iterdir()} == {"a-1-3", "c-10-3"}
    for name in ("a-1-9", "c-10-9"):
        (tmp_path / f"{name}.safetensors").touch()
    drop_rungs(tmp_path, {"a", "c"}, [*done, TrainingKey("a", 1, 9)])
    assert {path.stem for path in tmp_path.iterdir()} == {"a-1-9", "c-10-3", "c-10-9"}, "c has not come to 9 yet"
    drop_rungs(tmp_path, set(), [])
    assert not list(tmp_path.iterdir())
    drop_rungs(tmp_path / "never made", set(), done)
