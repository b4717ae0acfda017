"""One browser for all tests of a process; without chromium or playwright they are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evo_nas.reporting import write_report
from experiments.made_up_run import Size, make_run
from tests.browser.browsing import ARGUMENTS, CHROMIUM

SIZES = {50: Size(50, 10), 2_000: Size(2_000, 100, objectives=2), 10_000: Size(10_000, 200)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium; .ci/run installs it")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The report of a made-up run of so many individuals, made once."""
    made: dict[int, Path] = {}

    def of(individuals: int) -> Path:
        if individuals not in made:
            folder = make_run(tmp_path_factory.mktemp("runs") / f"run_of_{individuals}", SIZES[individuals])
            made[individuals] = write_report(folder)
        return made[individuals]

    return of
