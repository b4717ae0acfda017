"""The toolbox's `mate` and `mutate`, applied: their names are noted, and where a user's own one fails, it is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deap import base

from evo_nas.errors import UserError
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.toolbox import mate, mutate, operator_name


def mutated(toolbox: base.Toolbox, child: DeapIndividual) -> DeapIndividual:
    """The child of `mutate`, which may be the one that was given, with the operator's name. Draws from `random`.

    Raises UserError where an operator of the user's own fails.
    """
    num_operators = len(child.operators)
    (made,) = _applied(toolbox.mutate, child)
    if len(made.operators) == num_operators:
        made.operators.append(_shown(toolbox.mutate, mutate, "mutate"))
    return made


def mated(toolbox: base.Toolbox, first: DeapIndividual, second: DeapIndividual) -> list[DeapIndividual]:
    """Both children of `mate`, which may be those that were given, with the operator's name. Draws from `random`.

    Raises UserError where an operator of the user's own fails.
    """
    children = _applied(toolbox.mate, first, second)
    for child in children:
        child.operators.append(_shown(toolbox.mate, mate, "crossover"))
    return children


def _applied(operator: Callable[..., Any], *individuals: DeapIndividual) -> list[DeapIndividual]:
    """What an operator makes. Raises UserError where one of the user's own cannot cope with what it was given."""
    try:
        made = operator(*individuals)
        if len(made) != len(individuals) or not all(isinstance(each, DeapIndividual) for each in made):
            raise TypeError(f"expected a tuple of {len(individuals)} individuals, got {made!r:.60}")
        return list(made)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        lengths = " and ".join(str(len(individual)) for individual in individuals)
        raise UserError(
            f"the operator {operator_name(operator)} failed on individuals of {lengths} layers "
            f"({type(error).__name__}: {error}); let it return them unchanged where it has nothing to do "
            "(DEAP's list operators need two layers: give the space layers = { low = 2, ... })"
        ) from error


def _shown(operator: Callable[..., Any], ours: Callable[..., Any], name: str) -> str:
    """The operator's name in the lineage: ours by its role, a user's own by the name of its function."""
    written = operator_name(operator)
    return name if written == ours.__name__ else written
