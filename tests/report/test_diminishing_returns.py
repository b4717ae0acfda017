"""From which width on more units bring nothing, by hand-made scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from evo_nas.report.diminishing_returns import WidthScores, best_width, draw_returns, enough


def widths(*held_out: Sequence[float]) -> list[WidthScores]:
    return [WidthScores(2**i, 10 * i, [0.5], values) for i, values in enumerate(held_out)]


CASES = {
    "the best stands out": (widths([0.5], [0.6], [0.9]), True, 4, 4),
    "a smaller one wins on one seed": (widths([0.5, 0.5], [0.75, 0.8], [0.7, 0.9]), True, 4, 2),
    "better on every seed, though seeds differ more": (widths([0.5, 0.7], [0.52, 0.72]), True, 2, 2),
    "smaller is better": (widths([0.9, 0.9], [0.4, 0.5], [0.5, 0.6]), False, 2, 2),
    "more units overfit": (widths([0.6, 0.6], [0.7, 0.72], [0.5, 0.5]), True, 2, 2),
    "all alike": (widths([0.5, 0.5], [0.5, 0.5]), True, 1, 1),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_width_from_which_on_more_units_bring_nothing(kind: str) -> None:
    measured, maximize, best, least = CASES[kind]
    assert best_width(measured, maximize=maximize).width == best
    assert enough(measured, maximize=maximize).width == least


def test_the_picture_says_it(tmp_path: Path) -> None:
    measured, maximize, _, least = CASES["a smaller one wins on one seed"]
    unlearned = [WidthScores(each.width, each.parameters, [], each.held_out) for each in measured]
    path = tmp_path / "returns.svg"
    draw_returns(
        [path, tmp_path / "returns.png"],
        {"ROC AUC": measured, "accuracy": unlearned},
        maximize={"ROC AUC": maximize, "accuracy": True},
    )
    assert f"{least} units are enough" in path.read_text()
    assert (tmp_path / "returns.png").read_bytes()[:4] == b"\x89PNG"
