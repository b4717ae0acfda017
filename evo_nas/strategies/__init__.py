"""How offspring are made: searches behind `ask` and `tell`, on DEAP's operators. The only home of deap.

Class hierarchies are one level deep: `Strategy` is abstract, everything else is final.
"""

from __future__ import annotations

from collections.abc import Sequence

from deap.base import Toolbox

from evo_nas.config import SearchSettings
from evo_nas.individual import Objective
from evo_nas.strategies.aging import AgingEvolution
from evo_nas.strategies.deap_individual import DeapIndividual, ObjectiveFitness, evaluated_individual
from evo_nas.strategies.evolution import Evolution
from evo_nas.strategies.random_search import RandomSearch
from evo_nas.strategies.records import Records
from evo_nas.strategies.strategy import Strategy
from evo_nas.strategies.toolbox import make_toolbox, operator_names
from genomes import Encoding, Genome

__all__ = [
    "AgingEvolution",
    "DeapIndividual",
    "Evolution",
    "ObjectiveFitness",
    "RandomSearch",
    "Records",
    "Strategy",
    "Toolbox",
    "evaluated_individual",
    "make_strategy",
    "make_toolbox",
    "operator_names",
]


def make_strategy(
    encoding: Encoding,
    toolbox: Toolbox,
    settings: SearchSettings,
    objectives: Sequence[Objective],
    *,
    first: Sequence[Genome] = (),
) -> Strategy:
    """The strategy that the settings name. first: the genomes of a checkpoint, proposed before anything else."""
    if settings.strategy == "aging":
        return AgingEvolution(encoding, toolbox, settings, objectives, first=first)
    if settings.strategy == "random":
        return RandomSearch(encoding, toolbox, settings, objectives, first=first)
    return Evolution(encoding, toolbox, settings, objectives, first=first)
