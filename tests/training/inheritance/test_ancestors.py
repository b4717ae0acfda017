"""A training that begins with its parent's weights, found where they were kept or trained again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.outcome import Outcome, Status
from evo_nas.training.inheritance import ancestors
from evo_nas.training.weights import read_arrays
from tests.training.training_cases import genome_of, payload_of, trained

GENERATIONS = ({"width": 6}, {"width": 9}, {"width": 9, "learning_rate": 0.02})
"""A network, its wider child, and that one's child, which is trained otherwise."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def payload_in(data: Path, folder: Path, generation: int) -> dict[str, Any]:
    """Of the training of a generation, with those before it for ancestors."""
    payload = payload_of(data, "binary", activation="relu", **GENERATIONS[generation])
    payload["weights"] = str(folder / f"{generation}.safetensors")
    payload["ancestors"] = [ancestor(folder, number) for number in range(generation)]
    return payload


def ancestor(folder: Path, generation: int) -> dict[str, Any]:
    _, genome, fingerprint = genome_of(activation="relu", **GENERATIONS[generation])
    path = str(folder / f"{generation}.safetensors")
    return {"genome": genome.to_json(), "fingerprint": fingerprint, "weights": path}


def results(outcome: Outcome) -> tuple[Any, ...]:
    assert outcome.status is Status.OK, outcome.message
    return outcome.metrics, outcome.curves, outcome.best_epochs


def test_a_child_goes_on_from_what_its_parent_has_learnt(binary_data: Path, folder: Path) -> None:
    parent, child = (trained(payload_in(binary_data, folder, number)) for number in (0, 1))
    losses = [*parent.curves[0]["validation_loss"], child.curves[0]["validation_loss"][0]]
    assert losses == sorted(losses, reverse=True)


def test_lost_weights_are_trained_again_to_the_same_bits(binary_data: Path, folder: Path) -> None:
    """Those of all ancestors, and those of the parent where its file is damaged."""
    for number in (0, 1):
        trained(payload_in(binary_data, folder, number))
    kept = {number: read_arrays(folder / f"{number}.safetensors") for number in (0, 1)}
    expected = results(trained(payload_in(binary_data, folder, 2)))
    for number in kept:
        (folder / f"{number}.safetensors").unlink()
    assert results(trained(payload_in(binary_data, folder, 2))) == expected
    for number, weights in kept.items():
        again = read_arrays(folder / f"{number}.safetensors")
        assert all(np.array_equal(again[name], values) for name, values in weights.items())
    (folder / "1.safetensors").write_bytes((folder / "1.safetensors").read_bytes()[:-9])
    assert results(trained(payload_in(binary_data, folder, 2))) == expected
    assert not list(folder.glob("*-1.safetensors"))


def test_an_ancestor_that_is_lost_this_time_is_said(binary_data: Path, folder: Path) -> None:
    payload = payload_in(binary_data, folder, 1)
    _, genome, fingerprint = genome_of(activation="relu", width=6, learning_rate=1e12, optimizer="sgd")
    payload["ancestors"] = [{"genome": genome.to_json(), "fingerprint": fingerprint, "weights": None}]
    outcome = trained(payload)
    assert outcome.status is Status.CRASHED
    assert outcome.message.startswith("an ancestor could not be trained again: ")


def test_weights_that_are_tidied_away_before_they_are_kept_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run deletes weights of networks that nobody needs, while its workers train."""
    monkeypatch.setattr(ancestors, "save_weights", lambda weights, path: None)
    ancestors._keep({}, tmp_path / "parent-0.safetensors")
    assert list(tmp_path.iterdir()) == []
