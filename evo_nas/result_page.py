"""How a result and its individuals show themselves: lines for a terminal, and a page for a notebook.

Every text that somebody else may have written (names of genes, files and operators, messages) is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo_nas.curves import Curve
from evo_nas.errors import UserError
from evo_nas.history import RunFolder, is_held
from evo_nas.individual import Evaluated, training_keys
from evo_nas.running.preparation import open_run
from evo_nas.running.scores import metrics_text
from evo_nas.running.winner_decisions import decisions
from genomes.showing import genome_html, html_table, html_text, visible

if TYPE_CHECKING:
    from evo_nas.report.network_picture import NetworkPicture
    from evo_nas.result import Result

SECTION = "display:flex;flex-wrap:wrap;gap:24px;align-items:flex-start;margin-top:8px"
_KINDS = (("search", "search score"), ("confirmation", "confirmation score"), ("test", "test score"))


def picture_of(result: Result, number: int) -> NetworkPicture:
    """The network of an individual. Raises UserError where the run has no data, or its encoding no layers."""
    from evo_nas.report.network_picture import NetworkPicture

    run = open_run(result.run_dir, read_only=True)
    run.ledger.close()
    facts = run.facts
    if facts.input_shape is None or facts.num_outputs is None:
        raise UserError(
            f"{result.run_dir}: a run with a fitness function of its own has no data, so the sizes of a network's "
            "ends are not known; draw it with evo_nas.draw(genome, input_shape, num_outputs)"
        )
    genome = run.plan.encoding.canonical(result.by_id[number].individual.genome)
    table = run.plan.encoding.layer_table(genome, facts.input_shape, facts.num_outputs)
    if not table:
        raise UserError(f"{result.run_dir}: the encoding {run.plan.encoding.name!r} has no layers to draw")
    return NetworkPicture(table, f"individual {number}")


def individual_lines(result: Result, number: int) -> list[str]:
    """An individual for a terminal: what it is, what came of it, its genes, and a table of its layers."""
    evaluated = result.by_id[number]
    genes = ", ".join(f"{visible(name)} {visible(value)}" for name, value in result.canonical(evaluated).genes.items())
    lines = [
        f"individual {number} ({evaluated.individual.origin})",
        *(f"  changed: {visible(change)}" for change in evaluated.individual.changes),
        f"  {evaluated.outcome}",
        f"  genes: {genes}",
        *(f"  {name}: {text}" for name, text in _decisions(result, number).items()),
    ]
    picture = _picture_if_any(result, number)
    return lines if picture is None else [*lines, "", *str(picture).splitlines()]


def result_text(result: Result) -> str:
    """A few lines: how far the run is, the winner and its scores."""
    rows = list(_facts(result))
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{width}}  {visible(value)}" for name, value in rows)


def result_html(result: Result) -> str:
    """The same with the winner's genes, its network drawn, and the curves of its training."""
    title = f"<strong>run {html_text(result.run_dir.resolve().name)}</strong>"
    parts = [title, html_table(_facts(result))]
    if result.records.best is not None:
        parts.append(f'<div style="{SECTION}">{"".join(_winner_parts(result, result.best))}</div>')
    return f"<div>{''.join(parts)}</div>"


def _winner_parts(result: Result, best: Evaluated) -> Iterator[str]:
    from evo_nas.report.training_curves import curves_svg

    yield genome_html(result.canonical(best))
    picture = _picture_if_any(result, best.individual.id)
    svg = curves_svg(_curves(result.run_dir, best), best.outcome.best_epochs)
    drawn = [picture.svg()] if picture is not None else []
    yield "".join(f"<div>{each}</div>" for each in (*drawn, svg) if each)


def _picture_if_any(result: Result, number: int) -> NetworkPicture | None:
    try:
        return picture_of(result, number)
    except UserError:
        return None


def _curves(run_dir: Path, evaluated: Evaluated) -> tuple[Curve, ...]:
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        keys = training_keys(evaluated.individual, run.replicates)
        return tuple(curve for key in keys for curve in run.ledger.curves(key))


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    failed = sum(not each.outcome.ok for each in result.evaluated)
    yield "run folder", str(result.run_dir)
    yield "objectives", ", ".join(map(str, result.objectives))
    if result.constraints:
        yield "constraints", ", ".join(map(str, result.constraints))
    yield "individuals", f"{len(result.evaluated):,} evaluated, {failed:,} of them failed"
    if result.records.best is None:
        yield "winner", result.why_no_best()
        return
    yield "winner", _born(result.best)
    yield from _scores(result)
    yield from _decisions(result, result.best.individual.id).items()
    if len(result.front) > 1:
        yield "Pareto front", f"{len(result.front)} networks"


def _scores(result: Result) -> Iterator[tuple[str, str]]:
    """Three numbers with three names (law 9). As long as a run goes on nobody should see the test score."""
    run = open_run(result.run_dir, read_only=True)
    run.ledger.close()
    known: Mapping[str, Any] = {"search": result.best.outcome.metrics}
    if run.plan.settings.data is not None:
        try:
            known = {**result.scores, **known}
        except UserError:
            yield "saved", "winner/ does not hold a network yet; a resume saves it"
    for key, name in _KINDS:
        told = known.get(key) or {}
        numbers = told.get("mean", {}) if key == "confirmation" else told
        interval = told.get("interval") if key == "confirmation" else known.get(f"{key}_interval")
        if numbers and not (key == "test" and is_held(run.folder)):
            yield name, metrics_text(numbers, interval)


def _decisions(result: Result, number: int) -> dict[str, str]:
    """How an individual decides, if it is the saved winner; of test rows nothing as long as the run goes on."""
    try:
        scores = result.scores
    except UserError:
        return {}
    folder = RunFolder(result.run_dir)
    told = {**scores, "test": {}} if is_held(folder) else scores
    return decisions(folder, told) if scores["individual"] == number else {}


def _born(evaluated: Evaluated) -> str:
    individual, outcome = evaluated.individual, evaluated.outcome
    size = f", {outcome.parameters:,} parameters" if outcome.parameters else ""
    return f"individual {individual.id} of generation {individual.generation}, made by {individual.operator}{size}"
