"""Convolutional genomes: their operators one by one, pixels and limits, and what a space says of its data."""

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from genomes import CnnEncoding, Genome, GenomeError, encoding_from
from genomes.cnn_blocks import BlockOperators, wider_value
from genomes.cnn_genes import lenet_5
from genomes.cnn_shapes import after
from genomes.genes import Choice, Int
from genomes.grid import Grid
from tests.genomes.cnn_spaces import RICH, network


def space(**genes: Any) -> CnnEncoding:
    return CnnEncoding.from_space({"encoding": "cnn", **genes})


def filters_of(genome: Genome) -> list[int]:
    return [int(block["filters"]) for block in genome.layers]


def values_in(genome: Genome, name: str) -> list[Any]:
    return [block[name] for block in genome.layers]


@pytest.mark.parametrize(
    ("block", "pixels", "left"),
    [
        ({}, (8, 5), (8, 5)),
        ({"kernel": 4, "padding": "valid"}, (8, 5), (5, 2)),
        ({"kernel": 5, "padding": "valid"}, (8, 4), None),
        ({"kernel": 3, "padding": "valid", "convolutions": "two"}, (5, 9), (1, 5)),
        ({"kernel": 3, "padding": "valid", "convolutions": "two"}, (4, 9), None),
        ({"kernel": 3, "padding": "valid", "convolutions": "separable"}, (4, 9), (2, 7)),
        ({"reduction": "max"}, (5, 2), (2, 1)),
        ({"reduction": "average"}, (5, 1), None),
        ({"reduction": "stride"}, (5, 2), (3, 1)),
        ({"reduction": "stride"}, (1, 5), None),
        ({"reduction": "stride", "kernel": 3, "padding": "valid"}, (8, 9), (3, 4)),
        ({"reduction": "stride", "kernel": 3, "padding": "valid"}, (3, 9), None),
        ({"reduction": "max", "kernel": 3, "padding": "valid", "convolutions": "two"}, (6, 6), (1, 1)),
        ({"padding": "valid", "kernel": 1}, (1, 1), (1, 1)),
    ],
)
def test_the_pixels_that_a_block_leaves(
    block: dict[str, Any], pixels: tuple[int, int], left: tuple[int, int] | None
) -> None:
    assert after(network([block]).layers[0], pixels) == left


def test_lenet_5_is_the_default_of_the_default_space() -> None:
    default = RICH.for_data((28, 28, 1), 10).default()
    assert default.layers == lenet_5().layers
    assert {name: default.genes[name] for name in lenet_5().genes} == lenet_5().genes
    assert RICH.size(default, (28, 28, 1), 10).parameters == 431_080


def test_the_default_is_as_near_lenet_5_as_a_space_allows() -> None:
    default = space(layers={"low": 3, "high": 4}, filters=[8, 64], kernel=3).default()
    assert filters_of(default) == [8, 64, 64]
    assert values_in(default, "kernel") == [3, 3, 3]


@pytest.mark.parametrize(
    ("genes", "wanted"),
    [
        ({"reduction": ["max", "none"]}, {"reduction": ["max", "max", "none", "none"]}),
        ({"padding": ["valid", "same"], "reduction": "none"}, {"padding": ["valid", "valid", "valid", "same"]}),
        ({"padding": "valid", "kernel": [1, 2, 3], "reduction": "none"}, {"kernel": [3, 3, 3, 1]}),
        (
            {"padding": "valid", "kernel": 3, "convolutions": ["two", "one"], "reduction": "none"},
            {"convolutions": ["two", "one"]},
        ),
    ],
)
def test_blocks_without_pixels_are_repaired_as_little_as_their_space_allows(
    genes: dict[str, Any], wanted: dict[str, list[Any]]
) -> None:
    encoding = space(layers={"low": 1, "high": 4}, **genes).for_data((7, 7, 1), 2)
    greedy = {name: values[0] if isinstance(values, list) else values for name, values in genes.items()}
    block = {**encoding.default().layers[0], **greedy, "kernel": 3}
    genome = replace(encoding.default(), layers=(block,) * 4)
    repaired = encoding.repair(genome)
    assert {name: values_in(repaired, name) for name in wanted} == wanted
    with pytest.raises(GenomeError, match=r"^layer \d: \d x \d pixels are left, too few for its kernel"):
        encoding.check(genome)


def test_blocks_that_cannot_be_repaired_go() -> None:
    encoding = space(layers=[1, 2, 4], reduction="max").for_data((12, 12, 3), 2)  # 12, 6, 3, 1
    assert len(encoding.repair(replace(encoding.default(), layers=encoding.default().layers * 2)).layers) == 2


