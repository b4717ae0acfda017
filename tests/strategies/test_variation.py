"""The direct way to children, where all operators are ours, against DEAP's: clone, then vary the clone."""

from __future__ import annotations

import random
from copy import deepcopy
from functools import wraps
from typing import Any

import pytest
from deap import base

from evo_nas.config import SearchSettings
from evo_nas.strategies import DeapIndividual, make_toolbox
from evo_nas.strategies.toolbox import mate, mutate
from evo_nas.strategies.variation import Variation
from genomes import Encoding, encoding_from
from tests.strategies.searching import SCORE, SPACE, make, search

FLAT = {"encoding": "flat", "kind": ["a", "b", "c"], "size": [1, 2, 4, 8], "rate": {"low": 1e-4, "high": 0.1}}
SPACES = [encoding_from(FLAT), encoding_from(SPACE), encoding_from(SPACE | {"equal_layers": True})]
EACH_SPACE = pytest.mark.parametrize("space", SPACES, ids=["flat", "layers", "equal layers"])


def by_clones(space: Encoding, settings: SearchSettings) -> base.Toolbox:
    """Operators that do what ours do and are others."""
    toolbox = make_toolbox(space, settings, (SCORE,))
    toolbox.register("mate", wraps(mate)(lambda *both, **keywords: mate(*both, **keywords)), encoding=space)
    toolbox.register("mutate", wraps(mutate)(lambda one, **keywords: mutate(one, **keywords)), encoding=space)
    return toolbox


@EACH_SPACE
@pytest.mark.parametrize("strategy", ["surrogate", "evolution", "aging"])
def test_a_search_does_not_see_which_way_its_children_came(space: Encoding, strategy: str) -> None:
    settings = SearchSettings(strategy=strategy, population=8, seed=1)
    wanted, found = (
        search(make(space=space, toolbox=toolbox, strategy=strategy, population=8, seed=1), 60, value)
        for toolbox in (by_clones(space, settings), make_toolbox(space, settings, (SCORE,)))
    )
    assert [each.individual for each in found] == [each.individual for each in wanted]


@EACH_SPACE
def test_parents_stay_as_they_are(space: Encoding) -> None:
    variation = Variation(make_toolbox(space, SearchSettings(), (SCORE,)), space)
    random.seed(1)
    for _ in range(50):
        parents = [DeapIndividual(space.sample(random), (1.0,)) for _ in range(2)]
        before = deepcopy(parents)
        children = [*variation.children(*parents), *map(variation.mutant, parents)]
        children += [variation.mutant(child) for child in children]
        assert parents == before
        assert not any(parent.operators for parent in parents)
        for child in children:
            space.check(child.genome)
            assert child.operators
            assert not child.fitness.valid


@pytest.mark.parametrize("name", ["clone", "mate", "mutate"])
def test_an_operator_that_is_replaced_on_the_way_is_used(name: str) -> None:
    toolbox = make_toolbox(SPACES[1], SearchSettings(), (SCORE,))
    variation, called = Variation(toolbox, SPACES[1]), []
    random.seed(1)
    parents = [DeapIndividual(SPACES[1].sample(random), (1.0,)) for _ in range(2)]
    variation.children(*parents)
    before = getattr(toolbox, name)

    def counted(*individuals: Any) -> Any:
        called.append(name)
        return before(*individuals)

    toolbox.register(name, counted)
    variation.children(*parents)
    variation.mutant(parents[0])
    assert called


def test_the_mutation_of_another_space_is_not_taken_for_ours() -> None:
    narrow = encoding_from(SPACE | {"width": 4})
    toolbox = make_toolbox(SPACES[1], SearchSettings(), (SCORE,))
    toolbox.register("mutate", mutate, encoding=narrow)
    random.seed(1)
    parent = DeapIndividual(narrow.sample(random), (1.0,))
    mutants = [Variation(toolbox, SPACES[1]).mutant(parent) for _ in range(50)]
    assert {layer["width"] for mutant in mutants for layer in mutant} == {4}


def value(individual: Any) -> tuple[float, ...]:
    """Anything that differs from genome to genome."""
    return (random.Random(f"{individual.fingerprint}{individual.replicate}").random(),)
