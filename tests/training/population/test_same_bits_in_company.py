"""Law 4: a member's result is the same bits whatever its cohort: its mates, its place, the size, the padding."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from evo_nas.training.fitting import Fit
from evo_nas.training.fusing import ADAM_FUSED, update_rule
from evo_nas.training.places import FEW_PLACES, PLACES_APART, TILE
from evo_nas.training.population import cohort
from genomes import Encoding, Genome, encoding_from
from genomes.mlp_genes import ACTIVATIONS, OPTIMIZERS
from tests.training.population.cohorts import (
    HOSTILE,
    MIXED_SPACE,
    Entrant,
    bits,
    changed,
    entrant_of,
    fixed_entrant,
    in_portions,
    sampled,
    trained_alone,
    trained_together,
    unlike,
)
from tests.training.population.conftest import DataOf
from tests.training.population.open_cohort import OpenCohort
from tests.training.training_cases import recipe_of

pytestmark = pytest.mark.law4

RULES = (*OPTIMIZERS, ADAM_FUSED)
GENOMES_A_RULE = 25  # 200 in all
LONGER = {"layers": {"low": 1, "high": 7}, "width": {"low": 3, "high": 200}}
NUMBERS = {"decay": 1.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
"""With which Adam is the fused rule."""


def genomes_of(rule: str, count: int, seed: int = 5, **space: Any) -> list[Genome]:
    """Of the mixed space and one update rule; every tenth diverges."""
    mine: dict[str, object] = {"optimizer": "adam", "beta_1": 0.8} if rule in ("adam", ADAM_FUSED) else {}
    encoding = encoding_from({**MIXED_SPACE, "optimizer": rule, **mine, **space})
    fused = NUMBERS if rule == ADAM_FUSED else {}
    calm, hostile = sampled(encoding, count, seed, **fused), sampled(encoding, count, seed, **fused, **HOSTILE)
    return [hostile[number] if number % 10 == 9 else genome for number, genome in enumerate(calm)]


def entrants_of(data_of: DataOf, genomes: list[Genome], **recipe: Any) -> list[Entrant]:
    """On two replicates, six epochs which stop early."""
    settings = {
        "epochs": 6,
        "early_stopping": {"patience": 2, "monitor": "accuracy"},
        "metrics": ("accuracy", "roc_auc"),
        **recipe,
    }
    encoding = encoding_from({**MIXED_SPACE, "optimizer": list(OPTIMIZERS)})
    data, trained = data_of("binary", 30), recipe_of("binary", **settings)
    return [entrant_of(data, g, encoding, trained, replicate=number % 2) for number, g in enumerate(genomes)]


def differing(entrants: list[Entrant], alone: list[Fit]) -> dict[str, list[int]]:
    """Ways to be trained -> the entrants whose bits are not those of being trained alone."""
    order = list(range(len(entrants)))
    random.Random(1).shuffle(order)
    longer = encoding_from({**MIXED_SPACE, **LONGER, "optimizer": list(OPTIMIZERS)})
    ways = {
        "all together": trained_together(entrants),
        "in the other order": trained_together(entrants[::-1])[::-1],
        **{f"shuffled, {size} at a time": in_portions(entrants, size, order) for size in (2, 5)},
        "as if from a longer and wider space": trained_together(entrants, encoding=longer),
    }
    found = {way: unlike(fits, alone) for way, fits in ways.items()}
    few = [number for number in (0, 9) if number < len(entrants)]
    own = [trained_together([entrants[n]], encoding=space_of(entrants[n].genome))[0] for n in few]
    found["alone in a space of its own"] = unlike(own, [alone[number] for number in few])
    return {way: numbers for way, numbers in found.items() if numbers}


def space_of(genome: Genome) -> Encoding:
    """A space in which every gene is fixed, or has no more values than the genome's layers."""
    layers = genome.layers
    rates, widths = {layer["dropout"] for layer in layers}, {layer["width"] for layer in layers}
    of_layers = {
        "layers": len(layers),
        "width": sorted(widths),
        "activation": sorted({layer["activation"] for layer in layers}),
        "dropout": sorted(rates),
    }
    return encoding_from({"encoding": "mlp", **genome.genes, **of_layers})


def test_a_dozen_genomes(data_of: DataOf) -> None:
    entrants = entrants_of(data_of, genomes_of("sgd", 12, batch_normalization=False, batch_size=16))
    alone = trained_alone(entrants)
    assert len({bits(fit) for fit in alone}) == len(alone)
    assert any(fit.trouble for fit in alone)
    assert any(fit.num_epochs < 6 and not fit.trouble for fit in alone)
    assert differing(entrants, alone) == {}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("rule", RULES)
def test_two_hundred_genomes(data_of: DataOf, rule: str) -> None:
    """25 of each update rule, with and without batch normalisation, on batches of two sizes."""
    genomes = genomes_of(rule, GENOMES_A_RULE)
    assert {update_rule(genome.genes) for genome in genomes} == {rule}
    entrants = entrants_of(data_of, genomes)
    alone = trained_alone(entrants)
    ends = Counter("lost" if fit.trouble else "stopped" if fit.num_epochs < 6 else "whole" for fit in alone)
    found = differing(entrants, alone)
    print(f"law 4, {rule}: {len(found)} ways of 6 with other bits for {len(entrants)} genomes (bar: 0); {dict(ends)}")
    assert min(ends["stopped"], ends["lost"]) > 0
    assert found == {}


