"""DEAP's toolbox for a run: whoever knows DEAP replaces `mate`, `mutate`, `select` or `survive` by their own.

    toolbox = make_toolbox(encoding, settings, objectives)
    toolbox.register("select", tools.selTournament, tournsize=5)

`select(population, k)` chooses parents (evolution and aging), `survive(population, k)` who lives on (evolution); the
surrogate, which ranks by what it believes, asks neither. `evaluate(individual)` is registered by
users whose fitness is a function of their own; it returns a value for each objective as a tuple, and `map` applies it.
Every operator draws from Python's `random`, to which a keyed stream is lent while it runs: an operator that draws from
anything else makes a run that cannot be resumed, and the resume says so.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from deap import base, tools

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Objective
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.nsga3 import MOST_POINTS, survive_by_reference_points
from genomes import Encoding


def make_toolbox(encoding: Encoding, settings: SearchSettings, objectives: Sequence[Objective]) -> base.Toolbox:
    """The operators of an encoding: tournaments for one objective, crowded ones for several, and the settings'
    survival.

    Raises UserError where the survival does not fit the objectives.
    """
    toolbox = base.Toolbox()
    toolbox.register("clone", deepcopy)
    toolbox.register("mate", mate, encoding=encoding)
    toolbox.register("mutate", mutate, encoding=encoding)
    if len(objectives) == 1:
        toolbox.register("select", tools.selTournament, tournsize=settings.tournament_size)
    else:
        toolbox.register("select", select_by_crowded_tournament)
    _register_survival(toolbox, settings, len(objectives))
    return toolbox


def _register_survival(toolbox: base.Toolbox, settings: SearchSettings, num_objectives: int) -> None:
    method = settings.survivors_by(num_objectives)
    if method == "nsga3":
        toolbox.register("survive", survive_by_reference_points, num_points=min(settings.population, MOST_POINTS))
    else:
        toolbox.register("survive", tools.selNSGA2 if method == "nsga2" else tools.selBest)


def mate(first: DeapIndividual, second: DeapIndividual, *, encoding: Encoding) -> tuple[DeapIndividual, DeapIndividual]:
    """The encoding's crossover in DEAP's form: both parents become their children."""
    children = encoding.crossover(first.genome, second.genome, random)
    first.become(children[0])
    second.become(children[1])
    return first, second


def mutate(individual: DeapIndividual, *, encoding: Encoding) -> tuple[DeapIndividual]:
    """The encoding's mutation in DEAP's form; it says which of its operators it used."""
    variant = encoding.mutate(individual.genome, random)
    individual.become(variant.genome)
    individual.operators.append(variant.operator)
    return (individual,)


def select_by_crowded_tournament(individuals: Sequence[DeapIndividual], k: int) -> list[DeapIndividual]:
    """NSGA-II's parents (Deb et al. 2002): of two at random, the dominating one, else the one with more room.

    Unlike `tools.selTournamentDCD` it takes any k, and individuals that no `selNSGA2` has given a crowding distance:
    that is NSGA-III's tournament, where chance decides a pair of which none dominates.
    """
    return [_more_promising(random.choice(individuals), random.choice(individuals)) for _ in range(k)]


def _more_promising(first: DeapIndividual, second: DeapIndividual) -> DeapIndividual:
    if first.fitness.dominates(second.fitness):
        return first
    if second.fitness.dominates(first.fitness):
        return second
    return max(first, second, key=_room)


def _room(individual: DeapIndividual) -> float:
    return float(getattr(individual.fitness, "crowding_dist", 0.0))


def operator_name(operator: Any) -> str:
    """The name under which a registered operator was written; `operator.__name__` is only its alias."""
    return str(getattr(getattr(operator, "func", operator), "__name__", type(operator).__name__))


def is_made_from(operator: Any, function: Any, encoding: Encoding | None = None) -> bool:
    """Whether a registered operator is that function and nothing around it; if an encoding is given, for its space."""
    if not isinstance(operator, partial) or operator.func is not function or operator.args:
        return False
    if encoding is None:
        return not operator.keywords
    return operator.keywords.keys() == {"encoding"} and _same_space(operator.keywords["encoding"], encoding)


def _same_space(first: Encoding, second: Encoding) -> bool:
    """A script and its run read the same space into an encoding each."""
    return first is second or (type(first) is type(second) and first.describe() == second.describe())


def operator_names(toolbox: base.Toolbox) -> dict[str, str]:
    """What is registered under the names that decide a search, such as "selTournament(tournsize=3)".

    Written into the run and compared at resume. The encoding is left out: the space says it.
    """
    return {name: _described(getattr(toolbox, name)) for name in ("mate", "mutate", "select", "survive")}


def _described(operator: Any) -> str:
    keywords = {name: value for name, value in getattr(operator, "keywords", {}).items() if name != "encoding"}
    arguments = [_argument(value) for value in getattr(operator, "args", ())]
    arguments += [f"{name}={_argument(value)}" for name, value in sorted(keywords.items())]
    return f"{operator_name(operator)}({', '.join(arguments)})"


def _argument(value: Any) -> str:
    return operator_name(value) if callable(value) else repr(value)


USED = {
    "surrogate": ("mate", "mutate"),
    "evolution": ("mate", "mutate", "select", "survive"),
    "aging": ("mutate", "select"),
    "random": (),
    "bayesian": (),
    "grid": (),
    "coarse_to_fine": (),
    "listed": (),
}
"""The operators that a strategy draws on."""


def check_used(strategy: str, operators: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """Raise UserError where an operator was replaced that the strategy never calls.

    operators, ours: `operator_names` of the toolbox that was given, and of the one that the settings make.
    """
    for name, operator in operators.items():
        if operator != ours[name] and name not in USED[strategy]:
            using = [other for other, names in USED.items() if name in names]
            raise UserError(
                f'the toolbox registers {name} = {operator}, which strategy = "{strategy}" never calls; '
                f"use strategy = {' or '.join(json.dumps(other) for other in using)}, or register none"
            )
