"""Genes drawn together around values, and the spaces that are left."""

from __future__ import annotations

import random
from statistics import fmean

import pytest

from genomes import Choice, Encoding, FlatEncoding, Float, Gene, Int, check_encoding
from genomes.narrowing import narrowed
from tests.genomes.test_grid import MLP


@pytest.mark.parametrize(
    ("gene", "values", "after"),
    [
        (Float(0.0, 1.0), (0.4, 0.5, 0.6), Float(0.3, 0.7)),
        (Float(0.0, 1.0), (0.1, 0.9), Float(0.0, 1.0)),
        (Float(0.0, 1.0), (0.5, 0.5), Float(0.5, 0.5)),
        (Float(1e-5, 1.0, "log"), (1e-3, 1e-2, 1e-1), Float(1e-4, 1.0, "log")),
        (Int(0, 100), (40, 50, 60), Int(30, 70)),
        (Int(0, 100), (40, 40, 45), Int(37, 48)),
        (Int(1, 64, "log"), (16, 16), Int(16, 16, "log")),
        (Int(1, 64, "log"), (4, 8), Int(2, 16, "log")),
        (Int(32, 512, stride=32), (128, 192, 256), Int(64, 320, stride=32)),
        (Int(32, 512, stride=32), (128, 160, 160), Int(96, 192, stride=32)),
        (Choice(("a", "b", "c")), ("c", "a", "c"), Choice(("a", "c"))),
        (Choice((1, 2, 4, 8), ordinal=True), (2, 8), Choice((2, 4, 8), ordinal=True)),
        (Choice(("a", "b")), ("a",), Choice(("a", "b"))),
        (Float(0.0, 1.0), (), Float(0.0, 1.0)),
        (Int(3, 3), (3, 3), Int(3, 3)),
    ],
)
def test_known_answers(gene: Gene, values: tuple[float, ...], after: Gene) -> None:
    result = narrowed(gene, values)
    assert result == after or (isinstance(result, Float) and result.low == pytest.approx(after.low))
    if isinstance(result, Float) and isinstance(after, Float):
        assert result.high == pytest.approx(after.high)


def test_a_gene_that_does_not_matter_keeps_its_range_on_average() -> None:
    """Of uniform values; before its ends are cut to those of the gene."""
    inner = []
    for seed in range(2000):
        rng = random.Random(seed)
        gene = narrowed(Float(-100.0, 100.0), [rng.random() for _ in range(5)])
        assert isinstance(gene, Float)
        inner.append(gene.high - gene.low)
    assert fmean(inner) == pytest.approx(1.0, abs=0.02)


def halves(encoding: Encoding) -> Encoding:
    """The space around two of its own samples."""
    samples = [encoding.canonical(encoding.sample(random.Random(seed))) for seed in range(2)]
    genes = {}
    for name, gene in encoding.outline().genes.items():
        values = [sample.genes[name] for sample in samples if name in sample.genes]
        genes[name] = narrowed(gene, values)
    return encoding.narrowed(genes)


CONDITIONAL = FlatEncoding.from_space(
    {
        "kind": ["a", "b", "c"],
        "size": {"low": 1, "high": 9, "when": {"kind": ["a", "c"]}},
        "rate": {"low": 0.0, "high": 1.0, "unless": {"size": [3, 4, 5]}},
    }
)


@pytest.mark.parametrize("whole", [MLP, CONDITIONAL])
def test_a_part_of_a_space_keeps_the_laws_and_the_forms_of_the_whole(whole: Encoding) -> None:
    part = halves(whole)
    if whole is MLP:
        check_encoding(part)
    for seed in range(100):
        genome = part.sample(random.Random(seed))
        whole.check(genome)
        assert whole.canonical(genome) == part.canonical(genome)
        assert whole.fingerprint(genome) == part.fingerprint(genome)


def test_a_condition_on_a_value_that_is_gone_is_never_met() -> None:
    part = CONDITIONAL.narrowed({"kind": Choice(("b",))})
    for seed in range(20):
        assert set(part.canonical(part.sample(random.Random(seed))).genes) == {"kind"}
