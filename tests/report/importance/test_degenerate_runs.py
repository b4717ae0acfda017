"""Runs with next to nothing in them: no number is made up, nothing is NaN, and a sentence says why."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from evo_nas.individual import Evaluated, Objective
from evo_nas.report.importance import Importance, analyse
from genomes import Genome
from tests.report.importance.made_networks import DENSE, FLAT, SCORE, Score, networks_of, outcome_of


def decay(genome: Genome, rng: random.Random) -> float:
    return float(genome.genes["decay"])


def analysed(made: list[Evaluated], encoding: object) -> Importance:
    found = analyse(made, encoding, SCORE)  # type: ignore[arg-type]
    json.dumps(found.to_json(), allow_nan=False)
    return found


@pytest.mark.parametrize(
    ("count", "score", "sentence"),
    [
        (0, decay, "0 networks with a value of score are too few to say which of 6 genes mattered"),
        (1, decay, "1 networks with a value of score are too few"),
        (19, decay, "19 networks with a value of score are too few"),
        (40, lambda genome, rng: None, "0 networks with a value of score are too few"),
        (40, lambda genome, rng: 7.0, "all 40 networks have the same score, so no gene made a difference"),
    ],
)
def test_no_numbers_but_a_sentence(count: int, score: Score, sentence: str) -> None:
    found = analysed(*networks_of(FLAT, count, score)).objectives[0]
    assert found.notes[0].startswith(sentence)
    assert (found.genes, found.interactions, found.effects, found.surfaces, found.explained) == ((), (), (), (), None)


def test_all_failures_are_counted_and_nobody_is_blamed() -> None:
    found = analysed(*networks_of(FLAT, 30, lambda genome, rng: None))
    assert found.failures == ()
    assert found.num_failed == {"diverged": 30}
    assert found.notes == ("of 30 networks 30 failed (30 diverged); they are in no objective's numbers",)


def test_a_gene_that_never_varies_is_named_and_has_no_numbers() -> None:
    made, encoding = networks_of(FLAT, 40, decay)
    one = made[0].individual.genome.genes["rate"]
    same = [
        Evaluated(
            replace(
                each.individual,
                genome=replace(each.individual.genome, genes={**each.individual.genome.genes, "rate": one}),
            ),
            each.outcome,
        )
        for each in made
    ]
    found = analysed(same, encoding).objectives[0]
    assert "rate" not in {row.gene for row in found.genes}
    assert "never varied, so nothing can be said of: rate" in found.notes
    assert found.genes[0].gene == "decay"


def test_only_one_network_again_and_again() -> None:
    made, encoding = networks_of(FLAT, 1, decay)
    copies = [
        Evaluated(replace(made[0].individual, id=n, fingerprint=f"{n:032x}"), outcome_of(float(n))) for n in range(30)
    ]
    found = analysed(copies, encoding).objectives[0]
    assert found.notes == ("no gene varies among the networks, so none can be told to matter",)


@pytest.mark.parametrize("factor", [2.0**-980, 2.0**-40, 2.0**980])
def test_the_unit_of_the_objective_changes_nothing(factor: float) -> None:
    plain = analysed(*networks_of(FLAT, 40, decay)).objectives[0]
    scaled = analysed(*networks_of(FLAT, 40, lambda genome, rng: factor * decay(genome, rng))).objectives[0]
    assert [row.gene for row in plain.genes] == [row.gene for row in scaled.genes]
    assert scaled.genes[0].permutation is not None
    assert plain.genes[0].permutation is not None
    assert scaled.genes[0].permutation.value == pytest.approx(plain.genes[0].permutation.value, rel=1e-9)
    assert scaled.effects[0].mean == pytest.approx([factor * value for value in plain.effects[0].mean], rel=1e-9)


def test_one_ruined_training_does_not_decide_all() -> None:
    ruined, encoding = networks_of(FLAT, 60, decay)
    ruined[7] = Evaluated(ruined[7].individual, outcome_of(-1e9))
    found = analysed(ruined, encoding).objectives[0]
    assert found.notes[0].startswith("what is far worse than most, 1 of 60, counts as score")
    assert found.genes[0].gene == "decay"
    assert found.explained is not None
    assert found.explained > 0.5


def test_replicates_are_averaged_first_and_rungs_are_left_out() -> None:
    made, encoding = networks_of(FLAT, 30, decay)
    again = [
        Evaluated(replace(each.individual, id=100 + number, replicate=1), outcome_of(each.outcome.metrics["score"]))
        for number, each in enumerate(made[:10])
    ]
    rungs = [
        Evaluated(replace(each.individual, id=200 + number, epochs=2, fingerprint=f"{number:032x}"), outcome_of(5.0))
        for number, each in enumerate(made[:4])
    ]
    found = analysed([*made, *again, *rungs], encoding)
    assert (found.objectives[0].num_networks, found.objectives[0].num_measurements) == (30, 40)
    assert found.notes == ("judged on a rung only, and in no objective's numbers: 4 networks",)


def test_several_objectives_have_a_table_each() -> None:
    made, encoding = networks_of(DENSE, 40, lambda genome, rng: rng.random())
    sized = [
        Evaluated(e.individual, replace(e.outcome, parameters=100 * len(e.individual.genome.layers))) for e in made
    ]
    found = analyse(sized, encoding, [*SCORE, Objective("parameters", maximize=False)])
    assert [objective.name for objective in found.objectives] == ["score", "parameters"]
    assert found.objectives[1].genes[0].gene == "layers"
    assert found.objectives[1].genes[0].name == "number of layers"
