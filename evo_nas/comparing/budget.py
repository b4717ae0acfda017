"""What every run of a comparison may spend."""

from __future__ import annotations

from dataclasses import dataclass

PROPOSALS = 3
"""Times the budget of trainings is what a run may propose: promotions and repeated genomes are no new training."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What every run may spend: distinct trainings (genome, replicate), or epochs of all of them, which is the fair
    measure where some networks are judged after a part of theirs. One of the two.
    """

    evaluations: int | None = None
    epochs: int | None = None

    @property
    def limits(self) -> dict[str, int]:
        """As keys of [search]."""
        given = {"max_evaluations": self.evaluations, "max_epochs": self.epochs}
        return {name: limit for name, limit in given.items() if limit is not None}

    def generations(self, population: int) -> int:
        """Enough to spend it: a training has at least one epoch."""
        proposals = self.epochs if self.evaluations is None else PROPOSALS * self.evaluations
        return -(-(proposals or 1) // population)

    def covers(self, other: Budget) -> bool:
        """Whether it is of the same kind and at least as large."""
        if self.evaluations is None:
            return other.evaluations is None and (self.epochs or 0) >= (other.epochs or 0)
        return other.epochs is None and self.evaluations >= (other.evaluations or 0)

    def __str__(self) -> str:
        return f"{self.epochs} epochs" if self.evaluations is None else f"{self.evaluations} trainings"
