"""What the sections of the settings are made of."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Positive = Annotated[int, Field(ge=1)]

BYTES_PER_MB = 2**20
"""Of the settings that end in `_mb`."""


class Section(BaseModel):
    """What every section of the settings has in common: frozen, and no key that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def nearest(name: str, known: Sequence[str]) -> str:
    """The known name most like one that is not: " (did you mean 'adam'?)"; empty where none is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
