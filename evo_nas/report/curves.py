"""How an objective went over the generations, the Pareto front of two, and its hypervolume."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.individual import Constraint, Evaluated, Individual, Objective, is_feasible, networks
from evo_nas.report.generations import GenerationSummary
from evo_nas.report.style import (
    ACCENT,
    BLUE,
    FAINT,
    HAIRLINE,
    INK,
    axes_within,
    new_figure,
    plain_axes,
    save,
    write_title,
)

MOST_DOTS = 10_000
"""Evaluations drawn as dots; of a longer run every n-th is drawn. Best, median and band always tell of all."""

CROWD = 1_000
"""So many dots are drawn smaller, and without counting where they leave room."""

HYPERVOLUME_AXIS = "hypervolume (larger is better)"

_WIDTH, _LEFT, _RIGHT = 7.0, 0.95, 0.15
"""Inches: of a picture over generations, and beside its axes."""

Point = tuple[float, float]


def draw_curve(
    paths: Sequence[Path],
    summaries: Sequence[GenerationSummary],
    evaluated: Sequence[Evaluated],
    *,
    objectives: Sequence[Objective],
    index: int = 0,
) -> None:
    """Draw `objectives[index]`: best so far (a step line), median and quartiles of each generation, and dots.

    paths: the same picture in each format (.png, .svg). summaries: every generation. evaluated: whom to draw as dots.
    """
    objective = objectives[index]
    whole = [each for each in evaluated if each.outcome.ok and each.individual.epochs is None]
    dots = [(_beside(each.individual), objective.value(each.outcome)) for each in whole]
    figure, axes = _over_generations()
    _draw_lines(axes, summaries, index)
    _draw_dots(axes, dots, summaries, index)
    _write_beside(axes, _title(summaries, objective, index), _axis_name(objective))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8, loc=_free_corner(dots, objective), labelcolor=INK)
    save(figure, *paths)


def draw_hypervolume(paths: Sequence[Path], summaries: Sequence[GenerationSummary]) -> None:
    """Draw the hypervolume of the front after each generation, against a reference point that stays where it is."""
    volumes = [(s.generation, s.hypervolume) for s in summaries if s.hypervolume is not None]
    figure, axes = _over_generations()
    if volumes:
        axes.step(*zip(*volumes, strict=True), where="post", color=ACCENT, linewidth=1.8)
        axes.scatter(*volumes[-1], s=18, color=ACCENT, zorder=5)
    told = f"is {volumes[-1][1]:.5g}, after {len(summaries)} generations" if volumes else "is not known yet"
    _write_beside(axes, f"The hypervolume of the Pareto front {told}", HYPERVOLUME_AXIS)
    save(figure, *paths)


def draw_front(
    paths: Sequence[Path],
    evaluated: Iterable[Evaluated],
    objectives: Sequence[Objective],
    *,
    constraints: Sequence[Constraint] = (),
) -> None:
    """Draw all networks over the first two objectives, and those that no other one beats in both.

    What breaks a constraint is among the evaluations, and not on the front.
    """
    first, second = objectives[:2]
    succeeded = [each.outcome for each in networks(evaluated) if each.outcome.ok]
    points = [(first.value(outcome), second.value(outcome)) for outcome in succeeded]
    feasible = [point for point, o in zip(points, succeeded, strict=True) if is_feasible(o, constraints)]
    front = pareto_front(feasible, first, second)
    figure = new_figure(5.6, 4.4)
    axes = figure.add_subplot()
    if points:
        _scatter(axes, points, size=9, colour=FAINT, label="evaluated")
        where = "pre" if first.maximize else "post"
        if front:
            axes.step(*zip(*sorted(front), strict=True), where=where, color=ACCENT, linewidth=1.2, zorder=3)
            axes.scatter(*zip(*front, strict=True), s=26, color=ACCENT, zorder=4, label="Pareto front")
        axes.legend(frameon=False, fontsize=8, loc="best", labelcolor=INK)
    title = f"The Pareto front holds {len(front)} of {len(points)} networks"
    plain_axes(axes, title=title, x=_axis_name(first), y=_axis_name(second))
    axes.grid(axis="x", color=HAIRLINE, linewidth=0.6)
    save(figure, *paths)


def pareto_front(points: Iterable[Point], first: Objective, second: Objective) -> list[Point]:
    """The points that no other point equals or beats in both objectives, each once, by the first objective, worst
    to best. O(n log n): one sweep from the best first value on."""
    front: list[Point] = []
    ordered = sorted(set(points), key=lambda p: (-first.weight * p[0], -second.weight * p[1]))
    for point in ordered:
        if not front or second.weight * point[1] > second.weight * front[-1][1]:
            front.append(point)
    return front[::-1]


def _over_generations() -> tuple[Any, Any]:
    """A figure, and axes with room for names and for numbers of ten letters."""
    figure = new_figure(_WIDTH, 3.8, constrained=False)
    return figure, axes_within(figure, left=_LEFT, right=_RIGHT, above=0.45, below=0.5)


def _write_beside(axes: Any, title: str, name: str) -> None:
    """The title begins at the edge, and is as long as the picture is wide at the most."""
    plain_axes(axes, x="generation", y=name)
    write_title(axes, title, start=(0.1 - _LEFT) / (_WIDTH - _LEFT - _RIGHT), most_letters=80)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _draw_lines(axes: Any, summaries: Sequence[GenerationSummary], index: int) -> None:
    spreads = [(summary.generation, summary.spreads[index]) for summary in summaries]
    best = [(generation, spread.best) for generation, spread in spreads if spread.best is not None]
    if best:
        axes.step(*zip(*best, strict=True), where="post", color=ACCENT, linewidth=1.8, label="best so far", zorder=4)
        axes.scatter(*best[-1], s=18, color=ACCENT, zorder=5)
    middle = [
        (generation, spread.median, spread.first_quartile, spread.third_quartile)
        for generation, spread in spreads
        if spread.median is not None
    ]
    if middle:
        generations, medians, low, high = zip(*middle, strict=True)
        axes.plot(generations, medians, color=BLUE, linewidth=1.4, label="median of the generation", zorder=3)
        axes.fill_between(generations, low, high, color=BLUE, alpha=0.16, linewidth=0, label="middle half", zorder=2)


def _draw_dots(axes: Any, dots: Sequence[Point], summaries: Sequence[GenerationSummary], index: int) -> None:
    """Draw the dots, and fit the picture to what matters; the legend says how many lie outside.

    One network that learned nothing can score worse than all others by orders of magnitude; the picture shows the
    lines and two bands beyond them.
    """
    num_outside = _fit(axes, [y for _, y in dots], summaries, index)
    note = f" ({num_outside} beyond the scale)" if num_outside else ""
    _scatter(axes, dots, size=7, colour=FAINT, label=f"one evaluation{note}")


def _fit(axes: Any, heights: Sequence[float], summaries: Sequence[GenerationSummary], index: int) -> int:
    """Set the limits of the y axis, and return how many heights lie outside."""
    spreads = [summary.spreads[index] for summary in summaries]
    edges = [edge for spread in spreads for edge in (spread.best, spread.first_quartile, spread.third_quartile)]
    shown = [edge for edge in edges if edge is not None]
    if not shown:
        return 0
    low, high = min(shown), max(shown)
    reach = 1.0 * (high - low) or 0.05 * abs(high) or 1.0
    inside = [y for y in heights if low - reach <= y <= high + reach]
    bottom, top = min([*inside, low]), max([*inside, high])
    margin = 0.06 * (top - bottom) or 0.05 * abs(top) or 1.0
    axes.set_ylim(bottom - margin, top + margin)
    return len(heights) - len(inside)


def _scatter(axes: Any, points: Sequence[Point], *, size: float, colour: str, label: str) -> None:
    if not points:
        return
    drawn = points[:: -(-len(points) // MOST_DOTS)]
    crowded = len(drawn) > CROWD
    style = {"s": size / 2 if crowded else size, "alpha": 0.25 if crowded else 0.55, "color": colour}
    # Thousands of vector dots would make an .svg that no browser scrolls.
    axes.scatter(*np.array(drawn).T, label=label, linewidths=0, zorder=1, rasterized=crowded, **style)


def _free_corner(dots: Sequence[Point], objective: Objective) -> str:
    """Where the legend goes: where the fewest dots lie, or, of very many, away from where the best ones do.

    To look for the former among thousands takes a fifth of the picture's time.
    """
    if len(dots) <= CROWD:
        return "best"
    return "lower right" if objective.maximize else "upper right"


def _beside(individual: Individual) -> float:
    """The generation, a little to the side, so that the dots of one do not hide each other (golden ratio steps)."""
    return individual.generation + 0.5 * ((individual.id * 0.618034) % 1.0 - 0.5)


def _axis_name(objective: Objective) -> str:
    return f"{objective.name} ({'larger' if objective.maximize else 'smaller'} is better)"


def _title(summaries: Sequence[GenerationSummary], objective: Objective, index: int) -> str:
    best = summaries[-1].spreads[index].best if summaries else None
    if best is None:
        return f"No network has a {objective.name} yet"
    # Whom the search believes best may have scored less than a lucky one, whose dot is in the picture.
    told = f"The best {objective.name} so far is" if index else f"The best network so far has {objective.name}"
    return f"{told} {best:.5g}, after {len(summaries)} generations"
