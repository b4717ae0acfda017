"""Which genomes can be trained together in one program, and what those of one cohort must share.

Functions of the canonical genome alone, so that the form of the program that trains a genome never depends on its
mates, the data or the machine (law 2). Nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evo_nas.config import Trainer
    from genomes import Genome, Value

PLAIN = "plain"
"""The form of a program that is built and traced for one genome."""

POPULATION = "population"
"""The form of a program that trains a cohort."""

FUSED_ENCODING = "mlp"
MAX_DEPTH = 8
"""Hidden layers; a program unrolls them."""

MAX_WIDTH = 512
"""Units of the widest layer. Beyond it the arithmetic alone keeps a core busy, and a lone network would be slower in
the places that a cohort has at least than it is by itself."""

ADAM_FUSED = "adam_fused"
_ADAM_DEFAULTS: Mapping[str, Value] = {"decay": 1.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


@dataclass(frozen=True, slots=True, order=True)
class CohortKey:
    """What the members of a cohort share. Everything else may be mixed: folds, replicates and preprocessing too.

    update_rule: see the function of that name.
    """

    batch_size: int
    update_rule: str
    batch_normalization: bool


def why_not_fused(genome: Genome) -> str:
    """Why a canonical genome cannot be a member of a cohort, as a sentence without its full stop; "" where it can."""
    if genome.encoding != FUSED_ENCODING:
        return f"its encoding is {genome.encoding!r}, and a cohort trains {FUSED_ENCODING!r} only"
    if not 1 <= len(genome.layers) <= MAX_DEPTH:
        return f"it has {len(genome.layers)} hidden layers, and a cohort takes networks of 1 to {MAX_DEPTH}"
    widest = max(int(layer["width"]) for layer in genome.layers)
    if widest > MAX_WIDTH:
        return f"its widest layer has {widest:,} units, and a cohort takes layers of at most {MAX_WIDTH:,}"
    return ""


def program_form(genome: Genome, trainer: Trainer) -> str:
    """`PLAIN` or `POPULATION`: what trains a canonical genome, and so a part of its outcome's key (law 2)."""
    if trainer == "auto":
        return PLAIN if why_not_fused(genome) else POPULATION
    return trainer


def update_rule(genes: Mapping[str, Value]) -> str:
    """The formula by which a canonical genome's weights are updated: the optimizer's name, or `ADAM_FUSED`.

    Adam with Keras's default numbers and a constant rate is one operation of TensorFlow's, which takes these numbers
    once for all members and so rounds differently from the formula with numbers of each member's own.
    """
    optimizer = str(genes["optimizer"])
    as_default = all(genes.get(name) == value for name, value in _ADAM_DEFAULTS.items())
    return ADAM_FUSED if optimizer == "adam" and as_default else optimizer


def cohort_key(genome: Genome) -> CohortKey:
    """The key of a canonical genome that can be fused."""
    genes = genome.genes
    return CohortKey(int(genes["batch_size"]), update_rule(genes), bool(genes.get("batch_normalization", False)))
