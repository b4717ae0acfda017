"""How long does the lineage report of 10,000 individuals take: to build, to show its tree, to answer zoom and click?

    python -m experiments.report_speed

A made-up run (`experiments.made_up_run`) of 50 generations of 200; the report is built three times by the command and
opened three times in Debian's chromium (`apt-get install chromium`) without a GPU, at 1280 x 900; then the wheel is
turned and nodes are clicked twenty times each. Medians; of the answers the slowest but one. Two minutes on two cores.
Bars: built in under 5 s, the first picture of the tree under 1 s after the page was asked for, answers within 100 ms,
a file under 1.5 MB.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from experiments.bars import Bar, report
from experiments.made_up_run import Size, make_run

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip
NUM_LOADS, NUM_ANSWERS = 3, 20

LISTEN = """() => {
  const { tree } = window.report;
  const answers = (window.answers = { zoom: [], click: [] });
  let pressed = 0;
  const after = (since, kind) => {
    const before = tree.drawnFrames;
    const done = () => answers[kind].push(performance.now() - since);
    const step = () => (tree.drawnFrames > before ? done() : requestAnimationFrame(step));
    requestAnimationFrame(step);
  };
  const noting = { capture: true, passive: true };
  tree.canvasHost.addEventListener("wheel", (event) => after(event.timeStamp, "zoom"), noting);
  tree.canvasHost.addEventListener("pointerup", (event) => (pressed = event.timeStamp), noting);
  tree.listeners.push(() => after(pressed, "click"));
}"""
SPOT = """number => {
  const { tree } = window.report;
  const visible = tree.nodes.filter((node) => {
    const at = tree.graph.graph2ScreenCoords(node.x, node.y);
    return at.x > 20 && at.y > 20 && at.x < tree.graph.width() - 20 && at.y < tree.graph.height() - 20;
  });
  const node = visible[Math.floor((number * visible.length) / 20)];
  const at = tree.graph.graph2ScreenCoords(node.x, node.y);
  const box = tree.canvasHost.getBoundingClientRect();
  return [box.left + at.x, box.top + at.y];
}"""


def build_seconds(run: Path) -> float:
    """Wall clock of one `evo-nas report`, the interpreter's start included."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "evo_nas", "report", str(run)], check=True, capture_output=True)
    return time.perf_counter() - began


def opened(browser: Any, page_file: Path) -> tuple[Any, float]:
    """A page, complete, and the milliseconds until its tree was first drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return page, float(page.evaluate("() => performance.getEntriesByName('tree')[0].startTime"))


def answers(page: Any) -> dict[str, list[float]]:
    """Milliseconds from the event of a wheel or a click to the frame that shows it."""
    page.evaluate(
        "() => document.querySelector('#tree-canvas').scrollIntoView({ block: 'center', behavior: 'instant' })"
    )
    page.evaluate(LISTEN)
    page.mouse.click(*page.evaluate(SPOT, 10))
    for number in range(NUM_ANSWERS):
        page.mouse.wheel(0, -120 if number % 4 < 2 else 120)
        page.wait_for_function("count => window.answers.zoom.length > count", arg=number)
    for number in range(NUM_ANSWERS):
        page.wait_for_timeout(900)  # the picture for hit tests is redrawn that long after a zoom at the latest
        page.mouse.click(*page.evaluate(SPOT, number))
    page.wait_for_timeout(500)
    found: dict[str, list[float]] = page.evaluate("() => window.answers")
    return found


def measure(run: Path, size: Size) -> list[Bar]:
    """The bars of one run."""
    from playwright.sync_api import sync_playwright

    built = [build_seconds(run) for _ in range(NUM_LOADS)]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        visits = [opened(browser, run / "report.html") for _ in range(NUM_LOADS)]
        answered = answers(visits[-1][0])
        browser.close()
    megabytes = (run / "report.html").stat().st_size / 1e6
    what = f"at {size.individuals:,} individuals"
    return [
        Bar(f"seconds to build {what}", statistics.median(built), 5.0, "at most"),
        Bar("seconds to the first picture", statistics.median(first for _, first in visits) / 1000, 1.0, "at most"),
        Bar("milliseconds to answer a zoom", sorted(answered["zoom"])[-2], 100.0, "at most"),
        Bar("milliseconds to answer a click", sorted(answered["click"])[-2], 100.0, "at most"),
        Bar("megabytes", megabytes, 1.5, "at most"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.report_speed", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    asked = parser.parse_args()
    size = Size(100, 20) if asked.smoke else Size(10_000, 200)
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(report(measure(make_run(Path(folder) / "run", size), size)))


if __name__ == "__main__":
    main()
