from __future__ import annotations

import json
from pathlib import Path

import pytest

from evo_nas.reporting import gene_importance as module
from evo_nas.reporting import read_run
from evo_nas.reporting.gene_importance import gene_importance, started
from experiments.made_up_run import Size, make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("important") / "run", Size(60, 10))


def test_a_process_of_its_own_says_the_same(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = read_run(run)
    here = json.loads(json.dumps(started(run, record)(), allow_nan=False))
    monkeypatch.setattr(module, "MANY_INDIVIDUALS", 1)
    there = started(run, record)()
    assert there == here
    assert there is not None
    assert there["of"] == len({each.individual.fingerprint for each in record.evaluated})


def test_a_process_that_fails_is_a_sentence(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY_INDIVIDUALS", 1)
    finished = started(tmp_path, read_run(run))
    with pytest.raises(ValueError, match="is not a run folder"):
        finished()


def test_it_is_told_from_networks_spread_over_the_run(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NETWORKS", 25)
    found = gene_importance(read_run(run))
    assert found is not None
    assert 15 <= found["num_networks"] <= 25 < found["of"]
