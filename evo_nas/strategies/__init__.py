"""How offspring are made: searches behind `ask` and `tell`, on DEAP's operators. The only home of deap.

Class hierarchies are one level deep: `Strategy` is abstract, everything else is final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deap.base import Toolbox

from evo_nas.config import SearchSettings
from evo_nas.individual import Objective
from evo_nas.strategies.adaptation import Adaptation
from evo_nas.strategies.aging import AgingEvolution
from evo_nas.strategies.bayesian import BayesianSearch, check_sampler
from evo_nas.strategies.coarse_to_fine import CoarseToFine
from evo_nas.strategies.deap_individual import DeapIndividual, ObjectiveFitness, evaluated_individual
from evo_nas.strategies.evolution import Evolution
from evo_nas.strategies.fidelity import MultiFidelity, check_fidelity
from evo_nas.strategies.grid import GridSearch, most_proposals, with_needed_generations
from evo_nas.strategies.injected import Injected
from evo_nas.strategies.listed import LISTED, ListedNetworks
from evo_nas.strategies.network_size import SizeLimits, size_limits
from evo_nas.strategies.random_search import RandomSearch
from evo_nas.strategies.records import Records
from evo_nas.strategies.restarts import RESTART
from evo_nas.strategies.strategy import Strategy
from evo_nas.strategies.surrogate.strategy import SurrogateEvolution
from evo_nas.strategies.toolbox import check_used, make_toolbox, operator_names
from genomes import Encoding, Genome

__all__ = [
    "LISTED",
    "RESTART",
    "Adaptation",
    "AgingEvolution",
    "BayesianSearch",
    "CoarseToFine",
    "DeapIndividual",
    "Evolution",
    "GridSearch",
    "ListedNetworks",
    "MultiFidelity",
    "ObjectiveFitness",
    "RandomSearch",
    "Records",
    "SizeLimits",
    "Strategy",
    "SurrogateEvolution",
    "Toolbox",
    "check_fidelity",
    "check_sampler",
    "check_used",
    "evaluated_individual",
    "make_strategy",
    "make_toolbox",
    "most_proposals",
    "operator_names",
    "size_limits",
    "with_needed_generations",
]


def make_strategy(
    encoding: Encoding,
    toolbox: Toolbox,
    settings: SearchSettings,
    objectives: Sequence[Objective],
    *,
    first: Sequence[Genome] = (),
    limits: SizeLimits | None = None,
    epochs: int | None = None,
    injected: Mapping[int, Genome] | None = None,
) -> Strategy:
    """The strategy that the settings name. first: the genomes of a checkpoint, proposed before anything else. limits:
    what no network may exceed. epochs: of the recipe; None where nothing is trained. injected: networks that take the
    place of proposals, see `Injected`.

    Raises UserError where the settings judge networks after a part of their epochs, and there is none.
    """
    if settings.strategy == LISTED:
        return ListedNetworks(encoding, settings, objectives, networks=first)
    if settings.fidelity != "full":
        check_fidelity(settings, epochs)
        inner = _searching(encoding, toolbox, settings, objectives, first=first, limits=limits, full_epochs=epochs)
        return MultiFidelity(inner, settings, objectives, epochs=epochs)
    search = _searching(encoding, toolbox, settings, objectives, first=first, limits=limits)
    return Injected(search, encoding, injected) if injected else search


def _searching(
    encoding: Encoding,
    toolbox: Toolbox,
    settings: SearchSettings,
    objectives: Sequence[Objective],
    *,
    first: Sequence[Genome],
    limits: SizeLimits | None,
    full_epochs: int | None = None,
) -> Strategy:
    """A search that knows nothing of rungs, but for the surrogate, which is told the recipe's epochs where there are
    some.
    """
    if settings.strategy == "aging":
        return AgingEvolution(encoding, toolbox, settings, objectives, first=first, limits=limits)
    if settings.strategy == "surrogate":
        return SurrogateEvolution(
            encoding, toolbox, settings, objectives, first=first, limits=limits, full_epochs=full_epochs
        )
    if settings.strategy == "bayesian":
        return BayesianSearch(encoding, toolbox, settings, objectives, first=first, limits=limits)
    if settings.strategy == "grid":
        return GridSearch(encoding, toolbox, settings, objectives, first=first, limits=limits)
    if settings.strategy == "coarse_to_fine":
        return CoarseToFine(encoding, toolbox, settings, objectives, first=first, limits=limits)
    if settings.strategy == "random":
        return RandomSearch(encoding, toolbox, settings, objectives, first=first, limits=limits)
    return Evolution(encoding, toolbox, settings, objectives, first=first, limits=limits)
