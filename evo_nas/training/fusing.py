"""Which genomes can be trained together in one program, and what those of one cohort must share.

Functions of the canonical genome alone, so that the form of the program that trains a genome never depends on its
mates, the data or the machine (law 2). Nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evo_nas.training.described import reaches, text_of, values_of

if TYPE_CHECKING:
    from evo_nas.config import Trainer
    from genomes import Encoding, Genome, Value

PLAIN = "plain"
"""The form of a program that is built and traced for one genome."""

POPULATION: Final = "population"
"""The form of a program that trains a cohort."""

FUSED_ENCODING = "mlp"
HEADED_ENCODING = "transfer"
"""Of networks that are dense ones on features which are computed once, where nothing below them is trained."""

FROZEN = "end"
"""Where freezing ends then."""

MAX_DEPTH = 8
"""Hidden layers; a program unrolls them."""

MAX_WIDTH = 512
"""Units of the widest layer. Beyond it the arithmetic alone keeps a core busy, and a lone network would be slower in
the places that a cohort has at least than it is by itself."""

MOST_BRANCHES = 4
"""Up to so many activations, each has a branch of its own in the program of cohorts that are all of one activation."""

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


def is_branched(encoding: Encoding) -> bool:
    """Whether cohorts of one activation have a program of their own, in which each is a branch.

    Where layers need not be equal, cohorts seldom have one, and a program for them is not worth its tracing; nor is
    one with many branches.
    """
    space = encoding.describe()
    equal_layers = bool(space.get("equal_layers", False))
    return equal_layers and len(set(values_of(space.get("activation", ())))) <= MOST_BRANCHES


def why_not_fused(genome: Genome) -> str:
    """Why a canonical genome cannot be a member of a cohort, as a sentence without its full stop; "" where it can."""
    if genome.encoding == HEADED_ENCODING:
        if reason := _why_no_dense_head(genome.genes):
            return reason
    elif genome.encoding != FUSED_ENCODING:
        return f"its encoding is {genome.encoding!r}, and a cohort trains {FUSED_ENCODING!r} only"
    if not 1 <= len(genome.layers) <= MAX_DEPTH:
        return f"it has {len(genome.layers)} hidden layers, and a cohort takes networks of 1 to {MAX_DEPTH}"
    widest = max(int(layer["width"]) for layer in genome.layers)
    if widest > MAX_WIDTH:
        return f"its widest layer has {widest:,} units, and a cohort takes layers of at most {MAX_WIDTH:,}"
    return ""


def why_nobody_fused(encoding: Encoding) -> str:
    """Why no genome of an encoding can be a member of a cohort: what was expected and what came; "" where one can."""
    if encoding.name not in (FUSED_ENCODING, HEADED_ENCODING):
        return f"expected a space of the encoding {FUSED_ENCODING!r}, got {encoding.name!r}"
    space = encoding.describe()
    if encoding.name == HEADED_ENCODING and FROZEN not in values_of(space["frozen_until"]):
        return f"expected networks that are frozen to the end, got frozen_until = {text_of(space['frozen_until'])}"
    if not reaches(space["layers"], 1, MAX_DEPTH):
        return f"expected networks of 1 to {MAX_DEPTH} hidden layers, got layers = {text_of(space['layers'])}"
    if not reaches(space["width"], 1, MAX_WIDTH):
        return f"expected layers of at most {MAX_WIDTH} units, got width = {text_of(space['width'])}"
    return ""


def _why_no_dense_head(genes: Mapping[str, Value]) -> str:
    """Why what is trained of a network on a backbone is more than a dense network on a row of features."""
    if genes["frozen_until"] != FROZEN:
        return f"its backbone is thawed after {genes['frozen_until']}, and a cohort takes dense networks only"
    if genes["pooling"] == "flatten":
        return "its features are not pooled, and a cohort takes rows of one length"
    if any(value for name, value in genes.items() if name.startswith("augment_")):
        return "its images are augmented, so that no features of them can be kept"
    return ""


def refusal(genome: Genome, trainer: Trainer) -> str:
    """Why a recipe that allows cohorts alone cannot train a canonical genome, and what to do; "" where it can."""
    reason = why_not_fused(genome) if trainer == POPULATION else ""
    return f'{reason}; with [recipe] trainer = "auto" it is trained by itself' if reason else ""


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
