from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from evo_nas.report.page.assets import bundled

PAGE = Path(str(files("evo_nas.report.page")))
MANIFEST = json.loads((PAGE / "assets" / "manifest.json").read_text())
REBUILD = "run `npm ci && npm run build` in evo_nas/report/page/source"


@pytest.mark.parametrize("kind", ["script", "style"])
def test_a_bundle_is_the_one_that_its_name_says(kind: str) -> None:
    text = (PAGE / "assets" / MANIFEST[kind]).read_bytes()
    assert hashlib.sha256(text).hexdigest()[:16] in MANIFEST[kind], REBUILD
    assert bundled(kind).text.encode() == text


def test_the_bundle_was_made_of_the_source_that_lies_beside_it() -> None:
    source = PAGE / "source"
    files_now = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in source.iterdir()
        if path.suffix in (".js", ".css", ".mjs", ".json")
    }
    assert files_now == MANIFEST["sources"], REBUILD


def test_no_bundle_but_the_one_of_the_manifest_is_shipped() -> None:
    shipped = {path.name for path in (PAGE / "assets").iterdir()}
    assert shipped == {MANIFEST["script"], MANIFEST["style"], "manifest.json", "licences.txt"}


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((PAGE / "source" / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())


def test_every_bundled_library_comes_with_its_licence() -> None:
    credits = re.findall(r"(\S+) \d+\.\d+\.\d+ (MIT|ISC|BSD-3-Clause|Apache-2.0)", bundled("script").text[:2000])
    licences = (PAGE / "assets" / "licences.txt").read_text()
    assert {"force-graph", "uplot", "d3-zoom"} <= {name for name, _ in credits}
    assert all(f"\n{name} " in f"\n{licences}" for name, _ in credits)


def test_the_bundle_neither_loads_nor_evaluates_anything() -> None:
    script = bundled("script").text
    for forbidden in (
        "eval(",
        "new Function",
        "XMLHttpRequest",
        "WebSocket",
        "importScripts",
        "document.write",
        "https://",
    ):
        assert forbidden not in script, forbidden
    assert not re.search(r"url\(|@import|@font-face", bundled("style").text)
