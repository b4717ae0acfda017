from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from evo_nas.evaluation.family import end_family
from evo_nas.evaluation.strays import end_strays

SLEEP = "import time; time.sleep(600)"
FORK = (
    "import os, time\n"
    "for leaves in (False, True):\n"
    "    if os.fork() == 0:\n"
    "        leaves and os.setsid()\n"
    "        os.write(1, b'%d\\n' % os.getpid())\n"  # in one piece: the other writes at the same time
    "        time.sleep(600)\n"
    "time.sleep(600)\n"
)


@pytest.fixture
def stray() -> Iterator[subprocess.Popen[str]]:
    """A process that leads its group, as a child of an earlier parent did."""
    process = subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True, text=True)
    yield process
    process.kill()
    process.wait()


def test_a_stray_is_ended_by_pid_and_time(stray: subprocess.Popen[str]) -> None:
    created = psutil.Process(stray.pid).create_time()
    assert end_strays([(stray.pid, created)]) == [stray.pid]
    assert stray.wait(10) == -9


def test_who_was_created_at_another_time_is_another(stray: subprocess.Popen[str]) -> None:
    created = psutil.Process(stray.pid).create_time()
    assert end_strays([(stray.pid, created - 60.0), (stray.pid, created + 60.0)]) == []
    assert stray.poll() is None


def test_who_does_not_lead_its_group_is_left_alone() -> None:
    process = subprocess.Popen([sys.executable, "-c", SLEEP])
    try:
        assert end_strays([(process.pid, psutil.Process(process.pid).create_time())]) == []
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_who_is_gone_is_no_stray(stray: subprocess.Popen[str]) -> None:
    created = psutil.Process(stray.pid).create_time()
    stray.kill()
    os.waitid(os.P_PID, stray.pid, os.WEXITED | os.WNOWAIT)
    assert end_strays([(stray.pid, created)]) == []  # waits to be reaped
    stray.wait()
    assert end_strays([(stray.pid, created)]) == []


def test_a_family_ends_together_even_those_who_left_the_group() -> None:
    process = subprocess.Popen([sys.executable, "-c", FORK], start_new_session=True, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        try:
            family = [psutil.Process(int(process.stdout.readline())) for _ in range(2)]
        finally:
            end_family(process.pid)
        assert process.wait(10) == -9
    _, alive = psutil.wait_procs(family, timeout=10)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
