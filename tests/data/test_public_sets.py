"""Bundled and public sets: their shapes, their content, and what a download may do."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from evo_nas.config import DataSettings
from evo_nas.data import Dataset, download, load_data
from evo_nas.data.download import PublicFile, content_hash, public_file, stored_file
from evo_nas.data.public_sets import PUBLIC_SETS, PublicSet
from evo_nas.data.roles import Roles
from evo_nas.errors import UserError

CONTENT = b"ID,size,y\n1,2,0\n2,3,1\n"


def named(name: str, **settings: object) -> Dataset:
    return load_data(DataSettings.model_validate({"name": name, **settings}), base=Path())


@pytest.mark.parametrize(
    ("name", "task", "shape"),
    [
        ("breast_cancer", "binary", (569, 30)),
        ("digits", "multiclass", (1797, 64)),
        ("wine", "multiclass", (178, 13)),
        ("iris", "multiclass", (150, 4)),
        ("diabetes", "regression", (442, 10)),
    ],
)
def test_bundled_sets_are_those_of_scikit_learn(name: str, task: str, shape: tuple[int, int]) -> None:
    data = named(name)
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    assert (data.task, data.numeric.shape) == (task, shape)
    np.testing.assert_array_equal(data.numeric, x)
    np.testing.assert_array_equal(data.target, y)


def test_bundled_sets_take_labels_and_drops_but_no_target() -> None:
    data = named("iris", drop=["sepal width (cm)"], categorical=["petal width (cm)"])
    assert (len(data.numeric_names), data.categorical_names) == (2, ("petal width (cm)",))
    assert named("breast_cancer").classes == ("malignant", "benign")
    with pytest.raises(UserError, match="iris: the target here is 'target', got 'species'"):
        named("iris", target="species")
    with pytest.raises(UserError, match=r"'breast_canser' is not a known set \(did you mean 'breast_cancer'\?\)"):
        named("breast_canser")


def test_credit_default(public_folder: Path) -> None:
    data = named("credit_default")
    assert (data.num_rows, len(data.numeric_names), data.task) == (30_000, 20, "binary")
    assert data.categorical_names == ("SEX", "EDUCATION", "MARRIAGE")
    assert data.categories == (("1", "2"), tuple("0123456"), tuple("0123"))
    assert data.target.mean() == pytest.approx(0.2212)
    assert data.num_inputs == 33
    overridden = named("credit_default", categorical=["SEX"], target="EDUCATION", drop=["AGE"], task="multiclass")
    assert overridden.categorical_names == ("SEX",)
    assert "ID" not in overridden.numeric_names
    assert "AGE" not in overridden.numeric_names
    assert overridden.classes == tuple("0123456")


def test_adult(public_folder: Path) -> None:
    data = named("adult")
    assert (data.num_rows, len(data.numeric_names), len(data.categorical_names)) == (32_561, 6, 8)
    assert data.classes == ("<=50K", ">50K")
    assert data.target.mean() == pytest.approx(0.2408, abs=1e-4)
    assert (data.categorical < 0).sum() == 4262


def test_california_housing(public_folder: Path) -> None:
    data = named("california_housing")
    assert (data.num_rows, data.task, data.target_name) == (20_640, "regression", "median_house_value")
    assert data.categories == (("<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN"),)
    assert np.isnan(data.numeric).sum() == 207


def test_credit_default_from_openml_is_the_same_file(
    public_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # OpenML names the columns x1 to x23 and y, and has no ID.
    original = pd.read_csv(public_folder / "tabular" / "uci_default_credit.csv.gz").drop(columns="ID")
    bunch = SimpleNamespace(data=original.iloc[:, :-1].set_axis([f"x{i}" for i in range(1, 24)], axis=1))
    bunch.target = original.iloc[:, -1].astype(str).astype("category")
    monkeypatch.setattr(datasets, "fetch_openml", lambda **_: bunch)
    local = named("credit_default")
    monkeypatch.delenv("EVO_NAS_DATA")
    monkeypatch.setattr(download, "_cache_folder", lambda: tmp_path)
    assert named("credit_default").fingerprint == local.fingerprint
    bunch.target = original.iloc[::-1, -1].reset_index(drop=True)
    (tmp_path / "uci_default_credit.csv.gz").unlink()
    with pytest.raises(UserError, match=r"what OpenML \(data set 42477\) answered is not the content known"):
        named("credit_default")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no EVO_NAS_DATA."""
    monkeypatch.delenv("EVO_NAS_DATA", raising=False)
    monkeypatch.setattr(download, "_cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


class Site:
    """A web site of one file: what it answers, and how often it was asked."""

    def __init__(self) -> None:
        self.answer = CONTENT
        self.promised: int | None = None
        self.asked = 0
        self.address = ""


@pytest.fixture
def site() -> Iterator[Site]:
    state = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(200 if self.path == "/rows.csv" else 404)
            self.send_header("Content-Length", str(state.promised or len(state.answer)))
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_port}/rows.csv"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def tiny(source: str) -> PublicSet:
    return PublicSet("tiny.csv.gz", source, content_hash(CONTENT), ("ID", "size", "y"), Roles("y"))


