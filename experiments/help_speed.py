"""How long does `evo-nas --help` take? Whole processes, median of eleven. Bar: under 0.7 s.

python -m experiments.help_speed
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from experiments.bars import Bar, report

MOST_SECONDS = 0.7


def seconds_of_help() -> float:
    """Wall clock of one `python -m evo_nas --help`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "evo_nas", "--help"], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    figures = [seconds_of_help() for _ in range(11)]
    sys.exit(report([Bar("seconds of --help, median of 11", statistics.median(figures), MOST_SECONDS, "at most")]))


if __name__ == "__main__":
    main()
