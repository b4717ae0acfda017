"""Heads on a frozen backbone in one program: the same bits alone and in company, and what is saved says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evo_nas.outcome import Outcome
from evo_nas.training import tasks
from evo_nas.training.fusing import PLAIN, POPULATION, program_form, refusal, why_nobody_fused
from evo_nas.training.judging import judged
from genomes import encoding_from
from tests.training.test_refitting import asked
from tests.training.training_cases import KERAS_SAVES, ignore_news, trained
from tests.training.transfer_cases import coloured_images, open_transfer_training, transfer_payload

pytestmark = KERAS_SAVES
RECIPE = {"metrics": ["accuracy", "log_loss"], "trainer": "population"}
HEADS: Sequence[Mapping[str, Any]] = (
    {"pooling": "average", "width": 8},
    {"pooling": "max", "width": 24, "dropout": 0.2},
    {"pooling": "average", "layers": 2, "width": 5, "learning_rate": 0.1},
    {"pooling": "max", "preprocessing": "unit"},
)


def together(payloads: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    names = ("genome", "fingerprint", "replicate")
    members = [{name: payload[name] for name in names} for payload in payloads]
    request = {**payloads[0], "members": members, "memory_mb": 512, "confirm": False}
    answer = tasks.HANDLERS["train_cohort"](request, ignore_news)
    return [Outcome.from_json(outcome) for outcome in answer["outcomes"]]


def payloads(images: Path, space: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Genomes of one space, which says what a program of it must be able to do."""
    wide = {"width": [5, 8, 24], "dropout": [0.0, 0.2], "layers": [1, 2], "learning_rate": [0.01, 0.1]}
    wide |= {"pooling": ["average", "max"], "preprocessing": ["symmetric", "unit"]}
    shared = encoding_from({**space, **wide, "frozen_until": "end"}).describe()
    made = [transfer_payload(images, space, RECIPE, **{"frozen_until": "end", **head}) for head in HEADS]
    return [{**payload, "space": shared} for payload in made]


def test_the_same_bits_alone_and_in_company(images: Path, space: dict[str, Any]) -> None:
    asked_for = payloads(images, space)
    company = together(asked_for)
    assert all(outcome.ok for outcome in company), company
    for payload, outcome in zip(asked_for, company, strict=True):
        (alone,) = together([payload])
        assert alone.curves == outcome.curves
    assert len({outcome.metrics["log_loss"] for outcome in company}) == len(HEADS)


def test_the_program_learns_as_the_plain_trainer(images: Path, space: dict[str, Any]) -> None:
    payload = payloads(images, space)[0]
    (fused,) = together([payload])
    plain = trained({**payload, "recipe": {**payload["recipe"], "trainer": "plain"}})
    assert fused.parameters == plain.parameters
    assert fused.metrics["log_loss"] == pytest.approx(plain.metrics["log_loss"], rel=1e-3)


def test_what_is_saved_is_the_whole_network(images: Path, space: dict[str, Any], tmp_path: Path) -> None:
    payload = payloads(images, space)[0]
    (outcome,) = together([payload])
    answer = asked("export", {**payload, "weights": None}, tmp_path, best_epochs=[3])
    assert answer["parameters"] == outcome.parameters
    validation = open_transfer_training(images, space).folds[0].validation
    said = judged(tmp_path, coloured_images(), validation, "validation")
    assert said is not None
    assert said.scores()["log_loss"] == pytest.approx(outcome.metrics["log_loss"], abs=1e-5)


@pytest.mark.parametrize(
    ("genes", "reason"),
    [
        (
            {"frozen_until": "block_1_add"},
            "its backbone is thawed after block_1_add, and a cohort takes dense networks",
        ),
        ({"pooling": "flatten"}, "its features are not pooled, and a cohort takes rows of one length"),
        ({"augment_flip": 0.5}, "its images are augmented, so that no features of them can be kept"),
        ({"layers": 0}, "it has 0 hidden layers, and a cohort takes networks of 1 to 8"),
    ],
)
def test_others_are_trained_by_themselves(space: dict[str, Any], genes: dict[str, Any], reason: str) -> None:
    encoding = encoding_from({**space, "frozen_until": "end", **genes})
    genome = encoding.canonical(encoding.default())
    assert program_form(genome, "auto") == PLAIN
    assert refusal(genome, POPULATION).startswith(reason)


def test_a_head_on_a_frozen_backbone_joins(space: dict[str, Any]) -> None:
    encoding = encoding_from({**space, "frozen_until": ["block_1_add", "end"]})
    frozen = encoding_from({**space, "frozen_until": "end"})
    assert program_form(frozen.canonical(frozen.default()), "auto") == POPULATION
    assert why_nobody_fused(encoding) == ""
    thawed = encoding_from({**space, "frozen_until": "block_1_add"})
    assert why_nobody_fused(thawed) == "expected networks that are frozen to the end, got frozen_until = block_1_add"