def of_one_activation(
    data_of: DataOf, activation: str, count: int, num_mates: int, **genes: Any
) -> tuple[list[Entrant], list[Entrant]]:
    """Entrants whose layers all have an activation, and mates of another, of a space with up to three."""
    space = {**MIXED_SPACE, **genes, "equal_layers": True, "width": {"low": 3, "high": 51}}
    kinds = sorted({activation, "relu", "elu"})
    encoding = encoding_from({**space, "activation": kinds})
    recipe = recipe_of("binary", epochs=4, early_stopping={"patience": 2}, metrics=("accuracy",))
    other = next(kind for kind in kinds if kind != activation)
    mine, mates = (
        [
            entrant_of(data_of("binary", 30), genome, encoding, recipe)
            for genome in sampled(encoding_from({**space, "activation": kind}), number, seed=4)
        ]
        for kind, number in ((activation, count), (other, num_mates))
    )
    return mine, mates


@pytest.mark.parametrize("normalized", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_large_cohort_of_one_activation(data_of: DataOf, activation: str, normalized: bool) -> None:
    """Its widths are padded less, and it has fewer idle places; with and without mates of another activation."""
    genes = {"optimizer": "sgd", "batch_size": 16, "batch_normalization": normalized}
    mine, mates = of_one_activation(data_of, activation, FEW_PLACES + 9, 5, **genes)
    opened = OpenCohort(mine)
    arrangement = opened._seating._arrangement
    assert arrangement.width % TILE
    assert not opened.program.form.mixed
    assert any(count % PLACES_APART for count in arrangement.computed)
    alone = trained_alone(mine)
    assert unlike(trained_together(mine), alone) == []
    assert unlike(trained_together([*mine, *mates])[: len(mine)], alone) == []
    assert unlike(in_portions(mine, FEW_PLACES + 2, list(range(len(mine)))[::-1]), alone) == []


@pytest.mark.parametrize("batch_size", [1, 33])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_few_of_one_activation(data_of: DataOf, activation: str, batch_size: int) -> None:
    """They have a program of their own, and another one beside a mate of another activation."""
    genes = {"optimizer": "adam", **NUMBERS, "batch_size": batch_size, "batch_normalization": False}
    mine, mates = of_one_activation(data_of, activation, 5, 1, **genes)
    alone = trained_alone(mine)
    assert unlike(trained_together(mine), alone) == []
    assert unlike(in_portions(mine, 2, list(range(5))), alone) == []
    assert unlike(trained_together([*mine, *mates])[:5], alone) == []


def calm_and_lost() -> tuple[list[Genome], list[Genome]]:
    """Six genomes, and two with the largest rates and penalties that a space allows."""
    calm = genomes_of("sgd", 6, seed=8, batch_normalization=False, batch_size=16)
    return calm, [changed(calm[0], **HOSTILE), changed(calm[1], l1=1e6, l2=1e6, max_norm=0.0)]


def test_calls_of_few_epochs_come_to_the_same(data_of: DataOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between calls those that are lost leave, and the others are seated anew."""
    calm, lost = calm_and_lost()
    entrants = entrants_of(data_of, [*lost, *calm], early_stopping=False)
    at_once = trained_together(entrants)
    monkeypatch.setattr(cohort, "EPOCHS_AT_ONCE", (2, 1))
    assert unlike(trained_together(entrants), at_once) == []
    opened = OpenCohort(entrants)
    opened.cohort.train(6)
    assert len(opened._seating.members) == len(calm)


def test_a_lost_mate_is_not_noticed(data_of: DataOf) -> None:
    """The weights of two mates come to be NaN."""
    calm, lost = calm_and_lost()
    fits = trained_together(entrants_of(data_of, calm, early_stopping=False))
    company = OpenCohort(entrants_of(data_of, [*lost, *calm], early_stopping=False))
    company.cohort.train(6)
    found = company.fits()
    assert [bool(fit.trouble) for fit in found] == [True] * 2 + [False] * 6
    assert any(np.isnan(array).any() for array in company.weights().values())
    assert unlike(found[2:], fits) == []


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_nothing_is_learnt_in_places_where_nobody_lies(data_of: DataOf, activation: str) -> None:
    """Alone in a space of activations that make something of nothing, with dropout."""
    entrant = fixed_entrant(data_of("binary", 30), "binary", activation=activation, dropout=0.4)
    opened = OpenCohort([entrant])
    opened.cohort.train(2)
    for arrays in (opened.gradients(), opened.weights()):
        assert not any(outside.any() for outside in opened.padding(arrays).values())


@pytest.mark.parametrize(("normalized", "batch_size"), [(False, 16), (True, 16), (False, 64)])
def test_the_padding_has_no_gradient_and_stays_nothing(data_of: DataOf, normalized: bool, batch_size: int) -> None:
    """Exactly zero, or what normalisation begins with; of every activation, before and after some epochs."""
    genomes = genomes_of("sgd", 24, seed=3, batch_normalization=normalized, batch_size=batch_size)
    genomes = [genome for genome in genomes if float(genome.genes["learning_rate"]) < 1.0]
    opened = OpenCohort(entrants_of(data_of, genomes, early_stopping=False))
    assert {layer["activation"] for genome in genomes for layer in genome.layers} == set(ACTIVATIONS)
    for stop_epoch in (0, 2):
        opened.cohort.train(stop_epoch)
        for name, outside in opened.padding(opened.gradients()).items():
            assert not outside.any(), (name, stop_epoch)
        for name, outside in opened.padding(opened.weights()).items():
            assert name.endswith(("/mean", "/variance")) or not outside.any(), (name, stop_epoch)
