"""The convergence plot: the best so far against the number of trainings, one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from evo_nas.individual import Evaluated, Objective
from evo_nas.report.style import ACCENT, BLUE, FAINT, INK, new_figure, plain_axes, save

COLOURS = (ACCENT, BLUE, "#3d9970", "#8a5a9c", "#c98b1d", INK)
SETTLED = 50
"""The picture is fitted to the lines without their first 1/SETTLED, which may be far off."""
ABOVE, BELOW = 1.2, 0.1
"""Room beside the lines on the worse side, where most trainings lie, and on the better one: in heights of the lines."""

Line = Sequence[tuple[int, float]]


def best_so_far(evaluated: Sequence[Evaluated], objective: Objective) -> list[tuple[int, float]]:
    """(number of trainings so far, the best value of them), one for every training; none before the first success.

    What was judged on a rung counts as a training and is never the best; nor is what was measured again.
    """
    worst = -float("inf")
    scores = [_score(each, objective) if _may_be_best(each) else worst for each in evaluated]
    steps = enumerate(accumulate(scores, max), start=1)
    return [(count, objective.weight * best) for count, best in steps if best > worst]


def draw_convergence(paths: Sequence[Path], searches: Mapping[str, Sequence[Evaluated]], objective: Objective) -> None:
    """Draw a step line for each search, and the trainings of the first one as dots.

    paths: the same picture in each format (.png, .svg). searches: name -> its individuals in order of id.
    """
    lines = {name: best_so_far(evaluated, objective) for name, evaluated in searches.items()}
    figure = new_figure(7.0, 3.8)
    axes = figure.add_subplot()
    for colour, (name, line) in zip(COLOURS, lines.items(), strict=False):
        if line:
            axes.step(
                *zip(*line, strict=True), where="post", color=colour, linewidth=1.6, label=_told(name, line), zorder=3
            )
    _draw_dots(axes, next(iter(searches.values()), ()), objective)
    _fit(axes, list(lines.values()), objective)
    if any(lines.values()):
        axes.legend(frameon=False, fontsize=8, loc="best", labelcolor=INK)
    axis = f"best {objective.name} ({'larger' if objective.maximize else 'smaller'} is better)"
    plain_axes(axes, title=_title(lines, objective), x="trainings", y=axis)
    save(figure, *paths)


def _may_be_best(each: Evaluated) -> bool:
    return each.outcome.ok and each.individual.epochs is None and not each.individual.replicate


def _score(each: Evaluated, objective: Objective) -> float:
    return objective.weight * objective.value(each.outcome)


def _draw_dots(axes: Any, evaluated: Sequence[Evaluated], objective: Objective) -> None:
    told = [(place, each.outcome) for place, each in enumerate(evaluated, start=1) if each.outcome.ok]
    if told:
        places, values = zip(*[(place, objective.value(outcome)) for place, outcome in told], strict=True)
        axes.scatter(places, values, s=5, color=FAINT, alpha=0.5, linewidths=0, label="one training")


def _fit(axes: Any, lines: Sequence[Line], objective: Objective) -> None:
    shown = [value for line in lines for _, value in line[len(line) // SETTLED :]]
    if not shown:
        return
    low, high = min(shown), max(shown)
    reach = (high - low) or 0.05 * abs(high) or 1.0
    below, above = (ABOVE, BELOW) if objective.maximize else (BELOW, ABOVE)
    axes.set_ylim(low - below * reach, high + above * reach)


def _title(lines: Mapping[str, Line], objective: Objective) -> str:
    if not any(lines.values()):
        return "No training has succeeded yet"
    better = max if objective.maximize else min
    name, line = better(((name, line) for name, line in lines.items() if line), key=lambda item: item[1][-1][1])
    return f"The best {objective.name} of {_told(name, line)}"


def _told(name: str, line: Line) -> str:
    count, best = line[-1]
    return f"{name}: {best:.4g} after {count}"
