"""Preprocessing against scikit-learn, and what scikit-learn leaves open: gaps, unseen labels, constants, extremes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from evo_nas.data import Dataset, Preprocessing, Schema, fit_preprocessing
from evo_nas.data.preprocessing import KINDS

SCALERS = {
    "none": FunctionTransformer,
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
    "quantile": lambda: QuantileTransformer(n_quantiles=1000, subsample=None),
}


def made(numeric: np.ndarray, categorical: np.ndarray | None = None, target: np.ndarray | None = None) -> Dataset:
    """A regression on these columns; categories are as many as there are codes."""
    codes = np.empty((len(numeric), 0), dtype=np.int32) if categorical is None else categorical.astype(np.int32)
    categories = tuple(tuple(f"label {i}" for i in range(column.max() + 1)) for column in codes.T)
    schema = Schema(
        tuple(f"n{i}" for i in range(numeric.shape[1])),
        tuple(f"c{i}" for i in range(codes.shape[1])),
        categories,
        "y",
        (),
        "regression",
    )
    return Dataset("made", schema, numeric, codes, np.arange(len(numeric)) * 1.0 if target is None else target)


def table(rows: int) -> Dataset:
    """Columns of several shapes: normal, skewed, rounded so that values repeat, constant; a tenth is missing."""
    random = np.random.default_rng(3)
    normal = random.normal(100.0, 5.0, rows)
    columns = [normal, np.exp(normal / 10), np.round(random.normal(0, 3, rows)), np.full(rows, 0.1)]
    numeric = np.column_stack(columns)
    numeric[random.random(numeric.shape) < 0.1] = np.nan
    categorical = np.column_stack([random.integers(0, 3, rows), random.integers(0, 7, rows)])
    return made(numeric, categorical)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [60, 4000])
def test_equals_scikit_learn(kind: str, rows: int) -> None:
    data = table(rows)
    fitted_on = np.random.default_rng(1).permutation(rows)[: rows // 2]
    assert all(set(data.categorical[fitted_on, i]) == set(data.categorical[:, i]) for i in range(2))
    everything = np.column_stack([data.numeric, data.categorical])
    scaler = SCALERS[kind]()
    if kind == "quantile":
        scaler.set_params(n_quantiles=min(1000, len(fitted_on)))
    reference = ColumnTransformer(
        [
            ("numeric", make_pipeline(SimpleImputer(strategy="median"), scaler), [0, 1, 2, 3]),
            ("categorical", OneHotEncoder(sparse_output=False), [4, 5]),
        ]
    ).fit(everything[fitted_on])
    expected = reference.transform(everything)
    if kind == "quantile":
        expected[:, :4] = (expected[:, :4] - 0.5) * np.sqrt(12.0)
    inputs = fit_preprocessing(data, fitted_on, kind).transform(data.numeric, data.categorical)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs, expected, rtol=1e-5, atol=1e-6)


def test_known_answer() -> None:
    data = made(np.array([[1.0], [np.nan], [5.0], [3.0]]), np.array([[0], [2], [-1], [1]]))
    fitted = fit_preprocessing(data, np.array([0, 2, 3]), "minmax")
    # Label 2 occurs in row 1 only, which was not fitted on: its column is there, and always zero.
    expected = [[0.0, 1, 0, 0], [0.5, 0, 0, 0], [1.0, 0, 0, 0], [0.5, 0, 1, 0]]
    np.testing.assert_array_equal(fitted.transform(data.numeric, data.categorical), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_other_rows_have_no_influence(kind: str) -> None:
    data = table(200)
    rows = np.arange(100)
    numeric, target = data.numeric.copy(), data.target.copy()
    numeric[100:], target[100:] = 1e9, -1e9
    other = Dataset("other", data.schema, numeric, data.categorical, target)
    first, second = (fit_preprocessing(each, rows, kind) for each in (data, other))
    assert first.to_json() == second.to_json()


@pytest.mark.parametrize("kind", KINDS)
def test_json_is_exact(kind: str) -> None:
    data = table(300)
    fitted = fit_preprocessing(data, np.arange(150), kind)
    again = Preprocessing.from_json(json.loads(json.dumps(fitted.to_json(), allow_nan=False)))
    before, after = (each.transform(data.numeric, data.categorical) for each in (fitted, again))
    assert before.tobytes() == after.tobytes()
    assert again.transform_target(data.target).tobytes() == fitted.transform_target(data.target).tobytes()
    assert again.to_json() == fitted.to_json()


@pytest.mark.parametrize("kind", KINDS)
def test_only_labels_or_only_numbers(kind: str) -> None:
    data = table(50)
    for chosen in (made(np.empty((50, 0)), data.categorical), made(data.numeric)):
        fitted = fit_preprocessing(chosen, np.arange(50), kind)
        again = Preprocessing.from_json(fitted.to_json())
        inputs = again.transform(chosen.numeric, chosen.categorical)
        assert inputs.shape == (50, chosen.num_inputs)
        assert np.isfinite(inputs).all()


FLOATS = st.floats(-3e38, 3e38, width=64) | st.sampled_from([0.0, -0.0, 1e-320, 5e-324, 3e38]) | st.just(np.nan)


@settings(max_examples=100, deadline=None)
@given(
    numeric=arrays.arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 3)), elements=FLOATS),
    kind=st.sampled_from(KINDS),
    num_fitted=st.integers(1, 8),
)
def test_every_input_is_finite(numeric: np.ndarray, kind: str, num_fitted: int) -> None:
    data = made(numeric)
    fitted = fit_preprocessing(data, np.arange(min(num_fitted, len(numeric))), kind)
    assert np.isfinite(fitted.transform(data.numeric, data.categorical)).all()


@pytest.mark.parametrize("kind", ["standard", "minmax", "robust"])
def test_a_constant_column_becomes_exactly_zero(kind: str) -> None:
    data = made(np.full((30, 1), 0.1))
    fitted = fit_preprocessing(data, np.arange(30), kind)
    assert not fitted.transform(data.numeric, data.categorical).any()
    new = fitted.transform(np.array([[1.1]]), np.empty((1, 0), dtype=np.int32))
    np.testing.assert_allclose(new, [[1.0]])


def test_robust_keeps_a_column_of_mostly_zeros_small() -> None:
    values = np.zeros((100, 1))
    values[:5] = 99_999.0
    fitted = fit_preprocessing(made(values), np.arange(100), "robust")
    inputs = fitted.transform(values, np.empty((100, 0), dtype=np.int32))
    np.testing.assert_allclose(inputs.max(), 99_999.0 / values.std(), rtol=1e-6)


def test_quantiles_have_mean_zero_and_variance_one() -> None:
    values = np.random.default_rng(0).lognormal(size=(5000, 1))
    fitted = fit_preprocessing(made(values), np.arange(5000), "quantile")
    inputs = fitted.transform(values, np.empty((5000, 0), dtype=np.int32))
    np.testing.assert_allclose([inputs.mean(), inputs.std()], [0.0, 1.0], atol=1e-3)


def test_regression_target_there_and_back() -> None:
    target = np.array([10.0, 20.0, 30.0, 1e6])
    data = made(np.zeros((4, 1)), target=target)
    fitted = fit_preprocessing(data, np.array([0, 1, 2]), "none")
    scaled = fitted.transform_target(target)
    np.testing.assert_allclose(scaled[:3], [-(1.5**0.5), 0.0, 1.5**0.5], rtol=1e-6)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(fitted.restore_target(scaled), target, rtol=1e-6)


def test_a_target_constant_in_training_is_not_divided_by_zero() -> None:
    data = made(np.zeros((4, 1)), target=np.array([0.1, 0.1, 0.1, 5.0]))
    fitted = fit_preprocessing(data, np.arange(3), "none")
    assert (fitted.target_mean, fitted.target_deviation) == (0.1, 1.0)


def test_classes_stay_as_they_are() -> None:
    schema = Schema(("n0",), (), (), "y", ("no", "yes"), "binary")
    data = Dataset("made", schema, np.zeros((3, 1)), np.empty((3, 0), dtype=np.int32), np.array([0, 1, 1]))
    fitted = fit_preprocessing(data, np.arange(3), "standard")
    assert fitted.transform_target(data.target).tolist() == [0, 1, 1]
    assert fitted.transform_target(data.target).dtype == np.int64


def test_refusals() -> None:
    data = table(50)
    with pytest.raises(ValueError, match=r"expected a preprocessing of none, standard, .*, got 'log'"):
        fit_preprocessing(data, np.arange(50), "log")
    fitted = fit_preprocessing(data, np.arange(50), "standard")
    with pytest.raises(ValueError, match="expected 4 numeric and 2 categorical columns"):
        fitted.transform(data.numeric[:, :3], data.categorical)
    with pytest.raises(ValueError, match="one median, center and width"):
        Preprocessing.from_json({**fitted.to_json(), "widths": [1.0]})
    with pytest.raises(KeyError):
        Preprocessing.from_json({"kind": "standard"})
