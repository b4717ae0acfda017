"""Widened and deepened dense networks say what their parent says, before they are trained (Net2Net)."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evo_nas.training.inheritance.activations import identity_gain
from evo_nas.training.inheritance.units import Units, chosen_units, divided
from genomes import Genome, Value
from genomes.mlp_genes import ACTIVATIONS
from tests.training.inheritance.heirs import as_after_training, child_weights, largest_difference, network_of
from tests.training.training_cases import genome_of

SHAPE = (4,)
EQUAL = 1e-4

Layer = dict[str, Value]


def layer(width: int, activation: str, dropout: float = 0.0) -> Layer:
    return {"width": width, "activation": activation, "dropout": dropout}


layers = st.builds(layer, st.integers(1, 6), st.sampled_from(ACTIVATIONS), st.sampled_from([0.0, 0.3]))


def genome(*hidden: Layer, normalized: bool = False) -> Genome:
    base = genome_of(batch_normalization=normalized)[1]
    return replace(base, layers=tuple(hidden))


def widened(parent: Genome, place: int, more: int) -> Genome:
    wider = {**parent.layers[place], "width": int(parent.layers[place]["width"]) + more}
    return replace(parent, layers=(*parent.layers[:place], wider, *parent.layers[place + 1 :]))


def deepened(parent: Genome, place: int, inserted: Layer) -> Genome:
    return replace(parent, layers=(*parent.layers[:place], inserted, *parent.layers[place:]))


SOME = ("relu", "tanh", "softmax")
some = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@some
@given(st.lists(layers, min_size=1, max_size=3), st.booleans(), st.data())
def test_a_wider_network_says_the_same(hidden: list[Layer], normalized: bool, data: st.DataObject) -> None:
    parent = genome(*hidden, normalized=normalized)
    child = parent
    for place in range(len(hidden)):
        child = widened(child, place, data.draw(st.integers(0, 9)))
    assert largest_difference(parent, child, SHAPE) < EQUAL


@pytest.mark.parametrize("normalized", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_every_activation_can_be_widened(normalized: bool) -> None:
    """Softmax too, whose copies share their probability."""
    for activation in ACTIVATIONS:
        parent = genome(layer(3, activation), layer(2, activation, 0.2), normalized=normalized)
        child = widened(widened(parent, 0, 4), 1, 3)
        assert largest_difference(parent, child, SHAPE) < EQUAL, activation


@pytest.mark.parametrize("normalized", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_deeper_network_says_the_same_where_the_new_activation_bends_nothing(normalized: bool) -> None:
    for before in ACTIVATIONS:
        for activation in ACTIVATIONS:
            if identity_gain(activation, before) is None or (activation == "linear" and before not in SOME):
                continue
            parent = genome(layer(3, before), layer(2, "tanh"), normalized=normalized)
            child = deepened(parent, 1, layer(5, activation, 0.5))
            assert largest_difference(parent, child, SHAPE) < EQUAL, (before, activation)


@some
@given(st.lists(st.integers(2, 5), min_size=1, max_size=3), st.booleans(), st.data())
def test_wider_and_deeper_at_once(widths: list[int], normalized: bool, data: st.DataObject) -> None:
    """Rates of dropout tell the layers apart, so that nobody can take the new one for one that was there."""
    parent = genome(*(layer(width, "relu", 0.1 * i) for i, width in enumerate(widths)), normalized=normalized)
    place = data.draw(st.integers(0, len(widths) - 1))
    inserted = layer(data.draw(st.integers(6, 9)), "relu", 0.5)
    child = widened(deepened(parent, place + 1, inserted), place, data.draw(st.integers(0, 5)))
    assert largest_difference(parent, child, SHAPE) < EQUAL


def test_identity_is_claimed_only_where_keras_agrees() -> None:
    values = np.linspace(-8, 8, 101, dtype=np.float32)[:, None] * np.array([1.0, -0.3], dtype=np.float32)
    for before in (None, *ACTIVATIONS):
        reaching = values if before is None else np.asarray(keras.activations.get(before)(values))
        for activation in ACTIVATIONS:
            gain = identity_gain(activation, before)
            made = np.asarray(keras.activations.get(activation)(reaching))
            if gain is not None:
                np.testing.assert_allclose(made, gain * reaching, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("normalized", [False, True])
def test_batch_normalisation_comes_and_goes_without_a_change(normalized: bool) -> None:
    hidden = layer(4, "relu"), layer(3, "gelu")
    parent, child = genome(*hidden, normalized=normalized), genome(*hidden, normalized=not normalized)
    assert largest_difference(parent, child, SHAPE) < EQUAL


def test_equal_layers_are_copied_and_the_rest_is_drawn() -> None:
    """A tanh layer before a relu layer would bend what comes in: it is drawn, and so is what takes its units."""
    parent = genome(layer(3, "relu"), layer(4, "relu"))
    weights = as_after_training(network_of(parent, SHAPE), seed=0)
    child = deepened(parent, 1, layer(5, "tanh"))
    made = child_weights(parent, weights, child, SHAPE)
    np.testing.assert_array_equal(made["hidden_1/kernel"], weights["hidden_1/kernel"])
    np.testing.assert_array_equal(made["logits/kernel"], weights["logits/kernel"])
    assert made["hidden_3/kernel"].shape == (5, 4)
    assert not made["hidden_2/bias"].any()
    assert not made["hidden_3/bias"].any()


def test_a_child_that_differs_in_its_training_only_is_its_parent() -> None:
    parent = genome(layer(3, "tanh", 0.1))
    weights = as_after_training(network_of(parent, SHAPE), seed=0)
    child = replace(parent, genes={**parent.genes, "learning_rate": 0.5})
    made = child_weights(parent, weights, child, SHAPE)
    assert made.keys() == weights.keys()
    for path, values in weights.items():
        np.testing.assert_array_equal(made[path], values)


def test_a_narrower_or_shorter_child_keeps_what_fits() -> None:
    parent = genome(layer(5, "relu"), layer(4, "relu"), layer(4, "relu"))
    weights = as_after_training(network_of(parent, SHAPE), seed=0)
    narrower = child_weights(parent, weights, widened(parent, 0, -2), SHAPE)
    np.testing.assert_array_equal(narrower["hidden_1/kernel"], weights["hidden_1/kernel"][:, :3])
    np.testing.assert_array_equal(narrower["hidden_2/kernel"], weights["hidden_2/kernel"][:3])
    shorter = child_weights(parent, weights, replace(parent, layers=parent.layers[:2]), SHAPE)
    np.testing.assert_array_equal(shorter["logits/kernel"], weights["logits/kernel"])


def test_copies_are_told_apart_and_chosen_by_the_stream_alone() -> None:
    kernel = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    source = chosen_units(np.arange(2), 5, np.random.default_rng(1))
    np.testing.assert_array_equal(source, chosen_units(np.arange(2), 5, np.random.default_rng(1)))
    rows = divided(kernel, Units.of(0, source), np.random.default_rng(2))
    sums = np.array([rows[source == unit].sum(axis=0) for unit in range(2)])
    np.testing.assert_allclose(sums, kernel, atol=1e-6)
    assert len(np.unique(rows, axis=0)) == 5


def test_weights_of_another_network_are_refused() -> None:
    parent = genome(layer(3, "relu"))
    weights = as_after_training(network_of(genome(layer(9, "relu")), SHAPE), seed=0)
    with pytest.raises(ValueError, match=r"hidden_1/kernel: expected weights of the shape \(4, 3\), got"):
        child_weights(parent, {**weights, "hidden_1/kernel": weights["hidden_1/kernel"][None]}, parent, SHAPE)
