from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from evo_nas.history import with_parents
from evo_nas.individual import Constraint, Evaluated, Objective
from evo_nas.report import curves, family_picture
from evo_nas.report.curves import Point, draw_curve, draw_front, draw_hypervolume, pareto_front
from evo_nas.report.family_picture import MOST_NODES, draw_family_tree, draw_generation
from evo_nas.report.tree_drawing import TreeDrawing
from tests.history.made_up import LOSS, ROC_AUC, made_run
from tests.report.summaries import summarize_run

RUN = made_run(6, 12, seed=3)
BY_ID = {each.individual.id: each for each in RUN}
PARAMETERS = Objective("parameters", False)


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[TreeDrawing]:
    """What was asked to be drawn, in order."""
    asked: list[TreeDrawing] = []
    draw = family_picture.draw_tree

    def noting(drawing: TreeDrawing, *rest: object) -> object:
        asked.append(drawing)
        return draw(drawing, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(family_picture, "draw_tree", noting)
    return asked


def is_picture(path: Path) -> bool:
    """A picture that opens and is not of one colour."""
    if path.suffix == ".svg":
        return len(list(ElementTree.parse(path).getroot().iter())) > 20
    pixels = imread(path)
    return pixels.shape[0] > 200 and pixels.shape[1] > 200 and pixels.std() > 0.01


def curve_texts(path: Path, run: Sequence[Evaluated], objective: Objective) -> str:
    """The picture's source, where matplotlib writes every text as a comment beside its outlines."""
    draw_curve([path], summarize_run(run, [objective]), run, objectives=[objective])
    return path.read_text()


def test_a_curve_in_both_formats(tmp_path: Path) -> None:
    paths = [tmp_path / "curves" / "roc_auc.png", tmp_path / "curves" / "roc_auc.svg"]
    draw_curve(paths, summarize_run(RUN, [LOSS, ROC_AUC]), RUN, objectives=[LOSS, ROC_AUC], index=1)
    assert all(is_picture(path) for path in paths)


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_equal_pictures_are_equal_files(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}.{suffix}" for name in ("first", "second")]
    for path in paths:
        draw_curve([path], summarize_run(RUN, [LOSS]), RUN, objectives=[LOSS])
    first, second = (path.read_bytes() for path in paths)
    assert first == second


def test_a_curve_says_what_it_shows(tmp_path: Path) -> None:
    text = curve_texts(tmp_path / "loss.svg", RUN, LOSS)
    best = min(each.outcome.metrics["loss"] for each in RUN if each.outcome.ok)
    assert f"The best network so far has loss {best:.5g}, after 6 generations" in text
    assert "loss (smaller is better)" in text


def test_one_terrible_network_does_not_flatten_the_curve(tmp_path: Path) -> None:
    terrible = next(each for each in RUN[40:] if each.outcome.ok)
    worse = replace(terrible, outcome=replace(terrible.outcome, metrics={"loss": 1e12, "roc_auc": 0.5}))
    run = [worse if each is terrible else each for each in RUN]
    text = curve_texts(tmp_path / "loss.svg", run, LOSS)
    assert "(1 beyond the scale)" in text


@pytest.mark.parametrize("run", [made_run(3, 5, failure_rate=1.0), made_run(1, 1, failure_rate=0.0), RUN[:1] * 3])
def test_pictures_of_little(tmp_path: Path, run: list[Evaluated]) -> None:
    by_id = {each.individual.id: each for each in run}
    best = next((each.individual.id for each in run if each.outcome.ok), None)
    curve_texts(tmp_path / "curve.svg", run, ROC_AUC)
    draw_front([tmp_path / "front.png"], run, [ROC_AUC, PARAMETERS])
    draw_generation(tmp_path / "generation.png", run[-1:], by_id, ROC_AUC)
    draw_family_tree([tmp_path / "tree.png"], run, best, ROC_AUC)
    assert len(list(tmp_path.glob("*.png"))) == 3


def test_no_network_yet_is_said(tmp_path: Path) -> None:
    text = curve_texts(tmp_path / "loss.svg", made_run(2, 3, failure_rate=1.0), LOSS)
    assert "No network has a loss yet" in text


def test_a_front_in_both_formats(tmp_path: Path) -> None:
    paths = [tmp_path / "front.png", tmp_path / "front.svg"]
    draw_front(paths, RUN, [ROC_AUC, PARAMETERS])
    assert all(is_picture(path) for path in paths)


def test_the_hypervolume_in_both_formats(tmp_path: Path) -> None:
    paths = [tmp_path / "hypervolume.png", tmp_path / "hypervolume.svg"]
    summaries = summarize_run(RUN, [ROC_AUC, PARAMETERS])
    draw_hypervolume(paths, summaries)
    assert all(is_picture(path) for path in paths)
    text = paths[1].read_text()
    assert f"The hypervolume of the Pareto front is {summaries[-1].hypervolume:.5g}, after 6 generations" in text
    draw_hypervolume(paths[1:], summarize_run(RUN, [LOSS]))
    assert "is not known yet" in paths[1].read_text()


def test_what_breaks_a_constraint_is_drawn_but_not_on_the_front(tmp_path: Path) -> None:
    path = tmp_path / "front.svg"
    successes = [each.outcome for each in RUN if each.outcome.ok]
    bound = sorted(outcome.parameters for outcome in successes)[len(successes) // 4]
    small = [outcome for outcome in successes if outcome.parameters <= bound]
    points = [(outcome.metrics["roc_auc"], float(outcome.parameters)) for outcome in small]
    expected = len(pareto_front(points, ROC_AUC, PARAMETERS))
    draw_front([path], RUN, [ROC_AUC, PARAMETERS], constraints=[Constraint("parameters", True, bound)])
    assert f"The Pareto front holds {expected} of {len(successes)} networks" in path.read_text()
    draw_front([path], RUN, [ROC_AUC, PARAMETERS], constraints=[Constraint("parameters", True, 0)])
    assert f"The Pareto front holds 0 of {len(successes)} networks" in path.read_text()


@pytest.mark.parametrize(
    ("first", "second", "front"),
    [
        (ROC_AUC, ROC_AUC, [(2, 5), (4, 4), (5, 1)]),
        (ROC_AUC, LOSS, [(1, 0), (5, 1)]),
        (LOSS, ROC_AUC, [(2, 5), (1, 2)]),
        (LOSS, LOSS, [(1, 0)]),
    ],
)
def test_the_front_of_six_points(first: Objective, second: Objective, front: list[Point]) -> None:
    points = [(1.0, 2.0), (2.0, 5.0), (4.0, 4.0), (4.0, 3.0), (5.0, 1.0), (1.0, 0.0), (5.0, 1.0)]
    assert pareto_front(points, first, second) == front


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_a_point_is_on_the_front_if_none_beats_it(points: list[Point]) -> None:
    def beaten(point: Point) -> bool:
        return any(other != point and other[0] >= point[0] and other[1] <= point[1] for other in points)

    assert set(pareto_front(points, ROC_AUC, LOSS)) == {point for point in points if not beaten(point)}


def test_a_generation_stands_below_its_parents(tmp_path: Path, drawings: list[TreeDrawing]) -> None:
    members = RUN[24:36]
    draw_generation(tmp_path / "generation.png", members, BY_ID, ROC_AUC)
    (drawing,) = drawings
    own = [each.individual.id for each in members]
    assert drawing.rows["generation 2"] == own
    assert drawing.rows["parents"] == sorted({p for each in members for p in each.individual.parents} - set(own))
    best = max((each for each in members if each.outcome.ok), key=lambda each: each.outcome.metrics["roc_auc"])
    assert drawing.best_id == best.individual.id
    assert is_picture(tmp_path / "generation.png")


def test_the_first_generation_has_no_parents(tmp_path: Path, drawings: list[TreeDrawing]) -> None:
    draw_generation(tmp_path / "generation.png", RUN[:12], BY_ID, ROC_AUC)
    assert list(drawings[0].rows) == ["generation 0"]


def test_a_crowded_generation_keeps_its_best_and_says_so(tmp_path: Path, drawings: list[TreeDrawing]) -> None:
    run = made_run(2, 900, seed=1)
    members, by_id = run[900:], {each.individual.id: each for each in run}
    draw_generation(tmp_path / "generation.png", members, by_id, LOSS)
    (drawing,) = drawings
    shown = [number for row in drawing.rows.values() for number in row]
    assert len(shown) <= MOST_NODES
    assert f"({len(with_parents(members, by_id)) - len(shown)} worse ones are not shown)" in drawing.title
    successes = sorted(e.outcome.metrics["loss"] for e in members if e.outcome.ok)
    assert sorted(by_id[number].outcome.metrics["loss"] for number in drawing.rows["generation 1"]) == successes[:300]


def test_the_family_tree_in_both_formats_is_laid_out_once(tmp_path: Path, drawings: list[TreeDrawing]) -> None:
    paths = [tmp_path / "tree.png", tmp_path / "tree.svg"]
    draw_family_tree(paths, RUN, 47, ROC_AUC)
    assert all(is_picture(path) for path in paths)
    assert len(drawings) == 1
    assert drawings[0].title in paths[1].read_text()


def test_the_winners_line_is_lit(tmp_path: Path, drawings: list[TreeDrawing]) -> None:
    draw_family_tree([tmp_path / "tree.png"], RUN, 47, ROC_AUC)
    (drawing,) = drawings
    line = [47]
    while parents := BY_ID[line[-1]].individual.parents:
        line.append(parents[0])
    assert drawing.lit == set(pairwise(line))
    assert list(drawing.rows) == ["0", "1", "2", "3", "4", "5"]
    assert is_picture(tmp_path / "tree.png")


def test_a_crowded_tree_keeps_the_winners_ancestors(tmp_path: Path, drawings: list[TreeDrawing]) -> None:
    run = made_run(8, 100, seed=4)
    best = max((each for each in run if each.outcome.ok), key=lambda each: each.outcome.metrics["roc_auc"]).individual
    draw_family_tree([tmp_path / "tree.png"], run, best.id, ROC_AUC)
    (drawing,) = drawings
    shown = {number for row in drawing.rows.values() for number in row}
    assert len(shown) == MOST_NODES
    assert {best.id, *drawing.marked} <= shown
    assert "(400 worse ones are not shown)" in drawing.title


def test_drawing_touches_no_window_and_pyplot_is_never_loaded(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.history.made_up import *\n"
        "from evo_nas.report.family_picture import draw_family_tree\n"
        "assert 'matplotlib' not in sys.modules and 'networkx' not in sys.modules\n"
        "draw_family_tree([Path(sys.argv[1])], made_run(2, 4), 1, ROC_AUC)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "tree.png")], check=True)
    assert is_picture(tmp_path / "tree.png")


def test_nothing_is_cut_nor_written_over_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are fixed: numbers and names must fit that are as long as they come."""
    figures: list[Any] = []
    monkeypatch.setattr(family_picture, "save", lambda figure, *paths: figures.append(figure))
    monkeypatch.setattr(curves, "save", lambda figure, *paths: figures.append(figure))
    long = Objective("mean_absolute_percentage_error", False)
    for scale, shift in ((1.0, 0.0), (1e-12, 0.0), (-1e30, 0.0), (1e-4, 0.9987), (1e-3, 123456.0), (-1e5, 0.0)):
        run = [renamed(each, long, scale, shift) for each in RUN]
        by_id = {each.individual.id: each for each in run}
        draw_curve([], summarize_run(run, [long]), run, objectives=[long])
        draw_generation(Path("none.png"), run[:12], by_id, long)  # some of these have failed
        draw_family_tree([], run, run[-1].individual.id, long)
    assert len(figures) == 18
    for figure in figures:
        check_texts(figure)


def renamed(each: Evaluated, objective: Objective, scale: float, shift: float) -> Evaluated:
    if not each.outcome.ok:
        return each
    value = each.outcome.metrics["roc_auc"] * scale + shift
    return replace(each, outcome=replace(each.outcome, metrics={objective.name: value}))


def check_texts(figure: Any) -> None:
    """All within the picture; the legend, exponents, titles and names of axes apart from each other."""
    figure.canvas.draw()
    around = [text for axes in figure.axes for text in beside(axes) if text.get_text().strip()]
    for text in (*around, *(label for axes in figure.axes for label in numbers(axes))):
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 <= box.y1 <= figure.bbox.y1, text
    for first, second in combinations(around, 2):
        assert not first.get_window_extent().overlaps(second.get_window_extent()), (first, second)


def beside(axes: Any) -> list[Any]:
    """Titles, names, an exponent and the legend."""
    legend = axes.get_legend()
    titles = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, axes.yaxis.get_offset_text()]
    return [*titles, *(legend.get_texts() if legend else [])]


def numbers(axes: Any) -> list[Any]:
    """The labels of what is in sight."""
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        found += [label for tick in ticks for label in (tick.label1, tick.label2) if label.get_visible()]
    return [label for label in found if label.get_text().strip()]
