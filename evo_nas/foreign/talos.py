"""The table that a Talos scan writes: a row for each finished round, results and parameters side by side."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.foreign.trial import ForeignTrial, text_of

RESULTS = ("start", "end", "duration", "round_epochs", "loss", "acc", "accuracy", "lr_final")
"""Columns that are no parameters; nor is any that begins with "val_"."""
FIRST_NEURON, HIDDEN_LAYERS = "first_neuron", "hidden_layers"


def read_talos(file: Path) -> list[ForeignTrial]:
    """The rounds of an experiment log, in order; Talos writes finished ones only.

    Where the table has the parameters of Talos's own `hidden_layers` helper, the first layer is counted with the hidden
    ones, which that helper adds to it. Raises UserError where the file is no table with a header and rows.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(text_of(file)), strict=True))
    except csv.Error as error:
        raise UserError(f"{file}: cannot be read as CSV ({error})") from None
    if not rows:
        raise UserError(f"{file}: expected a table of a Talos scan, a header and a row for each round, got no rows")
    return [ForeignTrial(f"round {number}", _values(row)) for number, row in enumerate(rows)]


def _values(row: Mapping[Any, Any]) -> dict[str, Any]:
    values = {
        name: _value(text)
        for name, text in row.items()
        if isinstance(name, str) and name and isinstance(text, str) and text and not _is_result(name)
    }
    layers = values.get(HIDDEN_LAYERS)
    if FIRST_NEURON in values and type(layers) is int:
        values[HIDDEN_LAYERS] = layers + 1
    return values


def _is_result(name: str) -> bool:
    return name in RESULTS or name.startswith("val_")


def _value(text: str) -> Any:
    """A number where it is one, true or false, else the text."""
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
