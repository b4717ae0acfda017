"""Networks in the page: as their encoding tells them, each distinct row once."""

from __future__ import annotations

import random
from typing import Any

from evo_nas.individual import Individual
from evo_nas.report.network_rows import rows_of
from evo_nas.report.page import RunRecord, page
from evo_nas.report.page.networks import network_rows
from genomes import CnnEncoding, Encoding, MlpEncoding
from tests.report.page.records import SCORE, record_of, scored

CNN = CnnEncoding.from_space(
    {"encoding": "cnn", "layers": [1, 2, 3], "skip": [True, False], "convolutions": ["one", "two", "separable"]}
).for_data((12, 12, 3), 5)
MLP = MlpEncoding.from_space({"layers": {"low": 0, "high": 4}, "batch_normalization": True})


def record(encoding: Encoding, facts: dict[str, Any], count: int = 20) -> RunRecord:
    rng = random.Random(5)
    genomes = [encoding.sample(rng) for _ in range(count)]
    members = [Individual(number, 0, each, encoding.fingerprint(each)) for number, each in enumerate(genomes)]
    evaluated = [scored(each, 0.1 * each.id) for each in members]
    made = record_of(evaluated, [SCORE], encoding=encoding)
    return RunRecord(
        **{**{name: getattr(made, name) for name in made.__dataclass_fields__}, "settings": {"run": facts}}
    )


def test_every_network_has_the_rows_of_its_table() -> None:
    for encoding, shape, outputs in ((CNN, (12, 12, 3), 5), (MLP, (7,), 2)):
        made = record(encoding, {"input_shape": list(shape), "num_outputs": outputs})
        told = network_rows(made, ())
        assert told is not None
        assert len({repr(row) for row in told["rows"]}) == len(told["rows"])
        for number, genome in made.genomes.items():
            expected = rows_of(encoding.layer_table(genome, shape, outputs))
            found = [told["rows"][index] for index in told["of"][str(number)]]
            assert [(row[4], row[8]) for row in found] == [(row.parameters, list(row.skips)) for row in expected]
            assert sum(row[4] * row[5] for row in found) == encoding.size(genome, shape, outputs).parameters


def test_the_page_has_the_winners_layers_without_a_script() -> None:
    made = record(CNN, {"input_shape": [12, 12, 3], "num_outputs": 5})
    text = page(made)
    assert "Layer by layer, as it is built" in text
    assert '<bdi>input</bdi></td><td class="number">12 × 12 × 3</td>' in text


def test_without_the_shape_of_the_data_there_are_none() -> None:
    for facts in ({}, {"input_shape": None, "num_outputs": None}):
        made = record(MLP, facts)
        assert network_rows(made, ()) is None
        assert "Layer by layer" not in page(made)
