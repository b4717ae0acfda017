"""Versions of the program and of what a result depends on, known without importing anything heavy."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def program_version() -> str:
    """The installed version of evo-nas."""
    return version("evo-nas")


@cache
def numeric_versions() -> tuple[tuple[str, str], ...]:
    """(name, version) of what can change the bits of a training (law 2), in a fixed order."""
    return tuple((name, version(name)) for name in ("tensorflow", "keras", "numpy", "scikit-learn", "evo-nas"))
