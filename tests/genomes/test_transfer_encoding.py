"""The encoding of networks on a pretrained backbone, by the backbone's table alone."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genomes import Genome, GenomeError, TransferEncoding, check_encoding, encoding_from
from genomes.transfer_size import head_of

BLOCKS = [
    {"name": f"block_{n}", "shape": [4, 4, 10 + n], "parameters": 100 * n, "flops": 1000 * n, "values": 160 + 16 * n}
    for n in range(5)
]
TABLE = {"backbone_digest": "ab" * 16, "input_shape": [32, 32, 3], "blocks": BLOCKS}
PLAIN: dict[str, Any] = {"encoding": "transfer", "backbone": "MobileNetV2", "weights": "dogs.weights.h5"}
RICH: dict[str, Any] = {
    **PLAIN,
    **TABLE,
    "layers": {"low": 0, "high": 2},
    "width": {"low": 8, "high": 64, "scale": "log"},
    "activation": ["relu", "tanh"],
    "thawed_learning_rate": {"low": 0.01, "high": 1.0, "scale": "log"},
    "pooling": ["average", "max", "flatten"],
    "optimizer": ["adam", "sgd"],
    "momentum": [0.0, 0.9],
    "learning_rate": {"low": 1e-4, "high": 1e-2, "scale": "log"},
    "input_dropout": [0.0, 0.2],
    "max_norm": [0.0, 3.0],
}
VARIETIES: list[dict[str, Any]] = [
    {},
    {"frozen_until": ["block_1", "end"]},
    {"normalized_rates": True},
    {"equal_layers": True},
    {"outputs": 7},
    {"augment_flip": {"low": 0.0, "high": 0.5}, "augment_mixup": 0.2},
    {"blocks": [*BLOCKS[:3], {**BLOCKS[3], "shape": [77]}]},
]


@pytest.mark.parametrize("variety", VARIETIES, ids=str)
def test_the_laws_hold(variety: dict[str, Any]) -> None:
    check_encoding(encoding_from({**RICH, **variety}), trials=60)


@pytest.mark.exhaustive
@pytest.mark.timeout(7200)
@settings(max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(variety=st.sampled_from(VARIETIES), seed=st.integers(0, 2**32))
def test_the_laws_hold_for_5000_seeds(variety: dict[str, Any], seed: int) -> None:
    check_encoding(encoding_from({**RICH, **variety}), seed=seed, trials=2)


@pytest.mark.parametrize("variety", VARIETIES, ids=str)
def test_a_described_space_is_read_again(variety: dict[str, Any]) -> None:
    described = encoding_from({**RICH, **variety}).describe()
    assert encoding_from(described).describe() == described


def test_freezing_may_end_at_the_last_three_blocks_and_at_the_end_where_nothing_is_said() -> None:
    ends = encoding_from(RICH).describe()["frozen_until"]
    assert ends == {"values": ["block_1", "block_2", "block_3", "end"], "ordinal": True}


def test_the_last_block_is_the_end_and_blocks_are_in_their_order() -> None:
    space = {**RICH, "frozen_until": ["block_4", "block_2", "block_0"]}
    assert encoding_from(space).describe()["frozen_until"]["values"] == ["block_0", "block_2", "end"]


def test_a_backbone_of_a_file_is_named_after_it() -> None:
    described = encoding_from({"encoding": "transfer", "backbone": "nets/dogs.keras"}).describe()
    assert (described["backbone"], described["weights"]) == ("dogs", "nets/dogs.keras")
    assert encoding_from(described).describe() == described


def test_the_rate_of_the_thawed_part_means_nothing_where_all_is_frozen() -> None:
    encoding = encoding_from({**RICH, "frozen_until": "end"})
    canonical = encoding.canonical(encoding.sample(random.Random(1)))
    assert "thawed_learning_rate" not in canonical.genes
    assert canonical.genes["backbone"] == "MobileNetV2"
    assert canonical.genes["backbone_digest"] == TABLE["backbone_digest"]


def test_size_is_the_backbone_and_the_head() -> None:
    encoding = encoding_from({**PLAIN, **TABLE, "layers": 1, "width": 8, "frozen_until": "block_3"})
    size = encoding.size(encoding.default(), (32, 32, 3), 3)
    assert size.parameters == (0 + 100 + 200 + 300 + 400) + (14 + 1) * 8 + (8 + 1) * 3
    assert size.flops == 10_000 + 16 * 14 + (2 * 14 + 1 + 1) * 8 + (2 * 8 + 1) * 3
    thawed = encoding_from({**PLAIN, **TABLE, "layers": 1, "width": 8, "frozen_until": "block_0"})
    assert thawed.size(thawed.default(), (32, 32, 3), 3).training_bytes > size.training_bytes


def test_layers_say_what_is_frozen() -> None:
    encoding = encoding_from({**PLAIN, **TABLE, "layers": 1, "width": 8, "frozen_until": "block_3"})
    table = encoding.layer_table(encoding.default(), (32, 32, 3), 3)
    assert [record.detail for record in table if record.kind == "backbone"] == ["frozen"] * 4 + ["thawed"]
    assert [record.name for record in table[6:]] == ["pooling", "hidden_1", "activation_1", "logits"]


def test_the_head_is_a_dense_network() -> None:
    genome = encoding_from(RICH).sample(random.Random(2))
    head = head_of(genome)
    assert head.encoding == "mlp"
    assert head.layers == genome.layers
    assert not set(head.genes) & {"backbone", "backbone_digest", "frozen_until", "pooling", "outputs"}


def test_children_of_the_backbones_genes_and_of_the_head() -> None:
    encoding, stream = encoding_from(RICH), random.Random(3)
    genome, done = encoding.default(), set[str]()
    for _ in range(400):
        variant = encoding.mutate(genome, stream)
        genome, done = variant.genome, done | {variant.operator}
    assert {"insert_layer", "remove_layer", "change_gene:frozen_until", "change_gene:learning_rate"} <= done


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"backbone": 3}, r'expected a network of keras\.applications such as "MobileNetV2", or a \.keras file, got 3'),
        (
            {"weights": "dogs.bin"},
            r'expected "imagenet" or the path of a \.weights\.h5 or \.keras file, got .dogs\.bin.',
        ),
        ({"backbone": "a.keras", "weights": "b.weights.h5"}, "'a.keras' holds its weights already; leave this key out"),
        ({"frozen_until": "block_9"}, r"frozen_until: 'block_9' \(did you mean 'block_\d'\?\) is no block of the back"),
        ({"frozen_untl": "end"}, r"unknown gene 'frozen_untl' \(did you mean 'frozen_until'\?\)"),
        ({"thawed_learning_rate": 2.0}, "thawed_learning_rate: expected values from 1e-09 to 1, got 2.0"),
        ({"outputs": [3, 4]}, "outputs: expected one number, got several"),
        ({"blocks": [{"name": "a"}]}, "expected the table of a backbone as a run's config.toml has it"),
        ({"blocks": [*BLOCKS, BLOCKS[0]]}, "expected at least one block and each name once, got 6 blocks"),
        ({"preprocessing": "robust"}, "preprocessing: expected one of unit, symmetric, standard, got 'robust'"),
    ],
)
def test_a_space_that_cannot_be_read(space: dict[str, Any], message: str) -> None:
    with pytest.raises(GenomeError, match=message):
        encoding_from({**RICH, **space})


def test_a_part_of_the_backbones_table_is_none() -> None:
    wanted = "input_shape: expected together with backbone_digest, blocks, the table of a backbone that a run makes"
    with pytest.raises(GenomeError, match=wanted):
        encoding_from({**PLAIN, "input_shape": [32, 32, 3]})


@pytest.mark.parametrize(
    ("extra", "shape", "outputs", "message"),
    [
        ({}, (30,), 1, 'a pretrained backbone takes images, and these are rows of a table; use encoding = "mlp"'),
        ({}, (28, 28, 1), 3, "is for images of 32 x 32 x 3, and the data's are 28 x 28 x 1; leave these keys out"),
        ({"outputs": 2}, (32, 32, 3), 3, "outputs = 2: the data need at least 3"),
        ({"outputs": 5}, (32, 32, 3), 1, "outputs = 5: the data need one"),
    ],
)
def test_data_that_do_not_fit(extra: dict[str, Any], shape: tuple[int, ...], outputs: int, message: str) -> None:
    with pytest.raises(GenomeError, match=message):
        encoding_from({**RICH, **extra}).for_data(shape, outputs)


def test_one_output_where_the_data_need_one() -> None:
    encoding = encoding_from({**RICH, "outputs": 1})
    assert encoding.for_data((32, 32, 3), 1) == encoding


def test_a_space_without_its_table_cannot_weigh_its_networks() -> None:
    encoding = encoding_from(PLAIN)
    assert isinstance(encoding, TransferEncoding)
    assert not encoding.is_complete
    assert encoding_from({**PLAIN, **TABLE}).is_complete
    encoding.check(encoding.sample(random.Random(0)))
    with pytest.raises(GenomeError, match="not known before the backbone's table is made, which a run does first"):
        encoding.size(encoding.default(), (32, 32, 3), 3)


def test_a_genome_of_another_backbone_is_refused() -> None:
    encoding = encoding_from(RICH)
    genome = encoding.default()
    other = Genome("transfer", {**genome.genes, "backbone_digest": "cd" * 16}, genome.layers)
    with pytest.raises(GenomeError, match="backbone_digest"):
        encoding.check(other)
