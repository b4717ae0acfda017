"""How strongly a genome's images are changed: its genes say so, or the recipe does."""

from __future__ import annotations

from collections.abc import Mapping

from evo_nas.config import Augmentation
from genomes import Value
from genomes.augmentation_genes import PREFIX


def strengths_of(genes: Mapping[str, Value], setting: Augmentation) -> Augmentation:
    """The strengths for a canonical genome: of each kind its gene, or the recipe's where the space has none."""
    named = {kind: float(genes[PREFIX + kind]) for kind in Augmentation.model_fields if PREFIX + kind in genes}
    return setting.model_copy(update=named)
