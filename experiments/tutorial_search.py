"""How long does a search over 1,000 candidates of 50 epochs take, from the command to the winner's model?

    python -m experiments.tutorial_search

Five to fifteen seconds on two quiet cores. An evolution on breast cancer, 250 a generation for four generations, with
all that a run leaves behind: ledger, checkpoints, tables, pictures, lineage, the winner saved and confirmed. The clock
starts with this process, so Python's own imports count; the import of TensorFlow in the workers does not
(`timed_search.py` says how). Bar: under 15 s; goal 5 s.
"""

from __future__ import annotations

import sys
import time

import psutil

from evo_nas.cli import errors_for_people
from experiments.bars import Bar, report
from experiments.speed_arguments import speed_parser
from experiments.timed_search import search_settings, timed_search

MOST_SECONDS = 15.0
GOAL_SECONDS = 5.0


def seconds_of_this_process() -> float:
    """Wall clock since it was started."""
    return time.time() - float(psutil.Process().create_time())


def main() -> None:
    started = seconds_of_this_process()
    asked = speed_parser("tutorial_search", __doc__).parse_args()
    settings = search_settings(smoke=asked.smoke, trainer=asked.trainer, population=250, generations=4)
    before = seconds_of_this_process()
    with errors_for_people():
        done = timed_search(settings, workers=2)
    print(
        f"{done.num_trainings} networks, {done.num_failed} failed; {before:.2f} s until the search began "
        f"({started:.2f} s of imports), {done.loop_seconds:.2f} s in its generations, "
        f"{done.seconds - done.loop_seconds:.2f} s for the winner; {done.waited_seconds:.2f} s of TensorFlow's import "
        f"left out; goal {GOAL_SECONDS:g} s"
    )
    sys.exit(report([Bar("seconds of the whole search", before + done.seconds, MOST_SECONDS, "at most")]))


if __name__ == "__main__":
    main()
