"""Law 4 where members see different rows, and where rows and noise are fed in pieces."""

from __future__ import annotations

import random
from typing import Any

import pytest

from genomes import Genome, encoding_from
from tests.training.population.cohorts import (
    MIXED_SPACE,
    Entrant,
    entrant_of,
    form_of,
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

SPACE = {**MIXED_SPACE, "optimizer": "sgd", "batch_normalization": False, "batch_size": 16}
ENCODING = encoding_from(SPACE)
FOLDS = 5


def genomes(count: int, seed: int = 0, **genes: Any) -> list[Genome]:
    return sampled(encoding_from(SPACE), count, seed, **genes)


def on_folds(data_of: DataOf, count: int, **genes: Any) -> list[Entrant]:
    """Genomes that differ in preprocessing, each on two replicates of five folds."""
    recipe = recipe_of("binary", epochs=4, validation={"folds": FOLDS}, metrics=("accuracy", "log_loss"))
    return [
        entrant_of(data_of("binary", 20), genome, ENCODING, recipe, replicate=replicate, fold=fold)
        for genome in genomes(count, **genes)
        for replicate in (0, 1)
        for fold in range(FOLDS)
    ]


def test_folds_are_members(data_of: DataOf) -> None:
    entrants = on_folds(data_of, 3)
    sizes = {(len(entrant.examples.train), len(entrant.examples.validation)) for entrant in entrants}
    assert len(sizes) > 1, "folds of one size would prove less"
    assert len({entrant.genome.genes["preprocessing"] for entrant in entrants}) > 1
    alone, order = trained_alone(entrants), list(range(len(entrants)))
    random.Random(2).shuffle(order)
    assert unlike(trained_together(entrants), alone) == []
    assert unlike(in_portions(entrants, 7, order), alone) == []


@pytest.mark.parametrize("limit_bytes", [0, 20_000, 60_000, 400_000])
def test_what_is_fed_in_pieces_is_the_same(data_of: DataOf, limit_bytes: int) -> None:
    """From batch by batch to nearly everything at once."""
    recipe = recipe_of("binary", epochs=3, metrics=("accuracy", "roc_auc"))
    data, drawn = data_of("binary", 20), genomes(5, seed=1)
    entrants = [entrant_of(data, genome, ENCODING, recipe, replicate=n % 2) for n, genome in enumerate(drawn)]
    assert unlike(trained_together(entrants, limit_bytes=limit_bytes), trained_together(entrants)) == []


def test_many_rows_are_evaluated_in_pieces(data_of: DataOf) -> None:
    """1,480 validation rows are more than are evaluated at once, and no multiple of anything."""
    recipe = recipe_of("binary", epochs=1, metrics=("accuracy", "log_loss"))
    data, drawn = data_of("binary", 20, 7401), genomes(5, seed=1)
    entrants = [entrant_of(data, genome, ENCODING, recipe) for genome in drawn]
    alone = trained_alone(entrants)
    assert unlike(trained_together(entrants), alone) == []
    assert unlike(trained_together(entrants, limit_bytes=2**19), alone) == []


def test_a_program_is_traced_once(data_of: DataOf) -> None:
    """Whatever the number of members, their widths and depths, batches, folds, replicates and rows."""
    recipe = recipe_of("binary", epochs=1)
    data = data_of("binary", 20)
    several = [
        *([entrant_of(data, genome, ENCODING, recipe)] for genome in genomes(4, seed=2, batch_size=33)),
        [entrant_of(data, genome, ENCODING, recipe) for genome in genomes(9, seed=3, batch_size=25)],
        [entrant_of(data, genome, ENCODING, recipe, replicate=n) for n, genome in enumerate(genomes(6, batch_size=91))],
        [entrant_of(data, genome, ENCODING, recipe) for genome in genomes(2, batch_size=2000)],
        [entrant_of(data_of("binary", 20, 77), genome, ENCODING, recipe) for genome in genomes(5, batch_size=30)],
        on_folds(data_of, 1, batch_size=40),
    ]
    assert len({form_of(entrant, entrant.member()) for entrants in several for entrant in entrants}) == 1
    for entrants in several:
        trained_together(entrants)
    assert OpenCohort(several[0]).program.num_traces == 1


def test_so_is_that_of_one_activation_whichever_it_is(data_of: DataOf) -> None:
    """Two programs serve a space whose layers are equal: for cohorts that are alike, and for others."""
    space = {**SPACE, "equal_layers": True, "activation": ["elu", "relu", "tanh"]}
    data, recipe, encoding = data_of("binary", 20), recipe_of("binary", epochs=1), encoding_from(space)
    alike = [
        sampled(encoding_from({**space, "activation": kind}), count, seed=count)
        for kind, count in (("relu", 3), ("tanh", 1), ("elu", 40), ("relu", 9))
    ]
    cohorts = [*alike, [genome for genomes in alike for genome in genomes[:2]], alike[0] + alike[2]]
    programs = [
        OpenCohort([entrant_of(data, genome, encoding, recipe) for genome in genomes]).program for genomes in cohorts
    ]
    assert [programs.index(program) for program in programs] == [0, 0, 0, 0, 4, 4]
    assert [program.num_traces for program in programs] == [1] * 6
