"""Constraints on a network's size, which is known before it is trained: what breaks them is not worth a training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evo_nas.individual import Constraint
from genomes import Encoding, Genome, Rng, Shape

KNOWN_BEFOREHAND = ("parameters", "flops")
MOST_STEPS = 200
"""Mutations that are tried in order to bring a genome within the limits. A search that starts from a feasible parent
needs a few; only where nearly the whole space is too large are all of them tried in vain, in some milliseconds."""


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """The bounds on parameters and FLOPs of the networks of an encoding.

    constraints: on parameters and FLOPs, others are left out. input_shape, num_outputs: as the data needs them.
    """

    encoding: Encoding
    constraints: tuple[Constraint, ...]
    input_shape: Shape
    num_outputs: int

    def violation(self, genome: Genome) -> float:
        """How far a genome is beyond all bounds together; 0 if it keeps them."""
        return sum(constraint.violation(value) for constraint, value in self._sizes(genome))

    def refusal(self, genome: Genome) -> str:
        """Why a genome is not trained, a sentence; empty if it keeps the bounds."""
        broken = [f"{value:,} {c.name}, and {c} is asked for" for c, value in self._sizes(genome) if c.violation(value)]
        return f"not trained: it would have {'; '.join(broken)}" if broken else ""

    def brought_within(self, genome: Genome, rng: Rng) -> Genome:
        """The genome itself if it keeps the bounds, else one that the encoding's mutations lead to from it.

        Each step that violates less is taken, at most `MOST_STEPS` are tried; what comes back may still be beyond the
        bounds, where nothing within them was found.
        """
        violation = self.violation(genome)
        for _ in range(MOST_STEPS if violation else 0):
            step = self.encoding.mutate(genome, rng).genome
            if (reached := self.violation(step)) < violation:
                genome, violation = step, reached
            if not violation:
                break
        return genome

    def _sizes(self, genome: Genome) -> list[tuple[Constraint, int]]:
        size = self.encoding.size(genome, self.input_shape, self.num_outputs)
        return [(constraint, int(getattr(size, constraint.name))) for constraint in self.constraints]


def size_limits(
    encoding: Encoding, constraints: Sequence[Constraint], input_shape: Shape | None, num_outputs: int | None
) -> SizeLimits | None:
    """The limits among a run's constraints; None where there are none, or where no network is built."""
    known = tuple(constraint for constraint in constraints if constraint.name in KNOWN_BEFOREHAND)
    if not known or input_shape is None or num_outputs is None:
        return None
    return SizeLimits(encoding, known, input_shape, num_outputs)
