"""`winner/scores.json`: three numbers with three names (law 9), and the hashes of the files they belong to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.config import METRIC_RANGES
from evo_nas.history import RunFolder
from evo_nas.intervals import EVERYWHERE, LEVEL, t_interval
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


def interval_over_trainings(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The interval of a mean over independent trainings, in the form that the test score's has.

    rows: metric -> value of each training; at least one.
    """
    ranges = {name: METRIC_RANGES.get(name, EVERYWHERE) for name in rows[0]}
    bounds = {name: t_interval([row[name] for row in rows], within=ranges[name]) for name in rows[0]}
    return {
        "level": LEVEL,
        "of": {name: list(bound) for name, bound in bounds.items() if bound is not None},
        "missing": {name: "one training has no spread" for name, bound in bounds.items() if bound is None},
        "how": f"Student's t over {len(rows)} trainings",
    }


def interval_of(interval: Mapping[str, Any] | None, metric: str) -> tuple[float, float] | None:
    """Low and high of one metric, from the "test_interval" of the scores or the "interval" of their confirmation.

    None where there is none, as in the files of older versions.
    """
    bounds = (interval or {}).get("of", {}).get(metric)
    return (float(bounds[0]), float(bounds[1])) if bounds else None


def metrics_text(metrics: Mapping[str, float], interval: Mapping[str, Any] | None = None) -> str:
    """Such as "roc_auc 0.7751 [0.7620, 0.7880], accuracy 0.8190", without the loss, whose unit nobody chose, unless
    there is nothing else. interval: as in `interval_of`.
    """
    shown = {name: value for name, value in metrics.items() if name != "loss"} or metrics
    return ", ".join(f"{name} {value:.4f}{_bounds(interval_of(interval, name))}" for name, value in shown.items())


def _bounds(interval: tuple[float, float] | None) -> str:
    return f" [{interval[0]:.4f}, {interval[1]:.4f}]" if interval else ""


def _hashes(folder: RunFolder) -> dict[str, str]:
    paths: tuple[Path, ...] = (folder.model, folder.preprocessing, folder.winner_genome)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _seal(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()
