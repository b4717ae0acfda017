from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from evo_nas.history import Ledger
from evo_nas.reporting import watching
from evo_nas.reporting.watching import Server
from experiments.made_up_run import Size, make_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_page_that_is_watched_follows_the_run_and_stays_where_it_was(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(watching, "LEAST_PAUSE", 0.0)
    run = make_run(tmp_path / "run", Size(30, 10), finished=False)
    with Server(run) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        page = browser.new_page()
        try:
            page.set_default_timeout(60_000)
            complaints: list[str] = []
            page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
            with page.expect_response(lambda answer: answer.url.endswith("/state")):
                page.goto(server.address)
                page.wait_for_selector("html[data-ready]", state="attached")
                page.evaluate("() => report.tree.select(report.run.place.get(7))")
            with page.expect_navigation(), Ledger.open(run / "run.db") as ledger:
                ledger.decide("session:looked", {"at": "it"})
            page.wait_for_selector("html[data-ready]", state="attached")
            assert page.inner_text("#chosen") == "Individual 7"
            assert complaints == []
        finally:
            page.close()
            server.shutdown()
            thread.join()
