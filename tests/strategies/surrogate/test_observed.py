"""What was told of each genome: means, noise, failures and rungs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from evo_nas.individual import Constraint, Evaluated, Individual
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies.surrogate.embedding import Embedding
from evo_nas.strategies.surrogate.model import Model
from evo_nas.strategies.surrogate.observed import ENOUGH_EQUAL, Observed
from genomes import Genome
from tests.strategies.surrogate.driving import LOSS, flat

SPACE = flat({"x": {"low": 0.0, "high": 1.0}})


def told(x: float, loss: float | None, *, replicate: int = 0, epochs: int | None = None, size: int = 0) -> Evaluated:
    genome = Genome("flat", {"x": x})
    individual = Individual(0, 0, genome, SPACE.fingerprint(genome), replicate=replicate, epochs=epochs)
    outcome = (
        failure(Status.DIVERGED, "on purpose") if loss is None else Outcome(Status.OK, {"loss": loss, "size": size})
    )
    return Evaluated(individual, outcome)


def observed(*evaluated: Evaluated, constraints: Sequence[Constraint] = (), full_epochs: int | None = None) -> Observed:
    made = Observed(SPACE, (LOSS,), constraints, full_epochs=full_epochs)
    made.tell(evaluated)
    return made


def test_measurements_of_a_genome_are_one_row() -> None:
    known = observed(told(0.5, 1.0), told(0.1, 7.0), told(0.5, 2.0, replicate=1), told(0.5, 6.0, replicate=2))
    assert (len(known), known.num_told) == (2, 4)
    assert known.counts.tolist() == [3.0, 1.0]
    assert known.values[:, 0].tolist() == [3.0, 7.0]
    assert known.scatter[:, 0].tolist() == pytest.approx([14.0, 0.0])
    assert known.coordinates[:, 0].tolist() == [0.5, 0.1]
    assert known.members[0].fitness.values == (3.0,)


def test_the_noise_is_that_of_the_good() -> None:
    """Neither a training that went wrong once nor a network that breaks a constraint says anything about it."""
    good = [told(0.1 * n, float(n)) for n in range(1, 8)]
    again = [told(0.1, 3.0, replicate=1)]
    wrong = [told(0.2, 1000.0, replicate=1), told(0.9, -9.0, size=5), told(0.9, 9.0, size=5, replicate=1)]
    assert observed(*good, *again, *wrong, constraints=[Constraint("size", True, 4.0)]).noise == (2.0, 1.0)
    assert observed(told(0.1, 1.0, size=5), constraints=[Constraint("size", True, 4.0)]).noise == (0.0, 0.0)


def test_while_nobody_is_feasible_the_values_tell_nothing() -> None:
    """Neither they nor their noise, in whatever unit: it is the violation that is to be made smaller."""

    def promises(unit: float) -> list[float]:
        rng, embedding = np.random.default_rng(0), Embedding(SPACE.axes())
        known, model = observed(constraints=[Constraint("size", True, 4.0)]), Model(embedding, 1)
        for x in rng.permutation(20) / 20:
            known.tell([told(x, unit * rng.normal(), size=5 + round(100 * x), replicate=n) for n in range(3)])
            model.learn(known)
        return list(model.judgement(known)[0].promises(embedding.points(np.linspace(0.0, 1.0, 9)[:, None])))

    assert promises(1e-4) == promises(1e4)


def test_a_duplicate_on_the_same_seeds_tells_nothing() -> None:
    known = observed(told(0.5, 1.0), told(0.5, 1.0))
    assert known.counts.tolist() == [1.0]
    assert not known.without_noise


def test_a_genome_that_failed_once_is_a_failure() -> None:
    known = observed(told(0.5, 1.0), told(0.1, 9.0), told(0.5, None, replicate=1), told(0.5, 1.0, replicate=2))
    assert np.isnan(known.values[:, 0]).tolist() == [True, False]
    assert [member.fitness.valid for member in known.members] == [False, True]


def test_a_genome_whose_mean_breaks_a_constraint_is_not_feasible() -> None:
    """A lucky first measurement does not make it so."""
    bound = Constraint("loss", True, 2.0)
    known = observed(told(0.5, 1.9), told(0.5, 2.9, replicate=1), constraints=[bound])
    assert known.violations.tolist() == pytest.approx([0.2])
    assert known.members[0].fitness.violation == pytest.approx(0.2)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-9, 0.7])
def test_equal_repeats_are_no_noise(value: float) -> None:
    """Of one genome too: the mean of three equal numbers need not be that number."""
    first = [told(0.5, value)]
    repeats = [told(0.5, value, replicate=n + 1) for n in range(ENOUGH_EQUAL)]
    assert not observed(*first, *repeats[:-1]).without_noise
    assert observed(*first, *repeats).without_noise
    assert not observed(*first, *repeats, told(0.5, value + 1e-12, replicate=9)).without_noise


def test_a_genome_at_two_rungs_is_two_rows() -> None:
    known = observed(told(0.5, 3.0, epochs=3), told(0.5, 2.0, epochs=9), told(0.5, 1.0), full_epochs=27)
    assert known.coordinates[:, -1].tolist() == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert known.values[:, 0].tolist() == [3.0, 2.0, 1.0]


def test_more_rows_than_there_was_room_for() -> None:
    known = observed(*(told(n / 1000, float(n)) for n in range(200)))
    assert known.values[:, 0].tolist() == list(range(200))
    assert known.coordinates[:, 0] == pytest.approx(np.arange(200) / 1000)


def test_where_all_were_found_to_fail_the_model_still_stands() -> None:
    """What succeeded at first and failed when it was measured again says nothing of the noise."""
    known = observed(
        *(told(x, x) for x in (0.1, 0.2, 0.3, 0.4, 0.5)),
        *(told(x, None, replicate=1) for x in (0.1, 0.2, 0.3, 0.4, 0.5)),
    )
    model = Model(Embedding(SPACE.axes()), 1)
    (observations,) = model._observations(known)
    assert (observations.scatter, observations.freedom) == (0.0, 0.0)
    model.learn(known)
    judgement, rows = model.judgement(known)
    assert np.isfinite(judgement.promises(np.array([[0.7]]))).all()
    assert sorted(rows[judgement.order]) == list(range(5))


@pytest.mark.parametrize("extreme", [1e300, 1e100, 1e-300])
def test_no_measurement_is_too_large_for_a_double(extreme: float) -> None:
    """Neither the noise of a genome that was told the largest numbers nor its ratio to a tiny spread overflows."""
    ordinary = [told(n / 100, n * 1e-200) for n in range(20)]
    wild = [told(0.9, -extreme), told(0.9, extreme, replicate=1), told(0.9, 0.0, replicate=2)]
    known = observed(*ordinary, *wild)
    model = Model(Embedding(SPACE.axes()), 1)
    (observations,) = model._observations(known)
    assert 0.0 <= observations.scatter < 1e20
    assert observations.freedom == 2.0
    model.learn(known)
    judgement, _ = model.judgement(known)
    assert np.isfinite(judgement.promises(np.array([[0.3], [0.95]]))).all()


def test_memory_that_nobody_has_written_is_not_computed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for rows to come; whatever lies there, infinities as well, warns nobody."""
    monkeypatch.setattr(np, "empty", lambda shape, dtype=float: np.full(shape, np.inf, dtype))
    known = observed(told(0.5, 1.0), told(0.1, 7.0), told(0.5, 2.0, replicate=1))
    with np.errstate(all="raise"):
        known.correct(np.zeros((1, 1)))
    assert known.values[:, 0].tolist() == [1.5, 7.0]
