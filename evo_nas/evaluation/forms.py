"""Which form of the program trains a genome, and what becomes of one that the recipe's trainer cannot take."""

from __future__ import annotations

from evo_nas.config import Trainer
from evo_nas.errors import UserError
from evo_nas.training.fusing import PLAIN, POPULATION, is_branched, program_form, refusal, why_nobody_fused
from genomes import Encoding, FlatEncoding

FORMS = (PLAIN, POPULATION)
"""Each is a part of the key of the outcomes that it makes (law 8)."""


def check_trainer(trainer: Trainer, encoding: Encoding) -> None:
    """Raise UserError where no genome of a space could be trained."""
    if encoding.name == FlatEncoding.name:
        raise UserError(
            f'[space] encoding = "{FlatEncoding.name}" holds no network to train; give a fitness function in place of '
            'data, search(space, evaluate=function, objectives=["minimize loss"]), or name an encoding of networks'
        )
    reason = why_nobody_fused(encoding) if trainer == POPULATION else ""
    if reason:
        raise UserError(
            f'[recipe] trainer: "{POPULATION}" can train no network of this space: {reason}; use trainer = "auto"'
        )


__all__ = ["FORMS", "PLAIN", "POPULATION", "check_trainer", "is_branched", "program_form", "refusal"]
