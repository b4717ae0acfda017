"""Networks that are put into a run, and runs that go on otherwise."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

import evo_nas
from evo_nas.errors import UserError
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.injecting import forked, inject
from evo_nas.running.preparation import open_run
from evo_nas.running.verification import verify
from evo_nas.summary import run_digest
from tests.running.test_sittings import FAKE, Silent, quick, resume, start


def own_network(run_dir: Path, file: Path, *, width: int = 7) -> str:
    """A file that holds a network of the run's space, and its fingerprint."""
    run = open_run(run_dir, read_only=True)
    run.ledger.close()
    encoding = run.plan.encoding
    genome = encoding.repair(encoding.default())
    data = genome.to_json()
    data["layers"] = [{**data["layers"][0], "width": width}]
    fitting = encoding.repair(type(genome).from_json(data))
    file.write_text(json.dumps({"genome": fitting.to_json()}))
    return encoding.fingerprint(fitting)


@pytest.mark.parametrize("strategy", ["evolution", "aging", "surrogate", "random", "coarse_to_fine"])
def test_an_injected_network_is_trained_recorded_and_replayed(tmp_path: Path, strategy: str) -> None:
    run_dir = tmp_path / "run"
    start(run_dir, max_evaluations=7, strategy=strategy)
    fingerprint = own_network(run_dir, tmp_path / "own.json")
    number = inject(run_dir, tmp_path / "own.json")
    shutil.copytree(run_dir, tmp_path / "copy")
    resume(run_dir, Choices(max_evaluations=1000))
    resume(tmp_path / "copy", Choices(max_evaluations=number + 4))
    resume(tmp_path / "copy", Choices(max_evaluations=1000))
    assert run_digest(run_dir).hash == run_digest(tmp_path / "copy").hash
    (own,) = [each for each in Result(run_dir).evaluated if each.individual.operator == "inject"]
    assert own.individual.fingerprint == fingerprint
    assert own.individual.id >= number
    assert all(finding.ok for finding in verify(run_dir, handlers=FAKE))


def test_several_are_trained_in_their_order(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    start(run_dir, max_evaluations=7, strategy="evolution")
    names = []
    for width in (7, 8):
        names.append(own_network(run_dir, tmp_path / "own.json", width=width))
        inject(run_dir, tmp_path / "own.json")
    resume(run_dir, Choices(max_evaluations=1000))
    injected = [each.individual for each in Result(run_dir).evaluated if each.individual.operator == "inject"]
    assert [each.fingerprint for each in injected] == names


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "expected a genome as JSON"),
        ("[1, 2]", "expected a genome"),
        ('{"encoding": "flat", "genes": {}, "layers": []}', "no network of the run's space"),
    ],
)
def test_what_is_no_network_of_the_space_is_refused_and_nothing_is_recorded(
    tmp_path: Path, text: str, said: str
) -> None:
    start(tmp_path / "run", max_evaluations=7)
    (tmp_path / "own.json").write_text(text)
    before = run_digest(tmp_path / "run")
    with pytest.raises(UserError, match=said):
        inject(tmp_path / "run", tmp_path / "own.json")
    assert run_digest(tmp_path / "run") == before


@pytest.mark.bad_input
def test_a_finished_run_says_that_it_must_be_extended(tmp_path: Path) -> None:
    start(tmp_path / "run", strategy="evolution")
    own_network(tmp_path / "run", tmp_path / "own.json")
    with pytest.raises(UserError, match="--generations N"):
        inject(tmp_path / "run", tmp_path / "own.json")


def test_a_fork_begins_with_the_population_and_has_other_settings(tmp_path: Path) -> None:
    start(tmp_path / "run", strategy="evolution")
    plan, checkpoint = forked(
        tmp_path / "run",
        1,
        ["mutation_rate=0.3", "strategy=aging", "recipe.epochs = 3", "recipe.early_stopping.patience=2"],
    )
    launch.start(plan, tmp_path / "fork", quick(None), Silent(), checkpoint=checkpoint)
    with closing((run := open_run(tmp_path / "fork", read_only=True)).ledger):
        search = run.plan.settings.search
        stopping = run.plan.recipe.early_stopping
        assert stopping is not None
        assert stopping.patience == 2
        assert (search.mutation_rate, search.strategy, run.plan.recipe.epochs) == (0.3, "aging", 3)
        with closing((old := open_run(tmp_path / "run", read_only=True)).ledger):
            assert search.generations == old.plan.settings.search.generations - 1
            assert run.facts.started_from == f"run {old.facts.id}, generation 1"
            assert run.facts.data_fingerprint == old.facts.data_fingerprint
        begun = [each.fingerprint for each in run.ledger.individuals()][: len(checkpoint.population)]
    assert begun == [each.individual.fingerprint for each in checkpoint.population]


@pytest.mark.bad_input
def test_a_run_with_a_fitness_function_says_how_it_is_forked(tmp_path: Path) -> None:
    def search(run_dir: Path, start_from: str | None = None) -> evo_nas.Result:
        return evo_nas.search(
            {"encoding": "flat", "width": {"low": 1, "high": 64}},
            evaluate=lambda individual: individual.genome.genes["width"],
            objectives=["maximize score"],
            strategy="evolution",
            population=4,
            generations=3,
            run_dir=run_dir,
            start_from=start_from,
        )

    search(tmp_path / "run")
    with pytest.raises(UserError, match=r"call evo_nas\.search there with start_from=") as raised:
        forked(tmp_path / "run", 1, [])
    start_from = str(raised.value).split("start_from=")[1].strip("'")
    begun = search(tmp_path / "fork", start_from).evaluated[0].individual
    assert begun.fingerprint in {each.individual.fingerprint for each in Result(tmp_path / "run").evaluated}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("at", "change", "said"),
    [
        (99, "mutation_rate=0.3", "generation 99 is not there"),
        (1, "mutation_rate", "expected KEY=VALUE"),
        (1, "recipe.epochs.least=3", "expected KEY=VALUE"),
        (1, "recipe.early_stopping.patienc=3", "did you mean 'patience'"),
        (1, "mutation_rat=0.3", "did you mean 'mutation_rate'"),
        (1, "mutation_rate=7", "mutation_rate"),
        (1, "space.width=7", "keeps the space"),
    ],
)
def test_a_fork_that_cannot_be_made_gets_one_sentence(tmp_path: Path, at: int, change: str, said: str) -> None:
    start(tmp_path / "run", strategy="evolution")
    with pytest.raises(UserError, match=said):
        forked(tmp_path / "run", at, [change])
