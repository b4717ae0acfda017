"""Learning rates in two units: as they are, or in multiples of what an optimizer's rate is in Keras by default.

A rate of 0.01 is much for Adam and little for plain gradient descent. In a space with `normalized_rates = true` the
gene says 1 for the default of whichever optimizer stands beside it, so that one range fits all of them and their rates
can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping

from genomes.genome import Value

NORMALIZED_RATES = "normalized_rates"
"""A key of the space, and a fixed gene of its genomes: a rate in multiples is another network than the same number as
it is, so it has another fingerprint."""

DEFAULT_RATES: Mapping[str, float] = {
    "adam": 0.001,
    "adamw": 0.001,
    "nadam": 0.001,
    "sgd": 0.01,
    "rmsprop": 0.001,
    "adadelta": 0.001,
    "adagrad": 0.001,
}
"""Those of Keras 3."""


def is_normalized(genes: Mapping[str, Value]) -> bool:
    """Whether a genome's rate is in multiples of its optimizer's default."""
    return genes.get(NORMALIZED_RATES) is True


def learning_rate_of(genes: Mapping[str, Value]) -> float:
    """The rate that a genome's optimizer is given."""
    rate = float(genes["learning_rate"])
    return rate * DEFAULT_RATES[str(genes["optimizer"])] if is_normalized(genes) else rate


def in_unit(genes: Mapping[str, Value], optimizer: Value, *, normalized: bool) -> Mapping[str, Value]:
    """The genes with their learning rate in the unit of a space; as they are where they are in it, or have no rate."""
    rate = genes.get("learning_rate")
    if is_normalized(genes) is normalized or type(rate) is not float:
        return genes
    default = DEFAULT_RATES[str(optimizer)]
    return {**genes, "learning_rate": rate / default if normalized else rate * default}
