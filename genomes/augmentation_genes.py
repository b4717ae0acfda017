"""The genes of augmentation: how strongly the images of a training batch are changed at random before they are used.

A space has those that it names, beside its training genes; 0 is off. They are read, checked and changed like any gene
of the catalogue of training genes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from genomes.catalogue import Entry

PREFIX = "augment_"
AUGMENTATION_GENES: Mapping[str, Entry] = {
    "augment_flip": Entry("float", 0.0, 0.0, 1.0),  # the share of images that are mirrored, left to right
    "augment_shift": Entry("float", 0.0, 0.0, 0.5),  # the farthest, as a share of height and of width
    "augment_rotation": Entry("float", 0.0, 0.0, 180.0),  # the farthest, in degrees to either side
    "augment_zoom": Entry("float", 0.0, 0.0, 4.0),  # 0.25: up to 1.25 times larger or smaller
    "augment_colour": Entry("float", 0.0, 0.0, 1.0),  # 0.2: brightness, contrast and saturation times 0.8 to 1.2
    "augment_mixup": Entry("float", 0.0, 0.0, 10.0),  # alpha of the beta distribution; 1 mixes most evenly
    "augment_cutout": Entry("float", 0.0, 0.0, 1.0),  # the side of the square, as a share of the shorter side
}


def augmentation_genes(named: Iterable[str]) -> dict[str, Entry]:
    """Those of the genes that a space names, in the order of the catalogue."""
    names = set(named)
    return {name: entry for name, entry in AUGMENTATION_GENES.items() if name in names}
