"""Which requests share a task, what is looked up in the store, and what is committed together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from evo_nas.evaluation import Event, Task, TaskFinished, TrainingContext
from evo_nas.evaluation.cohort_cost import CohortTerms
from evo_nas.history import Ledger, OutcomeStore, Training
from evo_nas.individual import Individual, TrainingKey
from evo_nas.outcome import Outcome, Status
from evo_nas.running.grouping import MOST_DEATHS
from evo_nas.running.loop import Request
from evo_nas.running.trainings import Terms, TrainedOutcomes, describe
from evo_nas.running.workers import Workers
from genomes import Genome, MlpEncoding

ENCODING = MlpEncoding.from_space({"layers": {"low": 0, "high": 20}})
TERMS = Terms(
    TrainingContext({}, {}, "data.npz", {}, "weights"),
    "auto",
    {"plain": "p", "population": "q"},
    CohortTerms(100, 120, (4,), 1, folds=1, epochs=5, memory_mb=500, branched=False),
    time_limit_seconds=10.0,
)


@dataclass
class Desk:
    """An executor that trains nothing: it keeps what it was asked for until it is told to answer."""

    num_slots: int = 2
    tasks: list[Task] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)

    def submit(self, task: Task) -> None:
        self.tasks.append(task)
        good = Outcome(Status.OK, {"loss": 0.5}, curves=({"train_loss": (1.0,)},)).to_json()
        cohort = {"outcomes": [good] * len(task.payload.get("members", ()))}
        self.waiting.append(TaskFinished(task.id, cohort if task.kind == "train_cohort" else good, None, 1.0))

    def events(self, timeout_seconds: float) -> list[Event]:
        events, self.waiting = self.waiting, []
        return events

    def shapes(self) -> list[tuple[str, int]]:
        """(kind, trainings) of every task."""
        return [(task.kind, len(task.payload.get("members", (0,)))) for task in self.tasks]


def individual(number: int, depth: int = 2) -> Individual:
    layer = {"width": 8, "activation": "relu", "dropout": 0.0}
    genes = {**ENCODING.default().genes, "learning_rate": 1e-3 * (number + 1)}
    genome = Genome("mlp", genes, (layer,) * depth)
    return Individual(number, 0, genome, ENCODING.fingerprint(genome), (), "sample", ())


def requests(depths: Sequence[int]) -> list[Request]:
    return [Request(individual(number, depth), 0) for number, depth in enumerate(depths)]


@pytest.fixture
def open_trainings(tmp_path: Path) -> Any:
    ledgers = []

    def open_them(
        store: OutcomeStore | None = None, prepare: Callable[[Ledger], None] = lambda ledger: None, **terms: Any
    ) -> tuple[TrainedOutcomes, Desk, Ledger]:
        ledger = Ledger.create(tmp_path / f"run{len(ledgers)}.db", {})
        ledgers.append(ledger)
        prepare(ledger)
        desk = Desk()
        workers = Workers(desk, ledger)  # type: ignore[arg-type]
        elapsed = lambda: 1.0  # noqa: E731
        return (
            TrainedOutcomes(workers, ENCODING, replace(TERMS, **terms), ledger, store=store, elapsed=elapsed),
            desk,
            ledger,
        )

    yield open_them
    for ledger in ledgers:
        ledger.close()


def collected(trainings: TrainedOutcomes, count: int) -> dict[TrainingKey, Outcome]:
    found: dict[TrainingKey, Outcome] = {}
    while len(found) < count:
        found.update(trainings.collect(0.0))
    return found


def test_what_can_be_fused_is_one_cohort_and_the_rest_is_trained_alone(open_trainings: Any) -> None:
    trainings, desk, _ = open_trainings()
    trainings.submit(requests([2, 0, 2, 9, 2]))
    assert desk.shapes() == [("train_cohort", 3), ("train", 1), ("train", 1)]
    assert [task.time_limit_seconds for task in desk.tasks] == [30.0, 10.0, 10.0]
    assert desk.tasks[0].payload["memory_mb"] == 500
    assert desk.tasks[1].payload["weights"].startswith("weights/")
    assert len(collected(trainings, 5)) == 5


def test_a_cohort_is_one_commit(open_trainings: Any) -> None:
    trainings, _, ledger = open_trainings()
    commits: list[int] = []
    record = ledger.record
    ledger.record = lambda given, **seconds: (commits.append(len(given)), record(given, **seconds))
    trainings.submit(requests([2, 2, 2, 2, 9]))
    assert commits == []
    outcomes = collected(trainings, 5)
    assert commits == [4, 1]
    assert set(ledger.trainings()) == set(outcomes)
    assert trainings.counts.finished == 5
    assert all(ledger.curves(key) for key in outcomes)


def test_the_plain_trainer_trains_all_alone(open_trainings: Any) -> None:
    trainings, desk, _ = open_trainings(trainer="plain")
    trainings.submit(requests([2, 0, 9, 2]))
    assert desk.shapes() == [("train", 1)] * 4


def test_the_population_trainer_refuses_what_cannot_be_fused(open_trainings: Any) -> None:
    trainings, desk, ledger = open_trainings(trainer="population")
    asked = requests([2, 0, 9, 2])
    trainings.submit(asked)
    assert desk.shapes() == [("train_cohort", 2)]
    outcomes = collected(trainings, 4)
    statuses = [outcomes[request.key].status for request in asked]
    assert statuses == [Status.OK, Status.INVALID, Status.INVALID, Status.OK]
    refused = outcomes[asked[2].key]
    assert 'with [recipe] trainer = "auto" it is trained by itself' in refused.message
    assert refused.parameters == 4 * 8 + 8 + 8 * (8 * 8 + 8) + 8 + 1
    assert trainings.counts.failed == 2
    assert set(ledger.trainings()) == set(outcomes)


def test_a_refusal_does_not_look_into_the_store_nor_leave_anything_there(open_trainings: Any, tmp_path: Path) -> None:
    store = OutcomeStore(tmp_path / "outcomes.db", pytest.fail)
    asked = requests([9])
    for trainer, status in (("plain", Status.OK), ("population", Status.INVALID), ("auto", Status.OK)):
        trainings, _, _ = open_trainings(store=store, trainer=trainer)
        trainings.submit(asked)
        assert collected(trainings, 1)[asked[0].key].status is status
    assert trainings.counts.found == 1
    store.close()


def test_the_two_forms_have_stores_of_their_own(open_trainings: Any, tmp_path: Path) -> None:
    store = OutcomeStore(tmp_path / "outcomes.db", pytest.fail)
    found = []
    for trainer in ("plain", "auto", "population", "plain"):
        trainings, _, _ = open_trainings(store=store, trainer=trainer)
        trainings.submit(requests([1, 2, 3]))
        collected(trainings, 3)
        found.append(trainings.counts.found)
    assert found == [0, 0, 3, 3]
    store.close()


def test_what_the_store_holds_is_not_trained_with_the_rest(open_trainings: Any, tmp_path: Path) -> None:
    store = OutcomeStore(tmp_path / "outcomes.db", pytest.fail)
    trainings, _, _ = open_trainings(store=store)
    trainings.submit(requests([2, 2, 2]))
    collected(trainings, 3)
    trainings, desk, _ = open_trainings(store=store)
    trainings.submit(requests([2, 2, 2, 2, 2]))
    assert desk.shapes() == [("train_cohort", 2)]
    assert len(collected(trainings, 5)) == 5
    assert (trainings.counts.finished, trainings.counts.found) == (5, 3)
    store.close()


@pytest.mark.parametrize("deaths", range(1, MOST_DEATHS + 2))
def test_a_genome_under_which_a_child_has_died_is_alone(open_trainings: Any, deaths: int) -> None:
    asked = requests([2, 2, 2])

    def remember(ledger: Ledger) -> None:
        for _ in range(deaths):
            ledger.note_death(*asked[1].key[:2], "it was killed")

    trainings, desk, _ = open_trainings(prepare=remember)
    trainings.submit(asked)
    assert desk.shapes() == [("train_cohort", 2), ("train_cohort", 1)]
    (alone,) = desk.tasks[1].payload["members"]
    assert alone["fingerprint"] == asked[1].individual.fingerprint
    assert desk.tasks[1].tries == max(0, MOST_DEATHS - deaths)


def on_rungs(asked: Sequence[Request], *rungs: int | None) -> list[Request]:
    return [
        Request(replace(request.individual, epochs=epochs), request.replicate)
        for request, epochs in zip(asked, rungs, strict=True)
    ]


def rungs_of(desk: Desk) -> list[list[Any]]:
    """Of each task, what its members are told of rungs: (epochs, before, after), files by their names."""
    told = [[member.get("rung") for member in task.payload.get("members", [task.payload])] for task in desk.tasks]
    return [
        sorted(
            (
                one and (one["epochs"], *(file and Path(file).name for file in (one["before"], one["after"])))
                for one in task
            ),
            key=str,
        )
        for task in told
    ]


@pytest.fixture
def with_files(tmp_path: Path) -> TrainingContext:
    recipe = {"epochs": 9, "early_stopping": {"patience": 2}}
    return replace(TERMS.context, recipe=recipe, rungs=str(tmp_path / "rungs"))


def test_a_rung_is_trained_apart_from_the_whole_and_goes_on_from_its_file(
    open_trainings: Any, with_files: TrainingContext
) -> None:
    trainings, desk, ledger = open_trainings(context=with_files)
    asked = requests([2, 2, 2, 2])
    one, two, *_ = (request.individual.fingerprint for request in asked)
    trainings.submit(on_rungs(asked, 3, 3, None, None))
    collected(trainings, 4)
    assert sorted(rungs_of(desk), key=str) == [
        sorted([(3, None, f"{one}-0-3.safetensors"), (3, None, f"{two}-0-3.safetensors")]),
        [None, None],
    ]
    assert set(ledger.trainings()) == {request.key for request in on_rungs(asked, 3, 3, None, None)}
    (Path(with_files.rungs or "") / f"{one}-0-3.safetensors").touch()
    desk.tasks.clear()
    trainings.submit(on_rungs(asked[:3], 6, 6, 3))
    collected(trainings, 3)
    third = asked[2].individual.fingerprint
    assert rungs_of(desk) == [
        [(3, None, f"{third}-0-3.safetensors")],
        [(6, None, f"{two}-0-6.safetensors")],
        [(6, f"{one}-0-3.safetensors", f"{one}-0-6.safetensors")],
    ]


def test_the_whole_recipe_goes_on_from_the_highest_rung_that_is_there(
    open_trainings: Any, with_files: TrainingContext
) -> None:
    asked = requests([2])
    (name,) = (request.individual.fingerprint for request in asked)

    def remember(ledger: Ledger) -> None:
        good = Outcome(Status.OK, {"loss": 0.5})
        ledger.record([Training(name, 0, replace(good, epochs=(n,), best_epochs=(n,)), epochs=n) for n in (2, 4, 6)])

    for there in (2, 4):
        trainings, desk, _ = open_trainings(prepare=remember, context=with_files)
        folder = Path(with_files.rungs or "")
        folder.mkdir(exist_ok=True)
        (folder / f"{name}-0-{there}.safetensors").touch()
        trainings.submit(asked)
        assert rungs_of(desk) == [[(9, f"{name}-0-{there}.safetensors", None)]]
        collected(trainings, 1)


def test_a_training_by_itself_leaves_a_file_and_keeps_no_weights_of_a_rung(
    open_trainings: Any, with_files: TrainingContext
) -> None:
    trainings, desk, _ = open_trainings(context=with_files, trainer="plain")
    trainings.submit(on_rungs(requests([2, 2]), 3, None))
    collected(trainings, 2)
    (rung,), whole = rungs_of(desk)
    assert (rung[0], rung[1], whole) == (3, None, [None])
    assert rung[2].endswith("-0-3.safetensors")
    assert [task.payload["weights"] is None for task in desk.tasks] == [True, False]


def test_what_ended_on_its_rung_is_found_with_its_curves(
    open_trainings: Any, with_files: TrainingContext, tmp_path: Path
) -> None:
    asked = requests([2, 2])
    ended = Outcome(Status.OK, {"loss": 0.5}, epochs=(3,), best_epochs=(1,), curves=({"train_loss": (1.0, 2.0, 3.0)},))
    open_one = replace(ended, best_epochs=(2,))

    def remember(ledger: Ledger) -> None:
        for request, outcome in zip(asked, (ended, open_one), strict=True):
            ledger.record([Training(request.individual.fingerprint, 0, outcome, epochs=3)])

    trainings, desk, ledger = open_trainings(prepare=remember, context=with_files)
    trainings.submit(asked)
    outcomes = collected(trainings, 2)
    assert desk.shapes() == [("train_cohort", 1)]
    assert outcomes[asked[0].key] == replace(ended, curves=())
    assert ledger.trainings(curves=True)[asked[0].key] == ended
    assert ledger.found() == {asked[0].key}
    assert trainings.counts.found == 1


def test_the_store_keeps_rungs_and_the_whole_apart(
    open_trainings: Any, with_files: TrainingContext, tmp_path: Path
) -> None:
    store = OutcomeStore(tmp_path / "outcomes.db", pytest.fail)
    asked = requests([2])
    found = []
    for epochs in (3, None, 6, 3, None, 6):
        trainings, _, _ = open_trainings(store=store, context=with_files)
        trainings.submit(on_rungs(asked, epochs))
        collected(trainings, 1)
        found.append(trainings.counts.found)
    assert found == [0, 0, 0, 1, 1, 1]
    store.close()


def test_the_replicates_of_a_confirmation_are_one_cohort_of_their_own(open_trainings: Any) -> None:
    trainings, desk, ledger = open_trainings()
    arrived: Mapping[int, Outcome] = {}
    trainings.submit(requests([2, 2]))
    trainings.confirm(individual(7), [1, 2, 3], lambda job, outcome: arrived.update({job.replicate: outcome}))
    assert desk.shapes() == [("train_cohort", 2), ("train_cohort", 3)]
    assert [task.payload["confirm"] for task in desk.tasks] == [False, True]
    assert len(collected(trainings, 2)) == 2
    assert sorted(arrived) == [1, 2, 3]
    assert len(ledger.trainings(purpose="confirmation")) == 3
    assert trainings.counts.finished == 2


def test_replicates_may_share_a_cohort(open_trainings: Any) -> None:
    trainings, desk, _ = open_trainings()
    trainings.submit([Request(individual(number), replicate) for number in range(2) for replicate in range(3)])
    assert desk.shapes() == [("train_cohort", 6)]
    assert len(collected(trainings, 6)) == 6


@pytest.mark.parametrize(
    ("individuals", "label"),
    [
        ([17], "individual 17"),
        ([17, 17, 17], "individual 17"),
        ([40, 12, 60], "cohort of 3 (individuals 12-60)"),
    ],
)
def test_what_a_display_calls_trainings(individuals: list[int], label: str) -> None:
    assert describe(individuals) == label


def test_what_a_display_calls_a_confirmation() -> None:
    assert describe([5, 5, 5], "confirmation") == "confirming individual 5"