def test_where_too_few_blocks_would_be_left_the_last_ones_become_mild() -> None:
    encoding = space(layers=3, kernel=[1, 7], padding="valid", reduction="none").for_data((13, 13, 1), 2)
    wide = {**encoding.default().layers[0], "kernel": 7}
    assert values_in(encoding.repair(replace(encoding.default(), layers=(wide,) * 3)), "kernel") == [7, 7, 1]
    mild = space(layers=3, kernel=[3, 7], padding="valid", reduction="none").for_data((7, 7, 1), 2)
    assert values_in(mild.repair(replace(encoding.default(), layers=(wide,) * 3)), "kernel") == [3, 3, 3]


def test_a_space_that_no_network_fits_is_refused() -> None:
    with pytest.raises(GenomeError, match=r"layers: images of 28 x 3 pixels are too small for the fewest blocks .* 2;"):
        space(layers=2, reduction="max").for_data((28, 3, 1), 10)


def test_until_the_data_are_known_images_have_room_and_limits_wait() -> None:
    unknown = space(layers=6, reduction="max", max_parameters=1)
    assert unknown.input_shape == (64, 64, 3)
    unknown.check(unknown.sample(random.Random(0)))
    with pytest.raises(GenomeError, match=r"max_parameters: even the smallest network .* on images of 99 x 64 x 1"):
        unknown.for_data((99, 64, 1), 2)


def test_widths_are_divided_until_the_limits_are_kept() -> None:
    encoding = RICH.for_data((28, 28, 1), 10)
    limited = encoding_from({**encoding.describe(), "max_parameters": 100_000, "max_flops": 2e6})
    genome = limited.default()
    size = limited.size(genome, (28, 28, 1), 10)
    assert 50_000 < size.parameters <= 100_000
    assert size.flops <= 2e6
    assert values_in(genome, "kernel") == [5, 5]
    assert genome.genes["head_width"] / 500 == pytest.approx(filters_of(genome)[1] / 50, rel=0.2)
    with pytest.raises(GenomeError, match=r"max_parameters: this network has 431,080 parameters on images of 28 x 28"):
        limited.check(encoding.default())


def test_a_limit_that_no_width_keeps_takes_the_smallest_head_and_then_the_smallest_network() -> None:
    genes = {"layers": [1, 2], "filters": [4, 8], "kernel": [1, 5], "head": ["flatten", "average"], "head_layers": 0}
    smallest = 1 * 4 + 4 + 4 * 10 + 10
    for limit in (smallest, 160):
        encoding = space(**genes, max_parameters=limit).for_data((28, 28, 1), 10)
        heavy = network([{"kernel": 5}, {"kernel": 5}], encoding)
        assert encoding.size(encoding.repair(heavy), (28, 28, 1), 10).parameters <= limit
    with pytest.raises(
        GenomeError, match=r"max_parameters: even the smallest network .* 58 parameters .*more than 57$"
    ):
        space(**genes, max_parameters=smallest - 1, input_shape=[28, 28, 1], num_outputs=10)


def test_every_operator_does_what_it_says() -> None:
    encoding = space(
        layers={"low": 1, "high": 5},
        filters={"low": 4, "high": 64, "scale": "log"},
        kernel=[1, 3, 5],
        convolutions=["one", "two"],
        reduction=["none", "max"],
        skip=[False, True],
    )
    before = network([{"filters": 8}, {"filters": 16, "reduction": "max"}, {"filters": 32, "kernel": 5}], encoding)
    seen: Counter[str] = Counter()
    for seed in range(600):
        variant = encoding.mutate(before, random.Random(seed))
        operator, _, gene = variant.operator.partition(":")
        seen[operator] += 1
        OPERATORS[operator](before.layers, variant.genome.layers, gene)
    assert seen.keys() == OPERATORS.keys()


def one_more(before: Any, after_it: Any, gene: str) -> None:
    assert len(after_it) == len(before) + 1
    assert any(after_it[:at] + after_it[at + 1 :] == before for at in range(len(after_it)))


def duplicated(before: Any, after_it: Any, gene: str) -> None:
    one_more(before, after_it, gene)
    assert any(one == other for one, other in pairwise(after_it))


def one_less(before: Any, after_it: Any, gene: str) -> None:
    one_more(after_it, before, gene)


def deepened(before: Any, after_it: Any, gene: str) -> None:
    if len(after_it) > len(before):
        one_more(before, after_it, gene)
        added = next(each for at, each in enumerate(after_it) if at == len(before) or each != before[at])
        assert (added["reduction"], added["convolutions"], added["padding"]) == ("none", "one", "same")
    else:
        assert changed_genes(before, after_it) == [("convolutions", "one", "two")]


def widened(before: Any, after_it: Any, gene: str) -> None:
    [(name, old, new)] = changed_genes(before, after_it)
    assert name == "filters"
    assert old < new <= 2 * old


