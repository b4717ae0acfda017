"""The tables of what was searched say how images were augmented, where they were."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evo_nas.report.page.settings_tables import searched
from tests.report.page.records import record_of


def about_search(augmentation: dict[str, Any]) -> dict[str, str]:
    recipe = {"epochs": 3, "augmentation": augmentation}
    record = replace(record_of([]), settings={"data": {"name": "digits"}, "recipe": recipe})
    return dict(dict(searched(record))["Search"])


def test_strengths_are_told_and_what_is_off_is_not() -> None:
    assert about_search({"flip": 0.5, "shift": 0.0, "rotation": 10.0})["augmentation"] == "flip 0.5, rotation 10"
    assert "augmentation" not in about_search({"flip": 0.0})
