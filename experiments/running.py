"""What every experiment's script shares: `--run-dir`, `--seed`, `--split-seed`, `--workers`, `--store`, `--smoke`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.cli import errors_for_people
from evo_nas.commands.runs import start_run
from evo_nas.config import Settings, parse_settings, read_settings
from evo_nas.running.preparation import default_folder, make_plan

SMOKE: Mapping[str, Mapping[str, Any]] = {
    "recipe": {"epochs": 2},
    "search": {"population": 3, "generations": 2, "confirmation_replicates": 1},
}
"""A size that the tests can afford: the whole line, end to end, and no result worth reading."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    run_dir: Path
    settings: Settings
    workers: int | None
    store: str | None


def settings_of(name: str) -> Settings:
    """The settings file beside the experiment's script."""
    return read_settings(Path(__file__).with_name(f"{name}.toml"))


def changed(settings: Settings, changes: Mapping[str, Mapping[str, Any]]) -> Settings:
    """The settings with keys of some sections replaced, checked again."""
    data = settings.model_dump(mode="json", exclude_none=True)
    for section, values in changes.items():
        data[section] = {**data[section], **values}
    return parse_settings(data, where="experiment")


def ask(name: str, description: str, arguments: Sequence[str] | None = None) -> Asked:
    """Read the command line of an experiment."""
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{name}", description=description)
    parser.add_argument("--run-dir", type=Path, default=None, help="where the run is written")
    parser.add_argument("--seed", type=int, default=None, help="seed of the search")
    parser.add_argument("--split-seed", type=int, default=None, help="seed of the split into test and search rows")
    parser.add_argument("--workers", type=int, default=None, help="child processes")
    parser.add_argument("--store", default=None, help="where outcomes are kept across runs: a path, or none")
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford")
    given = parser.parse_args(arguments)
    settings = settings_of(name)
    if given.smoke:
        settings = changed(changed(settings, {"recipe": {"early_stopping": {"patience": 2}}}), SMOKE)
    if given.seed is not None:
        settings = changed(settings, {"search": {"seed": given.seed}})
    if given.split_seed is not None:
        settings = changed(settings, {"data": {"split_seed": given.split_seed}})
    return Asked(given.run_dir or default_folder(name), settings, given.workers, given.store)


def main(name: str, description: str, arguments: Sequence[str] | None = None) -> None:
    """Run an experiment as its settings file says."""
    with errors_for_people():
        asked = ask(name, description, arguments)
        plan = make_plan(asked.settings, base=Path.cwd())
        start_run(plan, asked.run_dir, workers=asked.workers, store=asked.store)
