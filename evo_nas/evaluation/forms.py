"""Which form of the program trains a genome, and what becomes of one that the recipe's trainer cannot take."""

from __future__ import annotations

from evo_nas.config import Trainer
from evo_nas.errors import UserError
from evo_nas.training.fusing import FUSED_ENCODING, PLAIN, POPULATION, program_form, why_not_fused
from genomes import Genome

FORMS = (PLAIN, POPULATION)
"""Each is a part of the key of the outcomes that it makes (law 8)."""


def check_trainer(trainer: Trainer, encoding: str) -> None:
    """Raise UserError where no genome of an encoding could be trained."""
    if trainer == POPULATION and encoding != FUSED_ENCODING:
        raise UserError(
            f'[recipe] trainer: "{POPULATION}" trains genomes of the encoding {FUSED_ENCODING!r} only, got the '
            f'encoding {encoding!r}; use trainer = "auto"'
        )


def refusal(genome: Genome, trainer: Trainer) -> str:
    """Why a recipe that allows cohorts alone cannot train a canonical genome, and what to do; "" where it can."""
    reason = why_not_fused(genome) if trainer == POPULATION else ""
    return f'{reason}; with [recipe] trainer = "auto" it is trained by itself' if reason else ""


__all__ = ["FORMS", "PLAIN", "POPULATION", "check_trainer", "program_form", "refusal"]
