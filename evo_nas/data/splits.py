"""Which rows may be seen by whom: test, confirmation and search rows, then the folds of one training.

Pure functions of the data, the settings and the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from evo_nas.config import DataSettings, Recipe, Validation
from evo_nas.data.columns import IndexArray
from evo_nas.data.dataset import Dataset
from evo_nas.errors import UserError
from evo_nas.randomness import stream_key


@dataclass(frozen=True, slots=True, eq=False)
class RowSplit:
    """int64 row indices. test: seen by no choice. confirmation: seen by no search. search: the rest."""

    test: IndexArray
    confirmation: IndexArray
    search: IndexArray


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """int64 row indices into the data set (not into the search rows)."""

    train: IndexArray
    validation: IndexArray


def split_rows(dataset: Dataset, settings: DataSettings) -> RowSplit:
    """Split by `split_seed`, stratified for classes.

    The test rows are those of scikit-learn's `train_test_split(arange(rows), test_size=test_fraction,
    random_state=split_seed, stratify=target)`; the confirmation rows (a fraction of all rows) are split from the
    remainder in the same way. A fraction of 0 gives an empty part. Where the data came with test rows, these are the
    test rows, `test_fraction` takes none, and `confirmation_fraction` is one of the others.
    Raises UserError where a part would be empty or a class could be missing from the rows that remain.
    """
    rows = np.arange(dataset.num_rows, dtype=np.int64)
    seed = settings.split_seed
    num_test, num_confirmation = numbers_kept_back(dataset, settings)
    if dataset.num_test:
        rest, test = rows[:-num_test], rows[-num_test:]
    else:
        rest, test = _divided(dataset, rows, num_test, seed, key="[data] test_fraction")
    search, confirmation = _divided(dataset, rest, num_confirmation, seed, key="[data] confirmation_fraction")
    return RowSplit(test, confirmation, search)


def numbers_kept_back(dataset: Dataset, settings: DataSettings) -> tuple[int, int]:
    """How many test rows and confirmation rows there will be."""
    num_test = dataset.num_test or ceil(settings.test_fraction * dataset.num_rows)
    return num_test, ceil(settings.confirmation_fraction * (dataset.num_rows - dataset.num_test))


def training_folds(
    dataset: Dataset, search_rows: IndexArray, validation: Validation, *, evaluation_seed: int, replicate: int
) -> tuple[Fold, ...]:
    """The rows that one replicate trains on and is scored on, stratified for classes: one hold-out or `folds` folds.

    A new replicate gets new folds. Raises UserError for fewer rows, or fewer rows of a class, than folds, and where a
    hold-out would be empty or could leave a class out of training.
    """
    seed = stream_key(evaluation_seed, "folds", replicate) % 2**32
    if validation.folds is not None:
        return _cross_validation(dataset, search_rows, validation.folds, seed)
    assert validation.fraction is not None, "exactly one is set"
    num_held_out = ceil(validation.fraction * len(search_rows))
    train, held_out = _divided(dataset, search_rows, num_held_out, seed, key="[recipe] validation.fraction")
    return (Fold(train, held_out),)


def check_splits(dataset: Dataset, settings: DataSettings, recipe: Recipe) -> None:
    """Raise UserError where the rows cannot be split as the settings and the recipe ask.

    What is checked depends on numbers of rows alone, so a recipe that passes will pass in every replicate.
    """
    search = split_rows(dataset, settings).search
    training_folds(dataset, search, recipe.validation, evaluation_seed=recipe.evaluation_seed, replicate=0)


def _divided(
    dataset: Dataset, rows: IndexArray, num_part: int, seed: int, *, key: str
) -> tuple[IndexArray, IndexArray]:
    """What remains of the rows, and the part that is taken from them."""
    if num_part == 0:
        return rows, np.empty(0, dtype=np.int64)
    from sklearn.model_selection import train_test_split

    labels = None if dataset.task == "regression" else dataset.target[rows]
    if num_part >= len(rows):
        raise UserError(f"{key}: of {len(rows)} rows {num_part} would be taken and none remain; lower it")
    if labels is not None:
        _check_classes(dataset, np.bincount(labels.astype(np.int64)), num_part, key=key)
    rest, part = train_test_split(rows, test_size=num_part, random_state=seed, stratify=labels)
    return rest, part


def _check_classes(dataset: Dataset, counts: IndexArray, num_part: int, *, key: str) -> None:
    present = np.flatnonzero(counts)
    rows, num_rest = int(counts.sum()), int(counts.sum()) - num_part
    if min(num_part, num_rest) < len(present):
        raise UserError(
            f"{key}: {rows} rows are divided into {num_rest} and {num_part}, too few for each of the {len(present)} "
            f"classes; choose a fraction nearer to 0.5, or give more rows"
        )
    smallest = int(present[np.argmin(counts[present])])
    # A stratified split leaves a class its share, rounded down or up: below one, the class may be left out.
    if counts[smallest] * num_rest < rows:
        raise UserError(
            f"{key}: the class {dataset.classes[smallest]!r} has {counts[smallest]} of {rows} rows and might be "
            f"missing from the {num_rest} that remain; lower the fraction, or join the class with another"
        )


def _cross_validation(dataset: Dataset, rows: IndexArray, num_folds: int, seed: int) -> tuple[Fold, ...]:
    from sklearn.model_selection import KFold, StratifiedKFold

    key = "[recipe] validation.folds"
    if len(rows) < num_folds:
        raise UserError(f"{key}: expected at most the number of search rows ({len(rows)}), got {num_folds}")
    if dataset.task == "regression":
        pairs = KFold(num_folds, shuffle=True, random_state=seed).split(rows)
    else:
        labels = dataset.target[rows]
        counts = np.bincount(labels.astype(np.int64), minlength=len(dataset.classes))
        smallest = int(np.argmin(counts))
        if counts[smallest] < num_folds:
            raise UserError(
                f"{key}: the class {dataset.classes[smallest]!r} has {counts[smallest]} search rows, fewer than the "
                f"{num_folds} folds; use fewer folds, or a hold-out such as {{ fraction = 0.25 }}"
            )
        pairs = StratifiedKFold(num_folds, shuffle=True, random_state=seed).split(rows, labels)
    return tuple(Fold(rows[train], rows[validation]) for train, validation in pairs)
