"""A parent killed by SIGKILL takes its children along, whatever they are doing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from .witness import alive, becomes_true, new_marker

pytestmark = pytest.mark.faults

SCRIPT = Path(__file__).with_name("doomed_parent.py")


@pytest.fixture
def marker() -> Iterator[str]:
    marker = new_marker()
    yield marker
    for pid in alive(marker):
        psutil.Process(pid).kill()


def busy_parent(kind: str, marker: str, *more: str) -> subprocess.Popen[str]:
    """A parent whose worker is in the middle of its task."""
    command = [sys.executable, str(SCRIPT), kind, marker, *more]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "busy\n"
    return parent


def kill(parent: subprocess.Popen[str]) -> None:
    parent.kill()
    parent.communicate()


@pytest.mark.parametrize(
    ("kind", "processes"),
    [("hang", 1), ("hold_global_lock", 1), ("fork_and_hang", 2), ("fork_and_hold_global_lock", 2)],
)
def test_nothing_outlives_a_killed_parent(marker: str, kind: str, processes: int) -> None:
    parent = busy_parent(kind, marker)
    try:
        assert len(alive(marker)) == processes
    finally:
        kill(parent)
    assert becomes_true(lambda: not alive(marker)), f"left behind: {alive(marker)}"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
@pytest.mark.parametrize("kind", ["hang", "hold_global_lock"])
def test_a_fork_of_the_parent_does_not_keep_its_children_alive(marker: str, kind: str) -> None:
    parent = busy_parent(kind, marker, "fork")
    others = [p for p in psutil.Process(parent.pid).children() if p.pid not in alive(marker)]
    try:
        assert len(others) == 1
        parent.kill()
        assert becomes_true(lambda: not alive(marker)), f"left behind: {alive(marker)}"
        assert others[0].is_running()
    finally:
        for process in others:
            process.kill()
        kill(parent)
