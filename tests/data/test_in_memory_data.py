"""Data sets from arrays, npz files and data frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evo_nas.config import DataSettings
from evo_nas.data import Dataset, Schema, dataset_from_arrays, dataset_from_frame, load_data
from evo_nas.errors import UserError

X = np.array([[1.0, 2.0], [np.nan, 1.0], [3.0, 2.0], [4.0, 3.0]])
Y = np.array([0, 1, 1, 0])


def test_arrays() -> None:
    data = dataset_from_arrays(X, Y)
    np.testing.assert_array_equal(data.numeric, X)
    assert data.numeric_names == ("x0", "x1")
    assert (data.target.tolist(), data.classes, data.task) == ([0, 1, 1, 0], ("0", "1"), "binary")


def test_the_data_set_is_a_copy() -> None:
    x = X.copy()
    data = dataset_from_arrays(x, Y)
    x[0, 0] = 99.0
    assert data.numeric[0, 0] == 1.0


def test_arrays_with_names_labels_and_task() -> None:
    data = dataset_from_arrays(X, Y, feature_names=["a", "b"], categorical=["b"], task="regression", target_name="t")
    assert (data.numeric_names, data.categorical_names, data.categories) == (("a",), ("b",), (("1", "2", "3"),))
    assert data.categorical.ravel().tolist() == [1, 0, 1, 2]
    assert (data.task, data.target_name, data.target.dtype) == ("regression", "t", np.float64)


def test_arrays_of_objects() -> None:
    x = np.array([[1, "red"], [None, "blue"], ["2.5", None], [4, "red"]], dtype=object)
    data = dataset_from_arrays(x, np.array([True, False, True, False]), categorical=["x1"])
    np.testing.assert_array_equal(data.numeric.ravel(), [1.0, np.nan, 2.5, 4.0])
    assert data.categorical.ravel().tolist() == [1, 0, -1, 1]
    assert data.classes == ("False", "True")


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (X[0], Y, {}, r"expected x \[rows, columns\] and y \[rows\], got shapes \(2,\) and \(4,\)"),
        (X, Y[:3], {}, r"got shapes \(4, 2\) and \(3,\)"),
        (X, Y, {"feature_names": ["a"]}, "expected 2 feature names, one a column, got 1"),
        (X, Y, {"feature_names": ["a", "a"]}, "'a' occurs twice"),
        (X, Y, {"feature_names": ["a", "target"]}, "'target' occurs twice"),
        (X, Y, {"categorical": ["x7"]}, "categorical names the column 'x7'"),
        (np.where(np.isnan(X), np.inf, X), Y, {}, "'x0' holds an infinite value in row 2"),
        (np.array([[1], [2**60 + 1]]), [0, 1], {}, "whole number 1152921504606846977 in row 2, beyond"),
        (np.array([[1], [-(2**63)]]), [0, 1], {}, "whole number -9223372036854775808 in row 2, beyond"),
        (X, np.array([1, 2, 3, 2**63], dtype=np.uint64), {}, "column 'target' holds the whole .* in row 4"),
        (X, [0.0, np.nan, 1.0, 0.0], {}, "target 'target' has no value in row 2"),
        (X, [1, 1, 1, 1], {}, "'target' is '1' in every row"),
        (X * 1j, Y, {}, "of type complex128; expected numbers, texts or booleans"),
        (np.full((4, 1), np.nan), Y, {}, "'x0' holds no value"),
        (np.empty((0, 2)), [], {}, "no rows"),
    ],
)
def test_arrays_refused(x: object, y: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        dataset_from_arrays(x, y, **options)  # type: ignore[arg-type]


def test_frame_types_decide_what_is_a_label() -> None:
    frame = pd.DataFrame(
        {
            "number": [1.5, None, 2.0, 3.0],
            "nullable": pd.array([1, None, 3, 4], dtype="Int64"),
            "object": ["b", None, "a", "b"],
            "text": pd.array(["u", "v", None, "u"], dtype="string"),
            "category": pd.Categorical([3, 1, 3, None]),
            "flag": [True, False, True, True],
            "coded": [7, 8, 7, 8],
            "label": ["no", "yes", "no", "yes"],
        }
    )
    data = dataset_from_frame(frame, "label", categorical=["coded"])
    assert data.numeric_names == ("number", "nullable")
    np.testing.assert_array_equal(data.numeric[:, 1], [1, np.nan, 3, 4])
    assert data.categorical_names == ("object", "text", "category", "flag", "coded")
    assert data.categories == (("a", "b"), ("u", "v"), ("1", "3"), ("False", "True"), ("7", "8"))
    assert data.categorical.T.tolist() == [[1, -1, 0, 1], [0, 1, -1, 0], [1, 0, 1, -1], [1, 0, 1, 1], [0, 1, 0, 1]]
    assert data.classes == ("no", "yes")


def test_frame_refusals() -> None:
    frame = pd.DataFrame({"size": [1, 2], "when": pd.to_datetime(["2020-01-01", "2020-01-02"]), "y": [0.5, 1.5]})
    with pytest.raises(UserError, match=r"'when' is of type datetime64.*expected numbers"):
        dataset_from_frame(frame, "y")
    with pytest.raises(UserError, match=r"target names the column 'sise' \(did you mean 'size'\?\)"):
        dataset_from_frame(frame, "sise")
    with pytest.raises(UserError, match="'size' occurs twice"):
        dataset_from_frame(frame.rename(columns={"when": "size"}), "y")


@pytest.mark.parametrize("key", ["x", "X"])
def test_npz(tmp_path: Path, key: str) -> None:
    np.savez(tmp_path / "rows.npz", **{key: X, "y": Y, "names": np.array(["a", "b"])})  # type: ignore[arg-type]
    data = load_data(DataSettings(path="rows.npz", categorical=("b",)), base=tmp_path)
    assert (data.numeric_names, data.categorical_names, data.name) == (("a",), ("b",), "rows")
    assert load_data(DataSettings(path="rows.npz", drop=("b",)), base=tmp_path).num_inputs == 1
    assert data.fingerprint == dataset_from_arrays(X, Y, feature_names=["a", "b"], categorical=["b"]).fingerprint


@pytest.mark.parametrize(
    ("arrays", "settings", "message"),
    [
        ({"x": X}, {}, "expected the arrays x and y .*, got x"),
        ({"x": X, "y": Y[:2]}, {}, r"got x \(4, 2\), y \(2,\)"),
        ({"x": X, "y": Y, "names": np.array(["a"])}, {}, r"names \(1,\)"),
        ({"x": X, "y": Y}, {"target": "z"}, "the target here is 'target', got 'z'"),
        ({"x": X, "y": Y}, {"categorical": ["z"]}, "categorical names the column 'z'"),
        ({"x": X.astype(object), "y": Y}, {}, "damaged, foreign, or holds objects"),
    ],
)
def test_npz_refused(tmp_path: Path, arrays: dict[str, np.ndarray], settings: dict[str, object], message: str) -> None:
    np.savez(tmp_path / "rows.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=message):
        load_data(DataSettings.model_validate({"path": "rows.npz", **settings}), base=tmp_path)


def test_npz_damaged_or_missing(tmp_path: Path) -> None:
    (tmp_path / "rows.npz").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(UserError, match="cannot be read as npz"):
        load_data(DataSettings(path="rows.npz"), base=tmp_path)
    with pytest.raises(UserError, match="no such file"):
        load_data(DataSettings(path="none.npz"), base=tmp_path)


def test_rows_from_python_are_not_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected path = .* or name = "):
        load_data(DataSettings(), base=tmp_path)


def test_data_set_checks_its_shapes() -> None:
    schema = Schema(("a",), (), (), "y", ("0", "1"), "binary")
    with pytest.raises(ValueError, match="expected numeric, categorical, target and images of shapes"):
        Dataset("wrong", schema, np.zeros((2, 2)), np.zeros((2, 0), dtype=np.int32), np.array([0, 1]))
