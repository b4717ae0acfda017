"""Data sets for the proofs of the population's trainer, on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from evo_nas.config import Task
from evo_nas.data import save_dataset
from tests.training.population.rows import NUM_ROWS, rows_of


class DataOf(Protocol):
    def __call__(self, task: Task, num_columns: int, num_rows: int = NUM_ROWS) -> Path: ...


@pytest.fixture(scope="session")
def data_of(tmp_path_factory: pytest.TempPathFactory) -> DataOf:
    """(task, columns, rows) -> the path of its data set, written when first asked for."""
    folder = tmp_path_factory.mktemp("rows")

    def data(task: Task, num_columns: int, num_rows: int = NUM_ROWS) -> Path:
        path = folder / f"{task}_{num_columns}_{num_rows}.npz"
        if not path.exists():
            save_dataset(rows_of(task, num_columns, num_rows), path)
        return path

    return data
