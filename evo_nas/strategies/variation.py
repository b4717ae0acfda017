"""Children by the toolbox's `mate` and `mutate`, with the names of both; where a user's own one fails, it is said."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any, final

from deap import base

from evo_nas.errors import UserError
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.toolbox import is_made_from, mate, mutate, operator_name
from genomes import Encoding

FAULTS = (TypeError, ValueError, KeyError, IndexError, AttributeError)
"""What an operator raises that cannot cope."""


@final
class Variation:
    """A toolbox's operators applied to clones, so that parents stay as they are. Draws from Python's `random`.

    Children are points of the encoding's space: its own operators make nothing else, what others make is repaired.
    Where all operators are ours the encoding is asked directly, which comes to the same: making individuals of clones
    only to vary them was a third of what a child cost. Raises UserError where an operator fails.
    """

    def __init__(self, toolbox: base.Toolbox, encoding: Encoding) -> None:
        self._toolbox = toolbox
        self._encoding = encoding
        self._registered: tuple[Any, ...] = ()
        self._all_ours = False

    def mutant(self, parent: DeapIndividual) -> DeapIndividual:
        """A child of `mutate`. Its operators are those of the parent and this one."""
        if not self._ours():
            return self._mutant_by_toolbox(parent)
        try:
            variant = self._encoding.mutate(parent.copied_genome(), random)
            return parent.grown(variant.genome, variant.operator)
        except FAULTS as error:
            raise _failed(mutate, error, parent) from error

    def children(self, first: DeapIndividual, second: DeapIndividual) -> list[DeapIndividual]:
        """Both children of `mate`, each with the operators of its parent and this one."""
        if not self._ours():
            return self._children_by_toolbox(first, second)
        try:
            genomes = self._encoding.crossover(first.copied_genome(), second.copied_genome(), random)
            return [first.grown(genomes[0], "crossover"), second.grown(genomes[1], "crossover")]
        except FAULTS as error:
            raise _failed(mate, error, first, second) from error

    def _mutant_by_toolbox(self, parent: DeapIndividual) -> DeapIndividual:
        (child,) = _applied(self._toolbox, "mutate", parent)
        if len(child.operators) == len(parent.operators):
            child.operators.append(_shown(self._toolbox.mutate, mutate, "mutate"))
        return self._repaired(child)

    def _children_by_toolbox(self, first: DeapIndividual, second: DeapIndividual) -> list[DeapIndividual]:
        children = _applied(self._toolbox, "mate", first, second)
        for child in children:
            child.operators.append(_shown(self._toolbox.mate, mate, "crossover"))
        return [self._repaired(child) for child in children]

    def _repaired(self, child: DeapIndividual) -> DeapIndividual:
        child.become(self._encoding.repair(child.genome))
        return child

    def _ours(self) -> bool:
        """Whether the toolbox clones, mates and mutates as ours does in this space; found out anew where an operator is
        replaced.
        """
        registered = self._toolbox.clone, self._toolbox.mate, self._toolbox.mutate
        if registered != self._registered:
            self._registered = registered
            clone, *both = registered
            self._all_ours = is_made_from(clone, deepcopy) and all(
                is_made_from(operator, ours, self._encoding)
                for operator, ours in zip(both, (mate, mutate), strict=True)
            )
        return self._all_ours


def _applied(toolbox: base.Toolbox, name: str, *individuals: DeapIndividual) -> list[DeapIndividual]:
    """What an operator makes of clones. Raises UserError where it cannot cope with what it was given."""
    operator = getattr(toolbox, name)
    try:
        made = operator(*map(toolbox.clone, individuals))
        if len(made) != len(individuals) or not all(isinstance(each, DeapIndividual) for each in made):
            raise TypeError(f"expected a tuple of {len(individuals)} individuals, got {made!r:.60}")
        return list(made)
    except FAULTS as error:
        raise _failed(operator, error, *individuals) from error


def _failed(operator: Callable[..., Any], error: Exception, *individuals: DeapIndividual) -> UserError:
    lengths = " and ".join(str(len(individual)) for individual in individuals)
    return UserError(
        f"the operator {operator_name(operator)} failed on individuals of {lengths} layers "
        f"({type(error).__name__}: {error}); let it return them unchanged where it has nothing to do "
        "(DEAP's list operators need two layers: give the space layers = { low = 2, ... })"
    )


def _shown(operator: Callable[..., Any], ours: Callable[..., Any], name: str) -> str:
    """The operator's name in the lineage: ours by its role, a user's own by the name of its function."""
    written = operator_name(operator)
    return name if written == ours.__name__ else written
