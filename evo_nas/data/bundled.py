"""The sets that come with scikit-learn."""

from __future__ import annotations

from typing import Any

from evo_nas.config import DataSettings
from evo_nas.data.assembly import assemble
from evo_nas.data.columns import Column, NumericColumn, TextColumn
from evo_nas.data.dataset import Dataset
from evo_nas.data.roles import array_features, check_target

BUNDLED_NAMES = ("breast_cancer", "diabetes", "digits", "iris", "wine")


def load_bundled(name: str, settings: DataSettings) -> Dataset:
    """One of `BUNDLED_NAMES`, with `categorical`, `drop` and `task` of the settings.

    Classes stand in scikit-learn's order, so that a class index is its `y`: in breast_cancer 0 is malignant and 1, the
    positive class, is benign. Raises UserError for another target and for unknown columns.
    """
    bunch = _read(name)
    check_target(settings, "target", where=name)
    names = [str(column) for column in bunch.feature_names]
    features = array_features(bunch.data, names, settings, where=name)
    return assemble(name, features, _target(bunch), task=settings.task, where=name)


def _read(name: str) -> Any:
    from sklearn import datasets

    return getattr(datasets, f"load_{name}")()


def _target(bunch: Any) -> Column:
    if "target_names" not in bunch:
        return NumericColumn("target", bunch.target.astype("float64"))
    return TextColumn("target", bunch.target.astype("int32"), tuple(str(label) for label in bunch.target_names))
