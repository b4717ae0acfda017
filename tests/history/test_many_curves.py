from __future__ import annotations

from pathlib import Path

from evo_nas.history import Ledger, Training
from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome, Status


def outcome(*values: float) -> Outcome:
    return Outcome(Status.OK, {"loss": values[-1]}, curves=({"train_loss": values},) if len(values) > 1 else ())


def test_the_curves_of_many_are_those_of_each(tmp_path: Path) -> None:
    trainings = [
        Training("a", 0, outcome(3.0, 2.0)),
        Training("a", 1, outcome(4.0, 1.0)),
        Training("a", 0, outcome(9.0, 9.0)),
        Training("a", 0, outcome(5.0, 4.0), purpose="confirmation"),
        Training("b", 0, outcome(0.5)),
        Training("b", 0, outcome(7.0, 6.0), epochs=2),
    ]
    keys = {TrainingKey("a", 0), TrainingKey("a", 1), TrainingKey("b", 0), TrainingKey("b", 0, 2), TrainingKey("c", 0)}
    with Ledger.create(tmp_path / "run.db", {}) as ledger:
        ledger.record(trainings)
        found = ledger.curves_of(keys)
        assert found == {key: curves for key in keys if (curves := ledger.curves(key))}
    assert found[TrainingKey("a", 0)] == ({"train_loss": (3.0, 2.0)},)
    assert TrainingKey("b", 0) not in found
