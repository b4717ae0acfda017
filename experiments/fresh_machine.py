"""Do the README's two commands do on a fresh machine what they promise, and in time?

    python -m experiments.fresh_machine             # both; about fifteen minutes with the installations
    python -m experiments.fresh_machine main        # or: tests

A fresh clone, a new virtual environment, an empty cache folder, the command as the README has it. Bars, after
installation: the main job in under five minutes, with its winner, test scores and run folder; the tests in under ten.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from experiments.bars import Bar, report

ROOT = Path(__file__).parents[1]
MOST_SECONDS = {"main": 300.0, "tests": 600.0}
LEFT_BEHIND = (
    "config.toml",
    "run.db",
    "checkpoints/generation_0005.json",
    "generations.csv",
    "individuals.csv",
    "lineage/generation_0005.graphml",
    "lineage/generation_0005.png",
    "winner/model.keras",
    "winner/genome.json",
    "winner/preprocessing.json",
    "winner/scores.json",
)


def commands() -> dict[str, str]:
    """The first two shell blocks of the README."""
    blocks = re.findall(r"```bash\n(python3 -m venv .*?)\n```", (ROOT / "README.md").read_text(), re.DOTALL)
    return {"main": blocks[0], "tests": blocks[1]}


def seconds_after_installation(command: str, clone: Path) -> float:
    """Run a command in a fresh clone; wall clock of its part after the installation. Raises CalledProcessError."""
    environment = os.environ | {"XDG_CACHE_HOME": str(clone.parent / "cache"), "EVO_NAS_DATA": _data_folder()}
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    *installation, job = command.split(" && ")
    subprocess.run(" && ".join(installation), shell=True, cwd=clone, env=environment, check=True)
    began = time.monotonic()
    subprocess.run(job, shell=True, cwd=clone, env=environment, check=True)
    return time.monotonic() - began


def _data_folder() -> str:
    return os.environ.get("EVO_NAS_DATA", str(ROOT.parent / "shared" / "data"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.fresh_machine", description=__doc__)
    parser.add_argument("which", nargs="*", choices=["main", "tests"], default=["main", "tests"])
    bars = []
    for name in parser.parse_args().which:
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder) / "evo-nas"
            seconds = seconds_after_installation(commands()[name], clone)
            bars.append(
                Bar(f"seconds of the {name} command after installation", seconds, MOST_SECONDS[name], "at most")
            )
            if name == "main":
                bars.append(Bar("files missing from the run folder", len(missing(clone)), 0, "at most"))
    sys.exit(report(bars))


def missing(clone: Path) -> list[str]:
    """The promised files that the run folder lacks."""
    (run,) = (clone / "runs").iterdir()
    return [name for name in LEFT_BEHIND if not (run / name).is_file()]


if __name__ == "__main__":
    main()
