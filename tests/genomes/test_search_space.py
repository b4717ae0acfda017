"""Named genes with conditions: which have an effect, and what a step changes."""

import random
from collections import Counter

import pytest

from genomes import Choice, Condition, Float, GenomeError, Int, SearchSpace

SPACE = SearchSpace(
    {
        "optimizer": Choice(("adam", "sgd")),
        "momentum": Float(0.0, 0.9),
        "nesterov": Choice((False, True)),
        "batch_size": Int(8, 8),
    },
    (
        Condition("momentum", "optimizer", ("sgd",)),
        Condition("nesterov", "momentum", (0.0,), unless=True),
    ),
    {"optimizer": "sgd", "momentum": 2.0, "foreign": 1},
)


def point(optimizer: str, momentum: float, nesterov: bool) -> dict[str, object]:
    return {"optimizer": optimizer, "momentum": momentum, "nesterov": nesterov, "batch_size": 8}


def test_the_default_is_as_near_as_the_genes_allow() -> None:
    assert SPACE.default() == point("sgd", 0.9, False)


@pytest.mark.parametrize(
    ("values", "effective"),
    [
        (point("sgd", 0.5, True), ["optimizer", "momentum", "nesterov", "batch_size"]),
        (point("sgd", 0.0, True), ["optimizer", "momentum", "batch_size"]),
        (point("adam", 0.5, True), ["optimizer", "batch_size"]),
    ],
)
def test_a_gene_has_an_effect_where_its_conditions_and_those_of_their_genes_hold(
    values: dict[str, object], effective: list[str]
) -> None:
    kept = SPACE.effective(values)
    assert list(kept) == effective
    assert SPACE.effective(kept) == kept


def test_minus_zero_is_zero_in_effect() -> None:
    assert repr(SPACE.effective(point("sgd", -0.0, False))["momentum"]) == "0.0"


def test_clip_keeps_what_is_valid_fills_what_is_missing_and_drops_what_is_foreign() -> None:
    assert SPACE.clip({"momentum": 7, "batch_size": 99, "foreign": 1, "nesterov": True}) == point("sgd", 0.9, True)


def test_a_step_moves_exactly_the_genes_it_names() -> None:
    rng = random.Random(0)
    before = point("sgd", 0.5, True)
    for _ in range(200):
        after, moved = SPACE.step_some(before, ["optimizer", "momentum", "nesterov"], rng)
        assert {name for name in before if before[name] != after[name]} == set(moved)


def test_the_number_of_genes_that_move_has_a_heavy_tail() -> None:
    rng = random.Random(0)
    names = [f"g{i}" for i in range(4)]
    space = SearchSpace({name: Choice((0, 1)) for name in names})
    counts = Counter(len(space.step_some(space.default(), names, rng)[1]) for _ in range(8000))
    total = sum(k**-1.5 for k in range(1, 5))
    for k in range(1, 5):
        assert counts[k] / 8000 == pytest.approx(k**-1.5 / total, abs=0.02)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"optimizer": "adam"}, "momentum is missing"),
        (point("adam", 0.95, False), "momentum: 0.95 is not in Float(low=0.0, high=0.9, scale='linear')"),
        (point("adam", 0, False), "momentum: 0 is not in Float"),
        ({**point("adam", 0.5, False), "rho": 1}, "'rho' is no gene of this space"),
    ],
)
def test_a_point_outside_names_its_gene(values: dict[str, object], message: str) -> None:
    with pytest.raises(GenomeError) as error:
        SPACE.check(values)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (Condition("b", "c", (1,)), "expected genes of this space, which are a, b"),
        (Condition("a", "b", (1,)), "expected 'b' to stand before 'a'"),
        (Condition("a", "a", (1,)), "expected 'a' to stand before 'a'"),
    ],
)
def test_conditions_on_unknown_or_later_genes_are_refused(condition: Condition, message: str) -> None:
    with pytest.raises(GenomeError) as error:
        SearchSpace({"a": Int(0, 1), "b": Int(0, 1)}, [condition])
    assert message in str(error.value)
