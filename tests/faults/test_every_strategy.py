"""Each strategy that settings can name, interrupted, killed and resumed: the same digest as if nothing had happened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

from evo_nas.config import Fidelity, SearchSettings
from tests.faults.killable import GENERATIONS, POPULATION
from tests.faults.runs import finish, interrupt_when, kill_when, num_trainings, start

pytestmark = pytest.mark.kills

ALL_AT_ONCE = "trainer=plain"
"""Where all proposals are open together, cohorts would leave no middle of a run."""
RUNGS = "epochs=9", "eta=2", "generations=8"
TWO = "objectives=maximize accuracy,minimize parameters"
THREE = "objectives=maximize accuracy,minimize parameters,minimize flops"

OPTIONS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "surrogate": ((),),
    "evolution": ((),),
    "aging": ((),),
    "random": ((),),
    "grid": ((ALL_AT_ONCE,),),
    "coarse_to_fine": ((),),
    "bayesian": (("sampler=tpe",), ("sampler=gp",)),
    "listed": ((ALL_AT_ONCE,),),
    "successive_halving": (RUNGS,),
    "hyperband": (RUNGS,),
    "nsga2": ((TWO,),),
    "nsga3": ((THREE,),),
}
"""A strategy -> the options of `killable.py` with which it is tried."""
AT_ONCE = ("evolution", "bayesian sampler=tpe")
"""What is tried each time: the others share its way of being resumed, and `.ci/run` tries them all."""


def test_no_strategy_is_left_out() -> None:
    named = get_args(SearchSettings.model_fields["strategy"].annotation)
    assert set(OPTIONS) == set(named), "a new strategy is interrupted and resumed too: give it its options here"


def test_no_way_of_judging_early_is_left_out() -> None:
    """Under which strategies: see `test_killed_fidelity_runs.py`."""
    assert set(get_args(Fidelity)) == {"full", "halving", "hyperband", "pasha"}


def cases() -> list[object]:
    return [
        pytest.param(name, options, id=label, marks=[] if label in AT_ONCE else [pytest.mark.slow])
        for name, variants in OPTIONS.items()
        for options in variants
        for label in [" ".join((name, *options))]
    ]


@pytest.mark.parametrize(("strategy", "options"), cases())
def test_interrupted_killed_and_resumed_it_is_the_same_run(
    tmp_path: Path, strategy: str, options: tuple[str, ...]
) -> None:
    """Ctrl-C early, SIGKILL later, and the rest by one worker."""
    if strategy == "bayesian":
        pytest.importorskip("optuna")
        if "sampler=gp" in options:
            pytest.importorskip("torch")
    given = f"strategy={strategy}", *options
    whole = finish(tmp_path / "whole", *given)
    folder = tmp_path / "run"
    early, late = POPULATION + 2, POPULATION * (GENERATIONS - 2)
    interrupt_when(start(folder, *given, seconds=0.04), lambda: num_trainings(folder) >= early)
    kill_when(start(folder, *given, seconds=0.04), lambda: num_trainings(folder) >= late)
    assert finish(folder, *given, "workers=1") == whole
