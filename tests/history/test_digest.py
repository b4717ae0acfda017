from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evo_nas.config import DataSettings, EvaluationSettings, Recipe, SearchSettings, Settings
from evo_nas.history import Ledger, Training
from evo_nas.history.digest import Digest, digest, settings_hash, settings_meaning
from evo_nas.individual import Evaluated
from evo_nas.outcome import Status, failure
from tests.history.made_up import made_outcome, made_run

SPACE = {"encoding": "mlp", "layers": {"low": 1, "high": 5}}
SETTINGS = Settings(data=DataSettings(name="iris"), space=SPACE)
RUN = made_run(2, 6)


def meaning(settings: Settings = SETTINGS) -> dict[str, Any]:
    return settings_meaning(settings, space=SPACE, data_fingerprint="d4f1")


@pytest.fixture
def digest_of(tmp_path: Path) -> Callable[..., Digest]:
    """A digest of a run recorded in a ledger of its own."""
    paths = (tmp_path / f"{number}.db" for number in range(100))

    def recorded(run: Sequence[Evaluated], *, settings: Settings = SETTINGS, order: Sequence[int] = ()) -> Digest:
        with Ledger.create(next(paths), {}) as ledger:
            ledger.propose([each.individual for each in run])
            for position in order or range(len(run)):
                ledger.record([Training(run[position].individual.fingerprint, 0, run[position].outcome)])
            return digest(ledger, meaning(settings))

    return recorded


def changed(position: int, **changes: Any) -> list[Evaluated]:
    """The run with another outcome at one place."""
    run = list(RUN)
    run[position] = replace(run[position], outcome=replace(run[position].outcome, **changes))
    return run


def test_the_order_of_completion_is_not_in_it(digest_of: Callable[..., Digest]) -> None:
    order = list(range(len(RUN)))
    random.Random(1).shuffle(order)
    assert digest_of(RUN) == digest_of(RUN, order=order)
    assert digest_of(RUN).num_records == 2 * len(RUN)


def test_time_and_words_are_not_in_it(digest_of: Callable[..., Digest]) -> None:
    assert RUN[0].outcome.ok
    assert digest_of(changed(0, seconds=9e9, message="on another host", confirmation={"loss": 1.0})) == digest_of(RUN)


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": {"loss": 0.1, "roc_auc": 0.9}},
        {"status": Status.DIVERGED},
        {"parameters": 1},
        {"flops": 1},
        {"epochs": (49,)},
        {"best_epochs": (99,)},
        {"curves": ({"train_loss": (0.1,)},)},
    ],
)
def test_every_result_is_in_it(digest_of: Callable[..., Digest], changes: dict[str, Any]) -> None:
    assert digest_of(changed(0, **changes)).hash != digest_of(RUN).hash


def test_the_last_bit_of_a_metric_is_in_it(digest_of: Callable[..., Digest]) -> None:
    metrics = dict(RUN[0].outcome.metrics)
    metrics["loss"] += 2**-54
    assert metrics != RUN[0].outcome.metrics
    assert digest_of(changed(0, metrics=metrics)).hash != digest_of(RUN).hash


@pytest.mark.parametrize(
    "changes",
    [
        {"parents": (1,)},
        {"operator": "crossover"},
        {"changes": ("width 1 -> 2",)},
        {"generation": 5},
        {"replicate": 1},
        {"epochs": 3},
        {"inherits": "a parent"},
    ],
)
def test_lineage_is_in_it(digest_of: Callable[..., Digest], changes: dict[str, Any]) -> None:
    first = replace(RUN[0], individual=replace(RUN[0].individual, **changes))
    assert digest_of([first, *RUN[1:]]).hash != digest_of(RUN).hash


def test_store_confirmations_clock_children_and_deaths_are_not_in_it(tmp_path: Path) -> None:
    digests = []
    for warm in (False, True):
        with Ledger.create(tmp_path / f"{warm}.db", {"run": f"run-{warm}"}) as ledger:
            ledger.propose([each.individual for each in RUN])
            ledger.record([Training(e.individual.fingerprint, 0, e.outcome, found=warm) for e in RUN])
            if warm:
                confirmed = Training(RUN[0].individual.fingerprint, 1, RUN[0].outcome, purpose="confirmation")
                ledger.record([confirmed], elapsed_seconds=5.0)
                ledger.decide("clock", {"stopped": True})
                ledger.decide("session:stopped", {"by": "SIGTERM"})
                ledger.note_child(7, 1.0)
                ledger.note_death(RUN[1].individual.fingerprint, 0, "signal 9")
            digests.append(digest(ledger, meaning()))
    assert digests[0] == digests[1]


def test_other_decisions_are_in_it(tmp_path: Path, digest_of: Callable[..., Digest]) -> None:
    with Ledger.create(tmp_path / "run.db", {}) as ledger:
        before = digest(ledger, meaning())
        ledger.decide("clockwork", {"turns": 3})
        assert digest(ledger, meaning()).hash != before.hash


