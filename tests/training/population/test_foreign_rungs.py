"""A training goes on from its own file and from no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.outcome import Outcome, Status
from evo_nas.training.weights import save_weights
from tests.training.population.asking import answered, payload_of, timeless
from tests.training.population.cohorts import Entrant, changed, entrant_of, fixed_entrant
from tests.training.population.conftest import DataOf
from tests.training.training_cases import recipe_of

EPOCHS = 3


@pytest.fixture
def entrant(data_of: DataOf) -> Entrant:
    return fixed_entrant(data_of("binary", 5), "binary", {"epochs": EPOCHS}, learning_rate=[0.01, 0.02])


def to_rung(entrants: list[Entrant], epochs: int, *, before: list[Path | None], after: Path | None) -> list[Outcome]:
    payload = payload_of(entrants)
    for member, file in zip(payload["members"], before, strict=True):
        member["rung"] = {"epochs": epochs, "before": file and str(file), "after": after and str(after)}
    return answered(payload)


@pytest.fixture
def file(entrant: Entrant, tmp_path: Path) -> Path:
    """What the entrant left after its first epoch."""
    path = tmp_path / "rung.safetensors"
    (outcome,) = to_rung([entrant], 1, before=[None], after=path)
    assert outcome.epochs == (1,)
    return path


def on_replicate(entrant: Entrant, replicate: int) -> Entrant:
    return Entrant(replace(entrant.request, replicate=replicate))


def others(entrant: Entrant, data_of: DataOf) -> dict[str, Entrant]:
    request = entrant.request
    genome = changed(request.genome, learning_rate=0.02)
    patient = recipe_of("binary", epochs=EPOCHS, early_stopping={"patience": 2})
    return {
        "genome": entrant_of(request.data, genome, request.encoding, request.recipe),
        "recipe": Entrant(replace(request, recipe=patient)),
        "epochs": Entrant(replace(request, recipe=recipe_of("binary", epochs=EPOCHS + 1))),
        "rows": Entrant(replace(request, data=data_of("binary", 5, 154))),
        "replicate": on_replicate(entrant, 1),
    }


@pytest.mark.parametrize("other", ["genome", "recipe", "epochs", "rows", "replicate"])
def test_the_file_of_another_training_is_refused(entrant: Entrant, file: Path, data_of: DataOf, other: str) -> None:
    (outcome,) = to_rung([others(entrant, data_of)[other]], EPOCHS, before=[file], after=None)
    assert outcome.status is Status.CRASHED
    assert outcome.message.startswith(f"{file}: expected the training ")
    assert outcome.message.endswith("another recipe or another replicate; begin it anew")
    assert outcome.epochs == ()


def test_its_own_file_is_taken_up_whatever_a_run_asks_besides(entrant: Entrant, file: Path) -> None:
    """How many replicates there are, and who would rather train, do not count."""
    (expected,) = answered(payload_of([entrant]))
    asked: dict[str, Any] = {"replicates": 5, "trainer": "auto"}
    same = Entrant(replace(entrant.request, recipe=entrant.request.recipe.model_copy(update=asked)))
    (outcome,) = to_rung([same], EPOCHS, before=[file], after=None)
    assert timeless(outcome) == timeless(expected)


def test_a_foreign_file_is_its_own_member_s_loss(entrant: Entrant, file: Path) -> None:
    """Its mates go on, here from the file of the very same training."""
    refused, sound = to_rung([on_replicate(entrant, 1), entrant], EPOCHS, before=[file, file], after=None)
    assert refused.status is Status.CRASHED
    assert timeless(sound) == timeless(answered(payload_of([entrant]))[0])


def test_what_is_no_training_is_refused(entrant: Entrant, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights({"hidden_1/kernel": np.zeros((2, 2), dtype=np.float32)}, path)
    (outcome,) = to_rung([entrant], EPOCHS, before=[path], after=None)
    assert outcome.message == f"{path}: this is no training that was handed back; begin it anew"


def test_where_the_file_is_gone_the_training_begins_anew(entrant: Entrant, tmp_path: Path) -> None:
    (outcome,) = to_rung([entrant], EPOCHS, before=[tmp_path / "none"], after=None)
    assert timeless(outcome) == timeless(answered(payload_of([entrant]))[0])
