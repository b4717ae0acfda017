"""Records as rows of the ledger, and back."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any, Literal, get_args

from evo_nas.curves import Curve, curves_from_json, packed_curves
from evo_nas.individual import Individual, TrainingKey
from evo_nas.outcome import Outcome, Status
from genomes import Genome

Purpose = Literal["search", "confirmation", "ablation", "final"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
"""Why networks are trained: to steer, to confirm the winner, to ask what a change was worth, and to see what those are
worth from scratch that began with inherited weights. Only the first steers."""
Row = tuple[Any, ...]

encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode

QUICK = 1
"""zlib's level: of the bytes of doubles a higher one saves a few in a hundred, and takes as long as all the rest."""
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Training:
    """One training as it came back. found: it was known already, from the store of outcomes or a rung that it never
    went beyond, and cost nothing. epochs: as in its key."""

    fingerprint: str
    replicate: int
    outcome: Outcome
    purpose: Purpose = "search"
    found: bool = False
    epochs: int | None = None

    @property
    def key(self) -> TrainingKey:
        return TrainingKey(self.fingerprint, self.replicate, self.epochs)


def individual_row(individual: Individual) -> Row:
    genome = individual.genome
    return (
        individual.id,
        individual.generation,
        individual.fingerprint,
        encode({"encoding": genome.encoding, "genes": genome.genes, "layers": genome.layers}),
        encode(individual.parents),
        individual.operator,
        encode(individual.changes) if individual.changes else "[]",
        individual.replicate,
        individual.epochs,
        individual.inherits,
    )


def individual_from(row: Row) -> Individual:
    """Raises ValueError where the row holds no individual."""
    number, generation, fingerprint, genome, parents, operator, changes, replicate, epochs, inherits = row
    return Individual(
        id=number,
        generation=generation,
        genome=Genome.from_json(json.loads(genome)),
        fingerprint=fingerprint,
        parents=tuple(json.loads(parents)),
        operator=operator,
        changes=tuple(json.loads(changes)),
        replicate=replicate,
        epochs=epochs,
        inherits=inherits,
    )


def training_row(training: Training) -> Row:
    outcome = training.outcome
    return (
        training.fingerprint,
        training.replicate,
        training.purpose,
        training.found,
        outcome.status.value,
        encode(outcome.metrics) if outcome.metrics else "{}",
        _integer(outcome.parameters),
        _integer(outcome.flops),
        encode(outcome.epochs) if outcome.epochs else "[]",
        encode(outcome.best_epochs) if outcome.best_epochs else "[]",
        outcome.seconds,
        storable(outcome.message),
        encode(outcome.confirmation) if outcome.confirmation else "{}",
        training.epochs,
        encode(outcome.inherited_epochs) if outcome.inherited_epochs else "[]",
    )


def outcome_from(row: Row, curves: bytes | None = None) -> Outcome:
    """The inverse of `training_row`, given the columns from the status to the confirmation, and the inherited epochs.

    Raises ValueError, KeyError or TypeError where they hold no outcome.
    """
    status, metrics, parameters, flops, epochs, best_epochs, seconds, message, confirmation, inherited = row
    return Outcome(
        status=Status(status),
        metrics=json.loads(metrics),
        parameters=int(parameters),
        flops=int(flops),
        epochs=tuple(json.loads(epochs)),
        best_epochs=tuple(json.loads(best_epochs)),
        seconds=seconds,
        message=message,
        curves=curves_from(curves) if curves is not None else (),
        confirmation=json.loads(confirmation),
        inherited_epochs=tuple(json.loads(inherited)),
    )


def curves_blob(outcome: Outcome) -> bytes:
    """The curves as compressed JSON."""
    return zlib.compress(encode(packed_curves(outcome.curves)).encode(), QUICK)


def curves_from(blob: bytes) -> tuple[Curve, ...]:
    """The inverse of `curves_blob`. Raises ValueError or TypeError where the bytes are no curves."""
    try:
        text = zlib.decompress(blob)
    except zlib.error as error:
        raise ValueError(f"curves that cannot be decompressed: {error}") from None
    return curves_from_json(json.loads(text))


def storable(text: str) -> str:
    """A text that SQLite takes: a dying process can leave half a character in its last words."""
    return text.encode("utf-8", "backslashreplace").decode()


def _integer(value: int) -> int | str:
    return value if value <= _LARGEST_INTEGER else str(value)
