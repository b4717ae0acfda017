"""Who takes part in a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from evo_nas.config import SearchSettings
from evo_nas.config.section import nearest
from evo_nas.errors import UserError
from evo_nas.strategies import LISTED

VARIANTS: Mapping[str, str] = {"bayesian": "sampler"}
"""Which key of [search] stands behind the colon of "bayesian:gp"; of every other strategy it is "fidelity". Any other
key is named: "bayesian:gp:batch=2"."""

EQUAL = ("seed", "generations", "max_evaluations", "max_epochs", "max_minutes")
"""Keys of [search] that a comparison sets itself, for everybody alike."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A strategy as it was asked for ("bayesian:gp:batch=2"), and what that is in [search]."""

    name: str
    search: Mapping[str, str | int]

    @property
    def folder(self) -> str:
        """A colon is no part of a file's name everywhere."""
        return self.name.replace(":", "_").replace("=", "_")


def known_strategies() -> tuple[str, ...]:
    """All values of [search] strategy that search by themselves."""
    names: tuple[str, ...] = get_args(SearchSettings.model_fields["strategy"].annotation)
    return tuple(name for name in names if name != LISTED)


def parse_contestants(text: str) -> tuple[Contestant, ...]:
    """From "surrogate,evolution,bayesian:tpe". Raises UserError for an unknown name, a repeated one, and none."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UserError(f"--strategies: expected names such as surrogate,random, got {text!r}")
    if len(set(names)) < len(names):
        raise UserError(f"--strategies: each name once, got {text!r}")
    return tuple(_contestant(name) for name in names)


def _contestant(name: str) -> Contestant:
    strategy, *variants = name.split(":")
    known = known_strategies()
    if strategy not in known:
        raise UserError(
            f"--strategies: {strategy!r} is no strategy; choose from {', '.join(known)}{nearest(strategy, known)}"
        )
    search: dict[str, str | int] = {"strategy": strategy}
    for variant in variants:
        key, _, value = variant.rpartition("=")
        search[key or VARIANTS.get(strategy, "fidelity")] = int(value) if value.isdecimal() else value
    if search["strategy"] != strategy:
        raise UserError(f"--strategies: {name!r} names two strategies; give them with a comma between")
    for key in EQUAL:
        if key in search:
            raise UserError(f"--strategies: {name!r} gives {key}, which is the same for all; leave it out")
    return Contestant(name, search)
