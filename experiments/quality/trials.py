"""A trial: one engine on one set with one seed, run in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from experiments.quality.trace import Point, Trace


@dataclass(frozen=True, slots=True)
class Cell:
    """What a trial is known by. set: the name of a set. minutes: of wall clock that the engine is given."""

    engine: str
    set: str
    seed: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A cell to be run. target: a confirmation that ends it; None lets it have all of its minutes."""

    cell: Cell
    target: float | None = None


def run_trial(trial: Trial) -> Trace:
    """Run it in a fresh process, which ends with this one. Raises RuntimeError, with its last words, where it fails."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        command = _command(trial)
        with subprocess.Popen(
            [*command, "--began", repr(time.monotonic())],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=complained,
            process_group=0,
        ) as process:
            process.wait()
        said.seek(0)
        complained.seek(0)
        if process.returncode != 0:
            words = complained.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{trial.cell} failed with exit code {process.returncode}: {words}")
        return [Point(*each) for each in json.loads(said.read().decode().splitlines()[-1])]


def _command(trial: Trial) -> list[str]:
    cell = trial.cell
    command = [sys.executable, "-m", "experiments.quality.one_trial", cell.engine, cell.set, "--seed", str(cell.seed)]
    command += ["--minutes", repr(cell.minutes), "--parent", str(os.getpid())]
    return command if trial.target is None else [*command, "--target", repr(trial.target)]
