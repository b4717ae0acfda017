"""The files of an analysis: three tables, and three pictures for each objective."""

from __future__ import annotations

from pathlib import Path

from evo_nas.atomic import write_atomically
from evo_nas.report.importance.effects_picture import draw_effects
from evo_nas.report.importance.genes_picture import draw_genes
from evo_nas.report.importance.pairs_picture import draw_pairs
from evo_nas.report.importance.records import Importance
from evo_nas.report.importance.table import (
    FAILURES_HEADER,
    HEADER,
    PAIRS_HEADER,
    failure_rows,
    importance_rows,
    pair_rows,
)
from evo_nas.report.tables import csv_text

FORMATS = ("png", "svg")
_PICTURES = {"importance": draw_genes, "partial_dependence": draw_effects, "interactions": draw_pairs}


def write_importance(folder: Path, importance: Importance) -> list[Path]:
    """Write importance.csv, interactions.csv, failing_values.csv, and importance, partial_dependence and interactions
    as .png and .svg; with several objectives the pictures' names end in theirs. Replaces what is there, file by file,
    and makes the folder. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "importance.csv": (HEADER, importance_rows(importance)),
        "interactions.csv": (PAIRS_HEADER, pair_rows(importance)),
        "failing_values.csv": (FAILURES_HEADER, failure_rows(importance)),
    }
    for name, (header, rows) in tables.items():
        write_atomically(folder / name, csv_text([header, *rows]))
    return [*(folder / name for name in tables), *_drawn(folder, importance)]


def _drawn(folder: Path, importance: Importance) -> list[Path]:
    several = len(importance.objectives) > 1
    written = []
    for objective in importance.objectives:
        for name, draw in _PICTURES.items():
            stem = f"{name}_{objective.name}" if several else name
            paths = [folder / f"{stem}.{suffix}" for suffix in FORMATS]
            draw(paths, objective)
            written += paths
    return written
