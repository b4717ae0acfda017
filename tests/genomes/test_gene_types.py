"""Genes: what they accept, how they step, and where their values lie."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genomes import Choice, Float, Gene, GenomeError, Int, gene_from

floats = st.floats(-1e6, 1e6)
positive = st.floats(1e-9, 1e9)
whole = st.integers(-(2**53), 2**53)
anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers()))


def ends(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(values, values).map(sorted)


genes = st.one_of(
    ends(floats).map(lambda ends: Float(*ends)),
    ends(positive).map(lambda ends: Float(*ends, scale="log")),
    ends(whole).map(lambda ends: Int(*ends)),
    ends(st.integers(1, 10**9)).map(lambda ends: Int(*ends, scale="log")),
    st.builds(
        lambda low, n, by: Int(low, low + n * by, stride=by),
        st.integers(-(2**52), 2**52),
        st.integers(0, 9),
        st.integers(2, 99),
    ),
    st.builds(
        Choice,
        st.lists(st.one_of(st.integers(-9, 9), st.text(max_size=3)), min_size=1, unique=True).map(tuple),
        st.booleans(),
    ),
)
streams = st.integers(0, 2**32).map(random.Random)


@given(genes, streams)
def test_a_sample_lies_in_its_gene(gene: Gene, rng: random.Random) -> None:
    assert gene.contains(gene.sample(rng))


@given(genes, streams)
def test_a_step_lies_in_its_gene_and_moves_unless_the_gene_is_fixed(gene: Gene, rng: random.Random) -> None:
    before = gene.sample(rng)
    after = gene.step(before, rng)
    assert gene.contains(after)
    assert (after == before) is gene.fixed


@given(genes, anything)
def test_clip_is_total_and_gives_back_to_the_bit_exactly_what_the_gene_contains(gene: Gene, value: object) -> None:
    clipped = gene.clip(value)
    assert gene.contains(clipped)
    assert gene.contains(value) is (repr(clipped) == repr(value))


@given(genes, streams)
def test_a_position_lies_between_0_and_1(gene: Gene, rng: random.Random) -> None:
    assert 0.0 <= gene.position(gene.sample(rng)) <= 1.0


@given(genes)
def test_a_description_reads_back_to_an_equal_gene(gene: Gene) -> None:
    again = gene_from(gene.describe())
    assert again.describe() == gene.describe()
    assert again == gene or gene.fixed


@pytest.mark.parametrize(
    ("gene", "value", "position"),
    [
        (Float(2.0, 4.0), 2.5, 0.25),
        (Float(1e-4, 1.0, "log"), 1e-3, 0.25),
        (Int(0, 10), 7, 0.7),
        (Int(1, 16, "log"), 4, 0.5),
        (Int(32, 512, stride=32), 272 - 16, 224 / 480),
        (Choice((32, 64, 128), ordinal=True), 64, 0.5),
        (Choice(("relu", "tanh")), "tanh", 1.0),
        (Float(3.0, 3.0), 3.0, 0.0),
        (Choice(("adam",)), "adam", 0.0),
    ],
)
def test_known_positions(gene: Gene, value: float | str, position: float) -> None:
    assert gene.position(value) == pytest.approx(position)


@pytest.mark.parametrize(
    ("gene", "value", "nearest"),
    [
        (Float(0.5, 2.0), 1, 1.0),
        (Float(0.5, 2.0), 10**400, 2.0),
        (Float(0.5, 2.0), -math.inf, 0.5),
        (Float(0.5, 2.0), math.nan, 0.5),
        (Float(0.5, 2.0), "1.0", 0.5),
        (Float(0.5, 2.0), True, 0.5),
        (Float(-1.0, 1.0), -0.0, 0.0),
        (Int(1, 9), 3.6, 4),
        (Int(1, 9), math.inf, 9),
        (Int(32, 512, stride=32), 50, 64),
        (Int(32, 512, stride=32), 511, 512),
        (Int(1, 9), False, 1),
        (Choice((16, 64, 256)), 100, 64),
        (Choice((16, 64, 256)), math.inf, 256),
        (Choice((16, 64, 256)), -(10**400), 16),
        (Choice((1.0, 2.0)), 1, 1.0),
        (Choice(("relu", "tanh")), "Relu", "relu"),
        (Choice((False, True)), 7, False),
    ],
)
def test_the_nearest_valid_value(gene: Gene, value: object, nearest: object) -> None:
    assert repr(gene.clip(value)) == repr(nearest)


def test_float_samples_are_uniform_on_their_scale() -> None:
    rng = random.Random(1)
    gene = Float(1e-4, 1.0, "log")
    quarters = Counter(int(gene.position(gene.sample(rng)) * 4) for _ in range(4000))
    assert all(900 < quarters[quarter] < 1100 for quarter in range(4))


def test_a_stride_samples_every_value_alike() -> None:
    rng = random.Random(3)
    counts = Counter(Int(32, 160, stride=32).sample(rng) for _ in range(5000))
    assert set(counts) == {32, 64, 96, 128, 160}
    assert all(850 < count < 1150 for count in counts.values())


def test_log_samples_of_whole_numbers_weigh_each_by_the_length_of_its_interval() -> None:
    rng = random.Random(2)
    counts = Counter(Int(1, 3, "log").sample(rng) for _ in range(6000))
    length = math.log(3.5 / 0.5)
    for value in (1, 2, 3):
        expected = math.log((value + 0.5) / (value - 0.5)) / length
        assert counts[value] / 6000 == pytest.approx(expected, abs=0.02)


def test_numeric_steps_are_as_long_as_announced_on_their_own_scale() -> None:
    rng = random.Random(3)
    for gene, middle in ((Float(0.0, 1.0), 0.5), (Float(1e-4, 1.0, "log"), 1e-2), (Int(0, 1000), 500)):
        steps = [gene.position(gene.step(middle, rng)) - 0.5 for _ in range(2000)]
        assert math.sqrt(sum(step * step for step in steps) / 2000) == pytest.approx(0.15, rel=0.06)
        assert sum(steps) / 2000 == pytest.approx(0.0, abs=0.015)


def test_small_counts_mostly_step_by_one_in_both_directions() -> None:
    rng = random.Random(4)
    counts = Counter(Int(1, 5).step(3, rng) for _ in range(1000))
    assert counts[2] + counts[4] > 950
    assert min(counts[2], counts[4]) > 400


def test_ordinal_steps_are_mostly_to_a_neighbour_and_reach_every_other_value() -> None:
    rng = random.Random(5)
    counts = Counter(Choice((16, 32, 64, 128, 256), ordinal=True).step(64, rng) for _ in range(1000))
    assert set(counts) == {16, 32, 128, 256}
    assert 700 < counts[32] + counts[128] < 800


def test_categorical_steps_go_to_every_other_value_alike() -> None:
    rng = random.Random(6)
    counts = Counter(Choice(("a", "b", "c", "d")).step("b", rng) for _ in range(3000))
    assert set(counts) == {"a", "c", "d"}
    assert all(900 < count < 1100 for count in counts.values())


def test_the_module_random_serves_as_a_stream() -> None:
    random.seed(7)
    drawn = [gene.step(gene.sample(random), random) for gene in (Float(0, 1), Int(1, 9, "log"), Choice((1, 2), True))]
    random.seed(7)
    again = [gene.step(gene.sample(random), random) for gene in (Float(0, 1), Int(1, 9, "log"), Choice((1, 2), True))]
    assert drawn == again


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Float(50, 5), "low 50 is above high 5"),
        (lambda: Float(math.nan, 5), "expected a finite number for low, got nan"),
        (lambda: Float(0, math.inf), "expected a finite number for high, got inf"),
        (lambda: Float("a", 5), "expected a finite number for low, got 'a'"),
        (lambda: Float(0, True), "expected a finite number for high, got True"),
        (lambda: Float(0, 10**400), "expected a finite number for high, got 1000"),
        (lambda: Float(0, 1, "log"), "a log scale needs low above 0, got 0"),
        (lambda: Float(0, 1, "cubic"), 'expected scale = "linear" or "log", got \'cubic\''),
        (lambda: Int(1.5, 5), "expected a whole number of at most 2^53 for low, got 1.5"),
        (lambda: Int(0, 2**53 + 1), "expected a whole number of at most 2^53 for high, got 9007199254740993"),
        (lambda: Int(0, 5, "log"), "a log scale needs low above 0, got 0"),
        (lambda: Int(32, 500, stride=32), "expected high to be low and whole steps (32 + 32 k, such as 480), got 500"),
        (lambda: Int(1, 9, stride=0), "expected a whole number of 1 or more for step, got 0"),
        (lambda: Int(1, 9, "log", 2), "expected scale = \"linear\" with a step, got 'log'"),
        (lambda: Choice(()), "expected at least one value to choose from, got none"),
        (lambda: Choice((1, 1.0)), "expected each value once, got 1.0 twice"),
        (lambda: Choice((1, math.nan)), "expected finite numbers, texts or booleans to choose from, got nan"),
        (lambda: Choice((1, None)), "expected finite numbers, texts or booleans to choose from, got None"),
    ],
)
def test_what_is_no_gene_says_why(make: object, message: str) -> None:
    with pytest.raises(GenomeError) as error:
        make()
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("data", "kind", "gene"),
    [
        (3, None, Int(3, 3)),
        (3, "float", Float(3.0, 3.0)),
        (0.5, None, Float(0.5, 0.5)),
        (True, "bool", Choice((True,))),
        ("relu", "text", Choice(("relu",))),
        ([32, 64], "int", Choice((32, 64), ordinal=True)),
        ([0, 0.5], "float", Choice((0.0, 0.5), ordinal=True)),
        (["relu", "tanh"], "text", Choice(("relu", "tanh"))),
        ([False, True], "bool", Choice((False, True))),
        ({"low": 1, "high": 5}, "int", Int(1, 5)),
        ({"low": 32, "high": 512, "step": 32}, "int", Int(32, 512, stride=32)),
        ({"low": 1, "high": 5}, "float", Float(1.0, 5.0)),
        ({"low": 1, "high": 5.0}, None, Float(1.0, 5.0)),
        ({"low": 1, "high": 5, "scale": "log"}, None, Int(1, 5, "log")),
        ({"values": ["a", "b"], "ordinal": True}, "text", Choice(("a", "b"), ordinal=True)),
        ({"values": [1, 2]}, "int", Choice((1, 2))),
    ],
)
def test_plain_data_becomes_a_gene(data: object, kind: str, gene: Gene) -> None:
    read = gene_from(data, kind)
    assert read == gene
    assert repr(read) == repr(gene)


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        ({"lwo": 1, "high": 5}, "int", "unknown key 'lwo' (did you mean 'low'?); a gene has low, high, scale, step"),
        ({"low": 0.1, "high": 0.5, "step": 0.1}, None, "expected a step between whole numbers only, got"),
        ({"values": [1], "scale": "log"}, "int", "unknown key 'scale'; a gene has values, ordinal"),
        ({"high": 5}, "int", "expected both low and high"),
        ({}, "int", "expected both low and high"),
        ({"low": "a", "high": "b"}, None, "expected numbers for low and high, got 'a' and 'b'"),
        ({"low": 1, "high": 2.5}, "int", "expected a whole number, got 2.5"),
        ({"low": 0, "high": 1}, "bool", "expected true or false or a list of them, got a range"),
        ({"values": 3}, "int", "expected { values = [...], ordinal = true or false }"),
        ("fast", "float", "expected a number, got 'fast'"),
        (True, "int", "expected a whole number, got True"),
        (1, "bool", "expected true or false, got 1"),
        (5, "text", "expected a text, got 5"),
        (None, "int", "expected a value, a list of values, or { low, high }, got None"),
        ([1, [2]], None, "expected a value, a list of values, or { low, high }, got [2]"),
        ([], "int", "expected at least one value to choose from, got none"),
    ],
)
def test_plain_data_that_is_no_gene_says_why(data: object, kind: str, message: str) -> None:
    with pytest.raises(GenomeError) as error:
        gene_from(data, kind)
    assert message in str(error.value)
