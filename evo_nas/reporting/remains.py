"""What can still be read of a run whose ledger is damaged, cut short, missing or of another version."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from evo_nas.config.metrics import METRICS
from evo_nas.errors import UserError
from evo_nas.history import Ledger, RunFolder, read_checkpoint
from evo_nas.individual import (
    Constraint,
    Evaluated,
    Individual,
    Objective,
    TrainingKey,
    parse_constraint,
    parse_objective,
    training_keys,
)
from evo_nas.outcome import Outcome, combine
from evo_nas.report.page import RunRecord
from evo_nas.running.preparation import read_space
from genomes import Encoding

T = TypeVar("T")
UNREADABLE = (UserError, OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class _Found:
    """individuals, outcomes: as in a `RunRecord`. where: they were read, for a person."""

    individuals: Sequence[Individual]
    outcomes: Mapping[int, Outcome]
    where: str
    objectives: tuple[str, ...] = ()


def read_remains(path: Path, *, why: str) -> RunRecord:
    """A record of what is there. why: the ledger could not be read as a whole, a sentence.

    Raises UserError, with that sentence, where neither the ledger nor any checkpoint can be read.
    """
    folder = RunFolder(path)
    settings = _settings(folder)
    replicates = _whole_number(_section(settings, "recipe").get("replicates"))
    found = _from_ledger(folder, replicates) or _from_checkpoints(folder)
    if found is None:
        raise UserError(why)
    search = _section(settings, "search")
    epochs = _section(settings, "recipe").get("epochs")
    return RunRecord(
        name=path.resolve().name,
        settings=settings,
        objectives=_objectives(search, found),
        individuals=found.individuals,
        outcomes=found.outcomes,
        encoding=_encoding(settings),
        constraints=_constraints(search),
        replicates=replicates,
        epochs=epochs if isinstance(epochs, int) else None,
        state=f"The run could not be read as a whole; what is shown was read from {found.where}.",
        missing=(f"{why[:1].upper()}{why[1:]}.", *_told(folder, settings)),
    )


def outcomes_of(
    individuals: Sequence[Individual], trainings: Mapping[TrainingKey, Outcome], replicates: int
) -> dict[int, Outcome]:
    """id -> outcome, replicates combined, of those all of whose trainings are there."""
    found = {}
    for each in individuals:
        known = [trainings[key] for key in training_keys(each, replicates) if key in trainings]
        if len(known) == replicates:
            found[each.id] = combine(known)
    return found


def _settings(folder: RunFolder) -> Mapping[str, Any]:
    """As the ledger has them, else as the file of settings does; empty where neither can be read."""

    def from_ledger() -> Any:
        with closing(Ledger.read_only(folder.ledger)) as ledger:
            return json.loads(ledger.meta("settings"))

    def from_file() -> Any:
        return tomllib.loads(folder.config.read_text(encoding="utf-8"))

    settings = _first(from_ledger, from_file)
    return settings if isinstance(settings, Mapping) else {}


def _from_ledger(folder: RunFolder, replicates: int) -> _Found | None:
    def read() -> _Found:
        with closing(Ledger.read_only(folder.ledger)) as ledger:
            individuals = ledger.individuals()
            return _Found(individuals, outcomes_of(individuals, ledger.trainings(), replicates), "the ledger")

    found = _first(read)
    return found if found is not None and found.individuals else None


def _from_checkpoints(folder: RunFolder) -> _Found | None:
    """Everybody who was in a population when a generation ended."""
    members: dict[int, Evaluated] = {}
    objectives: tuple[str, ...] = ()
    for path in folder.checkpoints():
        checkpoint = _first(lambda path=path: read_checkpoint(path))  # type: ignore[misc]
        if checkpoint is not None:
            members.update((each.individual.id, each) for each in checkpoint.population)
            objectives = checkpoint.objectives
    if not members:
        return None
    individuals = [members[number].individual for number in sorted(members)]
    outcomes = {number: each.outcome for number, each in members.items()}
    return _Found(individuals, outcomes, "its checkpoints, which hold populations and not everybody", objectives)


def _told(folder: RunFolder, settings: Mapping[str, Any]) -> list[str]:
    told = ["Learning curves, times and the winner's scores are left out."]
    if not settings:
        told.append("The settings of the run cannot be read either, so it is not said what was searched.")
    elif not folder.config.is_file():
        told.append(f"{folder.config.name} is not there.")
    return told


def _objectives(search: Mapping[str, Any], found: _Found) -> tuple[Objective, ...]:
    """As they were asked for; else the first metric that was recorded, in its own direction."""
    texts = found.objectives or tuple(search.get("objectives") or ())
    asked = _first(lambda: tuple(parse_objective(text) for text in texts))
    if asked:
        return asked
    names = [name for outcome in found.outcomes.values() for name in outcome.metrics]
    known = [name for name in dict.fromkeys(names) if name in METRICS] or names
    return tuple(Objective(name, METRICS.get(name, name != "loss")) for name in known[:1])


def _constraints(search: Mapping[str, Any]) -> tuple[Constraint, ...]:
    return _first(lambda: tuple(parse_constraint(text) for text in search.get("constraints") or ())) or ()


def _encoding(settings: Mapping[str, Any]) -> Encoding | None:
    return _first(lambda: read_space(settings["space"]))


def _section(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = settings.get(name)
    return section if isinstance(section, Mapping) else {}


def _whole_number(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 1


def _first(*ways: Callable[[], T]) -> T | None:
    """What the first way that works returns."""
    for way in ways:
        try:
            return way()
        except UNREADABLE:
            continue
    return None
