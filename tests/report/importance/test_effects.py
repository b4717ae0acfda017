from __future__ import annotations

import random

import numpy as np
import pytest

from evo_nas.report.importance import analyse
from evo_nas.report.importance.effects_picture import stretches, supported
from evo_nas.report.importance.forest import grow
from evo_nas.report.importance.gene_table import ABSENT, gene_table
from genomes import Genome, encoding_from
from tests.report.importance.made_networks import DENSE, SCORE, networks_of, uniform


def test_an_effect_is_the_function_that_was_planted() -> None:
    def score(genome: Genome, rng: random.Random) -> float:
        return (genome.genes["x"] - 0.5) ** 2 + genome.genes["y"]

    made, encoding = networks_of(uniform(0.0, 1.0, "x", "y", "z"), 300, score)
    found = analyse(made, encoding, SCORE).objectives[0]
    effects = {effect.axis.gene: effect for effect in found.effects}
    places = np.array(effects["y"].axis.places)
    centred = np.array(effects["y"].mean) - np.mean(effects["y"].mean)
    assert centred == pytest.approx(places - places.mean(), abs=0.08)
    assert np.ptp(effects["z"].mean) < 0.05
    valley = np.array(effects["x"].mean)
    assert valley.argmin() in range(6, 15)
    for effect in found.effects:
        assert all(low <= mean <= high for low, mean, high in zip(effect.low, effect.mean, effect.high, strict=True))
        assert sum(effect.counts) == 300


def test_a_surface_counts_the_networks_in_each_cell() -> None:
    def score(genome: Genome, rng: random.Random) -> float:
        return genome.genes["x"] * genome.genes["y"]

    made, encoding = networks_of(uniform(0.0, 1.0, "x", "y"), 200, score)
    surface = analyse(made, encoding, SCORE).objectives[0].surfaces[0]
    assert np.sum(surface.counts) == 200
    assert np.shape(surface.mean) == np.shape(surface.counts) == (9, 9)
    assert surface.mean[8][8] == max(max(row) for row in surface.mean)


def test_each_pair_of_trees_shares_no_network_and_misses_none() -> None:
    draws = np.random.default_rng(0)
    rows = draws.random((31, 2))
    forest = grow(rows, rows[:, 0], ("a",), num_pairs=4)
    for pair in forest.pairs:
        (_, unseen_by_first), (_, unseen_by_second) = pair.unseen()
        assert sorted([*unseen_by_first, *unseen_by_second]) == list(range(31))
    assert forest.explained() > 0.4


def test_noise_is_not_explained() -> None:
    draws = np.random.default_rng(0)
    assert grow(draws.random((200, 3)), draws.random(200), ("a",), num_pairs=16).explained() < 0.05


def test_the_table_of_networks_of_unequal_length() -> None:
    encoding = encoding_from(DENSE)
    training = dict(encoding.default().genes)
    layer = {"width": 8, "activation": "relu", "dropout": 0.0}
    shallow = Genome("mlp", {**training, "optimizer": "adam"}, (layer,))
    other = {**layer, "width": 64, "activation": "tanh"}
    deep = Genome("mlp", {**training, "optimizer": "sgd", "momentum": 0.5}, (*[layer] * 4, other))
    table = gene_table([shallow, deep], encoding)
    genes = {gene.name: gene for gene in table.genes}
    assert table.values(genes["layers"]).tolist() == [0.0, 1.0]
    assert table.values(genes["width"]) == pytest.approx([0.0, 0.2])
    assert table.values(genes["width"], genes["width"].parts()["last layer"]) == pytest.approx([0.0, 1.0])
    assert table.values(genes["activation"]).tolist() == [0.0, 0.0]
    assert np.isnan(table.values(genes["nesterov"])[0])
    assert (table.rows[0, genes["nesterov"].columns] == ABSENT).all()
    assert table.filled(("a",))[0, genes["nesterov"].columns] == table.rows[1, genes["nesterov"].columns]
    assert genes["width"].axis(9).labels[0::8] == ("8", "64")
    assert genes["layers"].axis(9).labels == ("1", "2", "3", "4", "5")
    assert genes["activation"].axis(9).labels == ("relu", "tanh")


def test_evidence_is_what_lies_at_a_place_or_beside_it() -> None:
    assert supported([0, 0, 1, 1, 1, 0, 0, 0]) == [False, False, False, True, False, False, False, False]
    assert supported([3, 0, 0]) == [True, True, False]


def test_stretches_share_their_ends() -> None:
    assert stretches([True, True, True]) == [(0, 2, True)]
    assert stretches([False, True, True, False, False]) == [(0, 1, False), (1, 2, True), (2, 4, False)]
    assert stretches([True]) == []
