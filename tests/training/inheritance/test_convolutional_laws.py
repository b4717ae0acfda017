"""Widened, deepened and skipped convolutional networks say what their parent says, before they are trained."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evo_nas.training.inheritance.convolution import centred
from genomes import Genome, Value, encoding_from
from genomes.mlp_genes import ACTIVATIONS
from tests.training.inheritance.heirs import as_after_training, child_weights, largest_difference, network_of

SHAPE = (6, 7, 2)
EQUAL = 1e-4
SPACE = {"encoding": "cnn", "input_shape": list(SHAPE), "num_outputs": 3, "layers": 1, "batch_size": 8}

Block = dict[str, Value]


def block(filters: int = 3, **genes: Value) -> Block:
    plain = {"kernel": 3, "convolutions": "one", "padding": "same", "batch_normalization": False}
    return {
        "filters": filters,
        **plain,
        "activation": "relu",
        "reduction": "none",
        "dropout": 0.0,
        "skip": False,
    } | genes


def genome(*blocks: Block, **genes: Any) -> Genome:
    made = encoding_from({**SPACE, "head_layers": 1, "head_width": 5, **genes}).default()
    return replace(made, layers=tuple(blocks))


def changed(parent: Genome, place: int, **genes: Value) -> Genome:
    blocks = list(parent.layers)
    blocks[place] = {**blocks[place], **genes}
    return replace(parent, layers=tuple(blocks))


def followed(parent: Genome, place: int, new: Block) -> Genome:
    return replace(parent, layers=(*parent.layers[: place + 1], new, *parent.layers[place + 1 :]))


KINDS: tuple[Block, ...] = (
    {},
    {"convolutions": "two", "batch_normalization": True},
    {"convolutions": "separable", "reduction": "max"},
    {"skip": True, "padding": "valid", "dropout": 0.2},
    {"convolutions": "two", "skip": True, "reduction": "stride"},
    {"convolutions": "separable", "batch_normalization": True, "reduction": "average"},
)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("head", ["flatten", pytest.param("average", marks=pytest.mark.slow)])
def test_a_wider_network_says_the_same(kind: Block, head: str) -> None:
    """Of filters, also through a shortcut that has to be projected from now on, and of the head."""
    parent = genome(block(3, **kind), block(3, skip=True), head=head)
    child = changed(changed(parent, 0, filters=7), 1, filters=4)
    child = replace(child, genes={**child.genes, "head_width": 9})
    assert largest_difference(parent, child, SHAPE) < EQUAL


@pytest.mark.slow
def test_a_wider_network_says_the_same_whatever_its_activation() -> None:
    for activation in ACTIVATIONS:
        parent = genome(block(3, activation=activation), block(2, activation=activation))
        assert largest_difference(parent, changed(parent, 0, filters=8), SHAPE) < EQUAL, activation


EVERY_DAY = ("relu", "gelu")


@pytest.mark.parametrize(
    "activation",
    [
        name if name in EVERY_DAY else pytest.param(name, marks=pytest.mark.slow)
        for name in ACTIVATIONS
        if name not in ("sigmoid", "softmax")
    ],
)
def test_a_block_with_a_skip_comes_in_unnoticed(activation: str) -> None:
    """Its branch gives 0, whatever bends it; with as many filters, or more."""
    for filters, normalized in ((3, False), (5, True)):
        new = block(filters, activation=activation, skip=True, convolutions="two", batch_normalization=normalized)
        parent = genome(block(3, activation="tanh", dropout=0.1), block(2))
        assert largest_difference(parent, followed(parent, 0, new), SHAPE) < EQUAL, (filters, normalized)


@pytest.mark.parametrize(
    "kind", [{}, {"convolutions": "two", "batch_normalization": True}, {"convolutions": "separable"}]
)
def test_a_block_without_a_skip_comes_in_unnoticed_after_relu(kind: Block) -> None:
    for activation in ("relu", "selu"):
        parent = genome(block(3, reduction="max", dropout=0.1), block(2, activation="tanh"))
        child = followed(parent, 0, block(4, activation=activation, **kind))
        assert largest_difference(parent, child, SHAPE) < EQUAL, activation


@pytest.mark.parametrize("normalized", [False, True])
def test_a_second_convolution_comes_in_unnoticed(normalized: bool) -> None:
    parent = genome(block(3, batch_normalization=normalized, skip=True), block(2, batch_normalization=normalized))
    assert largest_difference(parent, changed(parent, 0, convolutions="two"), SHAPE) < EQUAL
    assert largest_difference(parent, changed(parent, 1, convolutions="two", filters=4), SHAPE) < EQUAL


def test_a_larger_kernel_a_normalisation_a_projected_skip_and_a_dense_layer_come_in_unnoticed() -> None:
    parent = genome(block(3), block(4))
    assert largest_difference(parent, changed(parent, 0, kernel=5, batch_normalization=True), SHAPE) < EQUAL
    assert largest_difference(parent, changed(parent, 1, skip=True), SHAPE) < EQUAL
    deeper = replace(parent, genes={**parent.genes, "head_layers": 2})
    assert largest_difference(parent, deeper, SHAPE) < EQUAL


def test_what_was_put_in_can_learn() -> None:
    """A branch of zeros whose relu has no slope, or with two kinds of zeros in a row, would stay what it is."""
    parent = genome(block(3), block(2))
    weights = as_after_training(network_of(parent, SHAPE), seed=0)
    for normalized in (False, True):
        child = followed(parent, 0, block(3, skip=True, convolutions="two", batch_normalization=normalized))
        made = child_weights(parent, weights, child, SHAPE)
        assert made["convolution_2_1/kernel"].any()
        assert made["convolution_2_2/kernel"].any() == normalized
        offset = made["normalization_2_2/beta" if normalized else "convolution_2_2/bias"]
        assert (offset > 0).all()


def test_a_kernel_is_centred_as_keras_pads_it() -> None:
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1)
    larger = centred(kernel, 5)
    np.testing.assert_array_equal(larger[1:4, 1:4], kernel)
    assert larger.sum() == kernel.sum()
    np.testing.assert_array_equal(centred(larger, 3), kernel)
    np.testing.assert_array_equal(centred(kernel, 4)[:3, :3], kernel)


RICH = {
    "layers": {"low": 1, "high": 4},
    "filters": {"low": 1, "high": 6},
    "kernel": [1, 2, 3, 5],
    "convolutions": ["one", "two", "separable"],
    "padding": ["same", "valid"],
    "batch_normalization": [False, True],
    "activation": ["relu", "tanh", "softmax"],
    "reduction": ["none", "max", "average", "stride"],
    "skip": [False, True],
    "head": ["flatten", "average", "max"],
    "head_layers": [0, 1, 2],
    "head_width": {"low": 2, "high": 9},
}


def test_whatever_mutation_makes_begins_with_weights_of_its_shape() -> None:
    """A line of mutants; what does not fit is drawn, and every weight is there."""
    shape = (12, 12, 1)
    encoding = encoding_from({"encoding": "cnn", "input_shape": list(shape), "num_outputs": 3} | RICH)
    rng = random.Random(0)
    genome = encoding.sample(rng)
    parent = encoding.canonical(genome)
    weights = as_after_training(network_of(parent, shape), seed=0)
    for _ in range(15):
        genome = encoding.mutate(genome, rng).genome
        child = encoding.canonical(genome)
        made = child_weights(parent, weights, child, shape)
        assert all(np.isfinite(values).all() for values in made.values())
        parent, weights = child, made