def test_replicates_stand_in_their_order(tmp_path: Path) -> None:
    outcomes = [made_outcome(random.Random(seed)) for seed in range(3)]
    fingerprint = RUN[0].individual.fingerprint
    digests = []
    for order in ((0, 1, 2), (2, 0, 1)):
        with Ledger.create(tmp_path / f"{order[0]}.db", {}) as ledger:
            ledger.propose([RUN[0].individual])
            ledger.record([Training(fingerprint, replicate, outcomes[replicate]) for replicate in order])
            digests.append(digest(ledger, meaning()))
    assert digests[0] == digests[1]
    assert digests[0].num_records == 4


def test_a_run_that_measures_nothing_again_has_the_digest_it_always_had(tmp_path: Path) -> None:
    """Recorded before networks could be measured again."""
    with Ledger.create(tmp_path / "run.db", {}) as ledger:
        ledger.propose([each.individual for each in RUN])
        for each in RUN:
            ledger.record([Training(each.individual.fingerprint, 0, each.outcome)])
        found = digest(ledger, {"search": {"objectives": ["minimize loss"]}})
    assert found.hash == "de1515a73b9a4a2728caef075add62c00474df3b99ae74085a5e2d8028fabf1a"


def test_rungs_stand_in_their_order_below_the_whole_recipe(tmp_path: Path) -> None:
    fingerprint = RUN[0].individual.fingerprint
    rungs = {2: 1, 10: 2, None: 3}
    hashes = []
    for order in ((2, 10, None), (None, 10, 2), (10, None, 2)):
        with Ledger.create(tmp_path / f"{order[0]}.db", {}) as ledger:
            ledger.propose([RUN[0].individual])
            for epochs in order:
                ledger.record([Training(fingerprint, 0, made_outcome(random.Random(rungs[epochs])), epochs=epochs)])
            hashes.append(digest(ledger, meaning()).hash)
    assert len(set(hashes)) == 1
    with Ledger.create(tmp_path / "other.db", {}) as ledger:
        ledger.propose([RUN[0].individual])
        for epochs, swapped in ((2, 2), (10, 1), (None, 3)):
            ledger.record([Training(fingerprint, 0, made_outcome(random.Random(swapped)), epochs=epochs)])
        assert digest(ledger, meaning()).hash != hashes[0]


def test_facts_about_a_machine_are_counted(digest_of: Callable[..., Digest]) -> None:
    assert digest_of(RUN).num_machine_dependent == 0
    run = list(RUN)
    for position, status in enumerate((Status.OUT_OF_MEMORY, Status.TIMED_OUT, Status.CRASHED, Status.INVALID)):
        run[position] = replace(run[position], outcome=failure(status, "why"))
    assert digest_of(run).num_machine_dependent == 3
    steered = replace_search(objectives=("maximize roc_auc", "minimize seconds"))
    assert digest_of(RUN, settings=steered).num_machine_dependent == len(RUN)


def replace_search(**changes: Any) -> Settings:
    return SETTINGS.model_copy(update={"search": SearchSettings(**changes)})


def test_how_far_and_with_how_many_workers_means_nothing() -> None:
    further = replace_search(generations=60, max_evaluations=3, max_minutes=1.0).model_copy(
        update={"evaluation": EvaluationSettings(workers=7), "data": DataSettings(path="iris.csv", target="kind")}
    )
    assert settings_hash(meaning(further)) == settings_hash(meaning())


def test_the_meaning_of_a_search_without_a_surrogate_is_what_it_always_was() -> None:
    """Recorded before there was one, nor anything else that is off here."""
    older = replace_search(strategy="evolution", adapt=False, restarts=0)
    found = settings_hash(settings_meaning(older, space={}, data_fingerprint=""))
    assert found == "c1f35ca91cf28b022b91c48b4b034d7632899fdcdecc183bab1319c266fc5fb9"


@pytest.mark.parametrize(
    "other",
    [
        replace_search(seed=1),
        replace_search(population=13),
        replace_search(objectives=("minimize loss",)),
        SETTINGS.model_copy(update={"recipe": Recipe(epochs=3)}),
        SETTINGS.model_copy(update={"data": DataSettings(name="iris", split_seed=3)}),
        SETTINGS.model_copy(update={"data": None}),
    ],
)
def test_what_is_searched_and_how_means_something(other: Settings) -> None:
    assert settings_hash(meaning(other)) != settings_hash(meaning())


def test_the_data_and_the_space_mean_something() -> None:
    hashes = {
        settings_hash(settings_meaning(SETTINGS, space=space, data_fingerprint=data))
        for space in (SPACE, {"encoding": "mlp"})
        for data in ("a", "b")
    }
    assert len(hashes) == 4
