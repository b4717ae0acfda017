"""Prepared rows are found again, and what is found is what would have been made, to the bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.config import DataSettings, Validation
from evo_nas.data import Fold, load_dataset
from evo_nas.training import kept_examples as kept
from evo_nas.training.examples import FoldExamples, SplitDataset, fold_examples, open_data, open_folds
from evo_nas.training.kept_examples import ARRAYS, PARTS, KeptExamples, examples_key, from_disk, size_of
from tests.training.population.asking import timeless
from tests.training.training_cases import payload_of, trained

SPLIT = DataSettings(path="rows.csv", target="y", confirmation_fraction=0.1)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVO_NAS_CACHE", str(tmp_path / "rows"))
    monkeypatch.setattr(kept, "_in_memory", KeptExamples(kept.MEMORY_BYTES))
    return tmp_path / "rows"


class Making:
    """Makes the examples of a fold, and counts how often."""

    def __init__(self, data: SplitDataset, fold: Fold, kind: str) -> None:
        self.asked = data, fold, kind
        self.count = 0

    def __call__(self) -> FoldExamples:
        self.count += 1
        return fold_examples(*self.asked)


def case(path: Path, kind: str = "quantile", validation: Validation | None = None) -> tuple[SplitDataset, Fold, str]:
    data = open_data(path, SPLIT)
    return data, open_folds(data, validation or Validation(fraction=0.25), 0, 0)[0], kind


def bits(examples: FoldExamples) -> list[Any]:
    arrays = [getattr(getattr(examples, part), name) for part in PARTS for name in ARRAYS]
    return [examples.task, examples.preprocessing.to_json(), *((a.dtype, a.shape, a.tobytes()) for a in arrays)]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_comes_from_disk_is_what_was_made(request: pytest.FixtureRequest, folder: Path, task: str) -> None:
    data, fold, kind = case(request.getfixturevalue(f"{task}_data"))
    make, key = Making(data, fold, kind), examples_key(data.dataset, fold, data.rows.confirmation, kind)
    found = [bits(from_disk(folder, key, make)) for _ in range(2)]
    assert make.count == 1
    assert found[0] == found[1] == bits(make())


def test_what_is_damaged_is_made_again(binary_data: Path, folder: Path) -> None:
    make = Making(*case(binary_data))
    whole = bits(from_disk(folder, "key", make))
    (folder / "key" / "train_inputs.npy").write_bytes(b"no array")
    assert bits(from_disk(folder, "key", make)) == whole
    assert make.count == 2
    from_disk(folder, "key", make)
    assert make.count == 2


def test_a_key_names_all_that_the_examples_depend_on(binary_data: Path, multiclass_data: Path) -> None:
    data, fold, kind = case(binary_data)
    confirmation = data.rows.confirmation
    first = examples_key(data.dataset, fold, confirmation, kind)
    assert first == examples_key(load_dataset(binary_data), replace(fold, train=fold.train.copy()), confirmation, kind)
    moved = Fold(np.append(fold.train, fold.validation[:1]), fold.validation[1:])
    others = [
        examples_key(load_dataset(multiclass_data), fold, confirmation, kind),
        examples_key(data.dataset, Fold(fold.train[::-1], fold.validation), confirmation, kind),
        examples_key(data.dataset, moved, confirmation, kind),
        examples_key(data.dataset, fold, confirmation[:-1], kind),
        examples_key(data.dataset, fold, confirmation, "standard"),
    ]
    assert len({first, *others}) == 6


def test_memory_is_bounded_and_forgets_what_was_used_longest_ago(binary_data: Path) -> None:
    makes = {kind: Making(*case(binary_data, kind)) for kind in ("none", "standard", "robust")}
    size = size_of(makes["none"]())
    memory = KeptExamples(2 * size)
    for kind in ("none", "standard", "none", "robust", "none", "standard"):
        memory.get(kind, makes[kind])
    assert {kind: make.count for kind, make in makes.items()} == {"none": 2, "standard": 2, "robust": 1}
    small = KeptExamples(1)
    assert small.get("none", makes["none"]) is small.get("none", makes["none"]), "the last ones are kept in any case"


@pytest.mark.parametrize(("cache", "times"), [("none", 4), ("memory", 2), ("disk", 1)])
def test_settings_say_where_rows_are_found(
    binary_data: Path, monkeypatch: pytest.MonkeyPatch, cache: str, times: int
) -> None:
    """Four trainings in two workers, of which each has a memory of its own, come to the same bits."""
    made: list[str] = []

    def counted(data: SplitDataset, fold: Fold, kind: str) -> FoldExamples:
        made.append(kind)
        return fold_examples(data, fold, kind)

    expected = timeless(trained(payload_of(binary_data, "binary", preprocessing="quantile")))
    payload = payload_of(binary_data, "binary", preprocessing="quantile")
    payload["split"]["cache"] = cache
    monkeypatch.setattr(kept, "fold_examples", counted)
    for _ in range(2):
        monkeypatch.setattr(kept, "_in_memory", KeptExamples(kept.MEMORY_BYTES))
        assert timeless(trained(payload)) == expected
        assert timeless(trained(payload)) == expected
    assert made == ["quantile"] * times


def test_where_rows_are_found_is_in_no_key() -> None:
    assert len({str(DataSettings(cache=cache).in_key()) for cache in ("none", "memory", "disk")}) == 1
