"""What a run's settings say of augmentation: whether it fits, and how strong it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evo_nas.config import Recipe
from evo_nas.data import Dataset
from evo_nas.errors import UserError
from genomes.augmentation_genes import PREFIX
from genomes.gene_reading import gene_from
from genomes.genes import Choice

if TYPE_CHECKING:
    from genomes import Encoding


def check_augmentation(recipe: Recipe, encoding: Encoding, dataset: Dataset) -> None:
    """Raise UserError where the recipe augments what is no image, or what the space's genes augment already."""
    on = recipe.augmentation.on
    if on and dataset.schema.image_shape is None:
        raise UserError(
            f"[recipe.augmentation] {on[0]}: only images are augmented, and the rows of {dataset.name} are no images; "
            "remove the section"
        )
    named = encoding.describe()
    for kind in on:
        if PREFIX + kind in named:
            raise UserError(
                f"[recipe.augmentation] {kind}: [space] {PREFIX}{kind} says how strong it is for each network; "
                "keep one of the two"
            )


def without_company(recipe: Recipe) -> Recipe:
    """The recipe of networks whose images are augmented: only tables and kept features are trained on together.

    Raises UserError where it wants nothing else.
    """
    if recipe.trainer == "population":
        raise UserError(
            '[recipe] trainer = "population": networks are trained together on tables, or on kept features of images, '
            'which augmented images do not have; use "auto" or "plain"'
        )
    return recipe.model_copy(update={"trainer": "plain"})


def strongest(recipe: Recipe, encoding: Encoding) -> dict[str, float]:
    """Kind of augmentation -> the greatest strength that the recipe or the space's genes give it; those that are on."""
    named = encoding.describe()
    found = {}
    for kind, setting in recipe.augmentation:
        gene = gene_from(named[PREFIX + kind], "float") if PREFIX + kind in named else None
        values = (setting,) if gene is None else gene.values if isinstance(gene, Choice) else (gene.high,)
        found[kind] = max(float(value) for value in values)
    return {kind: value for kind, value in found.items() if value}
