"""The trap that needs no help from Linux, alone. The others are tested where parents die (tests/faults)."""

from __future__ import annotations

import os
import subprocess
import sys

HOLDER = (
    "import sys\n"
    "from evo_nas.evaluation.lifeline import hold_lifeline\n"
    "sys.platform = 'another'\n"
    "hold_lifeline(int(sys.argv[1]), parent_pid=1)\n"
    "print('held', flush=True)\n"
    "while True: pass\n"
)


def test_a_busy_process_ends_when_its_lifeline_does() -> None:
    lifeline, parent_end = os.pipe()
    command = [sys.executable, "-c", HOLDER, str(lifeline)]
    process = subprocess.Popen(command, pass_fds=[lifeline], start_new_session=True, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        try:
            os.close(lifeline)
            assert process.stdout.readline() == "held\n"
            assert process.poll() is None
        finally:
            os.close(parent_end)
        assert process.wait(30) == -9
