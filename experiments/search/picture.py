"""The picture: regret against evaluations, a line an engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evo_nas.report.style import ACCENT, new_figure, plain_axes, save
from experiments.search.questions import OURS, Question
from experiments.search.schedule import CURVE
from experiments.search.score import Contestant, Scores

TICKS = (10, 30, 100, 300, 1000)
LABEL_ROOM = 1.9
LABEL_GAP = 0.032
"""Between two names at the right, as a share of the picture's height."""
STYLES = ("-", "--", ":")

Curve = Mapping[int, float]


def draw(regrets: Scores, question: Question, stem: Path) -> None:
    """Write stem.svg and stem.png: geometric means of the regret after so many evaluations, both axes logarithmic."""
    curves = {each: curve for each in regrets.contestants if len(curve := _curve(regrets, each)) > 1}
    if not curves:
        return
    figure = new_figure(8.0, 5.0)
    axes: Any = figure.add_subplot()
    colours = {each: _line(axes, number, each, curve) for number, (each, curve) in enumerate(curves.items())}
    title = f"Regret of the answer, geometric mean over {len(regrets.tables)} problems ({question.name})"
    plain_axes(axes, title=title, x="evaluations", y="0: the optimum, 1: the median point")
    last = max(at for curve in curves.values() for at in curve)
    axes.set(xscale="log", yscale="log", xlim=(CURVE[0], last * LABEL_ROOM))
    axes.set_xticks([tick for tick in TICKS if tick <= last], [f"{tick:,}" for tick in TICKS if tick <= last])
    axes.minorticks_off()
    for contestant, height in _label_heights(curves).items():
        _label(axes, contestant, (max(curves[contestant]), height), colours[contestant])
    for suffix in (".svg", ".png"):
        save(figure, stem.with_suffix(suffix))


def _curve(regrets: Scores, contestant: Contestant) -> Curve:
    return {at: regrets.mean(contestant, at) for at in CURVE if regrets.of(contestant, at)}


def _line(axes: Any, number: int, contestant: Contestant, curve: Curve) -> str:
    """Draw it; its colour."""
    ours = contestant.engine == OURS.engine
    style = "-" if ours else STYLES[number // 10 % len(STYLES)]
    (line,) = axes.plot(
        list(curve),
        list(curve.values()),
        color=ACCENT if ours else f"C{number % 10}",
        linestyle=style,
        linewidth=2.2 if ours else 1.0,
    )
    return str(line.get_color())


def _label_heights(curves: Mapping[Contestant, Curve]) -> dict[Contestant, float]:
    """Where each name stands: beside the end of its line, names that end at one place pushed apart."""
    values = [math.log(value) for curve in curves.values() for value in curve.values()]
    gap = LABEL_GAP * (max(values) - min(values))
    heights: dict[Contestant, float] = {}
    highest: dict[int, float] = {}
    for contestant, curve in sorted(curves.items(), key=lambda item: item[1][max(item[1])]):
        end = max(curve)
        height = max(math.log(curve[end]), highest.get(end, -math.inf) + gap)
        highest[end] = height
        heights[contestant] = math.exp(height)
    return heights


def _label(axes: Any, contestant: Contestant, place: tuple[float, float], colour: str) -> None:
    axes.annotate(
        str(contestant), place, xytext=(5, 0), textcoords="offset points", fontsize=7, va="center", color=colour
    )
