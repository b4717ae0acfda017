"""The problems by name, and the groups that a question is asked of."""

from __future__ import annotations

from functools import cache

from evo_nas.errors import UserError
from experiments.search.landscapes import LANDSCAPES
from experiments.search.made_tables import MADE, made_table
from experiments.search.problem import Problem
from experiments.search.published import PUBLISHED, family_names, published_table
from experiments.search.tables import without_noise

EXACT = "nasbench201_cifar100_exact"
"""NAS-Bench-201 CIFAR-100 where every training returns the truth: how soon is the optimum found?"""

GROUPS: dict[str, tuple[str, ...]] = {
    "development": (*family_names("fcnet"), *family_names("nasbench201")),
    "untouched": family_names("hpobench"),
    "exact": (EXACT,),
    "ordinal": MADE,
    "landscapes": tuple(LANDSCAPES),
}


@cache
def problem_named(name: str) -> Problem:
    """The problem of that name; made once a process. Raises UserError for a name that no group has."""
    if name in LANDSCAPES:
        return LANDSCAPES[name]
    if name in MADE:
        return made_table(name)
    if name in PUBLISHED:
        return published_table(name)
    if name == EXACT:
        return without_noise(published_table(EXACT.removesuffix("_exact")))
    known = ", ".join((*PUBLISHED, EXACT, *MADE, *LANDSCAPES))
    raise UserError(f"expected one of the problems {known}, got {name!r:.100}")
