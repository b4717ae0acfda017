"""Children by the toolbox's `mate` and `mutate`, with the names of both; where a user's own one fails, it is said."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any, final

from deap import base

from evo_nas.errors import UserError
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.toolbox import is_same, mate, mutate, operator_name
from genomes import Encoding


@final
class Variation:
    """A toolbox's operators applied to clones, so that parents stay as they are. Draws from Python's `random`.

    Children are points of the encoding's space: its own operators make nothing else, what others make is repaired.
    Where all of them are ours the encoding is asked directly, which comes to the same: it leaves parents alone, and
    clones were half of what a child cost. Raises UserError where an operator fails.
    """

    def __init__(self, toolbox: base.Toolbox, encoding: Encoding) -> None:
        self._toolbox = toolbox
        self._encoding = encoding
        self._registered: tuple[Any, ...] = ()
        self._all_ours = False

    def mutant(self, parent: DeapIndividual) -> DeapIndividual:
        """A child of `mutate`. Its operators are those of the parent and this one."""
        if self._ours():
            variant = self._encoding.mutate(parent.genome, random)
            return parent.grown(variant.genome, variant.operator)
        toolbox = self._toolbox
        (child,) = _applied(toolbox, "mutate", parent)
        if len(child.operators) == len(parent.operators):
            child.operators.append(_shown(toolbox.mutate, mutate, "mutate"))
        return self._repaired(child)

    def children(self, first: DeapIndividual, second: DeapIndividual) -> list[DeapIndividual]:
        """Both children of `mate`, each with the operators of its parent and this one."""
        if self._ours():
            genomes = self._encoding.crossover(first.genome, second.genome, random)
            parents = (first, second)
            return [each.grown(genome, "crossover") for each, genome in zip(parents, genomes, strict=True)]
        toolbox = self._toolbox
        children = _applied(toolbox, "mate", first, second)
        for child in children:
            child.operators.append(_shown(toolbox.mate, mate, "crossover"))
        return [self._repaired(child) for child in children]

    def _repaired(self, child: DeapIndividual) -> DeapIndividual:
        child.become(self._encoding.repair(child.genome))
        return child

    def _ours(self) -> bool:
        """Whether the toolbox clones, mates and mutates as it was made to; found out anew where one is replaced."""
        registered = self._toolbox.clone, self._toolbox.mate, self._toolbox.mutate
        if registered != self._registered:
            self._registered = registered
            ours = partial(deepcopy), partial(mate, encoding=self._encoding), partial(mutate, encoding=self._encoding)
            self._all_ours = all(map(is_same, registered, ours))
        return self._all_ours


def _applied(toolbox: base.Toolbox, name: str, *individuals: DeapIndividual) -> list[DeapIndividual]:
    """What an operator makes of clones. Raises UserError where it cannot cope with what it was given."""
    operator = getattr(toolbox, name)
    try:
        made = operator(*map(toolbox.clone, individuals))
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
