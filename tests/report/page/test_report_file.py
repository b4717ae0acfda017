"""The page as a file: what it says, that it needs nothing, and what is left of a run that is broken."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sqlite3
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evo_nas.errors import UserError
from evo_nas.history import checkpoint_text, read_checkpoint
from evo_nas.individual import Evaluated
from evo_nas.report.page.assets import policy_hash
from evo_nas.reporting import read_run, write_report
from experiments.made_up_run import Size, make_run
from tests.command_line.commands import evo_nas
from tests.history.earlier_formats import write_as_format_1


class Parsed(HTMLParser):
    """Texts, tags with their attributes, and what stands in script and style elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside == "style":
            self.styles.append(data)
        else:
            self.texts.append(data.strip())

    @property
    def payload(self) -> Any:
        return json.loads(zlib.decompress(base64.b64decode(self.scripts[0])))

    def says(self, text: str) -> bool:
        return text in " ".join(self.texts)


def report_of(folder: Path) -> Parsed:
    return Parsed(write_report(folder).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("made") / "made_up", Size(48, 8, objectives=2))


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "made_up"))


def test_the_command_writes_one_file_and_says_where(run: Path, tmp_path: Path) -> None:
    said = evo_nas("report", run)
    assert said.exit_code == 0
    assert f"{run / 'report.html'} written" in said.output
    assert evo_nas("report", run, "-o", tmp_path / "elsewhere.html").exit_code == 0
    assert (tmp_path / "elsewhere.html").read_bytes() == (run / "report.html").read_bytes()


def test_the_page_says_what_came_of_the_run(run: Path) -> None:
    page = report_of(run)
    record = read_run(run)
    assert page.says(f"The best of {len({e.individual.fingerprint for e in record.evaluated})} networks has roc_auc")
    assert page.says("breast_cancer")
    assert page.says("0.0001 to 0.1, log")
    assert page.payload["individuals"]["id"] == {"first": 0, "length": 48}
    assert len(page.payload["generations"]) == 6


def test_the_page_loads_nothing_and_its_policy_admits_nothing_but_itself(run: Path) -> None:
    page = report_of(run)
    addresses = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all(value is not None and value.startswith(("#", "data:")) for value in addresses)
    policy = next(
        a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src '{policy_hash(page.scripts[1])}';" in policy
    assert f"style-src '{policy_hash(page.styles[0])}';" in policy
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    handlers = [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert handlers == []
    assert not any("style" in attributes for _, attributes in page.tags)


def test_two_reports_of_one_run_are_equal(run: Path) -> None:
    assert write_report(run).read_bytes() == write_report(run, run / "again.html").read_bytes()


def test_a_run_that_goes_on_hides_its_test_score_and_shows_who_is_out(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "stopped", Size(30, 10), finished=False)
    page = report_of(folder)
    assert page.says("No winner has been saved yet")
    assert page.says("3 individuals were proposed and have not come back")
    assert page.says("The run is not finished: it was stopped after 27 of 30 planned individuals.")
    assert not page.says("rows that no choice saw")
    assert "not back yet" in page.payload["individuals"]["status"]["levels"]


def test_an_older_ledger_gives_the_same_page_but_for_its_version(run: Path, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "old", Size(30, 10))
    before = report_of(folder).payload
    with sqlite3.connect(folder / "run.db") as connection:
        connection.execute("DELETE FROM training WHERE replicate > 0")
        connection.execute("DELETE FROM individual WHERE replicate > 0")
    connection.close()
    write_as_format_1(folder / "run.db", folder / "config.toml")
    after = report_of(folder).payload
    assert after["objectives"] == before["objectives"]
    assert after["best"] is not None


def _with_checkpoint(folder: Path) -> list[Evaluated]:
    record = read_run(folder)
    members = record.evaluated[-16:]
    path = folder / "checkpoints" / "generation_0005.json"
    text = checkpoint_text(
        members, run="made up", generation=5, settings="0", objectives=[str(o) for o in record.objectives]
    )
    path.write_text(text, encoding="utf-8")
    return list(read_checkpoint(path).population)


@pytest.mark.parametrize("damage", ["cut short", "gone", "garbage", "newer"])
def test_where_the_ledger_cannot_be_read_its_checkpoints_are(run: Path, damage: str) -> None:
    members = _with_checkpoint(run)
    ledger = run / "run.db"
    if damage == "gone":
        ledger.unlink()
    elif damage == "newer":
        with sqlite3.connect(ledger) as connection:
            connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
        connection.close()
    else:
        content = ledger.read_bytes()
        ledger.write_bytes(content[: len(content) // 3] if damage == "cut short" else b"garbage" * 1000)
    page = report_of(run)
    assert page.says("The run could not be read as a whole")
    assert page.says("What is missing")
    assert page.payload["individuals"]["id"] is not None
    assert len(page.payload["tree"]["x"]) >= len(members)
    assert page.payload["objectives"][0] == {"name": "roc_auc", "maximize": True}


def test_settings_that_cannot_be_read_leave_the_individuals(run: Path) -> None:
    with sqlite3.connect(run / "run.db") as connection:
        connection.execute('UPDATE meta SET value = \'{"space": {"encoding": "unheard"}}\' WHERE key = \'settings\'')
    connection.close()
    page = report_of(run)
    assert page.says("The run could not be read as a whole; what is shown was read from the ledger.")
    assert len(page.payload["tree"]["x"]) == 48
    assert page.payload["paid"]["operators"][0]


def test_a_parent_that_is_gone_is_left_out(run: Path) -> None:
    with sqlite3.connect(run / "run.db") as connection:
        connection.execute("DELETE FROM individual WHERE id < 16")
    connection.close()
    page = report_of(run)
    assert len(page.payload["tree"]["x"]) == 32
    assert page.payload["paid"] is not None


def test_a_run_that_has_only_begun(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "begun", Size(20, 20), finished=False)
    with sqlite3.connect(folder / "run.db") as connection:
        connection.execute("DELETE FROM training")
    connection.close()
    assert report_of(folder).says("Nothing has come back yet")
    with sqlite3.connect(folder / "run.db") as connection:
        connection.execute("DELETE FROM individual")
    connection.close()
    assert report_of(folder).says("No training has come back yet.")


def test_a_folder_without_a_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such run folder"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(UserError, match="is not a run folder"):
        write_report(tmp_path)
    said = evo_nas("report", tmp_path)
    assert (said.exit_code, said.output) == (2, "")
    assert len(said.errors.strip().splitlines()) == 1


def test_a_file_that_cannot_be_written_is_one_sentence(run: Path) -> None:
    with pytest.raises(UserError, match="give another file with --output"):
        write_report(run, run / "no such folder" / "report.html")


def test_texts_of_a_run_are_escaped(run: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>\"'&\u202e"
    with sqlite3.connect(run / "run.db") as connection:
        connection.execute("UPDATE individual SET operator = ?", (hostile,))
    connection.close()
    text = write_report(run).read_text(encoding="utf-8")
    assert "<img" not in text
    page = Parsed(text)
    assert page.says(hostile)
    assert re.search(r"&lt;img src=x onerror=alert\(1\)&gt;", text)


@pytest.mark.slow
def test_ten_thousand_individuals_fit_into_a_mail(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "large", Size(10_000, 200))
    assert write_report(folder).stat().st_size < 1_500_000
