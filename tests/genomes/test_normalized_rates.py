"""Learning rates in multiples of the optimizers' own: another network, another name, the rate that was meant."""

from __future__ import annotations

import inspect
import random

import pytest

from genomes import Genome, GenomeError, MlpEncoding, check_encoding, encoding_from
from genomes.learning_rates import DEFAULT_RATES, learning_rate_of
from genomes.mlp_genes import OPTIMIZERS

SPACE = {
    "encoding": "mlp",
    "optimizer": list(OPTIMIZERS),
    "learning_rate": {"low": 1e-6, "high": 1e3, "scale": "log"},
    "layers": {"low": 0, "high": 3},
}
PLAIN, NORMALIZED = encoding_from(SPACE), encoding_from({**SPACE, "normalized_rates": True})


def test_the_defaults_are_those_of_keras(prepared_tensorflow: None) -> None:
    import keras

    classes = {name.lower(): getattr(keras.optimizers, name) for name in dir(keras.optimizers)}
    for name in OPTIMIZERS:
        assert inspect.signature(classes[name]).parameters["learning_rate"].default == DEFAULT_RATES[name]


def test_the_laws_hold() -> None:
    check_encoding(NORMALIZED)


def test_the_space_says_so_and_reads_itself_back() -> None:
    assert NORMALIZED.describe()["normalized_rates"] is True
    assert encoding_from(NORMALIZED.describe()).describe() == NORMALIZED.describe()
    assert encoding_from({**SPACE, "normalized_rates": False}).describe() == PLAIN.describe()
    assert MlpEncoding({}, normalized_rates=True).default().genes["learning_rate"] == 1.0


def test_the_same_number_is_another_network() -> None:
    for seed in range(30):
        genome = NORMALIZED.sample(random.Random(seed))
        plain = Genome("mlp", {k: v for k, v in genome.genes.items() if k != "normalized_rates"}, genome.layers)
        PLAIN.check(plain)
        assert PLAIN.fingerprint(plain) != NORMALIZED.fingerprint(genome)
        with pytest.raises(GenomeError, match="normalized_rates"):
            PLAIN.check(genome)
        with pytest.raises(GenomeError, match="normalized_rates is missing"):
            NORMALIZED.check(plain)


@pytest.mark.parametrize(("optimizer", "rate"), [("adam", 0.002), ("sgd", 0.02), ("adadelta", 0.002)])
def test_the_rate_that_is_meant(optimizer: str, rate: float) -> None:
    genome = NORMALIZED.repair(Genome("mlp", {"optimizer": optimizer, "learning_rate": 2.0, "normalized_rates": True}))
    assert genome.genes["learning_rate"] == 2.0
    assert learning_rate_of(genome.genes) == pytest.approx(rate, rel=1e-15)
    assert learning_rate_of({"optimizer": optimizer, "learning_rate": 2.0}) == 2.0


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_genome_of_the_other_kind_of_space_keeps_its_rate(optimizer: str) -> None:
    plain = PLAIN.repair(Genome("mlp", {"optimizer": optimizer, "learning_rate": 0.03}))
    there = NORMALIZED.repair(plain)
    NORMALIZED.check(there)
    assert learning_rate_of(there.genes) == pytest.approx(0.03)
    back = PLAIN.repair(there)
    PLAIN.check(back)
    assert back.genes["learning_rate"] == pytest.approx(0.03)


def test_no_flag() -> None:
    with pytest.raises(GenomeError, match=r"\[space\] normalized_rates: expected true or false, got 'yes'"):
        encoding_from({**SPACE, "normalized_rates": "yes"})
