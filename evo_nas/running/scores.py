"""`winner/scores.json`: three numbers with three names (law 9), and the hashes of the files they belong to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.history import RunFolder
from genomes import canonical_json

SEAL = "sha256"


def write_scores(folder: RunFolder, scores: Mapping[str, Any]) -> None:
    """Write the scores with the hashes of the winner's other files, and a seal over all of it. Raises OSError."""
    content = {**scores, "files": _hashes(folder)}
    content.pop(SEAL, None)
    sealed = {**content, SEAL: _seal(content)}
    write_atomically(folder.scores, json.dumps(sealed, indent=1, allow_nan=False))


def read_scores(folder: RunFolder) -> dict[str, Any] | None:
    """The winner's scores, or None where there are none, or they were cut short or edited."""
    try:
        scores = json.loads(folder.scores.read_text(encoding="utf-8"))
        content = {key: value for key, value in scores.items() if key != SEAL}
        return scores if scores[SEAL] == _seal(content) else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def scores_of(folder: RunFolder, fingerprint: str) -> dict[str, Any] | None:
    """The scores, if they are those of this network and no other."""
    scores = read_scores(folder)
    return scores if scores is not None and scores["fingerprint"] == fingerprint else None


def saved_winner(folder: RunFolder) -> str | None:
    """The fingerprint of the network in `winner/` if all of its files are there, whole, and belong together."""
    scores = read_scores(folder)
    try:
        return str(scores["fingerprint"]) if scores is not None and scores["files"] == _hashes(folder) else None
    except OSError:
        return None


def _hashes(folder: RunFolder) -> dict[str, str]:
    paths: tuple[Path, ...] = (folder.model, folder.preprocessing, folder.winner_genome)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _seal(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()
