"""The outcomes of a genome's replicates as one: known answers, after every replicate."""

from __future__ import annotations

from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from evo_nas.outcome import Outcome, Replicates, Status, combine, failure

LOSSES = st.lists(st.floats(-1e100, 1e100), min_size=2, max_size=8)


def trained(loss: float, number: int) -> Outcome:
    return Outcome(
        Status.OK,
        {"loss": loss, "roc_auc": 0.5},
        parameters=7,
        flops=11,
        epochs=(number, number + 1),
        best_epochs=(number, number),
        seconds=0.5,
        curves=({"train_loss": [loss]},),
        confirmation={"loss": -loss},
        inherited_epochs=(3,),
    )


@given(LOSSES)
def test_after_every_replicate_they_are_what_all_so_far_are(losses: list[float]) -> None:
    outcomes = [trained(loss, number) for number, loss in enumerate(losses)]
    together = Replicates(outcomes[0])
    assert together.outcome() is outcomes[0]
    for count in range(2, len(outcomes) + 1):
        together.add(outcomes[count - 1])
        mean = fmean(losses[:count])
        assert together.outcome() == Outcome(
            Status.OK,
            {"loss": mean, "roc_auc": 0.5},
            parameters=7,
            flops=11,
            epochs=tuple(epoch for number in range(count) for epoch in (number, number + 1)),
            best_epochs=tuple(number for number in range(count) for _ in range(2)),
            seconds=0.5 * count,
            curves=tuple({"train_loss": [loss]} for loss in losses[:count]),
            confirmation={"loss": fmean([-loss for loss in losses[:count]])},
            inherited_epochs=(3,) * count,
        )
        assert combine(outcomes[:count]) == together.outcome()


@given(LOSSES, st.integers(0, 7))
def test_the_first_failure_stands_for_all(losses: list[float], place: int) -> None:
    outcomes = [trained(loss, number) for number, loss in enumerate(losses)]
    failed = min(place, len(outcomes) - 1)
    outcomes[failed] = failure(Status.DIVERGED, "the loss is NaN", seconds=0.25)
    outcomes.append(failure(Status.CRASHED, "another", seconds=0.25))
    seconds = 0.5 * (len(losses) - 1) + 0.5
    assert combine(outcomes) == failure(Status.DIVERGED, "the loss is NaN", seconds=seconds)
