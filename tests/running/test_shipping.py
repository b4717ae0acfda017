"""When the best so far is saved: at once where it is the last word, and not at every turn where it may be bettered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evo_nas.evaluation import Task, TaskFinished, TrainingContext
from evo_nas.history import RunFolder
from evo_nas.individual import Individual, parse_objective
from evo_nas.outcome import Outcome, Status
from evo_nas.running import shipping
from evo_nas.running.shipping import MEANWHILE_SECONDS, Shipping
from evo_nas.strategies import DeapIndividual
from evo_nas.strategies.deap_individual import evaluated_individual
from genomes import Genome, MlpEncoding

ENCODING = MlpEncoding.from_space({})
OBJECTIVES = (parse_objective("minimize loss"),)
EXPORTED = {"test": {}, "test_interval": None, "parameters": 1, "fitted_on": "all", "model_sha256": ""}


class Hands:
    """Workers that save nothing: each task waits until it is said to be done."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Task, Callable[[TaskFinished], None]]] = []

    def submit(self, make_task: Callable[[int], Task], *, on_finished: Any, **_: Any) -> None:
        self.tasks.append((make_task(len(self.tasks)), on_finished))

    def finish(self) -> None:
        task, on_finished = self.tasks[-1]
        on_finished(TaskFinished(task.id, EXPORTED, None, 1.0))


class Clock:
    seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def network(number: int, loss: float) -> DeapIndividual:
    genome = Genome("mlp", {**ENCODING.default().genes, "learning_rate": 1e-3 * (number + 1)}, ())
    individual = Individual(number, 0, genome, ENCODING.fingerprint(genome), (), "sample", ())
    return evaluated_individual(individual, Outcome(Status.OK, {"loss": loss}), OBJECTIVES)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(shipping, "time", clock)
    return clock


@pytest.fixture
def open_shipping(tmp_path: Path, clock: Clock) -> tuple[Shipping, Hands]:
    (tmp_path / "winner").mkdir()
    for name in ("model.keras", "preprocessing.json"):
        (tmp_path / "winner" / name).touch()
    hands, context = Hands(), TrainingContext({}, {}, "data.npz", {})
    return Shipping(hands, RunFolder(tmp_path), ENCODING, context, print), hands  # type: ignore[arg-type]


def test_who_may_be_bettered_is_saved_once_in_a_while(open_shipping: tuple[Shipping, Hands], clock: Clock) -> None:
    shipping, hands = open_shipping
    for number in range(100):
        clock.seconds += 1.0
        shipping.ship_meanwhile(network(number, 1.0 / (number + 1)))
        if shipping.busy:
            hands.finish()
    assert len(hands.tasks) == 100 // MEANWHILE_SECONDS
    assert all(task.urgent for task, _ in hands.tasks)


def test_the_last_word_is_saved_whenever_it_comes(open_shipping: tuple[Shipping, Hands]) -> None:
    shipping, hands = open_shipping
    shipping.ship_meanwhile(network(0, 0.5))
    assert hands.tasks == []
    shipping.ship(network(1, 0.4))
    shipping.ship(network(2, 0.3))
    assert len(hands.tasks) == 1  # never two at once
    hands.finish()
    assert [task.payload["genome"]["genes"]["learning_rate"] for task, _ in hands.tasks] == pytest.approx([2e-3, 3e-3])


def test_what_is_saved_already_is_not_saved_again(open_shipping: tuple[Shipping, Hands]) -> None:
    shipping, hands = open_shipping
    shipping.ship(network(1, 0.4))
    hands.finish()
    shipping.ship(network(1, 0.4))
    assert len(hands.tasks) == 1
