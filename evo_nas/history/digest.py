"""One hash over all that a run decided and measured: equal for a run that was killed and one that never stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evo_nas.config import Settings
from evo_nas.history.ledger import Ledger
from evo_nas.individual import Individual, parse_objective
from evo_nas.outcome import MACHINE_DEPENDENT, Outcome
from genomes import canonical_json

NOT_DIGESTED = ("clock", "session")
"""Kinds of decisions about time and place, alone or before a colon ("clock:budget"): they are no result (law 6)."""

_STOPPING = {"generations", "max_evaluations", "max_minutes"}


@dataclass(frozen=True, slots=True)
class Digest:
    """hash: 64 hexadecimal digits. num_records: individuals and trainings in it.

    num_machine_dependent: trainings that another machine, or a busier one, may answer otherwise: those that a limit
    or a death ended, and all of them where training seconds are an objective.
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
        "recipe": settings.recipe.model_dump(mode="json"),
        "search": settings.search.model_dump(mode="json", exclude=_STOPPING),
    }


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
    num_dependent = sum(depends or outcome.status in MACHINE_DEPENDENT for _, _, outcome in trainings)
    return Digest(hasher.hexdigest(), len(individuals) + len(trainings), num_dependent)


def _records(ledger: Ledger, individuals: list[Individual], trainings: list[tuple[str, int, Outcome]]) -> Iterator[Any]:
    for i in individuals:
        yield ["individual", i.id, i.generation, i.fingerprint, i.parents, i.operator, i.changes, i.genome.to_json()]
    for fingerprint, replicate, outcome in trainings:
        yield ["training", fingerprint, replicate, _result(outcome)]
    for kind, data in ledger.all_decisions():
        if kind.partition(":")[0] not in NOT_DIGESTED:
            yield ["decision", kind, data]


def _in_order(
    individuals: list[Individual], outcomes: Mapping[tuple[str, int], Outcome]
) -> Iterator[tuple[str, int, Outcome]]:
    replicates: dict[str, list[int]] = {}
    for fingerprint, replicate in outcomes:
        replicates.setdefault(fingerprint, []).append(replicate)
    for individual in individuals:
        for replicate in sorted(replicates.pop(individual.fingerprint, ())):
            yield individual.fingerprint, replicate, outcomes[individual.fingerprint, replicate]


def _result(outcome: Outcome) -> dict[str, Any]:
    """Floats are written by repr. The message is left out: it may name a process or a limit."""
    names = ("status", "metrics", "parameters", "flops", "epochs", "best_epochs", "curves")
    data = outcome.to_json()
    return {name: data[name] for name in names}


def _seconds_steer(meaning: Mapping[str, Any]) -> bool:
    return any(parse_objective(text).name == "seconds" for text in meaning["search"]["objectives"])
