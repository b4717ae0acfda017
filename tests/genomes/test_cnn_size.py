"""Sizes of convolutional networks: known answers. (Those of Keras: `tests/training/networks`.)"""

from typing import Any

import pytest

from genomes import GenomeError, Size
from tests.genomes.cnn_spaces import RICH, network


def test_a_convolution_with_pooling_counted_by_hand() -> None:
    genome = network([{"filters": 2, "reduction": "max"}], batch_size=16)
    parameters = (9 + 1) * 2 + (8 + 1) * 3
    flops = 16 * 2 * 9 * 2 + 32 * (1 + 1) + 8 * 4 + (2 * 8 + 1) * 3
    values = 16 + (32 + 32 + 8) + 8 + 3
    training_bytes = 4 * (5 * parameters + 16 * (values + 2 * 32))
    assert RICH.size(genome, (4, 4, 1), 3) == Size(parameters, flops, training_bytes)


def test_a_separable_convolution_with_a_skip_counted_by_hand() -> None:
    block = {"filters": 3, "convolutions": "separable", "batch_normalization": True, "activation": "tanh"}
    head = {"head": "average", "head_layers": 1, "head_width": 5, "head_activation": "relu"}
    size = RICH.size(network([{**block, "skip": True, "reduction": "stride"}], **head), (4, 4, 2), 2)
    assert size.parameters == (9 * 2 + 2 * 3) + 4 * 3 + 2 * 3 + (3 + 1) * 5 + (5 + 1) * 2
    of_block = 4 * 2 * (9 * 2 + 2 * 3) + 12 * (2 + 4) + 4 * 2 * (2 * 3) + 12
    assert size.flops == of_block + 12 + (2 * 3 + 1 + 1) * 5 + (2 * 5 + 1) * 2


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"convolutions": "two"}, (9 * 8 + 1) * 8),
        ({"kernel": 5}, (25 - 9) * 3 * 8),
        ({"batch_normalization": True}, 3 * 8),
        ({"skip": True}, 3 * 8),
        ({"dropout": 0.5}, 0),
        ({"activation": "gelu"}, 0),
    ],
)
def test_what_a_change_of_the_last_block_adds(change: dict[str, Any], more: int) -> None:
    plain, changed = (RICH.size(network([block], head="average"), (8, 8, 3), 4) for block in ({}, change))
    assert changed.parameters - plain.parameters == more
    assert changed.flops > plain.flops or change == {"dropout": 0.5}
    assert changed.training_bytes > plain.training_bytes or change == {"activation": "gelu"}


def test_images_that_are_too_small_for_a_network_have_no_size() -> None:
    genome = network([{"reduction": "max"}] * 3)
    with pytest.raises(GenomeError, match=r"a block runs out of pixels: 1 x 2 are too few for it"):
        RICH.size(genome, (4, 8, 1), 3)
