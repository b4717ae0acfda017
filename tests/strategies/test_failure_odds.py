"""What fails is proposed less, whoever is to blame; what fails at random is nobody's fault."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies.failure_odds import LEAST_ODDS, FailureOdds
from genomes import Genome, encoding_from
from tests.strategies.searching import Fitness, encoding, make, search

FAILURES = [status for status in Status if status is not Status.OK]
SPACE = encoding(learning_rate={"low": 1e-4, "high": 1e2, "scale": "log"}, momentum={"low": 0.0, "high": 0.9})


def told(num: int, fails: Callable[[Genome, random.Random], bool], status: Status = Status.DIVERGED) -> FailureOdds:
    rng, odds = random.Random(7), FailureOdds(SPACE)
    for number in range(num):
        genome = SPACE.sample(rng)
        outcome = failure(status, "on purpose") if fails(genome, rng) else Outcome(Status.OK, {"score": 1.0})
        odds.tell([Evaluated(Individual(number, 0, genome, str(number)), outcome)])
    return odds


def with_rate(rate: float) -> Genome:
    genome = SPACE.default()
    return Genome(genome.encoding, {**genome.genes, "learning_rate": rate}, genome.layers)


def diverges(genome: Genome, rng: random.Random) -> bool:
    return float(genome.genes["learning_rate"]) > 0.3


@pytest.mark.parametrize("status", FAILURES)
def test_values_that_fail_are_blamed_whatever_the_failure(status: Status) -> None:
    odds = told(300, diverges, status)
    assert LEAST_ODDS <= odds.odds(with_rate(10.0)) < 0.1
    assert odds.odds(with_rate(1e-3)) == 1.0
    assert {row.gene for row in odds.blamed()} == {"learning_rate"}
    certain = {row.values for row in odds.blamed() if row.num_failures == row.num_trainings}
    assert certain == {"0.398 to 1.58", "1.58 to 6.31", "6.31 to 25.1", "25.1 to 100"}


def test_no_failures_no_blame() -> None:
    odds = told(200, lambda genome, rng: False)
    assert odds.blamed() == []
    assert odds.odds(with_rate(10.0)) == 1.0


def test_failures_at_random_are_nobodys_fault() -> None:
    odds = told(500, lambda genome, rng: rng.random() < 0.25)
    assert odds.rate == pytest.approx(0.25, abs=0.06)
    assert odds.blamed() == []


def test_a_gene_without_effect_is_not_blamed() -> None:
    """Momentum counts under sgd alone: what fails with adam says nothing about it."""
    odds = told(600, lambda genome, rng: genome.genes["optimizer"] == "adam" and float(genome.genes["momentum"]) > 0.5)
    assert {row.gene for row in odds.blamed()} == {"optimizer"}


def test_a_value_of_a_layer_is_blamed_in_whichever_layer_it_stands() -> None:
    odds = told(600, lambda genome, rng: any(layer["activation"] == "sigmoid" for layer in genome.layers))
    assert ("activation", "sigmoid") in {(row.gene, row.values) for row in odds.blamed()}
    genome = SPACE.default()
    last = {**genome.layers[-1], "activation": "sigmoid"}
    assert odds.odds(Genome(genome.encoding, genome.genes, (*genome.layers[:-1], last))) < 0.6


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 9), st.integers(0, 99))
def test_the_odds_do_not_depend_on_how_the_outcomes_are_cut(failed: list[bool], size: int, seed: int) -> None:
    rng = random.Random(seed)
    all_told = [
        Evaluated(
            Individual(number, 0, SPACE.sample(rng), str(number)),
            failure(Status.CRASHED, "") if fails else Outcome(Status.OK, {"score": 0.0}),
        )
        for number, fails in enumerate(failed)
    ]
    whole, pieces = FailureOdds(SPACE), FailureOdds(SPACE)
    whole.tell(all_told)
    for start in range(0, len(all_told), size):
        pieces.tell(all_told[start : start + size])
    assert whole.blamed() == pieces.blamed()
    assert LEAST_ODDS <= whole.odds(with_rate(1.0)) == pieces.odds(with_rate(1.0)) <= 1.0


EDGE = encoding_from(
    {
        "encoding": "flat",
        "learning_rate": {"low": 1e-4, "high": 1e1, "scale": "log"},
        **{f"x{i}": {"low": 0.0, "high": 1.0} for i in range(4)},
    }
)


def at_the_edge(individual: Individual) -> tuple[float, ...]:
    """The best learning rate is 0.25, where 0.3 diverges: so that a search works at the edge."""
    genes = {name: float(value) for name, value in individual.genome.genes.items()}
    return (-abs(genes["learning_rate"] - 0.25) - sum((genes[f"x{i}"] - 0.6) ** 2 for i in range(4)),)


def num_failures(fitness: Fitness, strategy: str, seed: int, adapt: bool) -> int:
    asked = make(strategy=strategy, space=EDGE, population=12, in_flight=4, seed=seed, adapt=adapt)
    return sum(not each.outcome.ok for each in search(asked, 200, fitness))


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_fewer_failures_are_proposed(strategy: str) -> None:
    def fitness(individual: Individual) -> tuple[float, ...] | None:
        return None if float(individual.genome.genes["learning_rate"]) > 0.3 else at_the_edge(individual)

    learning, not_learning = (
        [num_failures(fitness, strategy, seed, adapt) for seed in range(20)] for adapt in (True, False)
    )
    assert wilcoxon(learning, not_learning, alternative="less").pvalue < 0.001
    assert sum(learning) < 0.8 * sum(not_learning)


@pytest.mark.parametrize("seed", range(5))
def test_a_search_in_which_failures_are_random_blames_nothing(seed: int) -> None:
    def fitness(individual: Individual) -> tuple[float, ...] | None:
        unlucky = random.Random(f"{seed} {individual.id}").random() < 0.25
        return None if unlucky else at_the_edge(individual)

    done = search(make(strategy="evolution", space=EDGE, population=12, seed=seed), 300, fitness)
    odds = FailureOdds(EDGE)
    for start in range(0, 300, 12):
        odds.tell(done[start : start + 12])
        assert odds.blamed() == []
