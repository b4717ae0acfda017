"""Features of the frozen part: computed once for all that freeze as much, kept by what they depend on, never wrong."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock, Timeout

from evo_nas.training.backbones import features as module
from evo_nas.training.backbones.features import FOLDER, feature_examples
from evo_nas.training.examples import FoldExamples
from evo_nas.training.kept_examples import FOLDER_VARIABLE
from evo_nas.training.open_training import OpenTraining
from tests.training.training_cases import KERAS_SAVES
from tests.training.transfer_cases import open_transfer_training

pytestmark = KERAS_SAVES


class Counted:
    """How often features were computed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        compute = module.computed_features

        def counting(*arguments: Any) -> Any:
            self.times += 1
            return compute(*arguments)

        monkeypatch.setattr(module, "computed_features", counting)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backbone: Path, space: dict[str, Any]) -> Counted:
    """In an empty cache, with nothing in memory."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(module, "_in_memory", module._InMemory(module.MEMORY_BYTES))
    return Counted(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As another worker would have it."""
    monkeypatch.setattr(module, "_in_memory", module._InMemory(module.MEMORY_BYTES))


def test_it_is_told_that_they_are_computed(images: Path, space: dict[str, Any], counted: Counted) -> None:
    """A worker that is silent for long is taken for dead, and a large backbone takes long."""
    training, told = open_transfer_training(images, space), [0]
    genome = training.request.genome

    def alive() -> None:
        told[0] += 1

    feature_examples(training.data, training.folds[0], genome, "none", alive)
    num_rows = len(training.folds[0].train) + len(training.folds[0].validation)
    assert told == [-(-num_rows // module.ROWS_AT_ONCE)] == [2]


def test_it_is_told_while_another_computes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    path, told = tmp_path / "key.lock", [0]
    of_another = FileLock(path)
    of_another.acquire()

    def alive() -> None:
        told[0] += 1
        if told == [3]:
            of_another.release()

    lock = module._lock(tmp_path, "key", alive)
    with lock, pytest.raises(Timeout):
        FileLock(path).acquire(timeout=0)
    FileLock(path).acquire(timeout=0).__exit__(None, None, None)
    assert told == [3]


def given(training: OpenTraining, fold: int = 0) -> FoldExamples:
    return training.examples(training.folds[fold])


def test_those_who_freeze_as_much_share_them(
    images: Path, space: dict[str, Any], counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = given(open_transfer_training(images, space))
    other = given(open_transfer_training(images, space, layers=0, learning_rate=0.1, pooling="max"))
    assert one.train.inputs is other.train.inputs
    forget(monkeypatch)
    again = given(open_transfer_training(images, space))
    assert np.array_equal(again.train.inputs, one.train.inputs)
    assert counted.times == 1


def test_folds_share_them_too(images: Path, space: dict[str, Any], counted: Counted) -> None:
    training = open_transfer_training(images, space, {"validation": {"folds": 3}})
    folds = [given(training, fold) for fold in range(3)]
    assert counted.times == 1
    assert all(fold.train.inputs is folds[0].train.inputs for fold in folds)
    assert not np.array_equal(folds[0].train.prepared(), folds[1].train.prepared())


@pytest.mark.parametrize(
    "genes",
    [{"frozen_until": "block_0_drop"}, {"frozen_until": "end"}, {"preprocessing": "unit"}],
)
def test_others_have_their_own(images: Path, space: dict[str, Any], counted: Counted, genes: dict[str, Any]) -> None:
    shapes = {given(open_transfer_training(images, space, **each)).train.inputs.shape for each in ({}, genes)}
    assert counted.times == 2
    assert len(shapes) == (2 if genes.get("frozen_until") == "end" else 1)


def test_pooled_features_are_kept_by_their_pooling(images: Path, space: dict[str, Any], counted: Counted) -> None:
    average, largest = (
        given(open_transfer_training(images, space, frozen_until="end", pooling=pooling)).train.prepared()
        for pooling in ("average", "max")
    )
    assert counted.times == 2
    assert average.shape == largest.shape
    assert (largest > average).any()


def test_damaged_ones_are_computed_again(
    images: Path, space: dict[str, Any], counted: Counted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = given(open_transfer_training(images, space)).train.prepared()
    file = next((tmp_path / "cache" / FOLDER).glob("*/features.npy"))
    content = bytearray(file.read_bytes())
    content[-3] ^= 0xFF
    file.write_bytes(content)
    forget(monkeypatch)
    assert np.array_equal(given(open_transfer_training(images, space)).train.prepared(), before)
    assert counted.times == 2


def test_nothing_is_kept_where_nothing_shall_be(
    images: Path, space: dict[str, Any], counted: Counted, tmp_path: Path
) -> None:
    training = open_transfer_training(images, space)
    for _ in range(2):
        feature_examples(training.data, training.folds[0], training.request.genome, "none")
    assert counted.times == 2
    assert not (tmp_path / "cache" / FOLDER).exists()


def test_two_that_need_them_at_once_compute_them_once(
    images: Path, space: dict[str, Any], counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = open_transfer_training(images, space)
    both_ask, compute = threading.Barrier(2), module.computed_features
    monkeypatch.setattr(module._in_memory, "get", lambda key, make: (both_ask.wait(20), make())[1])
    monkeypatch.setattr(module, "computed_features", compute)
    found: list[FoldExamples] = []
    threads = [threading.Thread(target=lambda: found.append(given(training))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert counted.times == 1
    assert np.array_equal(found[0].train.inputs, found[1].train.inputs)
