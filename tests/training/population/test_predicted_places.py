"""The model of a cohort's cost counts the places that the program has."""

from __future__ import annotations

import pytest

from evo_nas.evaluation import Job
from evo_nas.evaluation.cohort_cost import CohortTerms, Extents
from evo_nas.training.population.arrangement import Arrangement
from genomes import encoding_from
from tests.training.population.cohorts import MIXED_SPACE, entrant_of, form_of, sampled
from tests.training.population.conftest import DataOf
from tests.training.training_cases import recipe_of


@pytest.mark.parametrize("count", [1, 4, 5, 8, 9, 21])
def test_as_many_places_and_layers_as_are_computed(data_of: DataOf, count: int) -> None:
    encoding, recipe = encoding_from({**MIXED_SPACE, "optimizer": "sgd"}), recipe_of("binary")
    entrants = [entrant_of(data_of("binary", 20), g, encoding, recipe) for g in sampled(encoding, count, seed=count)]
    members = [entrant.member() for entrant in entrants]
    arrangement = Arrangement.of(form_of(entrants[0], members[0]), members)
    jobs = [Job(entrant.genome, entrant.request.fingerprint, 0) for entrant in entrants]
    terms = CohortTerms(91, 122, input_shape=(20,), num_outputs=1, folds=1, epochs=3, memory_mb=1024, branched=False)
    extents = Extents.of(jobs, count, terms)
    assert extents.width[:, 0, -1].tolist() == [arrangement.width]
    assert extents.num_places[:, 0, -1].tolist() == [arrangement.num_places]
    assert extents.total_depth[:, 0, -1].tolist() == [sum(arrangement.computed)]


@pytest.mark.parametrize("count", [32, 33, 50])
def test_those_of_large_cohorts_of_one_activation_too(data_of: DataOf, count: int) -> None:
    space = {**MIXED_SPACE, "optimizer": "sgd", "equal_layers": True}
    encoding, recipe = encoding_from({**space, "activation": ["relu", "tanh"]}), recipe_of("binary")
    genomes = sampled(encoding_from({**space, "activation": "tanh"}), count, seed=count)
    entrants = [entrant_of(data_of("binary", 20), genome, encoding, recipe) for genome in genomes]
    members = [entrant.member() for entrant in entrants]
    arrangement = Arrangement.of(form_of(entrants[0], members[0]), members)
    terms = CohortTerms(91, 122, input_shape=(20,), num_outputs=1, folds=1, epochs=3, memory_mb=1024, branched=False)
    extents = Extents.of([Job(each.genome, each.request.fingerprint, 0) for each in entrants], count, terms)
    assert extents.width[:, 0, -1].tolist() == [arrangement.width]
    assert extents.num_places[:, 0, -1].tolist() == [arrangement.num_places]
    assert extents.total_depth[:, 0, -1].tolist() == [sum(arrangement.computed)]
    assert arrangement.num_places == {32: 32, 33: 36, 50: 52}[count]
