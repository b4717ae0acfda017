"""`winner/insight.json` for people and `winner/insight.npz` for pictures; nothing in them can run code (law 7)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.atomic import write_atomically
from evo_nas.errors import UserError
from evo_nas.insight.confusion import class_scores, most_confused
from evo_nas.insight.records import MISTAKES, SAMPLE, ShownImages, WinnerInsight

INSIGHT_FILE = "insight.json"
ARRAYS_FILE = "insight.npz"
FORMAT = 1
MOST_PAIRS = 10
_PARTS = ("rows", "truth", "predicted", "probability", "images", "attention")
_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError, zipfile.BadZipFile)

Arrays = dict[str, NDArray[Any]]


def save_insight(insight: WinnerInsight, folder: Path) -> None:
    """Write both files into an existing folder, each whole or not at all. Raises OSError."""
    content = io.BytesIO()
    np.savez_compressed(content, **_arrays(insight))  # type: ignore[arg-type]
    described = {**_described(insight), "arrays_sha256": hashlib.sha256(content.getvalue()).hexdigest()}
    write_atomically(folder / ARRAYS_FILE, content.getvalue())
    write_atomically(folder / INSIGHT_FILE, json.dumps(described, indent=1, allow_nan=False))


def read_insight(folder: Path, model_sha256: str) -> WinnerInsight | None:
    """What is kept of the network whose file has that hash; None where nothing is, or of another network.

    Raises UserError where a file is damaged, foreign, or written by a newer version.
    """
    path = folder / INSIGHT_FILE
    try:
        described = json.loads(path.read_bytes())
        if described["format"] > FORMAT:
            raise UserError(f"{path}: written by a newer version of evo-nas; update it to read this")
        if described["model_sha256"] != model_sha256:
            return None
        content = (folder / ARRAYS_FILE).read_bytes()
        if hashlib.sha256(content).hexdigest() != described["arrays_sha256"]:
            raise ValueError(f"{ARRAYS_FILE} is not the file that it names")
        return _parsed(described, content)
    except FileNotFoundError:
        return None
    except _DAMAGED as error:
        text = f"{type(error).__name__}: {error}"
        raise UserError(f"{path}: not what a winner's export keeps, or damaged ({text:.200}); delete it") from None


def _arrays(insight: WinnerInsight) -> Arrays:
    shown = insight.shown.items()
    parts: Arrays = {f"{name}_{part}": getattr(group, part) for name, group in shown for part in _PARTS}
    return {"confusion": insight.confusion.astype(np.uint32), "fit": insight.fit, **parts}


def _described(insight: WinnerInsight) -> dict[str, Any]:
    named = insight.classes if len(insight.confusion) else ()
    return {
        "format": FORMAT,
        "model_sha256": insight.model_sha256,
        "task": insight.task,
        "rows": insight.num_rows,
        "source": insight.source,
        "classes": list(insight.classes),
        "per_class": [
            {"class": each.name, "precision": each.precision, "recall": each.recall, "support": each.support}
            for each in class_scores(insight.confusion, named)
        ],
        "most_confused": [
            {"truth": each.truth, "predicted": each.predicted, "count": each.count, "support": each.support}
            for each in (most_confused(insight.confusion, named, MOST_PAIRS) if named else ())
        ],
        "attention": insight.method,
        "troubles": list(insight.troubles),
    }


def _parsed(described: Mapping[str, Any], content: bytes) -> WinnerInsight:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays: Arrays = {name: file[name] for name in file.files}
    insight = WinnerInsight(
        model_sha256=str(described["model_sha256"]),
        task=str(described["task"]),
        classes=tuple(map(str, described["classes"])),
        source=str(described["source"]),
        num_rows=int(described["rows"]),
        confusion=arrays["confusion"].astype(np.int64),
        fit=arrays["fit"].astype(np.float64),
        shown={name: _shown(arrays, name) for name in (SAMPLE, MISTAKES) if f"{name}_rows" in arrays},
        method=str(described["attention"]),
        troubles=tuple(map(str, described["troubles"])),
    )
    _check(insight)
    return insight


def _shown(arrays: Arrays, name: str) -> ShownImages:
    return ShownImages(**{part: arrays[f"{name}_{part}"] for part in _PARTS})


def _check(insight: WinnerInsight) -> None:
    """Raise ValueError where sizes do not fit together."""
    if insight.confusion.size and insight.confusion.shape != (len(insight.classes),) * 2:
        raise ValueError(f"expected {len(insight.classes)} classes, got a matrix of {insight.confusion.shape}")
    if insight.fit.ndim != 2 or insight.fit.shape[1] != 2:
        raise ValueError(f"expected truth and prediction side by side, got {insight.fit.shape}")
    for group in insight.shown.values():
        lengths = {len(getattr(group, part)) for part in _PARTS}
        dimensions = group.images.ndim, group.attention.ndim, group.images.shape[-1:] in ((1,), (3,))
        if len(lengths) != 1 or dimensions != (4, 3, True) or group.images.dtype != np.uint8 or not len(group):
            raise ValueError("expected images with a truth, a prediction and a place for attention each")
        if insight.task != "regression":
            _check_classes(group, len(insight.classes))


def _check_classes(group: ShownImages, num_classes: int) -> None:
    for indices in (group.truth, group.predicted):
        if ((indices < 0) | (indices >= num_classes)).any():
            raise ValueError(f"expected classes from 0 to {num_classes - 1}, got {indices.min()} to {indices.max()}")
