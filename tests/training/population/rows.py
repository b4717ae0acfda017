"""Synthetic rows: every task, as many columns as a proof wants."""

from __future__ import annotations

import numpy as np

from evo_nas.config import Task
from evo_nas.data import Dataset, dataset_from_arrays

NUM_ROWS = 153
"""Of which 122 are searched on: 91 to train and 31 to validate, where the hold-out is a quarter."""

LABELS = np.array(["blue", "green", "red"])


def rows_of(task: Task, num_columns: int, num_rows: int = NUM_ROWS) -> Dataset:
    """A target that depends on the first columns, with noise; of the classes one is rarer."""
    generator = np.random.default_rng(7)
    x = generator.normal(size=(num_rows, num_columns)) * generator.uniform(0.5, 20.0, size=num_columns)
    signal = (x[:, 0] / x[:, 0].std() - np.abs(x[:, 1]) / x[:, 1].std()) + 0.3 * generator.normal(size=num_rows)
    if task == "regression":
        return dataset_from_arrays(x, 1000.0 + 50.0 * signal, target_name="price", name=f"regression_{num_columns}")
    bounds = [0.0] if task == "binary" else [-1.0, 0.5]
    classes = np.digitize(signal, bounds)
    return dataset_from_arrays(x, LABELS[classes], target_name="colour", name=f"{task}_{num_columns}")
