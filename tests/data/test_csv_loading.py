"""CSV files: known answers, every refusal with its place, and equality with what was written."""

from __future__ import annotations

import csv
import gzip
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas.config import DataSettings
from evo_nas.data import Dataset, csv_files, dataset_from_frame, load_data
from evo_nas.errors import UserError

Load = Callable[..., Dataset]

TABLE = """size,colour,note,y
1.5,red,a,no
,blue,b,yes
?,NA,c,no
-2e3, red ,d,yes
"""


def test_known_answer(load_text: Load) -> None:
    data = load_text(TABLE, categorical=["colour"], drop=["note"])
    np.testing.assert_array_equal(data.numeric, [[1.5], [np.nan], [np.nan], [-2000.0]])
    assert data.numeric_names == ("size",)
    assert data.categorical_names == ("colour",)
    assert data.categories == (("blue", "red"),)
    assert data.categorical.tolist() == [[1], [0], [-1], [1]]
    assert data.target.tolist() == [0, 1, 0, 1]
    assert (data.target_name, data.classes, data.task) == ("y", ("no", "yes"), "binary")
    assert (data.name, data.num_rows, data.num_inputs, data.num_outputs) == ("rows", 4, 3, 1)
    assert data.numeric.dtype == np.float64
    assert data.categorical.dtype == np.int32
    assert data.target.dtype == np.int64


def test_arrays_cannot_be_changed(load_text: Load) -> None:
    data = load_text("x,y\n1,0\n2,1\n3,0\n4,1\n")
    for array in (data.numeric, data.categorical, data.target):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_delimiter_quotes_byte_order_mark_blank_lines_and_windows_line_ends(load_text: Load) -> None:
    data = load_text('\ufeff"a;b";y\r\n1;0\r\n\r\n2;1\r\n"3";0\r\n4;1\r\n\r\n', delimiter=";")
    assert data.numeric_names == ("a;b",)
    assert data.numeric.ravel().tolist() == [1, 2, 3, 4]


def test_compressed_equals_plain(tmp_path: Path, load_text: Load) -> None:
    plain = load_text(TABLE, categorical=["colour"], drop=["note"])
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    settings = DataSettings(path="rows.csv.gz", target="y", categorical=("colour",), drop=("note",))
    packed = load_data(settings, base=tmp_path)
    assert packed.fingerprint == plain.fingerprint
    assert packed.name == "rows"


def test_codes_are_sorted_by_number_and_written_one_way(load_text: Load) -> None:
    data = load_text("code,y\n10,1\n9.0,0\n9,1\n2,0\n", categorical=["code"])
    assert data.categories == (("2", "9", "10"),)
    assert data.categorical.ravel().tolist() == [2, 1, 1, 0]


def test_rows_beyond_one_piece_keep_their_order(load_text: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x,c,y\n" + "".join(f"{i},{'abc'[i % 3]},{i % 2}\n" for i in range(10))
    whole = load_text(text, categorical=["c"])
    monkeypatch.setattr(csv_files, "ROWS_AT_ONCE", 3)
    pieces = load_text(text, categorical=["c"])
    assert pieces.fingerprint == whole.fingerprint
    with pytest.raises(UserError, match="text such as 'oops' in row 8"):
        load_text(text.replace("\n7,", "\noops,"), categorical=["c"])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["0", "1", "1", "0"], ("binary", ("0", "1"))),
        (["yes", "no", "no", "yes"], ("binary", ("no", "yes"))),
        (["10", "9", "10", "9"], ("binary", ("9", "10"))),
        (["True", "False", "True", "False"], ("binary", ("False", "True"))),
        (["a", "b", "c"] * 2, ("multiclass", ("a", "b", "c"))),
        (["3", "1", "2"] * 2, ("multiclass", ("1", "2", "3"))),
        (["1.0", "2", "1", "2.0"], ("binary", ("1", "2"))),
        (["0.5", "1.5", "0.5", "1.5"], ("regression", ())),
        ([str(i) for i in range(20)] * 2, ("multiclass", tuple(str(i) for i in range(20)))),
        ([str(i) for i in range(21)] * 2, ("regression", ())),
    ],
)
def test_task_is_guessed(load_text: Load, column: list[str], expected: tuple[str, tuple[str, ...]]) -> None:
    data = load_text("x,y\n" + "".join(f"{i},{value}\n" for i, value in enumerate(column)))
    assert (data.task, data.classes) == expected


def test_task_of_the_settings_goes_before_the_guess(load_text: Load) -> None:
    text = "x,y\n1,0\n2,1\n3,0\n4,1\n"
    assert load_text(text, task="regression").target.dtype == np.float64
    as_classes = load_text(text, task="multiclass")
    assert (as_classes.num_outputs, as_classes.classes) == (2, ("0", "1"))


