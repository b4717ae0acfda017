"""Answers about a family tree in lines of text, from run folders alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from evo_nas.errors import UserError
from evo_nas.history import ancestors, lineage_lines
from evo_nas.individual import Evaluated, Objective
from evo_nas.questions import Ablated, Blamed, bisect, blame, objective_named
from evo_nas.report.questions.fronts import front_rows
from evo_nas.report.questions.fronts import outcome_rows as run_outcome_rows
from evo_nas.report.questions.kinship import Format, descendants, family_text, plain
from evo_nas.report.questions.pairs import Row, common_ancestors, gene_rows, outcome_rows
from evo_nas.report.questions.runs import Side, found, setting_rows
from evo_nas.report.questions.runs import gene_rows as run_gene_rows
from evo_nas.report.ranking import aligned
from evo_nas.result import Result
from evo_nas.running.preparation import open_run

MOST_NETWORKS = 5
"""Networks that only one of two runs found, that are named."""


def lineage_table(run_dir: Path, name: str, *, below: bool = False) -> list[str]:
    """The ancestors of an individual (its descendants) and itself, oldest first. Raises UserError for an unknown id."""
    result = Result(run_dir)
    objective = result.objectives[0]
    rows = [
        (
            str(line.id),
            str(line.generation),
            plain(line.operator),
            "-" if line.fitness is None else f"{line.fitness:.6g}",
            "-" if line.gain is None else f"{line.gain:+.4g}",
            plain("; ".join(line.changes) or "-"),
        )
        for line in lineage_lines(result.by_id, _family(result, name, below=below), objective)
    ]
    return aligned([("id", "generation", "operator", objective.name, "gain", "what changed"), *rows])


def lineage_text(run_dir: Path, name: str, form: Format, *, below: bool = False) -> str:
    """The same individuals as GraphML, DOT, JSON or Mermaid."""
    result = Result(run_dir)
    family = [result.by_id[number] for number in _family(result, name, below=below)]
    return family_text(family, result.objectives[0], form)


def _family(result: Result, name: str, *, below: bool) -> list[int]:
    number = result.number_of(name)
    individuals = {each: evaluated.individual for each, evaluated in result.by_id.items()}
    if below:
        return [number, *descendants(individuals, number)]
    return [*(each for each in ancestors(individuals, number) if each in result.by_id), number]


def blame_lines(run_dir: Path, name: str, objective: str | None) -> list[str]:
    """Which changes paid, ranked, with the standard deviation of each gain."""
    result = Result(run_dir)
    goal, blamed = objective_named(result, objective), blame(run_dir, name, objective=objective)
    if not blamed:
        return [f"individual {result.number_of(name)} has no ancestor that differs from it: nothing to blame"]
    header = ("gain", "+-", "of the step", "individual", "generation", "operator", "what changed")
    lines = aligned([header, *map(_blamed_row, blamed)])
    known = blamed[0].error is not None or any(each.error is not None for each in blamed)
    return [f"gain in {goal.name}, positive for better, of the changes that led to it", *lines, *_noise_line(known)]


def _blamed_row(each: Blamed) -> tuple[str, ...]:
    step = "-" if each.step_gain is None else f"{each.step_gain:+.4g}"
    return (
        "-" if each.gain is None else f"{each.gain:+.4g}",
        "-" if each.error is None else f"{each.error:.2g}",
        step if each.together == 1 else f"{step} ({each.together} changes)",
        f"{each.parent} -> {each.child}",
        str(each.generation),
        plain(each.operator),
        plain(each.change),
    )


def _noise_line(known: bool) -> list[str]:
    if known:
        return [
            "+- is a standard deviation, by how much trainings of one network differ; ancestors were chosen for their"
            " luck too, so ask `evo-nas ablate` before a gain is believed"
        ]
    return [
        "no network of this run was trained twice, so nothing says how much of a gain is noise: `evo-nas ablate`"
        " trains the winner without each change"
    ]


def ablation_lines(run_dir: Path, name: str, objective: str | None, found: Sequence[Ablated]) -> list[str]:
    """What each change of the line is worth, ranked, with a 95 % interval; then those without a number, and why."""
    result = Result(run_dir)
    goal, number = objective_named(result, objective), result.number_of(name)
    measured = [each for each in found if each.gain is not None]
    others = [f"  {plain(each.variant.change)}: {plain(each.why_not)}" for each in found if each.gain is None]
    if not measured:
        return [f"nothing was measured of individual {number}", *others]
    header = ("gain", "95 % interval", "seeds", "individual", "change")
    lines = aligned([header, *map(_ablated_row, measured)])
    return [
        f"what individual {number} gains in {goal.name} by each change of its line, on seeds that nothing chose by",
        *lines,
        *(["without a number:", *others] if others else []),
    ]


def _ablated_row(each: Ablated) -> tuple[str, ...]:
    interval = "-" if each.interval is None else f"[{each.interval[0]:+.4g}, {each.interval[1]:+.4g}]"
    step = f"{each.variant.parent} -> {each.variant.child}"
    return f"{each.gain or 0.0:+.4g}", interval, str(each.pairs), step, plain(each.variant.change)


def origin_lines(run_dir: Path, condition: str, name: str) -> list[str]:
    """The ancestor in which a property first appeared, and how it came down."""
    result = Result(run_dir)
    found_origin = bisect(run_dir, condition, name)
    first, objective = found_origin.appeared.individual, result.objectives[0]
    parents = ", ".join(map(str, first.parents))
    operator = plain(first.operator)
    born = f"made of {parents} by {operator}" if parents else f"made by {operator}, without parents"
    lines = [f"{condition} first held in individual {first.id} of generation {first.generation}, {born}"]
    lines += [f"  {plain(change)}" for change in first.changes]
    numbers = [each.individual.id for each in found_origin.inherited]
    rows = lineage_lines(result.by_id, numbers, objective)
    path = " -> ".join(f"{line.id} ({_value(line.fitness)})" for line in rows)
    lines.append(f"it came down by {path}, in brackets {objective.name}")
    if found_origin.lost:
        lines.append(f"it had held before, and was lost again, in {', '.join(map(str, found_origin.lost))}")
    return lines


def pair_lines(run_dir: Path, first: str, second: str) -> list[str]:
    """Two individuals gene by gene and number by number; what differs is marked."""
    result = Result(run_dir)
    run = open_run(run_dir, read_only=True)
    run.ledger.close()
    ours, theirs = (result.by_id[result.number_of(name)] for name in (first, second))
    canonical = run.plan.encoding.canonical
    individuals = {number: each.individual for number, each in result.by_id.items()}
    rows = [
        *gene_rows(canonical(ours.individual.genome), canonical(theirs.individual.genome)),
        *outcome_rows(ours, theirs),
    ]
    kin = common_ancestors(individuals, ours.individual.id, theirs.individual.id)
    told = ", ".join(map(str, kin)) if kin else "none"
    return [
        *_pairs(("", f"individual {ours.individual.id}", f"individual {theirs.individual.id}"), rows),
        f"nearest common ancestors: {told}",
    ]


def run_lines(first: Path, second: Path) -> list[str]:
    """Two runs: settings that differ, what came of them, their fronts where they have the same several objectives,
    their genes, and what only one of them found. Raises UserError where no objective is common to them.
    """
    objectives = _common_objectives(first, second)
    ours, theirs = _side(first), _side(second)
    names = (ours.name, theirs.name)
    only = found(ours, theirs)
    settings = setting_rows(ours, theirs)
    return [
        *(_pairs(("settings", *names), settings) if settings else ["settings: the same"]),
        "",
        *_pairs(("outcome", *names), run_outcome_rows(ours, theirs, objectives)),
        "",
        *_front_lines(ours, theirs, objectives),
        *_pairs(("genes of all networks", *names), run_gene_rows(ours, theirs)),
        "",
        f"networks that both trained: {only.common}",
        *_only_lines(ours.name, only.first_only, objectives[0]),
        *_only_lines(theirs.name, only.second_only, objectives[0]),
    ]


def _common_objectives(first: Path, second: Path) -> list[Objective]:
    """In the order of the first."""
    ours, theirs = Result(first).objectives, Result(second).objectives
    common = [each for each in ours if each in theirs]
    if not common:
        raise UserError(
            f"{second}: expected a run with an objective of {first}, which is to {' and to '.join(map(str, ours))}; "
            f"this one is to {' and to '.join(map(str, theirs))}"
        )
    return common


def _front_lines(first: Side, second: Side, objectives: Sequence[Objective]) -> list[str]:
    """Of runs of the same objectives alone: others have fronts that cannot be compared."""
    rows = front_rows(first, second, objectives) if set(first.objectives) == set(second.objectives) else []
    return [*_pairs(("Pareto front", first.name, second.name), rows), ""] if rows else []


def _side(run_dir: Path) -> Side:
    result = Result(run_dir)
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        settings = run.plan.settings.model_dump(mode="json", exclude_none=True, exclude={"run"})
    canonical = run.plan.encoding.canonical
    members = [
        replace(each, individual=replace(each.individual, genome=canonical(each.individual.genome)))
        for each in result.evaluated
    ]
    has_best = result.records.best is not None
    return Side(
        str(run_dir),
        settings,
        tuple(result.objectives),
        members,
        best=result.best if has_best else None,
        front=result.front if has_best else [],
    )


def _only_lines(name: str, networks: Sequence[Evaluated], objective: Objective) -> list[str]:
    ranked = sorted(networks, key=lambda each: -objective.weight * objective.value(each.outcome))
    best = ", ".join(f"{e.individual.id} ({_value(objective.value(e.outcome))})" for e in ranked[:MOST_NETWORKS])
    return [f"only in {name}: {len(networks)}" + (f", the best of them {best}" if best else "")]


def _pairs(header: tuple[str, str, str], rows: Sequence[Row]) -> list[str]:
    cells = [(plain(row.what), _cell(row.first), _cell(row.second), "*" if row.differs else "") for row in rows]
    return aligned([(*header, ""), *cells])


def _cell(value: bool | int | float | str | None) -> str:
    return "-" if value is None else plain(value)


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.5g}"
