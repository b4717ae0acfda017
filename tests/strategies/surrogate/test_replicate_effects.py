"""What a replicate does to every genome alike is taken out, and mere noise is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status
from evo_nas.strategies.surrogate.observed import Observed
from evo_nas.strategies.surrogate.replicate_effects import effects_of
from genomes import Choice, FlatEncoding, Genome

LOSS = Objective("loss", maximize=False)
SPACE = FlatEncoding({"x": Choice(tuple(range(50)), ordinal=True)})


def test_effects_beyond_the_noise_are_found() -> None:
    rng = np.random.default_rng(0)
    truth = np.array([0.0, 1.0, -0.5, 0.8, -1.3])
    replicates = np.repeat([1, 2, 3, 4], 10)
    effects = effects_of(truth[replicates] + 0.1 * rng.standard_normal(40), replicates)
    assert effects == pytest.approx(truth, abs=0.15)


def test_what_all_repeats_have_in_common_is_left_in_them() -> None:
    """Leaders were lucky at first: all their repeats are worse, whatever the replicate."""
    rng = np.random.default_rng(0)
    replicates = np.repeat([1, 2, 3], 10)
    assert not effects_of(5.0 + 0.1 * rng.standard_normal(30), replicates).any()


def test_noise_is_no_effect() -> None:
    rng = np.random.default_rng(1)
    replicates = np.repeat(np.arange(1, 9), 6)
    corrected = [effects_of(rng.standard_normal(48), replicates).any() for _ in range(1000)]
    assert sum(corrected) <= 5


def test_a_replicate_of_one_genome_is_not_corrected() -> None:
    residuals = np.array([1.0, 1.1, -1.0, -1.1, 9.0])
    effects = effects_of(residuals, np.array([1, 1, 2, 2, 3]))
    assert effects[1] > 0.0 > effects[2] or not effects.any()
    assert effects[3] == 0.0


def test_nothing_known_is_nothing_corrected() -> None:
    nothing = np.empty(0)
    assert effects_of(nothing, nothing.astype(np.intp)).tolist() == [0.0]
    assert effects_of(np.array([5.0]), np.array([2])).tolist() == [0.0, 0.0, 0.0]
    assert not effects_of(np.zeros(8), np.repeat([1, 2], 4)).any()


def test_values_and_scatter_are_those_without_the_effects() -> None:
    """Two genomes, 1 and 2 on the first split; the second split adds 10 to everybody."""
    observed = Observed(SPACE, (LOSS,), ())
    observed.tell([told(0, 1, 1.0), told(1, 2, 2.0), told(2, 1, 11.5, replicate=1), told(3, 2, 12.0, replicate=1)])
    assert observed.values[:, 0] == pytest.approx([6.25, 7.0])
    observed.correct(np.array([[10.0], [10.0]]))
    assert observed.values[:, 0] == pytest.approx([1.25, 2.0])
    assert observed.scatter[:, 0] == pytest.approx([0.125, 0.0])
    observed.correct(np.zeros((2, 1)))
    assert observed.values[:, 0] == pytest.approx([6.25, 7.0])


def told(number: int, x: int, loss: float, *, replicate: int = 0) -> Evaluated:
    genome = Genome("flat", {"x": x})
    individual = Individual(number, 0, genome, SPACE.fingerprint(genome), replicate=replicate)
    return Evaluated(individual, Outcome(Status.OK, {"loss": loss}))