def test_a_file_is_downloaded_once(cache: Path, site: Site) -> None:
    for _ in range(2):
        path = public_file("tiny", tiny(site.address))
        assert gzip.decompress(path.read_bytes()) == CONTENT
    assert path == cache / "tiny.csv.gz"
    assert site.asked == 1


def test_a_compressed_file_is_downloaded_too(cache: Path, site: Site) -> None:
    file = PublicFile("tiny", "images/tiny.gz", site.address, hashlib.sha256(CONTENT).hexdigest())
    site.answer = gzip.compress(CONTENT)[:-9]
    with pytest.raises(UserError, match=r"tiny: could not be downloaded from .*a damaged file.*holds images/tiny\.gz"):
        stored_file(file)
    site.answer = gzip.compress(CONTENT)
    for _ in range(2):
        path = stored_file(file)
        assert gzip.decompress(path.read_bytes()) == CONTENT
    assert path == cache / "images" / "tiny.gz"
    assert site.asked == 2


def test_a_damaged_cache_is_filled_again(cache: Path, site: Site) -> None:
    path = public_file("tiny", tiny(site.address))
    path.write_bytes(path.read_bytes()[:-9])
    assert gzip.decompress(public_file("tiny", tiny(site.address)).read_bytes()) == CONTENT
    assert site.asked == 2


@pytest.mark.parametrize(
    ("answer", "promised", "message"),
    [
        (CONTENT.replace(b"3", b"4"), None, "answered is not the content known for this set; set EVO_NAS_DATA to a"),
        (CONTENT[:-8], len(CONTENT), r"is not the content known .* set EVO_NAS_DATA to a .* tabular/tiny.csv.gz"),
    ],
)
def test_wrong_and_cut_answers_are_refused(
    cache: Path, site: Site, answer: bytes, promised: int | None, message: str
) -> None:
    site.answer, site.promised = answer, promised
    with pytest.raises(UserError, match=message):
        public_file("tiny", tiny(site.address))
    assert not list(cache.iterdir())


def test_no_such_address_and_no_server(cache: Path, site: Site) -> None:
    with pytest.raises(UserError, match=r"tiny: could not be downloaded from .*404"):
        public_file("tiny", tiny(site.address + "x"))
    with pytest.raises(UserError, match="tiny: could not be downloaded from"):
        public_file("tiny", tiny("http://127.0.0.1:1/rows.csv"))


def test_a_given_file_is_taken_or_refused_but_never_replaced(
    cache: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVO_NAS_DATA", str(tmp_path))
    given = tmp_path / "tabular" / "tiny.csv.gz"
    given.parent.mkdir()
    given.write_bytes(gzip.compress(CONTENT.replace(b"\n", b"\r\n")))
    assert public_file("tiny", tiny(site.address)) == given
    given.write_bytes(gzip.compress(CONTENT + b"3,4,1\n"))
    with pytest.raises(UserError, match="the content is not that of the public set 'tiny'"):
        public_file("tiny", tiny(site.address))
    assert site.asked == 0
    given.unlink()
    assert public_file("tiny", tiny(site.address)) == cache / "tiny.csv.gz"


@pytest.mark.parametrize("name", PUBLIC_SETS)
def test_roles_name_columns(name: str) -> None:
    public = PUBLIC_SETS[name]
    assert {public.roles.target, *public.roles.categorical, *public.roles.drop} <= set(public.names)
    assert len(set(public.names)) == len(public.names)
    assert len(bytes.fromhex(public.sha256)) == 32
