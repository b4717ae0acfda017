"""How often Python looks for what nobody needs any more."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rarer_collection() -> Iterator[None]:
    """A run keeps nearly all that it makes. Python's collector, as it comes, spends a fifth of the time of a large
    generation on finding that out."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 10)
    try:
        yield
    finally:
        gc.set_threshold(*before)
