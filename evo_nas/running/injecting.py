"""A network of the user's own is put into a run, and a run is gone on with otherwise from one of its generations."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from evo_nas.config import Settings, parse_settings
from evo_nas.errors import UserError
from evo_nas.history import Checkpoint, RunFolder, hold, read_checkpoint
from evo_nas.running.choices import Choices
from evo_nas.running.launch import with_limits
from evo_nas.running.preparation import INJECTION, OpenRun, Plan, make_plan, open_run, with_dataset
from genomes import Genome, GenomeError

SEARCHES = ("surrogate", "evolution", "aging", "random", "coarse_to_fine")
"""Strategies that learn from whatever they are told."""


def inject(path: Path, file: Path) -> int:
    """Put a network into a run, to be proposed as soon as it goes on; the number from which on that can be.

    file: a genome as JSON, as `winner/genome.json` or a checkpoint writes them. It is recorded, and part of the digest.
    Raises UserError where it is no network of the run's space, or the run's strategy cannot be given any.
    """
    folder = RunFolder(path)
    folder.require()
    with hold(folder), closing((run := open_run(path)).ledger):
        _check_open(run)
        genome = _read_genome(file)
        try:
            run.plan.encoding.check(genome)
        except GenomeError as error:
            raise UserError(f"{file}: it is no network of the run's space: {error}") from None
        number = max(len(run.ledger.individuals()), *(taken + 1 for taken in (*run.injected, -1)))
        run.ledger.decide(INJECTION, {"proposal": number, "genome": genome.to_json()})
        return number


def _check_open(run: OpenRun) -> None:
    search, path = run.plan.settings.search, run.folder.path
    if search.strategy not in SEARCHES or search.fidelity != "full":
        told = f'strategy = "{search.strategy}"' + (
            f' with fidelity "{search.fidelity}"' if search.fidelity != "full" else ""
        )
        raise UserError(
            f"{path}: a run with {told} keeps account of its own proposals, and cannot be given one; start a new run "
            "with `evo-nas run EXPERIMENT.toml --from NETWORKS.json`"
        )
    planned = run.num_proposals(with_limits(run, Choices()).num_generations or 0)
    if len(run.ledger.individuals()) >= planned:
        raise UserError(
            f"{path}: all {planned} individuals that this run plans have been proposed; extend it first: "
            f"evo-nas resume {path} --generations N"
        )


def _read_genome(file: Path) -> Genome:
    """Raises UserError where the file holds none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Genome.from_json(data.get("genome", data) if isinstance(data, Mapping) else data)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{file}: expected a genome as JSON, such as winner/genome.json of a run ({error})") from None


def forked(path: Path, generation: int, changes: Sequence[str]) -> tuple[Plan, Checkpoint]:
    """The plan of a run that goes on from a generation of another one with other settings, and where it begins.

    changes: such as "mutation_rate=0.3" ([search]), or "recipe.epochs=80"; values as in a settings file. Without
    "generations" it makes as many as were left. Raises UserError where a setting is none, or the generation is not
    there.
    """
    with closing((run := open_run(path, read_only=True)).ledger):
        run = with_dataset(run)
        planned = with_limits(run, Choices()).num_generations or 0
        settings = run.plan.settings
        data = settings.model_dump(mode="json", exclude_none=True, exclude={"run"})
        data["search"]["generations"] = max(1, planned - generation)
    for change in changes:
        _set(data, change)
    if settings.data is None:
        raise UserError(
            f"{path}: the fitness of this run is a function of the script that made it; call evo_nas.search there with "
            f"start_from={str(run.folder.checkpoint(generation))!r}"
        )
    wanted: Settings = parse_settings(data, where="--set")
    if wanted.space != settings.space or wanted.data != settings.data:
        raise UserError("--set: a fork keeps the space and the data of the run; start another run for others")
    file = run.folder.checkpoint(generation)
    if not file.exists():
        known = sum(1 for _ in file.parent.glob("generation_*.json"))
        raise UserError(f"{path}: generation {generation} is not there; this run has finished {known} generations")
    return make_plan(wanted, base=path, dataset=run.plan.dataset), read_checkpoint(file)


def _set(data: dict[str, Any], change: str) -> None:
    name, sign, text = change.partition("=")
    *sections, key = name.strip().split(".")
    place: Any = data
    for section in sections or ["search"]:
        place = place.setdefault(section, {}) if isinstance(place, dict) else None
    if not sign or not key or not isinstance(place, dict):
        raise UserError(f"--set: expected KEY=VALUE such as mutation_rate=0.3 or recipe.epochs=80, got {change!r:.100}")
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        value = text.strip()  # a text without quotes, as a shell leaves it
    place[key] = value
