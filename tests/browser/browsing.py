"""Debian's chromium through playwright, and what a test notes of a page: words of the console, errors, requests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE = (1280, 900), (390, 844)
PATIENCE_MS = 120_000
AXE = Path(__file__).parents[2] / "evo_nas/report/page/source/node_modules/axe-core/axe.min.js"


@dataclass
class Visit:
    """A page that was opened, and what it did. complaints: warnings and errors of the console, and exceptions."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def evaluate(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))


@contextmanager
def visit(
    browser: Any, path: Path, *, size: tuple[int, int] = DESKTOP, dark: bool = False, scripts: bool = True
) -> Iterator[Visit]:
    """Open a report without any network and wait until every panel has been made."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        java_script_enabled=scripts,
        offline=True,
    )
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        found = Visit(page)
        page.on(
            "console", lambda told: found.complaints.append(told.text) if told.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on("request", lambda request: found.requests.append(request.url))
        page.goto(path.resolve().as_uri())
        if scripts:
            page.wait_for_selector("html[data-ready]", state="attached")
        yield found
        found.requests = [
            address for address in found.requests if not address.startswith((path.resolve().as_uri(), "data:"))
        ]
        assert found.requests == []
        assert found.complaints == []
    finally:
        context.close()


def serious_violations(found: Visit, part: str = "html") -> list[str]:
    """What axe-core calls serious or critical in a part of a page, with all that can be folded open."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; `npm ci` in evo_nas/report/page/source brings it")
    found.evaluate("() => document.querySelectorAll('details').forEach((each) => (each.open = true))")
    found.evaluate(AXE.read_text(encoding="utf-8"))
    violations = found.evaluate("async (part) => (await axe.run(part)).violations", part)
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
