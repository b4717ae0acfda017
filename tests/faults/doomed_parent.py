"""A user's script that is killed while its worker runs: `doomed_parent.py KIND MARKER [fork]`.

It says "busy" as soon as the worker's task has spoken. With "fork" it has a child of its own by then, which inherited
every pipe. There is no `if __name__ == "__main__"` here, and none is needed.
"""

import os
import signal
import sys

from evo_nas.config import EvaluationSettings
from evo_nas.evaluation import Device, Slot, Task, TaskProgress, WorkerPool

kind, marker, *more = sys.argv[1:]
slots = [Slot(0, Device("cpu", environment={"EVO_NAS_TEST_MARKER": marker}))]
pool = WorkerPool(slots, EvaluationSettings(), handlers="misbehaving")
pool.submit(Task(7, kind, {"task": 7}))
while not any(isinstance(event, TaskProgress) for event in pool.events(30.0)):
    pass
if more == ["fork"] and os.fork() == 0:
    signal.pause()
os.write(1, b"busy\n")
signal.pause()
