"""How far a network has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from evo_nas.individual import Evaluated, Individual


@dataclass(slots=True, eq=False)
class Standing:
    """One measurement of a network. lowest: its lowest rung. told: by rung, its proposal and what came of it."""

    lowest: int
    told: dict[int, Evaluated] = field(default_factory=dict)

    @property
    def highest(self) -> Evaluated:
        """What is known of it after most epochs."""
        return self.told[max(self.told)]

    @property
    def has_failed(self) -> bool:
        return any(not each.outcome.ok for each in self.told.values())

    def proposal(self, rung: int) -> Individual:
        """That on a rung, or else the highest."""
        return self.told.get(rung, self.highest).individual


@dataclass(frozen=True, slots=True)
class Bracket:
    """Networks that compete with each other, and the rung on which they stand."""

    rung: int
    members: tuple[Standing, ...]
