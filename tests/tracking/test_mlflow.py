"""A run in MLflow, looked at through MLflow's own client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evo_nas
from tests.tracking.following import Remembering, resume, start

pytest.importorskip("mlflow")

from mlflow.tracking import MlflowClient

from evo_nas.tracking.mlflow import INDIVIDUAL, RUN, MlflowTracker


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of files: quick, and there wherever MLflow is."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    return (tmp_path / "store").as_uri()


def runs(address: str) -> dict[str, Any]:
    """Individual's id, "" for the search itself -> MLflow's run."""
    client = MlflowClient(tracking_uri=address)
    (experiment,) = [each for each in client.search_experiments() if each.name == "evo-nas"]
    found = client.search_runs([experiment.experiment_id], max_results=1000)
    by_id = {each.data.tags.get(INDIVIDUAL, ""): each for each in found}
    assert len(by_id) == len(found)
    return by_id


@pytest.mark.filterwarnings("ignore")
def test_every_individual_is_a_run_below_that_of_the_search(tmp_path: Path, address: str) -> None:
    observer = Remembering()
    start(tmp_path / "run", observer, MlflowTracker(address))
    assert not [text for text in observer.messages if "tracker" in text]
    found, result = runs(address), evo_nas.load_run(tmp_path / "run")
    parent = found.pop("")
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["best individual"] == str(result.best.individual.id)
    assert parent.data.metrics["best/accuracy"] == pytest.approx(result.best.outcome.metrics["accuracy"])
    assert set(found) == {str(number) for number in range(18)}
    client = MlflowClient(tracking_uri=address)
    for each in result.evaluated:
        run = found[str(each.individual.id)]
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert run.info.status == ("FINISHED" if each.outcome.ok else "FAILED")
        assert run.data.params["layer_1_width"] == str(each.individual.genome.layers[0]["width"])
        if each.outcome.ok:
            accuracy = each.outcome.metrics["accuracy"]
            history = client.get_metric_history(run.info.run_id, "train_loss")
            assert [(point.step, point.value) for point in history] == [(1, accuracy), (2, accuracy / 2)]
            assert run.data.metrics["score/accuracy"] == accuracy


@pytest.mark.filterwarnings("ignore")
def test_a_resumed_run_finds_its_own_again(tmp_path: Path, address: str) -> None:
    start(tmp_path / "run", Remembering(), MlflowTracker(address), generations=1)
    before = runs(address)
    client = MlflowClient(tracking_uri=address)
    client.delete_run(before["3"].info.run_id)
    client.update_run(before["4"].info.run_id, status="RUNNING")  # as of one that was cut off
    resume(tmp_path / "run", Remembering(), MlflowTracker(address), num_generations=2)
    after = runs(address)
    assert set(after) == {"", *(str(number) for number in range(12))}
    same = {number for number in before if before[number].info.run_id == after[number].info.run_id}
    assert same == {"", "0", "1", "2", "5"}
    assert {each.data.tags[RUN] for each in after.values()} == {before[""].data.tags[RUN]}


@pytest.mark.filterwarnings("ignore")
def test_a_server_that_is_not_there_costs_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    observer = Remembering()
    ending = start(tmp_path / "run", observer, MlflowTracker("http://127.0.0.1:9"), generations=1)
    assert ending.best is not None
    (warning,) = [text for text in observer.messages if "tracker" in text]
    assert warning.startswith("warning: the tracker MlflowTracker is dropped (MlflowException: API request")
