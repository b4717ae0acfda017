"""Work beside the run: its result, its error, and an end that does not wait for it."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from evo_nas.running.aside import Aside

PATIENCE_SECONDS = 60


def test_the_result_is_waited_for() -> None:
    gate = threading.Event()
    aside = Aside(lambda: gate.wait(PATIENCE_SECONDS) and "drawn")
    gate.set()
    assert aside.result() == "drawn"


def test_what_it_raises_is_raised_where_it_is_asked_for() -> None:
    aside = Aside(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        aside.result()


def test_a_program_ends_though_the_work_does_not() -> None:
    program = "from evo_nas.running.aside import Aside; import threading; Aside(threading.Event().wait)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_SECONDS)
