"""Splits and folds: scikit-learn's own rows, laws that hold for any data, and the refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from evo_nas.config import DataSettings, Recipe, Validation
from evo_nas.data import Dataset, check_splits, dataset_from_arrays, split_rows, training_folds
from evo_nas.errors import UserError


def made(counts: tuple[int, ...], *, regression: bool = False) -> Dataset:
    """A data set with so many rows of each class, in an order that is mixed but always the same."""
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    x = np.arange(len(y), dtype=float)[:, None]
    return dataset_from_arrays(x, x[:, 0] + 0.5 if regression else y, task="regression" if regression else None)


@pytest.mark.parametrize("regression", [False, True])
@pytest.mark.parametrize("fraction", [0.07, 0.2, 0.25, 0.3])
@pytest.mark.parametrize("seed", [0, 4, 2**32 - 1])
def test_test_rows_are_those_of_scikit_learn(regression: bool, fraction: float, seed: int) -> None:
    data = made((60, 40), regression=regression)
    split = split_rows(data, DataSettings(test_fraction=fraction, split_seed=seed))
    stratify = None if regression else data.target
    search, test = train_test_split(np.arange(100), test_size=fraction, random_state=seed, stratify=stratify)
    np.testing.assert_array_equal(split.test, test)
    np.testing.assert_array_equal(split.search, search)
    assert split.confirmation.size == 0
    assert split.search.dtype == np.int64


def test_confirmation_rows_are_a_fraction_of_all_rows() -> None:
    data = made((60, 40))
    split = split_rows(data, DataSettings(test_fraction=0.2, confirmation_fraction=0.1))
    assert (len(split.test), len(split.confirmation), len(split.search)) == (20, 10, 70)
    assert sorted([*split.test, *split.confirmation, *split.search]) == list(range(100))
    assert np.bincount(data.target[split.confirmation]).tolist() == [6, 4]
    np.testing.assert_array_equal(split.test, split_rows(data, DataSettings(test_fraction=0.2)).test)


def test_nothing_is_taken_for_a_fraction_of_zero() -> None:
    split = split_rows(made((6, 4)), DataSettings(test_fraction=0.0))
    assert split.test.size == split.confirmation.size == 0
    assert split.search.tolist() == list(range(10))


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(4, 30), min_size=2, max_size=4).map(tuple),
    regression=st.booleans(),
    num_folds=st.integers(2, 3),
    seed=st.integers(0, 2**63 - 1),
    replicate=st.integers(0, 50),
)
def test_folds_are_a_partition(
    counts: tuple[int, ...], regression: bool, num_folds: int, seed: int, replicate: int
) -> None:
    data = made(counts, regression=regression)
    search = np.arange(data.num_rows, dtype=np.int64)[::-1]
    folds = training_folds(data, search, Validation(folds=num_folds), evaluation_seed=seed, replicate=replicate)
    assert len(folds) == num_folds
    assert sorted(np.concatenate([fold.validation for fold in folds])) == sorted(search)
    for fold in folds:
        assert sorted([*fold.train, *fold.validation]) == sorted(search)
    if not regression:
        per_fold = np.array([np.bincount(data.target[fold.validation], minlength=len(counts)) for fold in folds])
        assert (per_fold.max(axis=0) - per_fold.min(axis=0) <= 1).all()


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(2, 40), min_size=2, max_size=5).map(tuple),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 1000),
)
def test_what_passes_the_check_holds_in_every_replicate(counts: tuple[int, ...], fraction: float, seed: int) -> None:
    data, validation = made(counts), Validation(fraction=fraction)
    settings, recipe = DataSettings(test_fraction=0.0), Recipe(validation=validation, evaluation_seed=seed)
    try:
        check_splits(data, settings, recipe)
    except UserError:
        return
    for replicate in range(5):
        (fold,) = training_folds(data, np.arange(data.num_rows), validation, evaluation_seed=seed, replicate=replicate)
        assert set(data.target[fold.train]) == set(range(len(counts)))
        assert len(fold.validation) > 0
        assert not set(fold.train) & set(fold.validation)


@pytest.mark.parametrize("validation", [Validation(fraction=0.25), Validation(folds=3)])
def test_folds_depend_on_seed_and_replicate_alone(validation: Validation) -> None:
    data = made((30, 30))
    rows = np.arange(60)

    def train(evaluation_seed: int, replicate: int) -> list[int]:
        folds = training_folds(data, rows, validation, evaluation_seed=evaluation_seed, replicate=replicate)
        return folds[0].train.tolist()

    assert train(0, 0) == train(0, 0)
    assert train(0, 1) != train(0, 0)
    assert train(1, 0) != train(0, 0)


def test_folds_are_of_search_rows_only() -> None:
    data = made((30, 30))
    split = split_rows(data, DataSettings())
    (fold,) = training_folds(data, split.search, Validation(fraction=0.25), evaluation_seed=0, replicate=0)
    assert set(fold.train) | set(fold.validation) == set(split.search)
    assert len(fold.validation) == 12


def test_known_hold_out() -> None:
    # A training is found again by its key: the rows behind a key may not change from one version to the next.
    (fold,) = training_folds(made((6, 4)), np.arange(10), Validation(fraction=0.3), evaluation_seed=0, replicate=0)
    assert sorted(fold.validation.tolist()) == [1, 7, 9]


@pytest.mark.parametrize(
    ("counts", "data", "validation", "message"),
    [
        ((8, 2), {}, {"folds": 3}, r"validation.folds: the class '1' has \d search rows, fewer than the 3 folds"),
        ((2, 2), {"test_fraction": 0.1}, {"folds": 2}, r"test_fraction: 4 rows are divided into 3 and 1, too few for"),
        ((9, 9), {"test_fraction": 0.96}, {}, "test_fraction: of 18 rows 18 would be taken and none remain"),
        ((50, 2), {"test_fraction": 0.6}, {}, "test_fraction: the class '1' has 2 of 52 rows and might be missing"),
        ((5, 5), {"confirmation_fraction": 0.75}, {}, "confirmation_fraction: of 8 rows 8 would be taken"),
        ((9, 9), {"confirmation_fraction": 0.05}, {}, "confirmation_fraction: 14 rows are divided into 13 and 1"),
        ((9, 9), {}, {"fraction": 0.05}, r"validation.fraction: 14 rows are divided into 13 and 1, too few for each"),
        ((9, 3), {"test_fraction": 0.0}, {"fraction": 0.8}, "validation.fraction: the class '1' has 3 of 12 rows"),
    ],
)
def test_refusals(counts: tuple[int, ...], data: dict[str, float], validation: dict[str, float], message: str) -> None:
    recipe = Recipe.model_validate({"validation": validation} if validation else {})
    with pytest.raises(UserError, match=message):
        check_splits(made(counts), DataSettings.model_validate(data), recipe)


def test_regression_needs_as_many_rows_as_folds() -> None:
    data = made((3, 2), regression=True)
    with pytest.raises(UserError, match=r"at most the number of search rows \(4\), got 5"):
        check_splits(data, DataSettings(), Recipe(validation=Validation(folds=5)))
    check_splits(data, DataSettings(), Recipe(validation=Validation(folds=4)))
