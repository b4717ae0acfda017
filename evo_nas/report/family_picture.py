"""The family tree as a picture: of one generation and its parents, and of a whole small run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evo_nas.history.lineage import ancestors, edges, main_line, with_parents
from evo_nas.individual import Evaluated, Objective
from evo_nas.report.layout import Edge, ordered_rows, places
from evo_nas.report.style import save
from evo_nas.report.tree_drawing import TreeDrawing, draw_tree

MOST_NODES = 400
"""What one picture holds and can still be read."""


@dataclass(frozen=True, slots=True)
class _Selection:
    members: Sequence[Evaluated]
    num_left_out: int


def draw_generation(
    path: Path, members: Sequence[Evaluated], by_id: Mapping[int, Evaluated], objective: Objective
) -> None:
    """Draw a generation (below) and its parents (above); the best member is ringed.

    Of more than `MOST_NODES` nodes the worst members are left out, and then the worst parents; the title says how many.
    """
    best = _best(members, objective)
    selection = _thin_generation(members, by_id, objective)
    own = {each.individual.id for each in members}
    generation = members[0].individual.generation
    shown = [each.individual.id for each in selection.members]
    parents = [number for number in shown if number not in own]
    rows = {"parents": parents} if parents else {}
    drawing = TreeDrawing(
        title=f"Generation {generation}{' and its parents' * bool(parents)}{_best_text(best, objective)}"
        f"{_left_out(selection)}",
        rows=rows | {f"generation {generation}": [number for number in shown if number in own]},
        best_id=best.individual.id if best else None,
    )
    links = [(child, parent) for child, parent in edges(selection.members) if child in own]
    _draw([path], drawing, links, selection.members, objective)


def draw_family_tree(
    paths: Sequence[Path], evaluated: Iterable[Evaluated], best_id: int | None, objective: Objective
) -> None:
    """Draw a whole run to each of these paths, a generation a row, oldest above. The line of `best_id`'s first parents
    is lit up, its other ancestors are marked. best_id: None before there is one.

    Of more than `MOST_NODES` individuals the worst are left out, but no ancestor of the best before others.
    """
    by_id = {each.individual.id: each for each in evaluated}
    individuals = {number: each.individual for number, each in by_id.items()}
    line = main_line(individuals, best_id) if best_id is not None else []
    family = ancestors(individuals, best_id) if best_id is not None else []
    selection = _thin(list(by_id.values()), {*line, *family}, objective)
    rows: dict[str, list[int]] = {}
    for each in selection.members:
        rows.setdefault(f"{each.individual.generation}", []).append(each.individual.id)
    best = by_id[best_id] if best_id is not None else None
    drawing = TreeDrawing(
        title=f"Where the winner came from{_best_text(best, objective)}{_left_out(selection)}",
        rows=rows,
        best_id=best_id,
        lit=frozenset(zip(line[1:], line, strict=False)),
        marked=frozenset(family),
        row_name="generation",
    )
    _draw(paths, drawing, edges(selection.members), selection.members, objective)


def _draw(
    paths: Sequence[Path],
    drawing: TreeDrawing,
    links: Sequence[Edge],
    members: Sequence[Evaluated],
    objective: Objective,
) -> None:
    shown = {each.individual.id: each for each in members}
    rows = ordered_rows(list(drawing.rows.values()), links)
    figure = draw_tree(drawing, places(rows), links, shown, objective)
    save(figure, *paths)


def _thin_generation(members: Sequence[Evaluated], by_id: Mapping[int, Evaluated], objective: Objective) -> _Selection:
    everyone = with_parents(members, by_id)
    if len(everyone) <= MOST_NODES:
        return _Selection(everyone, 0)
    kept = _thin(members, set(), objective, room=MOST_NODES * 3 // 4).members
    own = {each.individual.id for each in kept}
    parents = [each for each in with_parents(kept, by_id) if each.individual.id not in own]
    others = _thin(parents, set(), objective, room=MOST_NODES - len(kept)).members
    return _Selection([*others, *kept], len(everyone) - len(others) - len(kept))


def _thin(
    members: Sequence[Evaluated], family: set[int], objective: Objective, *, room: int = MOST_NODES
) -> _Selection:
    """The family first, then the best; in the order in which they came."""
    ranked = sorted(members, key=lambda each: (each.individual.id not in family, *_rank(each, objective)))
    kept = {each.individual.id for each in ranked[:room]}
    chosen = [each for each in members if each.individual.id in kept]
    return _Selection(chosen, len(members) - len(chosen))


def _rank(each: Evaluated, objective: Objective) -> tuple[bool, float]:
    """The worst last: rungs, whose scores compare with nobody's, among the failures."""
    counts = each.outcome.ok and each.individual.epochs is None
    return (False, -objective.weight * objective.value(each.outcome)) if counts else (True, 0.0)


def _best(members: Sequence[Evaluated], objective: Objective) -> Evaluated | None:
    best = min(members, key=lambda each: _rank(each, objective))
    return best if best.outcome.ok and best.individual.epochs is None else None


def _best_text(best: Evaluated | None, objective: Objective) -> str:
    if best is None or not best.outcome.ok:
        return ""
    return f": #{best.individual.id} has {objective.name} {objective.value(best.outcome):.4g}"


def _left_out(selection: _Selection) -> str:
    return f" ({selection.num_left_out} worse ones are not shown)" if selection.num_left_out else ""
