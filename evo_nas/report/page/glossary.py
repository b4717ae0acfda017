"""The page's own words, explained in a sentence each: those that this run has a use for."""

from __future__ import annotations

from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.settings_tables import Pair

_ALWAYS: tuple[Pair, ...] = (
    ("individual", "one network that the search proposed, with a number, its parents and its score"),
    ("gene", "one setting of a network that the search may choose, such as a width or a learning rate"),
    ("operator", "the way in which a child is made of its parents: crossover mixes two, a mutation changes one"),
    ("generation", "the individuals that were proposed together"),
    ("search score", "measured while searching, on validation rows; the best of many is lucky, so it flatters"),
    ("confirmation score", "the winner trained again on new seeds, and on rows kept back where there are any"),
    ("test score", "the saved winner on rows that no choice ever saw: the number to believe"),
    ("measurement", "one training of a network; measured again, it is trained with other seeds"),
    ("dead branch", "an individual without a descendant in the last generation, and not of the winner\u2019s family"),
)
_SURROGATE = ("surrogate", "a model that foretells the score of a network from its genes, to choose what to train next")
_FRONT = ("Pareto front", "networks of which none is beaten in every objective by another")
_RUNG = ("rung", "a training cut short, after which only the better networks are trained on")


def glossary(record: RunRecord) -> tuple[Pair, ...]:
    """Word and meaning."""
    search = record.section("search")
    told = list(_ALWAYS)
    if search.get("strategy") in ("surrogate", "bayesian"):
        told.append(_SURROGATE)
    if len(record.objectives) > 1:
        told.append(_FRONT)
    if search.get("fidelity") not in (None, "full") or any(each.epochs is not None for each in record.individuals):
        told.append(_RUNG)
    return tuple(told)
