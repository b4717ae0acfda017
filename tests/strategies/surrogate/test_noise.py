"""Luck is not believed, and where there is no noise nothing is measured twice for long."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import wilcoxon

from evo_nas.individual import Evaluated, Individual
from evo_nas.strategies.surrogate.observed import ENOUGH_EQUAL
from tests.strategies.searching import SCORE, encoding, make, score, search
from tests.strategies.surrogate.driving import LOSS, bowl, flat, noisy, surrogate


def test_one_that_was_lucky_once_is_not_the_answer() -> None:
    """A bad genome whose first measurement is better than anything that will ever be told."""
    fitness = noisy(bowl, 0.05)

    def lucky(individual: Individual) -> tuple[float, ...] | None:
        return (-0.5,) if individual.id == 5 else fitness(individual)

    strategy = surrogate((LOSS,), flat(), population=8)
    done = search(strategy, 60, lucky, (LOSS,))
    blessed = done[5].individual
    assert bowl(blessed)[0] > 0.2
    luckiest = min(done, key=lambda each: each.outcome.metrics["loss"])
    assert luckiest.individual.id == 5
    answer = strategy.answer()
    assert answer is not None
    assert answer.fingerprint != blessed.fingerprint
    assert bowl(answer)[0] < 0.1


def luckiest(done: list[Evaluated]) -> Individual:
    return min(done, key=lambda each: each.outcome.metrics["loss"]).individual


def test_under_noise_the_answer_is_truly_better_than_the_luckiest() -> None:
    answers, lucky = [], []
    for seed in range(16):
        strategy = surrogate((LOSS,), flat(), population=8, seed=seed)
        done = search(strategy, 80, noisy(bowl, 0.6, seed), (LOSS,))
        answer = strategy.answer()
        assert answer is not None
        answers.append(bowl(answer)[0])
        lucky.append(bowl(luckiest(done))[0])
    assert np.mean(answers) < np.mean(lucky)
    assert wilcoxon(answers, lucky, alternative="less", zero_method="zsplit").pvalue < 0.05


def test_what_is_measured_again_are_the_good_ones_on_further_seeds() -> None:
    done = search(surrogate(population=8), 150, noisy(score, 1.0))
    again = [each.individual for each in done if each.individual.replicate]
    assert len(again) > 15
    first = {each.individual.fingerprint: each.individual for each in reversed(done) if not each.individual.replicate}
    seen: Counter[str] = Counter()
    for individual in again:
        seen[individual.fingerprint] += 1
        assert individual.replicate == seen[individual.fingerprint]
        assert (individual.operator, individual.changes) == ("measure_again", ())
        assert individual.parents == (first[individual.fingerprint].id,)
        assert individual.genome == first[individual.fingerprint].genome
    sampled = search(make(strategy="random", population=8), 150)
    good = np.quantile([each.outcome.metrics["score"] for each in sampled], 0.9)
    assert np.mean([score(individual)[0] > good for individual in again]) > 0.9


def test_a_known_genome_that_is_proposed_anew_counts_as_no_measurement() -> None:
    """A space of twelve points is soon exhausted; what is sampled then is known, and on the same seeds."""
    space = flat({"a": ["u", "v", "w"], "b": [1, 2, 3, 4]})
    fitness = noisy(lambda each: (float(each.genome.genes["b"]),), 1.0)
    seen: Counter[str] = Counter()
    done = search(surrogate((LOSS,), space), 100, fitness, (LOSS,))
    for individual in (each.individual for each in done if each.individual.replicate):
        seen[individual.fingerprint] += 1
        assert individual.replicate == seen[individual.fingerprint]
    assert max(seen.values()) > 2


@pytest.mark.parametrize(("space", "fitness"), [(flat(), bowl), (encoding(), lambda each: (-score(each)[0],))])
def test_without_noise_nothing_is_measured_again_after_four_equal_repeats(space, fitness) -> None:
    strategy = surrogate((LOSS,), space, population=8, steady_state=False)
    done = search(strategy, 160, fitness, (LOSS,))
    again = [each.individual.id for each in done if each.individual.replicate]
    assert len(again) >= ENOUGH_EQUAL
    last = strategy.required_results(again[ENOUGH_EQUAL - 1])
    assert all(strategy.required_results(number) == last for number in again[ENOUGH_EQUAL:])


def test_the_answer_is_one_of_the_whole_recipe_that_did_not_fail() -> None:
    strategy = surrogate(population=8)
    search(strategy, 40, lambda each: None if each.id != 17 else (0.0,))
    answer = strategy.answer()
    assert answer is not None
    assert answer.id == 17
    assert [member.record.id for member in strategy.population if member.record] == [17]


def test_before_anything_succeeded_there_is_no_answer() -> None:
    strategy = surrogate(population=8)
    assert strategy.answer() is None
    search(strategy, 20, lambda each: None)
    assert strategy.answer() is None
    assert list(strategy.population) == []


def test_with_several_objectives_the_front_is_the_answer() -> None:
    strategy = surrogate((SCORE, LOSS), population=8)
    search(strategy, 20, lambda each: (score(each)[0], float(len(each.genome.layers))), (SCORE, LOSS))
    assert strategy.answer() is None
    assert 0 < len(strategy.population) <= 8
