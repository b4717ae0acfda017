"""Runs with the fake trainer in processes of their own, and looking at their ledgers from outside."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from evo_nas.summary import run_digest

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 120.0


def start(folder: Path, *options: str, seconds: float = 0.0) -> subprocess.Popen[bytes]:
    """Start or resume a run (`killable.py`); each training takes so many seconds."""
    environment = os.environ | {"FAKE_SECONDS": str(seconds), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.faults.killable", str(folder), *options]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def end(process: subprocess.Popen[bytes]) -> str:
    """Wait for the end and return what was said on standard error."""
    _, errors = process.communicate(timeout=DEADLINE_SECONDS)
    return errors.decode()


def finish(folder: Path, *options: str) -> str:
    """Run or resume to the end; the digest."""
    process = start(folder, *options)
    errors = end(process)
    assert process.returncode == 0, errors
    return run_digest(folder).hash


def num_trainings(folder: Path) -> int:
    """Trainings committed so far; -1 where there is no ledger yet, or it is being written at this very moment."""
    try:
        connection = sqlite3.connect(f"file:{folder / 'run.db'}?mode=ro", uri=True, timeout=0.0)
    except sqlite3.OperationalError:
        return -1
    try:
        (count,) = connection.execute("SELECT count(*) FROM training WHERE purpose = 'search'").fetchone()
        return int(count)
    except sqlite3.OperationalError:
        return -1
    finally:
        connection.close()


def kill_when(process: subprocess.Popen[bytes], moment: Callable[[], bool]) -> None:
    """SIGKILL at the moment; the run must still be going on, and no child survives it."""
    _stop_when(process, moment, signal.SIGKILL)


def interrupt_when(process: subprocess.Popen[bytes], moment: Callable[[], bool]) -> None:
    """Ctrl-C at the moment: it ends well, with the best so far saved, and no child survives it."""
    errors = _stop_when(process, moment, signal.SIGINT)
    assert process.returncode == 0, errors
    assert "stopping" in errors


def _stop_when(process: subprocess.Popen[bytes], moment: Callable[[], bool], number: signal.Signals) -> str:
    wait_until(moment, process)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    errors = end(process)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    return errors


def wait_until(moment: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Ask again and again; the process must still be running when the moment comes."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not moment():
        assert process.poll() is None, f"the run ended too early: {end(process)}"
        assert time.monotonic() < deadline
    assert process.poll() is None
