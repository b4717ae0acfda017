"""The pictures of the lineage report in the README, from a run folder that has a report.

    evo-nas report runs/breast_cancer
    python -m experiments.report_pictures runs/breast_cancer experiments/pictures

Needs Debian's chromium and playwright (`pip install ".[test]"`). Ten seconds.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.report_speed import ARGUMENTS


@dataclass(frozen=True, slots=True)
class Picture:
    """A file, the window it is taken in, and the part of the page at its top."""

    name: str
    width: int
    height: int
    part: str
    dark: bool = False


PICTURES = (
    Picture("report.png", 1280, 860, "#result"),
    Picture("report_tree.png", 1280, 1010, "#tree"),
    Picture("report_paid.png", 1280, 1010, "#paid"),
    Picture("report_dark.png", 1280, 1010, "#tree", dark=True),
    Picture("report_phone.png", 390, 844, "#tree"),
)


def take(browser: Any, page_file: Path, picture: Picture, folder: Path) -> Path:
    """Open the report and write the picture; where."""
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    if picture.part != "#result":
        page.evaluate("part => document.querySelector(part).scrollIntoView({ behavior: 'instant' })", picture.part)
    page.wait_for_timeout(500)
    path = folder / picture.name
    page.screenshot(path=path)
    page.close()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.report_pictures", description=__doc__)
    parser.add_argument("run", type=Path, help="a run folder with report.html")
    parser.add_argument("folder", type=Path, help="where the pictures are written")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        for picture in PICTURES:
            path = take(browser, asked.run / "report.html", picture, asked.folder)
            print(f"{path} written ({path.stat().st_size / 1e3:.0f} kB)")
        browser.close()


if __name__ == "__main__":
    main()
