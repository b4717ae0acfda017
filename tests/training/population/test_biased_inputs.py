"""The first layer's bias as a column of its kernel, and the ones that it multiplies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.training.places import TILE, biased_columns
from evo_nas.training.population import feeding
from evo_nas.training.population.extraction import keras_weights
from evo_nas.training.population.noise import KeptNoise
from evo_nas.training.population.program import FUSING
from evo_nas.training.population.residence import evaluated_rows, training_rows
from evo_nas.training.population.state import load_states, read_states
from genomes import encoding_from
from tests.training.population.cohorts import (
    MIXED_SPACE,
    Entrant,
    entrant_of,
    fixed_entrant,
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

ADAM = {"optimizer": "adam", "learning_rate": 0.03}


def entrant(data_of: DataOf, num_columns: int, **genes: Any) -> Entrant:
    return fixed_entrant(data_of("binary", num_columns), "binary", {"early_stopping": False}, **{**ADAM, **genes})


@pytest.mark.parametrize(
    ("num_inputs", "columns"), [(4, 5), (10, 11), (12, 16), (13, 16), (15, 16), (20, 21), (30, 32)]
)
def test_columns_are_padded_where_that_is_little(num_inputs: int, columns: int) -> None:
    assert biased_columns(num_inputs) == columns


@given(st.integers(1, 10_000))
def test_a_quarter_more_at_the_most(num_inputs: int) -> None:
    columns = biased_columns(num_inputs)
    assert num_inputs + 1 <= columns <= 1.25 * (num_inputs + 1)
    assert columns == num_inputs + 1 or columns % TILE == 0


@pytest.mark.parametrize(
    ("num_columns", "genes", "expected"),
    [
        (30, {}, True),
        (32, {}, False),
        (30, {"batch_size": 16}, False),
        (30, {"batch_normalization": True}, False),
        (30, {"input_dropout": 0.2, "l1": 0.01, "max_norm": 1.0}, True),
    ],
)
def test_who_has_it(data_of: DataOf, num_columns: int, genes: dict[str, Any], expected: bool) -> None:
    one = entrant(data_of, num_columns, **genes)
    assert form_of(one, one.member()).biased_inputs is expected


def test_rows_begin_with_ones_and_end_with_zeros(data_of: DataOf) -> None:
    member = entrant(data_of, 30).member()
    examples = member.examples
    wanted = np.array([[5, 2]], dtype=np.int32)
    found = {
        "all": (training_rows([member], biased=True).inputs, examples.train.inputs),
        "some": (training_rows([member], wanted, biased=True).inputs, examples.train.inputs[[5, 2]]),
        "watched": (
            evaluated_rows([member], "validation", slice(3), biased=True).inputs,
            examples.validation.inputs[:3],
        ),
    }
    for name, (inputs, own) in found.items():
        (rows,) = inputs.numpy()
        assert rows.shape == (len(own), 32), name
        assert (rows[:, 0] == 1.0).all(), name
        assert not rows[:, 31].any(), name
        np.testing.assert_array_equal(rows[:, 1:31], own)
    plain = training_rows([member], biased=False).inputs.numpy()
    np.testing.assert_array_equal(plain[0], examples.train.inputs)


@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
def test_a_state_has_kernel_and_bias_by_themselves(data_of: DataOf, optimizer: str) -> None:
    """Also the slots: as before a program had them together, so that who hands a training back needs not know."""
    opened = OpenCohort([entrant(data_of, 30, optimizer=optimizer)])
    (member,), program = opened.members, opened.program
    (begun,) = read_states(program, opened._seating._arrangement, [0])
    assert begun.weights["hidden_1/kernel"].shape == (8, 30)
    assert not begun.weights["hidden_1/shift"].any()
    opened.cohort.train(2)
    (state,) = read_states(program, opened._seating._arrangement, [0])
    assert state.weights["hidden_1/shift"].shape == (8, 1)
    assert state.weights["hidden_1/shift"].all()
    assert {name.rpartition(":")[0] for name in state.slots} == set(state.weights)
    assert state.slots["hidden_1/kernel:0"].shape == (8, 30)
    before = opened.weights()
    load_states(program, opened._seating._arrangement, {id(member): state})
    for name, array in opened.weights().items():
        np.testing.assert_array_equal(array[0], before[name][0])
    weights = keras_weights(state.weights, np.float32(1.0), batch_normalization=False)
    np.testing.assert_array_equal(weights["hidden_1/bias"], state.weights["hidden_1/shift"][:, 0])


def test_a_limit_on_the_norm_leaves_the_bias_alone(data_of: DataOf) -> None:
    opened = OpenCohort([entrant(data_of, 30, optimizer="sgd", learning_rate=1.0, max_norm=0.01)])
    opened.cohort.train(1)
    kernel = opened.weights()["hidden_1/kernel"][0, :8]
    norms = np.linalg.norm(kernel[:, 1:], axis=1)
    assert (norms <= 0.01 * 1.0001).all()
    assert np.abs(kernel[:, 0]).max() > 0.02


def test_penalties_leave_the_bias_alone(data_of: DataOf) -> None:
    """Of the slope by a bias no part is the penalty's, however strong that is."""
    weak, strong = (OpenCohort([entrant(data_of, 30, l1=rate, l2=rate)]) for rate in (1e-3, 10.0))
    weak.scatter(0.1)
    for name, array in weak.weights().items():
        strong.program.assign(name, array, {})
    kernels = [opened.gradients()["hidden_1/kernel"][0, :8] for opened in (weak, strong)]
    np.testing.assert_array_equal(kernels[0][:, 0], kernels[1][:, 0])
    assert (kernels[0][:, 1:31] != kernels[1][:, 1:31]).all()


