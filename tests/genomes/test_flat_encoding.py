"""The flat encoding: reading a plain dictionary, conditions, operators, and every sentence for one that is none."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evo_nas
from genomes import (
    Choice,
    Condition,
    FlatEncoding,
    Float,
    Genome,
    GenomeError,
    Int,
    Size,
    check_encoding,
    encoding_from,
)
from genomes.hostile import JUNK

SPACE = {
    "optimizer": ["adam", "sgd", "rmsprop"],
    "learning_rate": {"low": 1e-5, "high": 1e-1, "scale": "log"},
    "momentum": {"low": 0.0, "high": 0.9, "when": {"optimizer": ["sgd", "rmsprop"]}},
    "nesterov": {"values": [False, True], "when": {"optimizer": "sgd"}, "unless": {"momentum": 0}},
    "layers": {"low": 1, "high": 4},
    "units": [16, 32, 64],
    "batch": {"values": [64, 16, 32], "ordinal": False},
    "epochs": 50,
}
FIRST = {
    "optimizer": "adam",
    "learning_rate": 1e-5,
    "momentum": 0.0,
    "nesterov": False,
    "layers": 1,
    "units": 16,
    "batch": 64,
    "epochs": 50,
}


def space() -> FlatEncoding:
    return FlatEncoding.from_space(SPACE)


def made(**genes: object) -> Genome:
    return Genome("flat", {**FIRST, **genes})


def test_every_law_holds() -> None:
    check_encoding(space(), trials=500)


def test_genes_are_read_as_the_dense_encoding_reads_them() -> None:
    expected = {
        "rate": Float(0.1, 1.0, "log"),
        "count": Int(2, 9),
        "share": Float(0.0, 1.0),
        "units": Choice((16, 32), ordinal=True),
        "kind": Choice(("a", "b")),
        "mixed": Choice((1, "a")),
        "on": Choice((True, False)),
        "sizes": Choice((3, 1), ordinal=False),
        "fixed": Int(7, 7),
        "text": Choice(("x",)),
    }
    read = {
        "rate": {"low": 0.1, "high": 1, "scale": "log"},
        "count": {"low": 2, "high": 9},
        "share": {"low": 0, "high": 1.0},
        "units": [16, 32],
        "kind": ("a", "b"),
        "mixed": [1, "a"],
        "on": [True, False],
        "sizes": {"values": [3, 1], "ordinal": False},
        "fixed": 7,
        "text": "x",
    }
    assert FlatEncoding.from_space(read).describe() == FlatEncoding(expected).describe()


def test_the_default_is_the_first_or_lowest_value() -> None:
    assert space().default() == Genome("flat", FIRST)


def test_arrays_and_numbers_of_numpy_are_read_as_those_of_python() -> None:
    given = {"rate": np.array([0.1, 0.2]), "count": [np.int64(1), np.int64(2)], "high": np.float64(0.5)}
    plain = {"rate": [0.1, 0.2], "count": [1, 2], "high": 0.5}
    assert repr(FlatEncoding.from_space(given).describe()) == repr(FlatEncoding.from_space(plain).describe())


def test_a_description_reads_back_to_the_same_space() -> None:
    again = encoding_from(space().describe())
    assert again.describe() == space().describe()
    assert again.describe()["nesterov"] == {
        "values": [False, True],
        "ordinal": False,
        "when": {"optimizer": ["sgd"]},
        "unless": {"momentum": [0.0]},
    }
    for seed in range(20):
        assert again.sample(random.Random(seed)) == space().sample(random.Random(seed))


@pytest.mark.parametrize(
    ("genes", "without"),
    [
        ({}, {"momentum", "nesterov"}),
        ({"optimizer": "rmsprop", "momentum": 0.5}, {"nesterov"}),
        ({"optimizer": "sgd"}, {"nesterov"}),
        ({"optimizer": "sgd", "momentum": 0.5}, set()),
    ],
)
def test_the_canonical_form_leaves_out_exactly_the_genes_without_effect(
    genes: dict[str, object], without: set[str]
) -> None:
    genome = made(**genes)
    assert set(FIRST) - set(space().canonical(genome).genes) == without


def test_points_that_differ_in_genes_without_effect_have_one_fingerprint() -> None:
    fingerprint = space().fingerprint
    assert fingerprint(made(momentum=0.5)) == fingerprint(made(momentum=0.1, nesterov=True))
    assert fingerprint(made(optimizer="sgd", momentum=0.5)) != fingerprint(made(optimizer="sgd", momentum=0.1))


def test_a_mutant_differs_in_the_genes_it_names_and_they_have_an_effect() -> None:
    encoding, counts = space(), Counter()
    for seed in range(2000):
        rng = random.Random(seed)
        before = encoding.sample(rng)
        variant = encoding.mutate(before, rng)
        operator, _, named = variant.operator.partition(":")
        moved = {name for name in FIRST if before.genes[name] != variant.genome.genes[name]}
        assert (operator, set(named.split(","))) == ("change_gene", moved)
        assert moved <= set(encoding.canonical(before).genes)
        counts[len(moved)] += 1
    assert counts[1] > counts[2] > counts[3] > 0


def test_a_space_of_one_point_has_itself_for_a_mutant() -> None:
    encoding = FlatEncoding.from_space({"a": 1, "b": [2], "c": {"values": ["x"], "unless": {"a": 1}}})
    check_encoding(encoding)
    assert encoding.mutate(encoding.default(), random.Random(0)).operator == "unchanged"
    assert encoding.canonical(encoding.default()).genes == {"a": 1, "b": 2}


def test_crossover_swaps_each_gene_with_probability_one_half() -> None:
    encoding = FlatEncoding({name: Int(0, 9) for name in "abcd"})
    low, high = (Genome("flat", dict.fromkeys("abcd", value)) for value in (0, 9))
    seen = Counter()
    for seed in range(1600):
        first, second = encoding.crossover(low, high, random.Random(seed))
        assert all({first.genes[name], second.genes[name]} == {0, 9} for name in "abcd")
        seen[tuple(first.genes.values())] += 1
    assert len(seen) == 16
    assert min(seen.values()) > 60  # 100 expected; below 60 by chance: 1e-5


def test_a_genome_of_another_kind_is_refused_and_repaired() -> None:
    layered = Genome("flat", FIRST, ({"width": 3},))
    with pytest.raises(GenomeError, match="layers: expected none in a genome of 'flat', got 1"):
        space().check(layered)
    with pytest.raises(GenomeError, match="expected a genome of the encoding 'flat', got one of 'mlp'"):
        space().check(Genome("mlp", FIRST))
    with pytest.raises(GenomeError, match="units: 33 is not in Choice"):
        space().check(made(units=33))
    assert space().repair(layered) == Genome("flat", FIRST)
    assert space().repair(Genome("?", {"units": 33, "foreign": 1})) == made(units=32)


def test_nothing_is_built() -> None:
    assert space().size(made(), (30,), 1) == Size(0, 0, 0)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({}, "[space] flat: expected at least one gene"),
        ({"a,b": 1}, "[space] 'a,b': expected a text without commas"),
        ({"": 1}, "[space] '': expected a text without commas"),
        ({3: 1}, "[space] 3: expected a text without commas"),
        ({"a": None}, "[space] a: expected a value, a list of values, or { low, high }, got None"),
        ({"a": []}, "[space] a: expected at least one value to choose from, got none"),
        ({"a": [1, 1.0]}, "[space] a: expected each value once, got 1.0 twice"),
        ({"a": {"low": 2, "high": 1}}, "[space] a: low 2 is above high 1"),
        ({"a": {"low": 1, "hgih": 2}}, "[space] a: unknown key 'hgih' (did you mean 'high'?)"),
        ({"a": float("nan")}, "[space] a: expected a finite number for low, got nan"),
        ({"a": 1, "b": {"values": [1], "when": 3}}, "[space] b: expected when = { other_gene = [its values] }, got 3"),
        ({"a": 1, "b": {"values": [1], "when": {"a": []}}}, "[space] b: expected when = { a = [its values] }, got []"),
        (
            {"kind": ["adam", "sgd"], "b": {"values": [1], "when": {"kidn": ["sgd"]}}},
            "[space] b: a condition names 'kidn' (did you mean 'kind'?), which is no gene of this space",
        ),
        (
            {"kind": ["adam", "sgd"], "b": {"values": [1], "when": {"kind": ["sdg"]}}},
            "[space] b: a condition names kind = 'sdg' (did you mean 'sgd'?), which is not in Choice(",
        ),
        (
            {"a": {"low": 0, "high": 1}, "b": {"values": [1], "unless": {"a": 2}}},
            "[space] b: a condition names a = 2, which is not in Int(low=0, high=1",
        ),
        (
            {"b": {"values": [1], "when": {"a": 1}}, "a": [1, 2]},
            "[space] b: a condition names 'a'; expected a gene that",
        ),
        ({"b": {"values": [1, 2], "when": {"b": 1}}}, "[space] b: a condition names 'b'; expected a gene that stands"),
    ],
)
def test_a_flat_space_that_is_none_says_why(space: dict[str, object], message: str) -> None:
    with pytest.raises(GenomeError) as error:
        encoding_from({"encoding": "flat", **space})
    assert message in str(error.value)


def test_two_conditions_on_one_gene_are_one_condition() -> None:
    twice = [Condition("b", "a", (1,)), Condition("b", "a", (2,))]
    with pytest.raises(GenomeError, match=r"\[space\] b: two conditions on 'a'; expected one that holds the values"):
        FlatEncoding({"a": Int(0, 3), "b": Int(0, 3)}, twice)


def test_training_a_flat_space_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(evo_nas.UserError, match=r"\"flat\" holds no network to train; give a fitness function"):
        evo_nas.search({"encoding": "flat", **SPACE}, "iris", run_dir=tmp_path / "run", display=False)
    assert not (tmp_path / "run").exists()


def test_a_fitness_function_searches_a_flat_space_to_a_run_folder(tmp_path: Path) -> None:
    result = evo_nas.search(
        {"encoding": "flat", **SPACE, "share": np.linspace(0.0, 1.0, 3)},
        evaluate=lambda individual: individual.genes["units"] * individual.genes["layers"],
        objectives=["maximize score"],
        strategy="evolution",
        run_dir=tmp_path / "run",
        display=False,
    )
    assert result.best.outcome.metrics["score"] == 256
    assert set(FIRST) <= set(result.individuals.columns)


NAMES = ("a", "b", "layers", "width", "foreign", "value of it", "ü", "id")
NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.integers(0, 9), st.floats(-1e150, 1e150), st.floats(0.0, 1.0))
VALUES = st.one_of(NUMBERS, st.booleans(), st.text(max_size=3))
ANYTHING = st.recursive(
    st.one_of(st.none(), VALUES, st.sampled_from(JUNK)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["low", "high", "scale", "values", "ordinal", "when", "a"]), inner, max_size=3),
    ),
    max_leaves=8,
)


def ranges(ends: list[float], log: bool) -> dict[str, object]:
    low, high = sorted(ends)
    return {"low": low, "high": high, "scale": "log" if log and low > 0 else "linear"}


LISTS = st.lists(VALUES, min_size=1, max_size=4, unique=True)
RANGES = st.builds(ranges, st.lists(NUMBERS, min_size=2, max_size=2), st.booleans())
DESCRIBED = st.builds(lambda values, ordinal: {"values": values, "ordinal": ordinal}, LISTS, st.booleans())


@st.composite
def flat_spaces(draw: st.DrawFn) -> dict[str, object]:
    """Spaces of up to five genes, each perhaps with a condition on one before it."""
    space: dict[str, object] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)):
        gene = draw(st.one_of(DESCRIBED, LISTS, RANGES, VALUES))
        if isinstance(gene, dict) and space and draw(st.integers(0, 3)):
            other = draw(st.sampled_from(sorted(space)))
            values = draw(st.lists(st.sampled_from(values_of(space[other])), min_size=1))
            gene[draw(st.sampled_from(["when", "unless"]))] = {other: values}
        space[name] = gene
    return space


def values_of(data: object) -> list[object]:
    """Some values of the gene that plain data describes."""
    if isinstance(data, dict):
        return data.get("values") or [data["low"], data["high"]]
    return data if isinstance(data, list) else [data]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flat_spaces(), st.integers(0, 1000))
def test_any_space_keeps_every_law_and_reads_back(space: dict[str, object], seed: int) -> None:
    encoding = FlatEncoding.from_space(space)
    assert encoding_from(encoding.describe()).describe() == encoding.describe()
    check_encoding(encoding, seed=seed, trials=60)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=3))
def test_anything_else_is_refused_in_a_sentence_that_names_the_gene(space: dict[str, object]) -> None:
    try:
        encoding = FlatEncoding.from_space(space)
    except GenomeError as error:
        sentence = str(error)
    else:
        sentence = "[space] read"
        encoding.check(encoding.default())
    assert sentence.startswith("[space] ")
