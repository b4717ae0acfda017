"""A peer in a process of its own: `python -m experiments.peers.timing pytorch_loop --candidates 10`.

Prints the mean seconds of a candidate as JSON. Imports, the reading of rows and one candidate come before the clock.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from statistics import fmean

from experiments.peers import Peer
from experiments.running import SMOKE, changed, settings_of

ONE_AFTER_THE_OTHER = "one after the other"


@dataclass(frozen=True, slots=True)
class Timing:
    """Mean wall clock of a candidate, in seconds, for each way of training them that was tried."""

    ways: Mapping[str, float]

    @classmethod
    def one_after_the_other(cls, seconds: Sequence[float]) -> Timing:
        """Of a tool that was used in one way. seconds: of each candidate."""
        return cls({ONE_AFTER_THE_OTHER: fmean(seconds)})

    @property
    def seconds(self) -> float:
        """That of the fastest way."""
        return min(self.ways.values())


def measure_peer(peer: Peer, *, num_candidates: int, seed: int, smoke: bool) -> Timing:
    """Time a peer in a fresh process. Raises RuntimeError, with its last words, where it fails."""
    command = [sys.executable, "-m", "experiments.peers.timing", peer.module]
    command += ["--candidates", str(num_candidates), "--seed", str(seed), *(["--smoke"] if smoke else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{peer.name} failed with exit code {done.returncode}: {done.stderr[-2000:]}")
    return Timing(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.peers.timing", description=__doc__)
    parser.add_argument("module", help="a file of experiments/peers")
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", "--quick", action="store_true", help="two epochs; the figures say nothing")
    asked = parser.parse_args()
    from experiments.peers.problem import Problem

    settings = settings_of("breast_cancer")
    problem = Problem.of(changed(settings, SMOKE) if asked.smoke else settings)
    timing = import_module(f"experiments.peers.{asked.module}").measure(problem, asked.candidates, asked.seed)
    print(json.dumps(timing.ways))


if __name__ == "__main__":
    main()
