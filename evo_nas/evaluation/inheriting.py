"""Whether children of a run can begin with the weights of their parents."""

from __future__ import annotations

from evo_nas.config import Recipe, SearchSettings
from evo_nas.errors import UserError
from evo_nas.training.inheritance import INHERITING
from genomes import Encoding

WANTED = '[search] inherit = "weights"'


def check_inheritance(search: SearchSettings, recipe: Recipe | None, encoding: Encoding) -> None:
    """Raise UserError where they were told to and cannot. recipe: None for a fitness function, which trains nothing."""
    if search.inherit == "none":
        return
    if recipe is None:
        raise UserError(f'{WANTED}: a fitness function trains no weights to inherit; use inherit = "none"')
    if encoding.name not in INHERITING:
        raise UserError(
            f"{WANTED}: expected a space of the encoding {' or '.join(INHERITING)}, got {encoding.name!r}; "
            'use inherit = "none"'
        )
    if recipe.validation.folds is not None:
        raise UserError(
            f"{WANTED}: every fold would have weights of its own, and [recipe] validation has "
            f"{recipe.validation.folds} folds; use validation = {{ fraction = 0.25 }}"
        )


def trained_by_itself(recipe: Recipe) -> Recipe:
    """The recipe of a run whose children inherit. Raises UserError where it wants networks to be trained together."""
    if recipe.trainer == "population":
        raise UserError(
            f'[recipe] trainer = "population": networks that are trained together begin from scratch, and {WANTED}; '
            'use trainer = "auto" or "plain"'
        )
    return recipe.model_copy(update={"trainer": "plain"})
