"""Every encoding keeps its laws in random spaces: fixed, narrow, wide, of one point, with genes that lack an effect."""

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from genomes import MlpEncoding, changes_between, check_encoding, encoding_from
from genomes.catalogue import Entry
from genomes.mlp_genes import CATALOGUE

LARGEST = {"layers": 6, "learning_rate": 10.0, "width": 10_000_000}


def numbers(entry: Entry, high: float) -> st.SearchStrategy:
    if entry.kind == "int":
        return st.integers(int(entry.low), int(high))
    return st.floats(entry.low, high, allow_subnormal=False).map(lambda value: float(f"{value:.6g}"))


def ranges(entry: Entry, high: float) -> st.SearchStrategy:
    ends = st.tuples(numbers(entry, high), numbers(entry, high)).map(sorted)

    def described(pair: list[float], log: bool) -> dict[str, object]:
        return {"low": pair[0], "high": pair[1], "scale": "log" if log and pair[0] > 0 else "linear"}

    return st.builds(described, ends, st.booleans())


def described_genes(name: str) -> st.SearchStrategy:
    """A gene of the catalogue: fixed, a list, a list with its order, or a range, within its legal values."""
    entry = CATALOGUE.entries[name]
    if entry.kind == "bool":
        values: st.SearchStrategy = st.booleans()
    elif entry.kind == "text":
        values = st.sampled_from(entry.options)
    else:
        values = numbers(entry, LARGEST.get(name, entry.high))
    lists = st.lists(values, min_size=1, max_size=4, unique=True)
    ways = [
        values,
        lists,
        st.builds(lambda values, ordinal: {"values": values, "ordinal": ordinal}, lists, st.booleans()),
    ]
    return (
        st.one_of(*ways, ranges(entry, LARGEST.get(name, entry.high))) if entry.low < entry.high else st.one_of(*ways)
    )


spaces = st.fixed_dictionaries(
    {}, optional={"equal_layers": st.booleans(), **{name: described_genes(name) for name in CATALOGUE.entries}}
).map(lambda genes: {"encoding": "mlp", **genes})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spaces, st.integers(0, 1000))
def test_some_dense_spaces_keep_every_law(space: dict[str, object], seed: int) -> None:
    check_encoding(encoding_from(space), seed=seed, trials=60)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spaces, st.integers(0, 1000))
def test_the_dense_encoding_keeps_every_law_in_any_space(space: dict[str, object], seed: int) -> None:
    check_encoding(encoding_from(space), seed=seed, trials=60)


@settings(max_examples=60, deadline=None)
@example({"encoding": "mlp", "layers": {"low": 1, "high": 1, "scale": "log"}, "activation": ["relu", "tanh", "elu"]})
@given(spaces)
def test_any_space_reads_back_from_its_description(space: dict[str, object]) -> None:
    encoding = encoding_from(space)
    again = encoding_from(encoding.describe())
    assert again.describe() == encoding.describe()
    assert again.sample(random.Random(0)) == encoding.sample(random.Random(0))


@settings(max_examples=60, deadline=None)
@given(spaces, st.integers(0, 2**32))
def test_changes_are_empty_exactly_where_canonical_forms_are_equal(space: dict[str, object], seed: int) -> None:
    encoding, rng = encoding_from(space), random.Random(seed)
    first, second = encoding.sample(rng), encoding.sample(rng)
    for child in (second, *encoding.crossover(first, second, rng), encoding.mutate(first, rng).genome, first):
        before, after = encoding.canonical(first), encoding.canonical(child)
        assert (changes_between(before, after) == ()) is (before == after)


@pytest.mark.parametrize("equal_layers", [False, True])
def test_the_default_space_keeps_every_law(equal_layers: bool) -> None:
    space = {**MlpEncoding.default_space(), "equal_layers": equal_layers}
    check_encoding(MlpEncoding.from_space(space), trials=500)
