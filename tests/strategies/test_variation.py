"""The direct way to children, where all operators are ours, against DEAP's: clone, then vary the clone."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import replace
from functools import wraps
from typing import Any

import pytest
from deap import base, tools

import evo_nas
from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.strategies import DeapIndividual, make_toolbox
from evo_nas.strategies.toolbox import mate, mutate
from evo_nas.strategies.variation import Variation
from genomes import Encoding, FlatEncoding, Genome, Rng, Variant, encoding_from
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
def test_nobody_shares_genes_with_anybody(space: Encoding) -> None:
    """A script may do with a proposal what it likes."""
    for strategy in ("surrogate", "evolution", "aging"):
        done = search(make(space=space, strategy=strategy, population=8), 40, value)
        genomes = {id(each.individual.genome): each.individual.genome for each in done}.values()
        owned = [{id(genome.genes), *map(id, genome.layers)} for genome in genomes]
        assert len(set().union(*owned)) == sum(map(len, owned))


@pytest.mark.parametrize("named", [False, True], ids=["the run's own", "a script's"])
def test_operators_of_ours_need_no_clones(named: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a script has read the space for a toolbox of its own, in which it replaced another operator."""
    monkeypatch.setattr("evo_nas.strategies.variation._applied", None)
    toolbox = evo_nas.toolbox(SPACE) if named else None
    if toolbox is not None:
        toolbox.register("select", tools.selTournament, tournsize=2)
    done = search(make(toolbox=toolbox, strategy="evolution", population=8), 40)
    assert any("crossover" in each.individual.operator for each in done)


def test_where_an_encoding_fails_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: FlatEncoding, genome: Genome, rng: Rng) -> Variant:
        raise KeyError("no rule for it")

    monkeypatch.setattr(FlatEncoding, "mutate", fail)
    with pytest.raises(UserError, match=r"the operator mutate failed .*KeyError: 'no rule for it'"):
        search(make(space=SPACES[0], strategy="evolution", population=8), 40, value)


@pytest.mark.parametrize("strategy", ["surrogate", "evolution", "aging"])
def test_an_encoding_that_changes_its_argument_harms_no_parent(strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not keep to the contract; and yet nothing is told of another network than it was."""
    lawful = FlatEncoding.mutate

    def in_place(self: FlatEncoding, genome: Genome, rng: Rng) -> Variant:
        variant = lawful(self, genome, rng)
        genome.genes.update(variant.genome.genes)
        return replace(variant, genome=genome)

    monkeypatch.setattr(FlatEncoding, "mutate", in_place)
    done = search(make(space=SPACES[0], strategy=strategy, population=8), 40, value)
    for each in done:
        assert SPACES[0].fingerprint(each.individual.genome) == each.individual.fingerprint


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
