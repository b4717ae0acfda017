from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.browsing import CHROMIUM

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.browser
def test_the_speed_of_the_report_at_a_small_scale() -> None:
    pytest.importorskip("playwright", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium; .ci/run installs it")
    command = [sys.executable, "-m", "experiments.report_speed", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.stderr == ""
    for name in ("seconds to build", "first picture", "to answer a zoom", "to answer a click", "megabytes: 0."):
        assert name in done.stdout
