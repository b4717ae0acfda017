"""What is too large is known before it is trained, and seldom proposed."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas.config import SearchSettings
from evo_nas.individual import Constraint, Evaluated, Individual
from evo_nas.outcome import Outcome, Status
from evo_nas.strategies import SizeLimits, Strategy, make_strategy, make_toolbox, size_limits
from genomes import FlatEncoding
from tests.strategies.searching import SCORE, encoding, make, score, search

INPUTS, OUTPUTS = (30,), 1


def limits(*bounds: Constraint, **genes: Any) -> SizeLimits:
    found = size_limits(encoding(**genes), bounds, INPUTS, OUTPUTS)
    assert found is not None
    return found


def strategy(size: SizeLimits, **given: Any) -> Strategy:
    search_settings = SearchSettings(stop_when_converged=False, **given)
    toolbox = make_toolbox(size.encoding, search_settings, (SCORE,))
    return make_strategy(size.encoding, toolbox, search_settings, (SCORE,), limits=size)


SMALL = Constraint("parameters", True, 500)


def test_limits_are_the_constraints_that_are_known_beforehand() -> None:
    bounds = (
        SMALL,
        Constraint("seconds", True, 2.0),
        Constraint("flops", True, 1e4),
        Constraint("accuracy", False, 0.9),
    )
    assert limits(*bounds).constraints == (SMALL, bounds[2])
    assert size_limits(encoding(), bounds[1:2], INPUTS, OUTPUTS) is None
    assert size_limits(encoding(), bounds, None, None) is None


def test_a_refusal_says_what_it_would_have_and_what_is_asked_for() -> None:
    space = limits(SMALL, Constraint("flops", True, 800), layers=[1], width=[64])
    genome = space.encoding.default()
    assert space.violation(genome) == pytest.approx((2049 - 500) / 500 + (4033 + 64 - 800) / 800, rel=0.1)
    size = space.encoding.size(genome, INPUTS, OUTPUTS)
    assert space.refusal(genome) == (
        f"not trained: it would have {size.parameters:,} parameters, and parameters <= 500 is asked for; "
        f"{size.flops:,} flops, and flops <= 800 is asked for"
    )
    assert limits(SMALL, width=[4]).refusal(encoding(width=[4], layers=[1]).default()) == ""


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(150, 20_000))
def test_whatever_is_too_large_is_brought_within(seed: int, bound: int) -> None:
    """A network of one layer of 4 units has 129 parameters, so there is always one within."""
    size, rng = limits(Constraint("parameters", True, bound)), random.Random(seed)
    genome = size.encoding.sample(rng)
    within = size.brought_within(genome, rng)
    size.encoding.check(within)
    assert size.violation(within) == 0.0
    assert (within is genome) == (size.violation(genome) == 0.0)


def test_what_cannot_be_brought_within_ends_nearer() -> None:
    size, rng = limits(Constraint("parameters", True, 10)), random.Random(0)
    genome = size.encoding.sample(rng)
    assert 0.0 < size.violation(size.brought_within(genome, rng)) < size.violation(genome)


@pytest.mark.parametrize("name", ["surrogate", "evolution", "aging", "random"])
def test_nothing_too_large_is_proposed(name: str) -> None:
    """A tenth of the space is within; the default is not."""
    size = limits(SMALL)
    samples = [size.encoding.sample(random.Random(n)) for n in range(300)]
    assert 0.02 < sum(not size.violation(genome) for genome in samples) / 300 < 0.3
    assert size.violation(size.encoding.default())
    done = search(strategy(size, strategy=name, population=10, in_flight=4), 120)
    assert all(size.violation(e.individual.genome) == 0.0 for e in done)
    first = [e.individual for e in done if not e.individual.replicate]
    assert len({individual.fingerprint for individual in first}) >= len(first) - 2


def test_it_is_said_where_a_genome_was_fitted() -> None:
    size = limits(SMALL)
    first = strategy(size, strategy="evolution", population=6).ask(6)
    assert first[0].operator == "default + fit_size"
    children = search(strategy(size, strategy="evolution", population=10), 120)[10:]
    fitted = [e.individual for e in children if "fit_size" in e.individual.operator]
    assert fitted
    assert all(child.parents for child in fitted)


@pytest.mark.parametrize("name", ["evolution", "aging", "random"])
def test_limits_that_nobody_breaks_change_nothing(name: str) -> None:
    loose = limits(Constraint("parameters", True, 1e12))
    given = {"strategy": name, "population": 8, "in_flight": 4}
    assert search(strategy(loose, **given), 64) == search(make(stop_when_converged=False, **given), 64)


def test_the_same_seed_gives_the_same_search_within_limits() -> None:
    again = [search(strategy(limits(SMALL), population=8, seed=3), 48) for _ in range(2)]
    assert again[0] == again[1]


def test_a_space_without_room_is_searched_all_the_same() -> None:
    size = limits(Constraint("parameters", True, 10))

    def refused(individual: Individual) -> tuple[float, ...] | None:
        return None if size.violation(individual.genome) else score(individual)

    done = search(strategy(size, population=4), 12, refused)
    assert not any(e.outcome.ok for e in done)


def test_a_space_that_builds_nothing_keeps_any_upper_bound() -> None:
    flat = FlatEncoding.from_space({"x": {"low": 0.0, "high": 1.0}})
    size = size_limits(flat, [SMALL], (3,), 1)
    assert size is not None
    assert size.refusal(flat.default()) == ""


def test_an_outcome_within_the_limits_is_feasible() -> None:
    size = limits(SMALL)
    genome = strategy(size, population=2).ask(1)[0].genome
    outcome = Outcome(Status.OK, {"score": 0.0}, parameters=size.encoding.size(genome, INPUTS, OUTPUTS).parameters)
    assert SMALL.violation(outcome.parameters) == size.violation(genome) == 0.0
    assert Evaluated(Individual(0, 0, genome, ""), outcome).outcome.ok
