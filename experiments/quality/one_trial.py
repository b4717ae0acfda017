"""One engine on one set, in a process of its own: `python -m experiments.quality.one_trial "Optuna TPE" adult`.

Prints the points of its trace as JSON. The clock began when the process was started, so all imports count.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import astuple

from evo_nas.evaluation.lifeline import hold_lifeline
from experiments.quality.engines import ENGINES, engine_named
from experiments.quality.recorder import Recorder
from experiments.quality.sets import SETS, set_named, settings_of


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.quality.one_trial", description=__doc__)
    add = parser.add_argument
    add("engine", choices=[engine.name for engine in ENGINES])
    add("set", choices=[each.name for each in SETS])
    add("--seed", type=int, default=0)
    add("--minutes", type=float, default=10.0)
    add("--target", type=float, default=None, help="a confirmation that ends the trial")
    add("--began", type=float, default=None, help="when this process was started, on the monotonic clock")
    add("--parent", type=int, default=None, help="a process with which this one ends, at the other end of its input")
    asked = parser.parse_args()
    if asked.parent is not None:
        hold_lifeline(sys.stdin.fileno(), asked.parent)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    began = time.monotonic() if asked.began is None else asked.began
    recorder = Recorder(began, 60.0 * asked.minutes, target=asked.target)
    engine_named(asked.engine).search(settings_of(set_named(asked.set)), recorder, asked.seed)
    print(json.dumps([astuple(point) for point in recorder.trace()]))


if __name__ == "__main__":
    main()