REFUSALS = {
    "an empty file": ("", {}, "rows.csv: the file is empty"),
    "no rows": ("x,y\n", {}, "there are no rows"),
    "no target column": ("x,why\n1,0\n", {}, r"no column 'y' to predict .*one of x, why"),
    "no target column, nearest": ("x,defalt\n1,0\n", {"target": "default"}, r"did you mean 'defalt'\?"),
    "no target given": ("x,z\n1,0\n", {"target": None}, r"\[data\] target is missing; .*x, z"),
    "target dropped": ("x,y\n1,0\n", {"drop": ["y"]}, "both target and drop"),
    "a name twice": ("x,y,x\n1,0,2\n", {}, "column name 'x' occurs twice"),
    "unknown categorical": ("size,y\n1,0\n", {"categorical": ["siz"]}, r"categorical names .*did you mean 'size'\?"),
    "unknown drop": ("size,y\n1,0\n", {"drop": ["colour"]}, "drop names the column 'colour', but the columns are size"),
    "text": ("x,y\n1,0\nabc,1\n", {}, "column 'x' holds text such as 'abc' in row 2; add it to categorical"),
    "a number as only Python writes it": ("x,y\n1,0\n1_0,1\n", {}, "text such as '1_0' in row 2"),
    "infinite": ("x,y\n1,0\n2,1\n-inf,1\n", {}, "column 'x' holds an infinite value in row 3"),
    "beyond 64 bits": ("x,y\n1,0\n1e999,1\n", {}, "column 'x' holds an infinite value in row 2"),
    "beyond 32 bits": ("x,y\n1,0\n4e38,1\n", {}, "value 4e[+]38, too large .* in row 2"),
    "beyond 2^53": ("x,y\n1,0\n9007199254740993,1\n", {}, "whole number 9007199254740993 in row 2, beyond 2.53"),
    "beyond 2^53, negative": ("x,y\n-9007199254740993,0\n2,1\n", {}, "in row 1, beyond 2.53"),
    "beyond any limit": (f"x,y\n1,0\n{'9' * 6000},1\n", {}, "whole number 9{60} in row 2, beyond 2.53"),
    "target beyond 2^53": ("x,y\n1,0\n2,1\n3,1000000000000000000\n", {}, "column 'y' holds the whole .* in row 3"),
    "target infinite": ("x,y\n1,0.5\n2,inf\n", {}, "column 'y' holds an infinite value in row 2"),
    "target missing": ("x,y\n1,0\n2,1\n3,?\n", {}, "target 'y' has no value in row 3"),
    "constant target": ("x,y\n1,7\n2,7\n", {}, "target 'y' is '7' in every row"),
    "constant amounts": ("x,y\n1,7.5\n2,7.5\n", {"task": "regression"}, "target 'y' is '7.5' in every row"),
    "a class with one row": ("x,y\n1,a\n2,b\n3,a\n", {}, r"class 'b' has a single row \(row 2\)"),
    "text in a regression": ("x,y\n1,5\n2,low\n", {"task": "regression"}, "text such as 'low' in row 2, but the task"),
    "three classes, binary": ("x,y\n1,a\n2,b\n3,c\n", {"task": "binary"}, "3 classes where a binary task has two"),
    "no features": ("y\n1\n0\n", {}, "no feature columns beside the target"),
    "no features left": ("x,y\n1,1\n2,0\n", {"drop": ["x"]}, "no feature columns beside the target"),
    "an empty column": ("x,z,y\n,1,1\n?,2,0\n", {}, "column 'x' holds no value in any row; add it to drop"),
    "no labels": ("x,z,y\n,1,1\n?,2,0\n", {"categorical": ["x"]}, "column 'x' holds no value in any row"),
    "a short row": ("x,y\n1,0\n2\n", {}, "row 2 has 1 fields where the header has 2; check the delimiter"),
    "a long row": ("x,y\n1,0,5\n2,1\n", {}, "row 1 has 3 fields where the header has 2"),
    "an endless quote": ('x,y\n"' + "1,0\n" * 40_000, {}, "cannot be read as a CSV file"),
    "a quote as delimiter": ("x,y\n1,0\n", {"delimiter": '"'}, "expected a delimiter of one character"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_name_place_and_remedy(load_text: Load, case: str) -> None:
    text, chosen, message = REFUSALS[case]
    with pytest.raises(UserError, match=message) as caught:
        load_text(text, **chosen)
    assert "rows.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_large_exact_numbers_and_measurements_pass(load_text: Load) -> None:
    column = load_text("x,y\n9007199254740992,0.5\n1e20,1\n9007199254740994.0,9007199254740994.0\n").numeric[:, 0]
    assert column.tolist() == [2**53, 1e20, 2**53 + 2]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.csv", None, "no such file; check the path"),
        ("latin.csv", "größe,y\n1,0\n".encode("latin-1"), "cannot be read as a CSV file in UTF-8"),
        ("cut.csv.gz", gzip.compress(b"x,y\n1,0\n" * 1000)[:-20], "cannot be read as a CSV file"),
        ("plain.csv.gz", b"x,y\n1,0\n", "cannot be read as a CSV file"),
    ],
    ids=["missing", "latin", "cut", "plain"],  # a gzip stream holds the time: as an id it would differ between workers
)
def test_unreadable_files(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        load_data(DataSettings(path=name, target="y"), base=tmp_path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read as a CSV file"):
        load_data(DataSettings(path=".", target="y"), base=tmp_path)


LABELS = st.text(string.ascii_letters + " ,;\"'é", min_size=1, max_size=4).filter(
    lambda text: text == text.strip() and text not in ("NA", "nan", "NaN")
)
NUMBERS = st.floats(-1e30, 1e30) | st.integers(-(2**53), 2**53).map(float)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.none() | NUMBERS, st.none() | LABELS), min_size=2, max_size=12))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, object]]) -> None:
    rows = [(0.0, "a"), *rows]  # so that no column is empty
    table = [(number, label, "no" if i % 2 else "yes") for i, (number, label) in enumerate([*rows, *rows])]
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("x", "c", "y"), *table])
    read = load_data(DataSettings(path="rows.csv", target="y", categorical=("c",)), base=path.parent)
    np.testing.assert_array_equal(read.numeric[:, 0], [np.nan if row[0] is None else row[0] for row in table])
    labels = [read.categories[0][code] if code >= 0 else None for code in read.categorical[:, 0]]
    assert labels == [row[1] for row in table]
    framed = dataset_from_frame(pd.DataFrame(table, columns=["x", "c", "y"]), "y")
    assert framed.fingerprint == read.fingerprint
