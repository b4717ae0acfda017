"""A run in lines of text: how it ended, where it stands, where an individual came from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo_nas.display import describe_seconds
from evo_nas.errors import UserError
from evo_nas.evaluation import load_winner
from evo_nas.history import ancestors, lineage_lines
from evo_nas.history.digest import Digest
from evo_nas.history.digest import digest as digest_of
from evo_nas.individual import Evaluated
from evo_nas.result import Result, find_best
from evo_nas.running.choices import INTERRUPTED, TIME_SPENT, Ending
from evo_nas.running.chronicle import meaning_of
from evo_nas.running.launch import EXTENDED
from evo_nas.running.preparation import open_run
from evo_nas.running.shipping import read_scores

if TYPE_CHECKING:
    import pandas

ENDINGS = {
    "finished": "finished",
    "evaluations": "stopped: the budget of evaluations is spent",
    TIME_SPENT: "stopped: the time is spent",
    INTERRUPTED: "stopped as asked",
}


def ending_lines(ending: Ending, run_dir: Path) -> list[str]:
    """What a person wants to know when a sitting is over: the winner, its scores, and how to go on."""
    counts = ending.counts
    lines = [
        f"{ENDINGS[ending.reason]} after {describe_seconds(ending.elapsed_seconds)}: {ending.num_individuals} "
        f"individuals, {counts.finished} trainings here ({counts.found} found in the store, {counts.failed} failed)"
    ]
    best = ending.best
    if best is None or best.record is None or best.outcome is None:
        lines.append(f"no training has succeeded; {run_dir / 'individuals.csv'} says why each failed")
    else:
        lines.append(f"winner: individual {best.record.id} of generation {best.record.generation}")
        lines.extend(describe_genome(Evaluated(best.record, best.outcome)))
        lines.extend(score_lines(ending.scores, dict(best.outcome.metrics)))
    lines.append(f"run folder: {run_dir}")
    if ending.reason == "finished":
        lines.append(f"see where it came from: evo-nas lineage {run_dir} best")
        lines.append(f"search further:         evo-nas resume {run_dir} --generations N")
    else:
        more = {"evaluations": " --max-evaluations N", TIME_SPENT: " --max-minutes M"}.get(ending.reason, "")
        lines.append(f"go on: evo-nas resume {run_dir}{more}")
    return lines


def describe_genome(evaluated: Evaluated) -> list[str]:
    """The network and how it is trained, in two or three lines."""
    genome = evaluated.individual.genome
    layers = " -> ".join(", ".join(f"{name} {value}" for name, value in layer.items()) for layer in genome.layers)
    genes = ", ".join(f"{name} {_shown(value)}" for name, value in genome.genes.items())
    return [f"  layers: {layers or 'none'}", f"  genes: {genes}", f"  parameters: {evaluated.outcome.parameters}"]


def score_lines(scores: Mapping[str, Any] | None, search: Mapping[str, float]) -> list[str]:
    """Three numbers with three names (law 9)."""
    lines = [f"  search score (it steered): {_metrics(search)}"]
    confirmation = scores.get("confirmation") if scores else None
    if confirmation:
        lines.append(f"  confirmation score ({confirmation['on']}): {_metrics(confirmation['mean'])}")
    if scores and scores["test"]:
        lines.append(f"  test score (rows that no choice saw): {_metrics(scores['test'])}")
    return lines


def status_lines(run_dir: Path) -> list[str]:
    """Where a run stands, from its ledger alone."""
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        num_proposed = len(run.ledger.individuals())
        evaluated = list(run.ledger.evaluated(run.replicates))
        elapsed = run.ledger.elapsed_seconds()
        num_generations = run.plan.settings.search.generations
        for extension in run.ledger.decisions(EXTENDED):
            num_generations = extension.get("num_generations", num_generations)
    search = run.plan.settings.search
    failed = sum(not each.outcome.ok for each in evaluated)
    planned = search.population * num_generations
    lines = [
        f"run folder: {run_dir}",
        f"generation {len(evaluated) // search.population} of {num_generations} finished; individuals: {num_proposed} "
        f"proposed, {len(evaluated)} evaluated, {failed} failed, {planned} planned",
        f"elapsed: {describe_seconds(elapsed)}",
    ]
    if any(each.outcome.ok for each in evaluated):
        best = find_best(evaluated, run.plan.objectives, where=run_dir)
        lines.append(f"best so far: individual {best.individual.id} of generation {best.individual.generation}")
        lines.extend(describe_genome(best))
        lines.extend(score_lines(read_scores(run.folder), best.outcome.metrics))
    if num_proposed < planned or len(evaluated) < num_proposed:
        lines.append(f"go on: evo-nas resume {run_dir}")
    return lines


def run_digest(run_dir: Path) -> Digest:
    """The digest of a run folder."""
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        return digest_of(run.ledger, meaning_of(run))


def lineage_table(run_dir: Path, name: str) -> list[str]:
    """The ancestors of an individual and itself, oldest first. Raises UserError for an unknown id."""
    result = Result(run_dir)
    by_id = {each.individual.id: each for each in result.evaluated}
    if name == "best":
        number = result.best.individual.id
    elif name.isdecimal() and int(name) in by_id:
        number = int(name)
    else:
        known = f"0 to {max(by_id)}" if by_id else "none yet"
        raise UserError(f"{run_dir}: expected an individual's id ({known}) or best, got {name!r}")
    individuals = {number: each.individual for number, each in by_id.items()}
    objective = result.objectives[0]
    lines = lineage_lines(by_id, [*ancestors(individuals, number), number], objective)
    rows = [
        (
            str(line.id),
            str(line.generation),
            line.operator,
            "-" if line.fitness is None else f"{line.fitness:.6g}",
            "-" if line.gain is None else f"{line.gain:+.4g}",
            "; ".join(line.changes) or "-",
        )
        for line in lines
    ]
    return _aligned([("id", "generation", "operator", objective.name, "gain", "what changed"), *rows])


def predict_rows(run_dir: Path, rows: Path, delimiter: str) -> pandas.DataFrame:
    """The winner's predictions for the rows of a CSV file. Raises UserError where the file cannot be used."""
    import pandas

    open_run(run_dir, read_only=True).ledger.close()
    winner = load_winner(run_dir / "winner")
    try:
        frame = pandas.read_csv(rows, sep=delimiter)
    except FileNotFoundError:
        raise UserError(f"{rows}: no such file") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{rows}: cannot be read as CSV ({error})") from None
    predictions: pandas.DataFrame = winner.predict(frame)
    return predictions


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _metrics(metrics: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
