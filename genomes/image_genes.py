"""The training genes of networks that take images: those of dense networks, with another preprocessing.

`preprocessing` says how pixels from 0 to 255 become numbers: "unit" divides by 255, "symmetric" takes them to the range
from -1 to 1, "standard" subtracts each channel's mean and divides by its standard deviation over the training rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from genomes.augmentation_genes import AUGMENTATION_GENES, augmentation_genes
from genomes.catalogue import Entry
from genomes.learning_rates import NORMALIZED_RATES
from genomes.mlp_genes import TRAINING_GENES as DENSE_GENES

IMAGE_PREPROCESSING = ("unit", "symmetric", "standard")
_OF_TABLES = ("input_dropout", "batch_normalization")

TRAINING_GENES: Mapping[str, Entry] = {
    **{name: entry for name, entry in DENSE_GENES.items() if name not in _OF_TABLES},
    "preprocessing": Entry("text", "unit", options=IMAGE_PREPROCESSING),
}
"""What every genome of images holds beside its network."""

KNOWN_TRAINING_GENES: Mapping[str, Entry] = {**TRAINING_GENES, **AUGMENTATION_GENES}
"""What a space may name."""


def training_genes(named: Iterable[str], *, normalized_rates: bool) -> dict[str, Entry]:
    """The training genes of a space: all of `TRAINING_GENES`, and those of augmentation that it names.

    With normalised rates the default learning rate is the optimizer's own.
    """
    genes = {**TRAINING_GENES, **augmentation_genes(named)}
    if not normalized_rates:
        return genes
    return {
        **genes,
        "learning_rate": replace(genes["learning_rate"], default=1.0),
        NORMALIZED_RATES: Entry("bool", True),
    }
