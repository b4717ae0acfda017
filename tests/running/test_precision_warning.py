"""Mixed precision on a CPU: one sentence, once a run."""

from __future__ import annotations

from pathlib import Path

from evo_nas.display import Silent
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import make_plan
from tests.faults import killable
from tests.running.test_sittings import FAKE


class Listener(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def message(self, text: str) -> None:
        self.heard.append(text)


def said(precision: str, path: Path) -> tuple[list[str], list[str]]:
    """In the first sitting of a run, and in the second."""
    settings = killable.settings({})
    recipe = settings.recipe.model_copy(update={"precision": precision, "trainer": "auto"})
    plan = make_plan(settings.model_copy(update={"recipe": recipe}), base=path, dataset=killable.data())
    choices, first, second = Choices(workers=1, handlers=FAKE, pictures=False), Listener(), Listener()
    launch.start(plan, path, choices, first)
    launch.resume(path, choices, second)
    return first.heard, second.heard


def test_it_is_said_once(tmp_path: Path) -> None:
    first, second = said("mixed_bfloat16", tmp_path / "run")
    warning = 'warning: [recipe] precision = "mixed_bfloat16" gains nothing on a CPU; "float32" is faster there'
    assert first.count(warning) == 1
    assert warning not in second


def test_of_32_bits_nothing_is_said(tmp_path: Path) -> None:
    assert not any("precision" in text for heard in said("float32", tmp_path / "run") for text in heard)
