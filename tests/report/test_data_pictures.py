"""Pictures of the data: what is drawn is what a network would be given, and the same every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evo_nas.data import Dataset, dataset_from_arrays
from evo_nas.report.data_pictures import draw_all, draw_data, drawn_rows, project


def dataset(num_rows: int = 60, *, classes: int = 2, columns: int = 4) -> Dataset:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(num_rows, columns))
    x[:, 0] *= 1000.0
    return dataset_from_arrays(x, np.arange(num_rows) % classes)


def test_few_rows_are_all_drawn_and_of_many_a_sample_without_repeats() -> None:
    rows = np.arange(100, dtype=np.int64)[::-1]
    assert list(drawn_rows(dataset(), rows, seed=0)) == list(range(100))
    some = drawn_rows(dataset(), rows, seed=0, most=30)
    assert len(set(some)) == 30
    assert list(some) == sorted(some) == list(drawn_rows(dataset(), rows, seed=0, most=30))
    assert list(some) != list(drawn_rows(dataset(), rows, seed=1, most=30))


def test_principal_components_are_those_of_the_scaled_rows() -> None:
    data, rows = dataset(), np.arange(40, dtype=np.int64)
    shown = project(data, rows, rows, kind="standard", seed=0)
    scaled = (data.numeric[rows] - data.numeric[rows].mean(axis=0)) / data.numeric[rows].std(axis=0)
    values = np.sort(np.linalg.eigvalsh(np.cov(scaled.T)))[::-1]
    assert shown.explained == pytest.approx(values[:2].sum() / values.sum(), rel=1e-5)
    assert shown.components.var(axis=0, ddof=1) == pytest.approx(values[:2], rel=1e-4)


def test_without_scaling_the_largest_column_is_all_there_is() -> None:
    rows = np.arange(60, dtype=np.int64)
    assert project(dataset(), rows, rows, kind="none", seed=0).explained > 0.999
    assert project(dataset(), rows, rows, kind="standard", seed=0).explained < 0.8


def test_neighbours_stay_neighbours_and_are_the_same_again() -> None:
    generator = np.random.default_rng(0)
    far = np.repeat([0.0, 50.0], 30)[:, None] + generator.normal(size=(60, 3))
    data, rows = dataset_from_arrays(far, np.repeat([0, 1], 30)), np.arange(60, dtype=np.int64)
    shown = project(data, rows, rows, kind="standard", seed=0).neighbours
    distances = np.linalg.norm(shown[:, None] - shown[None], axis=2) + np.diag(np.full(60, np.inf))
    assert (data.target[distances.argmin(axis=1)] == data.target).all()
    assert (shown == project(data, rows, rows, kind="standard", seed=0).neighbours).all()


@pytest.mark.parametrize("columns", [1, 2])
def test_few_columns_and_constant_ones_are_drawn_too(tmp_path: Path, columns: int) -> None:
    x = np.ones((20, columns))
    x[:, 0] = np.arange(20)
    data, rows = dataset_from_arrays(x, np.linspace(0.0, 1.0, 20)), np.arange(20, dtype=np.int64)
    shown = project(data, rows, rows, kind="minmax", seed=0)
    assert shown.components.shape == shown.neighbours.shape == (20, 2)
    assert np.isfinite(shown.neighbours).all()
    draw_data([tmp_path / "data.png", tmp_path / "data.svg"], data, rows, [shown])
    assert (tmp_path / "data.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "data.svg").read_text().startswith("<?xml")


def test_all_preprocessings_side_by_side(tmp_path: Path) -> None:
    data, rows = dataset(), np.arange(60, dtype=np.int64)
    assert draw_all([tmp_path / "data.png"], data, rows, seed=0, most=20) == 20
    assert (tmp_path / "data.png").stat().st_size > 10_000
