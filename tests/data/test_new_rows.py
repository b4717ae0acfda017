"""Rows to predict, read by the schema of the data that was learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evo_nas.config import DataSettings
from evo_nas.data import Rows, Schema, load_data, read_rows, rows_from_frame
from evo_nas.errors import UserError

SCHEMA = Schema(("size", "age"), ("colour",), (("1", "blue", "red"),), "y", ("0", "1"), "binary")
TEXT = "note,colour,age,size\nx,red,1,2.5\ny,green,,?\nz,NA,3,4\n7,1.0,5,6\n"


def read(tmp_path: Path, text: str, delimiter: str = ",") -> Rows:
    (tmp_path / "new.csv").write_text(text, encoding="utf-8")
    return read_rows(tmp_path / "new.csv", SCHEMA, delimiter=delimiter)


def test_columns_in_any_order_and_unknown_labels(tmp_path: Path) -> None:
    rows = read(tmp_path, TEXT)
    np.testing.assert_array_equal(rows.numeric, [[2.5, 1], [np.nan, np.nan], [4, 3], [6, 5]])
    assert rows.categorical.ravel().tolist() == [2, -1, -1, 0]
    assert rows.categorical.dtype == np.int32
    other = read(tmp_path, TEXT.replace(",", ";"), delimiter=";")
    np.testing.assert_array_equal(other.numeric, rows.numeric)


def test_a_frame_gives_the_same_rows(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "colour": ["red", "green", None, 1.0],
            "age": pd.array([1, None, 3, 5], dtype="Int64"),
            "size": pd.Series(["2.5", None, 4, 6], dtype=object),
        }
    )
    rows = rows_from_frame(frame, SCHEMA)
    expected = read(tmp_path, TEXT)
    np.testing.assert_array_equal(rows.numeric, expected.numeric)
    np.testing.assert_array_equal(rows.categorical, expected.categorical)


def test_the_rows_learnt_from_are_read_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b,y\n1,u,no\n2,v,yes\n?,u,yes\n4,NA,no\n")
    data = load_data(DataSettings(path="rows.csv", target="y", categorical=("b",)), base=tmp_path)
    rows = read_rows(path, data.schema)
    np.testing.assert_array_equal(rows.numeric, data.numeric)
    np.testing.assert_array_equal(rows.categorical, data.categorical)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            TEXT.replace("size", "sise"),
            r"the column 'size' is missing \(did you mean 'sise'\?\); the model was trained",
        ),
        (TEXT.replace("colour", "hue"), "the column 'colour' is missing"),
        (TEXT.replace("2.5", "big"), "column 'size' holds text such as 'big' in row 1"),
        (TEXT.replace("2.5", "inf"), "column 'size' holds an infinite value in row 1"),
        ("size,age,colour\n", "there are no rows to predict"),
        ("", "the file is empty"),
    ],
)
def test_refusals(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(tmp_path, text)


def test_frame_refusals() -> None:
    with pytest.raises(UserError, match="frame: the column 'size' is missing"):
        rows_from_frame(pd.DataFrame({"age": [1], "colour": ["red"]}), SCHEMA)
    with pytest.raises(UserError, match="column 'size' holds text such as 'big' in row 1"):
        rows_from_frame(pd.DataFrame({"age": [1], "size": ["big"], "colour": ["red"]}), SCHEMA)
    twice = pd.DataFrame([[1, 2, "red", 3]], columns=["age", "size", "colour", "size"])
    with pytest.raises(UserError, match="the column name 'size' occurs twice"):
        rows_from_frame(twice, SCHEMA)


def test_an_array_has_no_columns_and_gets_a_sentence() -> None:
    with pytest.raises(UserError, match=r"expected a pandas.DataFrame .* \(size, age, colour, ...\), got ndarray"):
        rows_from_frame(np.zeros((2, 3)), SCHEMA)  # type: ignore[arg-type]
