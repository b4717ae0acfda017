"""The network that Keras builds of a dictionary is the one that its author drew."""

from __future__ import annotations

import keras

from evo_nas.training.encodings import build_network
from evo_nas.training.optimizers import build_optimizer
from genomes import MlpEncoding, genome_of
from tests.genomes.test_dictionaries import ARTICLE


def test_the_dictionary_of_the_article_compiles_to_34651_parameters() -> None:
    genome = MlpEncoding({}).canonical(genome_of(ARTICLE, num_inputs=91))
    model = build_network(genome, (91,), 1, "binary")
    model.compile(build_optimizer(genome.genes), "binary_crossentropy")
    assert model.count_params() == 34_651
    assert model.input_shape == (None, 91)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [110, 110, 110, 1]
    assert all(float(layer.kernel_regularizer.l2) == 0.0005 for layer in dense)
    assert isinstance(model.optimizer, keras.optimizers.Adadelta)
    assert round(float(model.optimizer.learning_rate), 9) == 0.005
    assert model.optimizer.rho == keras.optimizers.Adadelta().rho
