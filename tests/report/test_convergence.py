"""The best so far against the number of trainings."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.convergence import best_so_far, draw_convergence
from tests.strategies.searching import encoding

LOSS, ACCURACY = Objective("loss", maximize=False), Objective("accuracy", maximize=True)


def told(number: int, value: float | None, *, rung: int | None = None, replicate: int = 0) -> Evaluated:
    individual = Individual(number, 0, encoding().default(), str(number), epochs=rung, replicate=replicate)
    if value is None:
        return Evaluated(individual, failure(Status.DIVERGED, "lost"))
    return Evaluated(individual, Outcome(Status.OK, {"loss": value, "accuracy": value}))


TOLD = [told(0, None), told(1, 3.0), told(2, 4.0), told(3, 1.0, rung=2), told(4, 0.5, replicate=1), told(5, 2.0)]


def test_the_best_is_of_whole_trainings_and_steps_at_each() -> None:
    assert best_so_far(TOLD, LOSS) == [(2, 3.0), (3, 3.0), (4, 3.0), (5, 3.0), (6, 2.0)]
    assert best_so_far(TOLD, ACCURACY) == [(2, 3.0), (3, 4.0), (4, 4.0), (5, 4.0), (6, 4.0)]
    assert best_so_far(TOLD[:1], LOSS) == []


@pytest.mark.parametrize("searches", [{"one": TOLD}, {"one": TOLD, "other": TOLD[:2]}, {"none": TOLD[:1]}, {"no": []}])
def test_pictures_of_any_searches_are_drawn(tmp_path: Path, searches: dict[str, list[Evaluated]]) -> None:
    paths = [tmp_path / f"convergence.{suffix}" for suffix in ("png", "svg")]
    draw_convergence(paths, searches, LOSS)
    assert paths[0].read_bytes()[:4] == b"\x89PNG"
    assert "</svg>" in paths[1].read_text()
