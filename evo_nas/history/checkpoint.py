"""A population a generation, as JSON for people, for other tools, and for a new run to start from.

Nothing depends on these files: they are derived from the ledger and can be made again (law 5). One individual a line;
the last line holds the SHA-256 of every byte before it, so that a file cut short or edited by hand is found out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.history.given_genomes import GENOMES, given_members
from evo_nas.history.rows import encode
from evo_nas.history.versions import program_version
from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome
from genomes import Genome, GenomeError

FORMAT = 1

_SEAL = ',\n"sha256": "'


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says. Outcomes are without curves.

    run: the run's id. settings: hash of the settings that mean something (`digest.settings_hash`).
    objectives: such as "maximize roc_auc". evo_nas: the version that wrote it.
    """

    run: str
    generation: int
    settings: str
    objectives: tuple[str, ...]
    population: tuple[Evaluated, ...]
    evo_nas: str


def checkpoint_text(
    population: Sequence[Evaluated],
    *,
    run: str,
    generation: int,
    settings: str,
    objectives: Sequence[str],
    version: str | None = None,
) -> str:
    """The text of a checkpoint file: the same for the same arguments, so it can be compared with one made again.

    version: of the program that made the run; None is this one.
    """
    head = {
        "format": FORMAT,
        "evo_nas": version or program_version(),
        "run": run,
        "generation": generation,
        "settings": settings,
        "objectives": list(objectives),
    }
    lines = ",\n".join([encode(_member(each)) for each in population])
    body = "{" + ",\n".join(f'"{key}": {encode(value)}' for key, value in head.items())
    body += f',\n"population": [\n{lines}\n]'
    return f'{body}{_SEAL}{hashlib.sha256(body.encode()).hexdigest()}"}}\n'


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint, or a list of genomes (`given_genomes.py`) as one whose population nobody has trained.

    Raises UserError, one sentence each: missing, cut short, edited, of a newer format, or no checkpoint at all."""
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise UserError(f"{path}: no such checkpoint; a run keeps its own in checkpoints/") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a checkpoint ({error})") from None
    data = _parsed(text, path)
    if GENOMES in data:
        return _given(data, path)
    body, _, seal = text.rpartition(_SEAL)
    if seal != f'{hashlib.sha256(body.encode()).hexdigest()}"}}\n':
        raise UserError(
            f"{path}: was edited after it was written (its SHA-256 does not match); "
            "take another checkpoint, or have `evo-nas verify` make this one again from the ledger"
        )
    try:
        return _checkpoint(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path}: is not a checkpoint of evo-nas ({error!r}); give one from checkpoints/") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(
            f"{path}: is cut short or no JSON at all; take another checkpoint, "
            "or have `evo-nas verify` make this one again from the ledger"
        ) from None
    written = data.get("format") if isinstance(data, dict) else None
    if not isinstance(written, int) or not {"population", GENOMES} & data.keys():
        raise UserError(f"{path}: is not a checkpoint of evo-nas; give one from the folder checkpoints/ of a run")
    if written > FORMAT:
        raise UserError(
            f"{path}: was written by a newer version (checkpoint format {written}, this one reads {FORMAT}); "
            f"install evo-nas >= {data.get('evo_nas')}"
        )
    return dict(data)


def _given(data: Mapping[str, Any], path: Path) -> Checkpoint:
    """A list of genomes as a checkpoint whose population has not been trained."""
    try:
        source, version = str(data["source"]), str(data["evo_nas"])
        return Checkpoint(source, 0, "", (), given_members(data), version)
    except (GenomeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: is no list of genomes ({error!s:.200}); make it with `evo-nas import`") from None


def _member(evaluated: Evaluated) -> dict[str, Any]:
    individual, outcome = evaluated.individual, evaluated.outcome
    genome = individual.genome
    return {
        "id": individual.id,
        "generation": individual.generation,
        "parents": individual.parents,
        "operator": individual.operator,
        "changes": individual.changes,
        "status": outcome.status,
        "metrics": outcome.metrics,
        "parameters": outcome.parameters,
        "flops": outcome.flops,
        "epochs": outcome.epochs,
        "best_epochs": outcome.best_epochs,
        "seconds": outcome.seconds,
        "message": outcome.message,
        "confirmation": outcome.confirmation,
        "fingerprint": individual.fingerprint,
        "genome": {"encoding": genome.encoding, "genes": genome.genes, "layers": genome.layers},
        **({"replicate": individual.replicate} if individual.replicate else {}),
        **({"rung": individual.epochs} if individual.epochs is not None else {}),
    }


def _checkpoint(data: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        run=data["run"],
        generation=data["generation"],
        settings=data["settings"],
        objectives=tuple(data["objectives"]),
        population=tuple(_evaluated(member) for member in data["population"]),
        evo_nas=data["evo_nas"],
    )


def _evaluated(member: Mapping[str, Any]) -> Evaluated:
    individual = Individual(
        id=int(member["id"]),
        generation=int(member["generation"]),
        genome=Genome.from_json(member["genome"]),
        fingerprint=str(member["fingerprint"]),
        parents=tuple(int(parent) for parent in member["parents"]),
        operator=str(member["operator"]),
        changes=tuple(str(change) for change in member["changes"]),
        replicate=int(member.get("replicate", 0)),
        epochs=member.get("rung"),
    )
    return Evaluated(individual, Outcome.from_json({**member, "curves": []}))
