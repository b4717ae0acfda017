"""Grids: which points they have, counted without listing them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genomes import Choice, Encoding, FlatEncoding, Float, Gene, GenomeError, Int, encoding_from
from genomes.cutting import cut
from genomes.grid import Grid
from genomes.predicates import Predicate

MLP = encoding_from(
    {
        "encoding": "mlp",
        "layers": {"low": 0, "high": 2},
        "width": [8, 16],
        "optimizer": ["adam", "sgd", "rmsprop"],
        "momentum": [0.0, 0.9],
        "nesterov": [False, True],
        "batch_normalization": [False, True],
    }
)


@pytest.mark.parametrize(
    ("gene", "points", "values"),
    [
        (Float(0.0, 1.0), 3, (0.0, 0.5, 1.0)),
        (Float(1e-4, 1e-1, "log"), 4, (1e-4, 1e-3, 1e-2, 1e-1)),
        (Float(1e-4, 1e-2, "log"), 1, (1e-3,)),
        (Float(0.2, 0.4), 2, (0.2, 0.4)),
        (Float(0.3, 0.3), 5, (0.3,)),
        (Int(1, 5), 3, (1, 3, 5)),
        (Int(1, 5), 9, (1, 2, 3, 4, 5)),
        (Int(4, 64, "log"), 3, (4, 16, 64)),
        (Int(1, 4, "log"), 4, (1, 2, 3, 4)),
        (Int(1, 100, "log"), 6, (1, 3, 6, 16, 40, 100)),
        (Int(32, 512, stride=32), 3, (32, 288, 512)),
        (Choice(("relu", "tanh")), 1, ("relu", "tanh")),
        (Choice((16, 32, 64), ordinal=True), 2, (16, 32, 64)),
    ],
)
def test_a_gene_is_cut_on_its_own_scale(gene: Gene, points: int, values: tuple[object, ...]) -> None:
    assert cut(gene, points) == values


def all_points(grid: Grid) -> list[dict[str, Any]]:
    return [grid.at(number) for number in range(grid.size)]


def test_the_last_gene_varies_fastest() -> None:
    grid = Grid(FlatEncoding.from_space({"a": [1, 2], "b": ["x", "y"]}).outline())
    points = [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}]
    assert all_points(grid) == points


def test_a_gene_without_effect_is_not_combined() -> None:
    space = {"optimizer": ["adam", "sgd"], "momentum": {"values": [0.0, 0.5, 0.9], "when": {"optimizer": ["sgd"]}}}
    points = all_points(Grid(FlatEncoding.from_space(space).outline()))
    assert points == [{"optimizer": "adam"}, *({"optimizer": "sgd", "momentum": m} for m in (0.0, 0.5, 0.9))]


def every_combination(encoding: Encoding, grid: Grid) -> set[str]:
    """Fingerprints of all combinations that the condition, asked directly, does not exclude."""
    found = set()
    for combination in itertools.product(*grid.values.values()):
        genome = encoding.assembled(dict(zip(grid.values, combination, strict=True)))
        found.add(encoding.fingerprint(genome))
    return found


def test_what_varies_has_several_values_and_an_effect() -> None:
    network = {"encoding": "mlp", "layers": 1, "width": [8, 16], "nesterov": [False, True]}
    assert Grid(encoding_from({**network, "optimizer": "adam"}).outline()).varied == {"width": 2}
    assert Grid(encoding_from({**network, "optimizer": "sgd", "momentum": 0.9}).outline()).varied == {
        "width": 2,
        "nesterov": 2,
    }


def test_a_dense_space_has_each_of_its_networks_once() -> None:
    grid = Grid(MLP.outline())
    genomes = [MLP.assembled(point) for point in all_points(grid)]
    for genome in genomes:
        MLP.check(genome)
    fingerprints = [MLP.fingerprint(genome) for genome in genomes]
    # 1 network without layers or 2 depths x 2 widths x 2 normalisations, for adam, sgd (0, or 0.9 with and without
    # nesterov) and rmsprop (two values of momentum)
    assert grid.size == (1 + 2 * 2 * 2) * (1 + 3 + 2)
    assert len(set(fingerprints)) == grid.size
    assert set(fingerprints) == every_combination(MLP, grid)


def test_layers_that_could_differ_are_equal() -> None:
    grid = Grid(encoding_from({"encoding": "mlp", "layers": [1, 3], "width": [8, 16]}).outline())
    assert [(point["layers"], point["width"]) for point in all_points(grid)] == [(1, 8), (1, 16), (3, 8), (3, 16)]


@pytest.mark.parametrize(
    ("where", "size"),
    [
        ("a < 3", 2 * 5 * 5),
        ("a + b <= 4", 6 * 5),
        ("a == b and b == c", 5),
        ("not (a == b or c in [1, 2])", 20 * 3),
        ("1 <= a <= b <= c", 35),
    ],
)
def test_a_condition_thins_the_grid(where: str, size: int) -> None:
    space = FlatEncoding.from_space({name: {"low": 1, "high": 5} for name in "abc"}).outline()
    grid = Grid(space, points=5, where=where)
    predicate = Predicate(where, grid.values)
    kept = [
        dict(zip("abc", values, strict=True))
        for values in itertools.product(range(1, 6), repeat=3)
        if predicate.admits(dict(zip("abc", values, strict=True)))
    ]
    assert all_points(grid) == kept
    assert grid.size == size


def test_a_space_that_nobody_could_list() -> None:
    encoding = FlatEncoding.from_space({f"gene_{n}": {"low": 0.0, "high": 1.0} for n in range(100)})
    grid = Grid(encoding.outline(), points=10, where="gene_3 + gene_7 < 0.3")
    assert grid.size == 6 * 10**98
    assert grid.at(0) == dict.fromkeys(grid.values, 0.0)
    last = grid.at(grid.size - 1)
    assert (last["gene_3"], last["gene_7"], last["gene_99"]) == (pytest.approx(2 / 9), 0.0, 1.0)


def test_numbers_beyond_the_grid_are_refused() -> None:
    grid = Grid(FlatEncoding.from_space({"a": [1, 2]}).outline())
    for number in (-1, 2):
        with pytest.raises(IndexError):
            grid.at(number)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("a > 5", "where = 'a > 5' admits no point of the grid"),
        ("a0 + a1 + a2 + a3 + a4 + a5 + a6 > 0", "more than 1,000,000 combinations"),
    ],
)
def test_grids_that_cannot_be(where: str, message: str) -> None:
    names = ["a", *(f"a{n}" for n in range(7))]
    space = FlatEncoding.from_space({name: {"low": 0.0, "high": 1.0} for name in names}).outline()
    with pytest.raises(GenomeError, match=message):
        Grid(space, points=10, where=where)


@st.composite
def flat_spaces(draw: st.DrawFn) -> FlatEncoding:
    """Up to five genes, most of them with conditions on earlier ones."""
    space: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 5))):
        gene: dict[str, Any] = {"values": list(range(draw(st.integers(1, 3))))}
        if space and draw(st.booleans()):
            on = draw(st.sampled_from(sorted(space)))
            values = draw(st.lists(st.sampled_from(space[on]["values"]), min_size=1, unique=True))
            gene[draw(st.sampled_from(["when", "unless"]))] = {on: values}
        space[f"g{number}"] = gene
    return FlatEncoding.from_space(space)


@settings(max_examples=200, deadline=None)
@given(flat_spaces())
def test_every_point_once_and_no_two_alike(encoding: FlatEncoding) -> None:
    grid = Grid(encoding.outline())
    genomes = [encoding.assembled(point) for point in all_points(grid)]
    fingerprints = [encoding.fingerprint(genome) for genome in genomes]
    assert len(set(fingerprints)) == grid.size
    assert set(fingerprints) == every_combination(encoding, grid)
    for genome, point in zip(genomes, all_points(grid), strict=True):
        assert encoding.canonical(genome).genes == point
