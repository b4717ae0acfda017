from __future__ import annotations

from typing import Any

import pytest

from evo_nas.display import describe_progress


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, ""),
        ({"fold": 0, "epoch": 12, "epochs": 50}, "epoch 12/50"),
        ({"fold": 2, "epoch": 12, "epochs": 50}, "fold 3, epoch 12/50"),
        (
            {"members": 7, "epoch": 12, "epochs": 50, "validation_loss": None},
            "epoch 12/50, 7 still in training",
        ),
        (
            {"members": 7, "epoch": 12, "epochs": 50, "validation_loss": 0.123456},
            "epoch 12/50, 7 still in training, best validation loss 0.1235",
        ),
    ],
)
def test_a_childs_report_is_a_few_words(data: dict[str, Any], said: str) -> None:
    assert describe_progress(data) == said
