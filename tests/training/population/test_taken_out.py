"""Any member can be taken out as an ordinary `keras.Model` that predicts the same."""

from __future__ import annotations

import numpy as np
import pytest

from genomes import encoding_from
from genomes.mlp_genes import ACTIVATIONS
from tests.training.population.cohorts import MIXED_SPACE, entrant_of, sampled
from tests.training.population.conftest import DataOf
from tests.training.population.keras_steps import keras_predictions
from tests.training.population.open_cohort import OpenCohort
from tests.training.training_cases import recipe_of

pytestmark = pytest.mark.equivalence

BAR = 1e-5


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("optimizer", ["sgd", pytest.param("adam", marks=pytest.mark.slow)])
def test_a_network_of_keras_predicts_the_same(data_of: DataOf, optimizer: str, normalized: bool) -> None:
    """Within 1e-5 of the largest prediction, for every activation; Adam keeps its weights in units of its rate."""
    space = {**MIXED_SPACE, "optimizer": optimizer, "batch_normalization": normalized, "batch_size": 16, "decay": 1.0}
    encoding, recipe = encoding_from(space), recipe_of("binary", epochs=2)
    drawn = sampled(encoding, 12, seed=3)
    assert {layer["activation"] for genome in drawn for layer in genome.layers} == set(ACTIVATIONS)
    entrants = [entrant_of(data_of("binary", 20), genome, encoding, recipe) for genome in drawn]
    opened = OpenCohort(entrants)
    opened.cohort.train(2)
    for entrant, fit, said in zip(entrants, opened.fits(), opened.predictions(), strict=True):
        found = keras_predictions(entrant, fit.weights, entrant.examples.validation.inputs)
        assert np.abs(found - said).max() <= BAR * np.abs(found).max(), entrant.genome