def test_dropout_on_inputs_leaves_the_ones_alone(data_of: DataOf) -> None:
    """With nearly every input dropped, the slope by the bias is still the sum of what flows back over all rows."""
    opened = OpenCohort([entrant(data_of, 30, input_dropout=0.9, layers=1, activation="linear", batch_size=512)])
    opened.scatter(0.1)
    gradients = opened.gradients()
    (member,) = opened.members
    kernel = opened.program.read("output/kernel")[0, :, :8] * float(opened._unit(member))
    # a linear network: what flows back to each unit is the output's slope times the unit's weight, row by row
    np.testing.assert_allclose(
        gradients["hidden_1/kernel"][0, :8, 0], kernel[0] * gradients["output/shift"][0, 0, 0], rtol=1e-4, atol=1e-7
    )


def test_noise_on_inputs_is_that_of_their_number(data_of: DataOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """28 and 30 inputs are both padded to 32 columns: what is kept of the one is nothing for the other."""
    fewer, more = (entrant(data_of, number, input_dropout=0.5) for number in (28, 30))
    found = []
    for before in ([], [fewer]):
        monkeypatch.setattr(feeding, "_kept_noise", KeptNoise(2**20))
        for one in before:
            OpenCohort([one]).gradients()
        found.append(OpenCohort([more]).gradients()["hidden_1/kernel"])
    np.testing.assert_array_equal(*found)


@pytest.mark.law4
@pytest.mark.parametrize("num_columns", [20, 30])
def test_the_same_bits_in_company(data_of: DataOf, num_columns: int) -> None:
    """With dropout on inputs, penalties and limits: alone, together, in pieces, and as from a space without them."""
    space = {**MIXED_SPACE, "optimizer": "adam", "batch_normalization": False, "batch_size": 64}
    encoding = encoding_from(space)
    data, recipe = data_of("binary", num_columns), recipe_of("binary", epochs=3)
    entrants = [entrant_of(data, genome, encoding, recipe) for genome in sampled(encoding, 10, seed=5)]
    assert all(form_of(each, each.member()).biased_inputs for each in entrants)
    alone, order = trained_alone(entrants), list(range(len(entrants)))[::-1]
    assert unlike(trained_together(entrants), alone) == []
    assert unlike(in_portions(entrants, 4, order), alone) == []
    assert unlike(trained_together(entrants, limit_bytes=20_000), alone) == []
    plain = encoding_from({**space, "input_dropout": 0.0, "l1": 0.0, "l2": 0.0, "max_norm": 0.0})
    bare = [entrant_of(data, genome, plain, recipe) for genome in sampled(plain, 6, seed=5)]
    assert unlike(trained_together(bare, encoding=encoding), trained_together(bare)) == []


def test_nothing_is_fused_while_a_program_runs(data_of: DataOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what somebody has set is so again afterwards, also where the program broke down."""
    opened, seen = OpenCohort([entrant(data_of, 30)]), []

    def broken(*_: Any) -> None:
        seen.append(tf.config.optimizer.get_experimental_options())
        raise tf.errors.ResourceExhaustedError(None, None, "no memory")

    monkeypatch.setattr(opened.program, "_run", broken)
    for wanted in (False, True):
        tf.config.optimizer.set_experimental_options({"remapping": wanted})
        with pytest.raises(tf.errors.ResourceExhaustedError):
            opened.cohort.train(1)
        assert not any(seen[-1][name] for name in FUSING)
        after = tf.config.optimizer.get_experimental_options()
        assert [after[name] for name in FUSING] == [wanted, True]