def swapped(before: Any, after_it: Any, gene: str) -> None:
    assert before != after_it
    assert after_it in [(before[1], before[0], before[2]), (before[0], before[2], before[1])]


def changed(before: Any, after_it: Any, gene: str) -> None:
    [(name, old, new)] = changed_genes(before, after_it)
    assert name == gene
    assert old != new


def changed_genes(before: Any, after_it: Any) -> list[tuple[str, Any, Any]]:
    pairs = zip(before, after_it, strict=True)
    return [(name, one[name], other[name]) for one, other in pairs for name in one if one[name] != other[name]]


OPERATORS = {
    "insert_block": one_more,
    "duplicate_block": duplicated,
    "remove_block": one_less,
    "deepen_block": deepened,
    "widen_block": widened,
    "swap_blocks": swapped,
    "change_block": changed,
}


def test_genes_of_head_and_training_change_too() -> None:
    encoding = space(head_width={"low": 4, "high": 64}, learning_rate={"low": 1e-4, "high": 1e-2, "scale": "log"})
    operators = {encoding.mutate(encoding.default(), random.Random(seed)).operator for seed in range(60)}
    assert operators >= {"change_gene:head_width", "change_gene:learning_rate"}
    without = replace(encoding.default(), genes={**encoding.default().genes, "head_layers": 0})
    assert "head_width" not in encoding.canonical(without).genes


def test_a_change_that_pixels_take_back_is_not_offered_as_one() -> None:
    encoding = space(layers=2, reduction=["none", "max"], filters=[8, 9]).for_data((3, 3, 1), 2)
    genome = encoding.repair(network([{"reduction": "max"}, {}], encoding))
    for seed in range(50):
        variant = encoding.mutate(genome, random.Random(seed))
        assert encoding.canonical(variant.genome) != encoding.canonical(genome)
        assert values_in(variant.genome, "reduction").count("max") <= 1


def test_a_space_of_one_network_stays_unchanged() -> None:
    encoding = space(layers=1)
    assert encoding.mutate(encoding.default(), random.Random(0)).operator == "unchanged"


@pytest.mark.parametrize(
    ("gene", "value", "factor", "wider"),
    [
        (Int(4, 64, "log"), 8, 1.5, 12),
        (Int(4, 64, "log"), 4, 1.01, 5),
        (Int(4, 9), 8, 2.0, 9),
        (Int(4, 64, "linear", 10), 14, 1.01, 24),
        (Choice((8, 64, 16), ordinal=True), 8, 1.1, 16),
    ],
)
def test_a_wider_value_is_above_the_old_one(gene: Any, value: int, factor: float, wider: int) -> None:
    assert wider_value(gene, value, factor) == wider


def test_parents_of_unequal_length_exchange_blocks_of_the_same_depth() -> None:
    encoding = space(layers={"low": 1, "high": 8}, filters={"low": 1, "high": 99}, reduction=["none"])
    short, long = network([{"filters": 1}, {"filters": 2}], encoding), network([{"filters": n} for n in range(10, 16)])
    long = encoding.repair(long)
    lengths, mixed = set(), 0
    for seed in range(200):
        one, other = encoding.crossover(short, long, random.Random(seed))
        assert sorted(filters_of(one) + filters_of(other)) == sorted(filters_of(short) + filters_of(long))
        ranks = [filters / 3 if filters < 9 else (filters - 9) / 7 for filters in filters_of(one)]
        assert ranks == sorted(ranks)
        lengths.add(len(one.layers))
        mixed += 0 < sum(filters < 9 for filters in filters_of(one)) < len(one.layers)
    assert lengths >= {2, 3, 4, 5, 6}
    assert mixed > 50


def test_a_child_may_take_only_the_middle_of_the_other_parent() -> None:
    encoding = space(layers=4, filters={"low": 1, "high": 99}, reduction="none")
    one, other = (network([{"filters": n}] * 4, encoding) for n in (1, 2))
    children = {tuple(filters_of(encoding.crossover(one, other, random.Random(seed))[0])) for seed in range(300)}
    assert {(1, 2, 1, 1), (1, 2, 2, 1), (1, 1, 2, 2), (2, 2, 2, 2)} <= children


