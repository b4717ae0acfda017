"""One hash over all that a run decided and measured: equal for a run that was killed and one that never stopped."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evo_nas.config import SearchSettings, Settings
from evo_nas.history.ledger import Ledger
from evo_nas.individual import Individual, TrainingKey, fitness_names, parse_constraint, parse_objective
from evo_nas.outcome import MACHINE_DEPENDENT, Outcome
from genomes import canonical_json

NOT_DIGESTED = ("clock", "session")
"""Kinds of decisions about time and place, alone or before a colon ("clock:budget"): they are no result (law 6)."""

_STOPPING = {"generations", "max_evaluations", "max_epochs", "max_minutes", "stop_when_converged"}
_RUNGS = {"fidelity", "eta", "least_epochs"}
_INHERITANCE = {"inherit", "finalists"}
_ONLY_UNDER = {
    "batch": ("surrogate", "bayesian"),
    "steady_state": ("surrogate",),
    "sampler": ("bayesian",),
    "grid": ("grid",),
    "coarse_to_fine": ("coarse_to_fine",),
}
"""Settings that mean something under some strategies only."""


@dataclass(frozen=True, slots=True)
class Digest:
    """hash: 64 hexadecimal digits. num_records: individuals and trainings in it.

    num_machine_dependent: trainings that another machine, or a busier one, may answer otherwise: those that a limit
    or a death ended, and all of them where training seconds are an objective or a constraint.
    """

    hash: str
    num_records: int
    num_machine_dependent: int


def settings_meaning(settings: Settings, *, space: Mapping[str, Any], data_fingerprint: str) -> dict[str, Any]:
    """What the settings mean, as plain data: without how far to go, how many workers, and where things lie.

    space: as its encoding describes it, so that two ways of writing the same space are one.
    """
    split = {"test_fraction", "confirmation_fraction", "split_seed"}
    return {
        "space": dict(space),
        "data": data_fingerprint,
        "split": settings.data.model_dump(mode="json", include=split) if settings.data else None,
        "recipe": settings.recipe.meaning(),
        "search": _search_meaning(settings.search),
    }


def _search_meaning(search: SearchSettings) -> dict[str, Any]:
    """Without what a version that knew no constraints, no survival but one and no surrogate would have done just so."""
    num_objectives = max(1, len(search.objectives))
    usual = search.survivors_by(num_objectives) == ("best" if num_objectives == 1 else "nsga2")
    later = ({"survival"} if usual else set()) | (set() if search.constraints else {"constraints"})
    later |= {name for name, absent in (("adapt", False), ("restarts", 0)) if getattr(search, name) == absent}
    later |= _RUNGS if search.fidelity == "full" else set()
    later |= _INHERITANCE if search.inherit == "none" else set()
    later |= {name for name, strategies in _ONLY_UNDER.items() if search.strategy not in strategies}
    return search.model_dump(mode="json", exclude=_STOPPING | later)


def settings_hash(meaning: Mapping[str, Any]) -> str:
    """64 hexadecimal digits of `settings_meaning`."""
    return hashlib.sha256(canonical_json(meaning).encode()).hexdigest()


def digest(ledger: Ledger, meaning: Mapping[str, Any]) -> Digest:
    """Hash the meaning of the settings, every individual, every training of the search with its curves, and every
    decision that is not about time or place.

    Trainings stand in the order of the individuals that asked first, never in that of completion. Nothing of time or
    host is in it, nor whether an outcome was found in the store. Confirmations are not: a finished run that is
    extended has made them earlier than one that went through, and is the same search.
    """
    individuals = ledger.individuals()
    trainings = list(_in_order(individuals, ledger.trainings(curves=True)))
    hasher = hashlib.sha256(canonical_json(meaning).encode())
    for record in _records(ledger, individuals, trainings):
        hasher.update(b"\n" + canonical_json(record).encode())
    depends = _seconds_steer(meaning)
    num_dependent = sum(depends or outcome.status in MACHINE_DEPENDENT for _, outcome in trainings)
    return Digest(hasher.hexdigest(), len(individuals) + len(trainings), num_dependent)


def _records(
    ledger: Ledger, individuals: list[Individual], trainings: list[tuple[TrainingKey, Outcome]]
) -> Iterator[Any]:
    """What most records have not is written only where it is there: a digest is the same in every version."""
    for i in individuals:
        record = ["individual", i.id, i.generation, i.fingerprint, i.parents, i.operator, i.changes, i.genome.to_json()]
        again: dict[str, Any] = {"replicate": i.replicate, "epochs": i.epochs} if i.replicate or i.epochs else {}
        later = again | ({"inherits": i.inherits} if i.inherits is not None else {})
        yield [*record, later] if later else record
    for key, outcome in trainings:
        rung = [] if key.epochs is None else [key.epochs]
        yield ["training", key.fingerprint, key.replicate, _result(outcome), *rung]
    for kind, data in ledger.all_decisions():
        if kind.partition(":")[0] not in NOT_DIGESTED:
            yield ["decision", kind, data]


def _in_order(
    individuals: list[Individual], outcomes: Mapping[TrainingKey, Outcome]
) -> Iterator[tuple[TrainingKey, Outcome]]:
    keys: dict[str, list[TrainingKey]] = {}
    for key in outcomes:
        keys.setdefault(key.fingerprint, []).append(key)
    for individual in individuals:
        for key in sorted(keys.pop(individual.fingerprint, ()), key=_rung_by_rung):
            yield key, outcomes[key]


def _rung_by_rung(key: TrainingKey) -> tuple[int, float]:
    """The whole recipe is above every rung."""
    return key.replicate, math.inf if key.epochs is None else key.epochs


def _result(outcome: Outcome) -> dict[str, Any]:
    """Floats are written by repr. The message is left out: it may name a process or a limit."""
    names = ("status", "metrics", "parameters", "flops", "epochs", "best_epochs", "curves")
    data = outcome.to_json()
    return {name: data[name] for name in names}


def _seconds_steer(meaning: Mapping[str, Any]) -> bool:
    search = meaning["search"]
    objectives = [parse_objective(text) for text in search["objectives"]]
    return "seconds" in fitness_names(objectives, [parse_constraint(text) for text in search.get("constraints", ())])
