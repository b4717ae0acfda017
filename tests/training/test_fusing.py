"""Which form of the program trains a genome: a function of the canonical genome and the recipe's trainer alone."""

from __future__ import annotations

import random
from typing import Any

import pytest

from evo_nas.config import Trainer
from evo_nas.errors import UserError
from evo_nas.evaluation.forms import check_trainer, program_form, refusal
from evo_nas.training.fusing import MOST_BRANCHES, CohortKey, cohort_key, is_branched, update_rule, why_not_fused
from genomes import CnnEncoding, FlatEncoding, Genome, MlpEncoding

ENCODING = MlpEncoding.from_space({"layers": {"low": 0, "high": 100}})


def genome(*widths: int, **genes: Any) -> Genome:
    encoding = MlpEncoding.from_space({"layers": {"low": 0, "high": 100}, **genes})
    layers = tuple({"width": width, "activation": "relu", "dropout": 0.0} for width in widths)
    return encoding.canonical(Genome("mlp", encoding.default().genes, layers))


FUSED = [genome(1), genome(512), genome(*[3] * 8)]
NOT_FUSED = {
    "0 hidden layers, and a cohort takes networks of 1 to 8": genome(),
    "9 hidden layers, and a cohort takes networks of 1 to 8": genome(*[3] * 9),
    "widest layer has 513 units, and a cohort takes layers of at most 512": genome(8, 513, 8),
    "encoding is 'flat', and a cohort trains 'mlp' only": Genome("flat", {"batch_size": 32}),
}


@pytest.mark.parametrize("fused", FUSED)
def test_what_can_be_fused(fused: Genome) -> None:
    assert why_not_fused(fused) == refusal(fused, "population") == ""
    assert [program_form(fused, trainer) for trainer in ("auto", "plain", "population")] == [
        "population",
        "plain",
        "population",
    ]


@pytest.mark.parametrize("reason", NOT_FUSED)
def test_what_cannot_be_fused_says_why_and_what_to_do(reason: str) -> None:
    alone = NOT_FUSED[reason]
    assert why_not_fused(alone).endswith(reason)
    assert [program_form(alone, trainer) for trainer in ("auto", "plain")] == ["plain", "plain"]
    assert [refusal(alone, trainer) for trainer in ("auto", "plain")] == ["", ""]
    assert refusal(alone, "population").endswith(f'{reason}; with [recipe] trainer = "auto" it is trained by itself')


def test_cohorts_of_one_activation_have_a_program_of_their_own_where_there_are_few_kinds_of_them() -> None:
    names = ["elu", "gelu", "relu", "selu", "tanh"]
    few, many = names[:MOST_BRANCHES], names[: MOST_BRANCHES + 1]
    assert is_branched(MlpEncoding.from_space({"equal_layers": True, "activation": few}))
    assert is_branched(MlpEncoding.from_space({"equal_layers": True, "activation": "relu"}))
    assert not is_branched(MlpEncoding.from_space({"equal_layers": True, "activation": many}))
    assert not is_branched(MlpEncoding.from_space({"activation": few}))
    assert not is_branched(CnnEncoding.from_space({}))
    assert not is_branched(FlatEncoding.from_space({"rate": {"low": 0.0, "high": 1.0}}))


@pytest.mark.parametrize(
    ("genes", "rule"),
    [
        ({}, "adam_fused"),
        ({"learning_rate": 0.5, "l2": 0.1}, "adam_fused"),
        ({"decay": 0.9}, "adam"),
        ({"beta_1": 0.8}, "adam"),
        ({"beta_2": 0.99}, "adam"),
        ({"epsilon": 1e-8}, "adam"),
        ({"optimizer": "adamw"}, "adamw"),
        ({"optimizer": "nadam"}, "nadam"),
        ({"optimizer": "sgd"}, "sgd"),
        ({"optimizer": "rmsprop"}, "rmsprop"),
    ],
)
def test_adam_as_keras_has_it_is_a_rule_of_its_own(genes: dict[str, Any], rule: str) -> None:
    assert update_rule(genome(8, **genes).genes) == rule


def test_the_key_of_a_cohort() -> None:
    assert cohort_key(genome(8)) == CohortKey(32, "adam_fused", False)
    other = genome(8, 9, batch_size=64, optimizer="sgd", batch_normalization=True, preprocessing="robust")
    assert cohort_key(other) == CohortKey(64, "sgd", True)


NOBODY: dict[str, dict[str, Any]] = {
    "1 to 8 hidden layers, got layers = 9 to 12": {"layers": {"low": 9, "high": 12}},
    "1 to 8 hidden layers, got layers = 0": {"layers": 0},
    "1 to 8 hidden layers, got layers = 0, 9": {"layers": [0, 9]},
    "at most 512 units, got width = 513": {"width": 513},
    "at most 512 units, got width = 513 to 600": {"width": {"low": 513, "high": 600, "scale": "log"}},
    "at most 512 units, got width = 1000, 2000": {"width": [1000, 2000]},
}
SOMEBODY: list[dict[str, Any]] = [
    {},
    {"layers": {"low": 0, "high": 1}},
    {"layers": {"low": 8, "high": 12}},
    {"layers": [0, 8, 9]},
    {"width": {"low": 512, "high": 516}},
    {"width": [2000, 512]},
    {"layers": 1, "width": 512},
]


@pytest.mark.parametrize("reason", NOBODY)
def test_a_space_of_which_nobody_can_be_fused_is_refused_at_the_start(reason: str) -> None:
    encoding = MlpEncoding.from_space(NOBODY[reason])
    with pytest.raises(UserError, match=f'expected .*{reason}; use trainer = "auto"$'):
        check_trainer("population", encoding)
    check_trainer("auto", encoding)
    check_trainer("plain", encoding)
    rng = random.Random(0)
    assert all(why_not_fused(encoding.canonical(encoding.sample(rng))) for _ in range(50))


@pytest.mark.parametrize("space", SOMEBODY)
def test_a_space_of_which_somebody_can_be_fused_is_not(space: dict[str, Any]) -> None:
    encoding, rng = MlpEncoding.from_space(space), random.Random(0)
    check_trainer("population", encoding)
    assert not all(why_not_fused(encoding.canonical(encoding.sample(rng))) for _ in range(500))


def test_an_encoding_without_cohorts_is_refused_at_the_start() -> None:
    class ConvolutionEncoding(MlpEncoding):  # type: ignore[misc]
        name = "cnn"

    encoding = ConvolutionEncoding.from_space({})
    check_trainer("auto", encoding)
    with pytest.raises(UserError, match=r"the encoding 'mlp', got 'cnn'; use trainer = .auto.$"):
        check_trainer("population", encoding)


@pytest.mark.parametrize("trainer", ["auto", "plain", "population"])
def test_a_plain_dictionary_is_no_network(trainer: Trainer) -> None:
    with pytest.raises(UserError, match='encoding = "flat" holds no network to train; give a fitness function'):
        check_trainer(trainer, FlatEncoding.from_space({"rate": [0.1, 0.2]}))
