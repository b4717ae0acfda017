"""A run as a study of Optuna's, read back by Optuna."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("optuna")

from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual, Objective, parse_constraint
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies.bayesian import StudyFacts, export_study, study_of
from evo_nas.strategies.bayesian.export import BEGINNING
from genomes import Encoding, FlatEncoding, values_of
from tests.strategies.searching import encoding

LOSS, SIZE = Objective("loss", maximize=False), Objective("size", maximize=False)
SPACE = encoding()
FACTS = StudyFacts("run", SPACE, (LOSS,), attributes={"strategy": "evolution", "seed": 3})


def individual(number: int, **changes: object) -> Individual:
    import random

    genome = SPACE.sample(random.Random(number))
    made = Individual(number, number // 2, genome, SPACE.fingerprint(genome), parents=(0,) if number else ())
    return replace(made, **changes)


def curve(*losses: float) -> dict[str, tuple[float, ...]]:
    return {"train_loss": losses, "validation_loss": losses}


EVALUATED = [
    Evaluated(
        individual(0, operator="default"),
        Outcome(
            Status.OK, {"loss": 0.5}, 100, 200, (2, 3), (2, 3), 1.5, curves=(curve(0.9, 0.4), curve(0.7, 0.6, 0.6))
        ),
    ),
    Evaluated(individual(1), failure(Status.DIVERGED, "a loss that is NaN", seconds=0.5)),
    Evaluated(individual(2, epochs=4), Outcome(Status.OK, {"loss": 0.25}, seconds=2.0)),
    Evaluated(individual(3, replicate=1, operator="measure_again"), Outcome(Status.OK, {"loss": 0.125}, seconds=1.0)),
]


def test_a_trial_says_all_that_is_known_of_an_individual() -> None:
    study = study_of(EVALUATED, FACTS)
    first = study.trials[0]
    values = {parameter.name: value for parameter, value in values_of(SPACE, EVALUATED[0].individual.genome).items()}
    assert first.params == values
    assert list(first.distributions) == list(values)
    assert first.value == 0.5
    assert first.intermediate_values == {1: pytest.approx(0.8), 2: pytest.approx(0.5), 3: 0.6}
    assert first.user_attrs["operator"] == "default"
    assert first.user_attrs["fingerprint"] == EVALUATED[0].individual.fingerprint
    assert first.user_attrs["epochs"] == [2, 3]
    assert study.trials[1].user_attrs["parents"] == [0]
    assert study.user_attrs == {"strategy": "evolution", "seed": 3}


def test_states_tell_failures_and_rungs() -> None:
    study = study_of(EVALUATED, FACTS)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "FAIL", "PRUNED", "COMPLETE"]
    assert study.trials[1].user_attrs["status"] == "diverged"
    assert study.trials[2].user_attrs["rung"] == 4
    assert study.best_trial.number == 3


def test_the_clock_of_a_study_is_the_trainings_own() -> None:
    trials = study_of(EVALUATED, FACTS).trials
    assert trials[0].datetime_start == BEGINNING
    assert [trial.duration for trial in trials] == [timedelta(seconds=s) for s in (1.5, 0.5, 2.0, 1.0)]
    assert trials[3].datetime_start == trials[2].datetime_complete


def test_several_objectives_and_constraints() -> None:
    facts = replace(FACTS, objectives=(LOSS, SIZE), constraints=(parse_constraint("size <= 100"),))
    small = Evaluated(individual(0), Outcome(Status.OK, {"loss": 0.5, "size": 50.0}))
    large = Evaluated(individual(1), Outcome(Status.OK, {"loss": 0.1, "size": 200.0}))
    study = study_of([small, large], facts)
    assert [direction.name for direction in study.directions] == ["MINIMIZE", "MINIMIZE"]
    assert study.trials[1].values == [0.1, 200.0]
    assert [trial.constraints for trial in study.trials] == [{"size <= 100": -0.5}, {"size <= 100": 1.0}]
    assert [trial.number for trial in study.best_trials] == [0]


@pytest.mark.parametrize("journal", [False, True])
def test_a_file_is_read_back_by_optuna(tmp_path: Path, journal: bool) -> None:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    file = tmp_path / "study"
    export_study(EVALUATED, FACTS, file, journal=journal)
    storage = JournalStorage(JournalFileBackend(str(file))) if journal else f"sqlite:///{file}"
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study, ours = optuna.load_study(study_name="run", storage=storage), study_of(EVALUATED, FACTS)
    read = [(t.params, t.values, t.state, t.user_attrs, t.intermediate_values) for t in study.trials]
    assert read == [(t.params, t.values, t.state, t.user_attrs, t.intermediate_values) for t in ours.trials]
    if not journal:
        study._storage.remove_session()
        study._storage._backend.engine.dispose()


def test_a_study_can_be_gone_on_with() -> None:
    import optuna

    study = study_of(EVALUATED, FACTS)
    study.sampler = optuna.samplers.TPESampler(seed=0)
    trial = study.ask(study.trials[0].distributions)
    assert trial.params.keys() == study.trials[0].params.keys()


def test_an_encoding_without_parameters_has_no_study() -> None:
    class Bare(FlatEncoding):
        name = "bare"
        compose = Encoding.compose

    bare = Bare.from_space({"rate": [1, 2]})
    done = [Evaluated(Individual(0, 0, bare.default(), "x"), Outcome(Status.OK, {"loss": 1.0}))]
    with pytest.raises(UserError, match="a study of Optuna's has named parameters, and the encoding 'bare'"):
        study_of(done, StudyFacts("run", bare, (LOSS,)))
