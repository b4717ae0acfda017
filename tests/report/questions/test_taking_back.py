"""The winner with one change of its line taken back."""

from __future__ import annotations

import random

from evo_nas.individual import Individual
from evo_nas.report.questions.line import steps_to
from evo_nas.report.questions.taking_back import Variant, variants
from genomes import Genome, MlpEncoding, changes_between
from tests.report.questions.planted import SPACE, PlantedRun

SPACE_MLP = MlpEncoding.from_space(
    {
        "encoding": "mlp",
        "layers": {"low": 1, "high": 6},
        "width": {"low": 1, "high": 99},
        "activation": ["relu", "tanh"],
        "dropout": {"low": 0.0, "high": 0.5},
        "optimizer": ["adam", "sgd"],
        "momentum": {"low": 0.0, "high": 0.9},
        "learning_rate": {"low": 1e-4, "high": 1.0, "scale": "log"},
    }
)


def genome(*widths: int, **genes: object) -> Genome:
    layers = tuple({"width": width, "activation": "relu", "dropout": 0.0} for width in widths)
    return SPACE_MLP.repair(Genome("mlp", {"optimizer": "adam", "learning_rate": 0.1, **genes}, layers))


def line(*genomes: Genome) -> dict[int, Individual]:
    return {
        number: Individual(number, number, each, SPACE_MLP.fingerprint(each), (number - 1,) if number else ())
        for number, each in enumerate(genomes)
    }


def taken_back(*genomes: Genome) -> dict[str, Variant]:
    return {each.change: each for each in variants(line(*genomes), len(genomes) - 1, SPACE_MLP)}


def widths(variant: Variant) -> list[object]:
    assert variant.genome is not None
    return [layer["width"] for layer in variant.genome.layers]


def test_genes_and_layers_are_put_back_where_they_are_now() -> None:
    found = taken_back(
        genome(8, 16),
        genome(8, 16, 32),
        genome(8, 17, 32),
        genome(4, 8, 17, 32),
        genome(4, 8, 17, 32, learning_rate=0.2),
    )
    assert widths(found["layer 3 inserted: width 32, relu"]) == [4, 8, 17]
    assert widths(found["layer 2 width 16 -> 17"]) == [4, 8, 16, 32]
    assert widths(found["layer 1 inserted: width 4, relu"]) == [8, 17, 32]
    rate = found["learning_rate 0.1 -> 0.2"].genome
    assert rate is not None
    assert rate.genes["learning_rate"] == 0.1
    assert len(found) == 4


def test_a_layer_that_was_removed_comes_back_behind_its_neighbour() -> None:
    found = taken_back(genome(8, 16, 32), genome(8, 32), genome(4, 8, 32))
    assert widths(found["layer 2 removed (width 16, relu)"]) == [4, 8, 16, 32]


def test_what_was_changed_again_is_not_taken_back_and_says_so() -> None:
    found = taken_back(genome(8), genome(9), genome(10), genome(10, 11), genome(10))
    assert "changed again later" in found["layer 1 width 8 -> 9"].why_not
    assert widths(found["layer 1 width 9 -> 10"]) == [9]
    assert "removed later" in found["layer 2 inserted: width 11, relu"].why_not
    assert widths(found["layer 2 removed (width 11, relu)"]) == [10, 11]


def test_an_optimizer_goes_with_the_genes_that_it_left_without_effect() -> None:
    found = taken_back(genome(8, optimizer="sgd", momentum=0.5), genome(8, optimizer="adam", momentum=0.5))
    (only,) = found.values()
    assert only.change == "optimizer sgd -> adam"
    assert only.genome is not None
    assert (only.genome.genes["optimizer"], only.genome.genes["momentum"]) == ("sgd", 0.5)


def test_the_same_change_in_every_layer_is_one() -> None:
    found = taken_back(genome(8, 8, 8), genome(9, 9, 9))
    assert list(found) == ["width 8 -> 9 in every layer"]
    assert widths(found["width 8 -> 9 in every layer"]) == [8, 8, 8]


def test_taking_back_the_only_change_of_a_step_gives_the_parent() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        parent = SPACE_MLP.sample(rng)
        child = SPACE_MLP.mutate(parent, rng).genome
        family = line(parent, child)
        (step,) = steps_to(family, 1, SPACE_MLP.canonical)
        if len(step.changes) == 1:
            (variant,) = variants(family, 1, SPACE_MLP)
            assert variant.genome is not None, variant
            before, now = SPACE_MLP.canonical(parent), SPACE_MLP.canonical(variant.genome)
            assert not changes_between(before, now), (seed, variant.change)


def test_every_variant_of_a_search_is_a_valid_network_other_than_the_winner() -> None:
    for seed in range(10):
        run = PlantedRun(seed)
        winner = run.best()
        for each in variants(run.individuals, winner.id, SPACE):
            assert (each.genome is None) == bool(each.why_not)
            if each.genome is not None:
                SPACE.check(each.genome)
                assert SPACE.fingerprint(each.genome) != winner.fingerprint
