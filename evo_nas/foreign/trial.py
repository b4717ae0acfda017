"""What a reader gives: a trial as its tool recorded it, and how its files are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError

MOST_BYTES = 256 * 2**20
"""A larger file holds something else than trials."""


@dataclass(frozen=True, slots=True)
class ForeignTrial:
    """name: as its tool calls it. values: hyper-parameter -> what the file holds there, unchecked.

    unfinished: why it is no finished trial, such as "failed"; empty if it is one.
    """

    name: str
    values: Mapping[str, Any]
    unfinished: str = ""


def text_of(path: Path) -> str:
    """Raises UserError where the file cannot be read as a text, or is too large for one of these."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(
                f"{path}: expected at most {MOST_BYTES // 2**20} MB of trials; this is another kind of file"
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a text ({error})") from None


def json_object(text: str, where: str) -> dict[str, Any]:
    """Raises UserError where the text is no JSON object."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(f"{where}: is cut short or no JSON") from None
    if not isinstance(data, dict):
        raise UserError(f"{where}: expected a JSON object, got {data!r:.50}")
    return data