def test_a_space_learns_its_data_once() -> None:
    encoding = RICH.for_data((28, 28, 1), 10)
    assert RICH.input_shape == (32, 32, 3)
    assert "input_shape" not in RICH.describe()
    assert encoding.describe()["input_shape"] == [28, 28, 1]
    again = encoding_from(encoding.describe())
    assert again.describe() == encoding.describe()
    assert again.for_data((28, 28, 1), 10) is again
    with pytest.raises(GenomeError, match=r"input_shape: expected \[8, 8, 1\] as in the data, got \[28, 28, 1\]"):
        encoding.for_data((8, 8, 1), 10)
    with pytest.raises(GenomeError, match=r"num_outputs: expected 3 as in the data, got 10"):
        encoding.for_data((28, 28, 1), 3)
    with pytest.raises(GenomeError, match=r'these data have rows of 30 numbers; use encoding = "mlp"'):
        RICH.for_data((30,), 2)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"kernel": 9}, r"kernel: expected values from 1 to 7, got 9"),
        ({"convolutions": "three"}, r"convolutions: expected one of one, two, separable, got 'three'"),
        ({"widht": 3}, r"unknown gene 'widht'"),
        ({"layers": 0}, r"layers: expected values from 1 to 100, got 0"),
        ({"preprocessing": "minmax"}, r"preprocessing: expected one of unit, symmetric, standard, got 'minmax'"),
        ({"input_shape": [28, 28]}, r"input_shape: expected \[height, width, channels\], got \[28, 28\]"),
        ({"input_shape": [28, 0, 1]}, r"input_shape: expected a whole number of 1 or more, got 0"),
        ({"num_outputs": 2.0}, r"num_outputs: expected a whole number of 1 or more, got 2.0"),
        ({"max_flops": float("nan")}, r"max_flops: expected a number of 1 or more, got nan"),
        ({"max_parameters": True}, r"max_parameters: expected a number of 1 or more, got True"),
    ],
)
def test_a_space_with_a_mistake_is_refused_in_a_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(GenomeError, match=sentence):
        space(**wrong)


def test_augmentation_genes_are_there_where_a_space_names_them() -> None:
    assert not any(name.startswith("augment") for name in RICH.default().genes)
    encoding = space(augment_flip=[0.0, 0.5])
    assert encoding.default().genes["augment_flip"] == 0.0
    assert encoding.mutate(encoding.default(), random.Random(0)).operator == "change_gene:augment_flip"


def test_padding_means_nothing_to_a_kernel_of_one_pixel() -> None:
    one, other = (network([{"kernel": 1, "padding": padding}]) for padding in ("same", "valid"))
    assert RICH.fingerprint(one) == RICH.fingerprint(other)
    encoding = space(layers=1, kernel=1, padding=["same", "valid"])
    assert encoding.mutate(encoding.default(), random.Random(0)).operator == "unchanged"


def test_a_grid_assembles_valid_networks_of_equal_blocks() -> None:
    encoding = space(layers=[1, 2, 6], kernel=[3, 5], head=["flatten", "average"], reduction=["max", "none"])
    grid = Grid(encoding.outline())
    assert grid.size == 3 * 2 * 2 * 2
    genomes = [encoding.assembled(grid.at(number)) for number in range(grid.size)]
    for genome in genomes:
        encoding.check(genome)
    assert len({encoding.fingerprint(genome) for genome in genomes}) == grid.size
    narrow = encoding.narrowed({"kernel": Choice((5,))})
    assert {block["kernel"] for block in narrow.sample(random.Random(0)).layers} == {5}


def test_operators_are_offered_only_where_they_apply() -> None:
    encoding = space(layers=[1, 3])
    operators = BlockOperators(encoding._blocks)
    assert operators.applicable(encoding.default().layers[:1]) == {
        "insert_block": 1.0,
        "duplicate_block": 0.5,
        "deepen_block": 0.5,
    }
    assert operators.applicable(encoding.default().layers * 3).keys() == {"remove_block"}


@pytest.mark.parametrize(("activation", "skip"), [("relu", False), ("tanh", True)])
def test_a_deepened_network_gains_a_block_that_can_begin_as_the_identity(activation: str, skip: bool) -> None:
    encoding = space(layers={"low": 1, "high": 3}, activation=["relu", "tanh"], skip=[False, True])
    blocks = network([{"activation": activation, "reduction": "max"}], encoding).layers
    deeper, _ = BlockOperators(encoding._blocks).mutate(blocks, "deepen_block", random.Random(0))
    assert [block["skip"] for block in deeper] == [False, skip]


def test_what_lies_outside_of_the_space_has_the_nearest_coordinate_or_none() -> None:
    encoding = space(optimizer=["adam", "sgd"], head_width={"low": 10, "high": 20}, batch_size=[32, 64])
    inside = encoding.default()
    outside = replace(inside, genes={**inside.genes, "optimizer": "nadam", "head_width": 500, "batch_size": 100})
    found = dict(zip([axis.gene for axis in encoding.axes()], encoding.coordinates(outside), strict=True))
    assert repr(found) == repr({"head_width": 1.0, "optimizer": float("nan"), "batch_size": float("nan")})
