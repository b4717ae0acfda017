"""What a saved data set is, told from its header and its target alone: for a report that needs no rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evo_nas.data.dataset import Schema
from evo_nas.data.npz_files import read_npz
from evo_nas.errors import UserError


@dataclass(frozen=True, slots=True)
class DataFacts:
    """num_rows: test rows among them. num_columns: of a table, before categories become columns of their own; 0 for
    images. class_counts: each class with its rows, in the order of the schema; empty for regression.
    """

    num_rows: int
    num_columns: int
    image_shape: tuple[int, int, int] | None
    target_name: str
    class_counts: tuple[tuple[str, int], ...] = ()


def saved_facts(path: Path) -> DataFacts:
    """Of what `save_dataset` wrote to `path`. Raises UserError where the file is missing, damaged or foreign."""
    arrays = read_npz(path, ("header", "target"))
    try:
        schema = Schema.from_json(json.loads(arrays["header"].tobytes())["schema"])
        target = arrays["target"]
        counts = np.bincount(target, minlength=len(schema.classes)).tolist() if schema.classes else []
        return DataFacts(
            num_rows=len(target),
            num_columns=len(schema.numeric_names) + len(schema.categorical_names),
            image_shape=schema.image_shape,
            target_name=schema.target_name,
            class_counts=tuple(zip(schema.classes, counts, strict=True)),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a saved data set, or a damaged one ({error}); restore the file") from None
