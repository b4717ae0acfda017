"""A run in lines of text: how it ended, where it stands, where an individual came from."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo_nas.display import describe_seconds
from evo_nas.errors import UserError
from evo_nas.evaluation import load_winner
from evo_nas.history import RunFolder, is_held
from evo_nas.history.digest import Digest
from evo_nas.history.digest import digest as digest_of
from evo_nas.individual import Evaluated
from evo_nas.report.epochs import epoch_lines, heritage_lines
from evo_nas.report.operators import operator_lines
from evo_nas.result import Result
from evo_nas.running.choices import INTERRUPTED, TIME_SPENT, Choices, Ending
from evo_nas.running.chronicle import meaning_of
from evo_nas.running.launch import with_limits
from evo_nas.running.loop import CONVERGED, EPOCHS_SPENT, EVALUATIONS_SPENT, FINISHED
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.running.scores import metrics_text, scores_of
from evo_nas.running.sitting import STOPPED_BY_TIME
from evo_nas.running.stopping import last_convergence
from evo_nas.running.winner_decisions import decision_lines
from evo_nas.strategies import LISTED, RESTART, Adaptation, Records, most_proposals
from genomes import Genome

if TYPE_CHECKING:
    import pandas

MOST_FRONT_LINES = 12
ENDINGS = {
    FINISHED: "finished",
    EVALUATIONS_SPENT: "stopped: the budget of evaluations is spent",
    EPOCHS_SPENT: "stopped: the budget of epochs is spent",
    TIME_SPENT: "stopped: the time is spent",
    INTERRUPTED: "stopped as asked",
    CONVERGED: "converged",
}

MORE = {
    EVALUATIONS_SPENT: " --max-evaluations N",
    EPOCHS_SPENT: " --max-epochs N",
    TIME_SPENT: " --max-minutes M",
    CONVERGED: " --generations N",
}
"""What a resume is given to go on."""


def ending_lines(ending: Ending, run_dir: Path) -> list[str]:
    """What a person wants to know when a sitting is over: the winner, its scores, and how to go on."""
    counts, folder = ending.counts, shlex.quote(str(run_dir))
    lines = [
        f"{ENDINGS[ending.reason]} after {describe_seconds(ending.elapsed_seconds)}: {ending.num_individuals} "
        f"individuals, {counts.finished} trainings ({counts.found} found in the store, {counts.failed} failed)"
    ]
    result = Result(run_dir)
    if ending.best is not None:
        lines.append(f"winner: {_born(result.best)}")
        lines.extend(_network_lines(result, ending.scores))
    elif counts.finished:
        lines.append(_no_winner(result))
    else:
        lines.append("no training has finished yet")
    lines.extend(_epoch_lines(result))
    lines.append(f"run folder: {run_dir}")
    lines.extend(_converged_lines(ending.why, ending.num_planned - ending.num_individuals))
    if ending.reason == FINISHED and _is_list(result):
        lines.append(f"add networks: evo-nas train EXPERIMENT.toml MORE.json --run-dir {folder}")
    elif ending.reason == FINISHED and ending.best is not None:
        lines.append(f"see where it came from: evo-nas lineage {folder} best")
        if not _is_used_up(result):
            lines.append(f"search further:         evo-nas resume {folder} --generations N")
    elif ending.reason != FINISHED:
        more = MORE.get(ending.reason, "")
        lines.append(f"go on: evo-nas resume {folder}{more}")
    return lines


def _converged_lines(why: str, num_left: int) -> list[str]:
    return [f"more trainings are not worth it: {why}; {num_left} planned individuals are left"] if why else []


def _epoch_lines(result: Result) -> list[str]:
    run = open_run(result.run_dir, read_only=True)
    run.ledger.close()
    told = epoch_lines(result.evaluated, run.plan.recipe.epochs)
    return [*told, *heritage_lines(result.evaluated, result.num_finals)]


def _is_list(result: Result) -> bool:
    run = open_run(result.run_dir, read_only=True)
    run.ledger.close()
    return run.plan.settings.search.strategy == LISTED


def _is_used_up(result: Result) -> bool:
    """Whether no generations could be added: a grid, all of whose points have been proposed."""
    run = open_run(result.run_dir, read_only=True)
    run.ledger.close()
    most = most_proposals(run.plan.encoding, run.plan.settings.search, len(run.first))
    return most is not None and len(result.evaluated) >= most


def _born(evaluated: Evaluated) -> str:
    return f"individual {evaluated.individual.id} of generation {evaluated.individual.generation}"


def _no_winner(result: Result) -> str:
    if any(each.outcome.ok for each in result.evaluated):
        return f"no winner: {result.why_no_best()}"
    return f"no training has succeeded; most often: {most_frequent_failure(result.evaluated)}"


def most_frequent_failure(evaluated: Sequence[Evaluated]) -> str:
    """The status and text that most failures have, with how many."""
    texts = Counter(f"{e.outcome.status}: {e.outcome.message}" for e in evaluated if not e.outcome.ok)
    (text, count), *_ = texts.most_common(1) or [("nothing", 0)]
    return f"{text} ({count} times)"


def _network_lines(result: Result, scores: Mapping[str, Any] | None) -> list[str]:
    """The best network, how it is trained, its scores, and the Pareto front it stands on."""
    best, objectives = result.best, result.objectives
    lines = [*describe_genome(result.canonical(best)), f"  parameters: {best.outcome.parameters:,}"]
    steered = "trained from scratch, it chose the winner" if result.num_finals else STEERED
    lines.extend(score_lines(scores, best.outcome.metrics, steered=steered))
    lines.extend(f"  {line}" for line in decision_lines(RunFolder(result.run_dir), scores))
    if len(objectives) == 1:
        return lines
    lines.append(f"  it is the best in {objectives[0].name}; the Pareto front holds {len(result.front)} networks:")
    for each in result.front[:MOST_FRONT_LINES]:
        values = ", ".join(f"{objective.name} {objective.value(each.outcome):.6g}" for objective in objectives)
        lines.append(f"    individual {each.individual.id}: {values}")
    return [*lines, *_hypervolume_lines(result.records)]


def _hypervolume_lines(records: Records) -> list[str]:
    """The hypervolume, with the reference point in the objectives' own directions."""
    if records.hypervolume is None or records.reference is None:
        return []
    pairs = zip(records.objectives, records.reference, strict=True)
    reference = ", ".join(f"{objective.name} {-objective.weight * value:.6g}" for objective, value in pairs)
    return [f"  its hypervolume is {records.hypervolume:.6g}, from the reference point {reference}"]


def describe_genome(genome: Genome) -> list[str]:
    """The layers and the genes of a genome in canonical form: those without effect are not worth a word."""
    layers = " -> ".join(", ".join(f"{k} {_shown(v)}" for k, v in layer.items()) for layer in genome.layers)
    genes = ", ".join(f"{name} {_shown(value)}" for name, value in genome.genes.items())
    return [f"  layers: {layers or 'none'}", f"  genes: {genes}"]


STEERED = "it steered"


def score_lines(scores: Mapping[str, Any] | None, search: Mapping[str, float], *, steered: str = STEERED) -> list[str]:
    """Three numbers with three names (law 9). steered: what the search score did."""
    lines = [f"  search score ({steered}): {metrics_text(search)}"]
    if scores is None:
        return [*lines, "  winner/ does not hold this network yet; a resume saves it"]
    if confirmation := scores["confirmation"]:
        shown = metrics_text(confirmation["mean"], confirmation.get("interval"))
        lines.append(f"  confirmation score, {confirmation['on']}: {shown}")
    if scores["test"]:
        interval = scores.get("test_interval")
        lines.append(f"  test score (rows that no choice saw): {metrics_text(scores['test'], interval)}")
        lines.extend(_interval_lines(interval))
    return lines


def _interval_lines(interval: Mapping[str, Any] | None) -> list[str]:
    """Where the bounds come from, and why a metric has none; nothing in a folder of an older version."""
    if interval is None:
        return []
    names: dict[str, list[str]] = {}
    for name, why in interval["missing"].items():
        names.setdefault(why, []).append(name)
    missing = [f"no interval for {', '.join(metrics)}: {why}" for why, metrics in names.items()]
    told = [f"[low, high]: a {100 * interval['level']:.0f} % interval, {interval['how']}"] if interval["of"] else []
    return [f"    {'; '.join([*told, *missing])}"]


def status_lines(run_dir: Path) -> list[str]:
    """Where a run stands, from its ledger alone; it may be going on."""
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        num_proposed = len(run.ledger.individuals())
        evaluated = list(run.ledger.evaluated(run.replicates))
        elapsed = run.ledger.elapsed_seconds()
        limits = with_limits(run, Choices())
        stopped_by_time = bool(run.ledger.decisions(STOPPED_BY_TIME))
        converged = last_convergence(run.ledger)
    population = run.plan.settings.search.population
    planned = run.num_proposals(limits.num_generations or 0)
    failed = sum(not each.outcome.ok for each in evaluated)
    lines = [
        f"run folder: {run_dir}",
        f"generation {len(evaluated) // population} of {limits.num_generations} finished; individuals: {num_proposed} "
        f"proposed, {len(evaluated)} evaluated, {failed} failed, {planned} planned",
        f"elapsed: {describe_seconds(elapsed)}",
    ]
    running = is_held(run.folder)
    whole = num_proposed == len(evaluated) and (num_proposed == planned or converged is not None) and not running
    result = Result(run_dir)
    scores, has_best = None, result.records.best is not None
    if has_best:
        scores = scores_of(run.folder, result.best.individual.fingerprint)
        lines.append(f"best so far: {_born(result.best)}")
        # While the search goes on nobody should see how its best does on the test rows, people included.
        lines.extend(_network_lines(result, scores if whole or scores is None else {**scores, "test": {}}))
    elif failed < len(evaluated):
        lines.append(f"no best so far: {result.why_no_best()}")
    lines.extend(epoch_lines(evaluated, run.plan.recipe.epochs))
    lines.extend(heritage_lines(evaluated, result.num_finals))
    lines.extend(_restart_lines(evaluated))
    lines.extend(operator_lines(_learnt(run, evaluated), run.plan.objectives[0]))
    lines.extend(_converged_lines(converged["why"] if converged else "", planned - num_proposed))
    if running:
        lines.append("it is running now")
    elif converged is not None or not whole or (scores is None and has_best and run.plan.settings.data is not None):
        more = MORE[CONVERGED] if converged is not None else " --max-minutes M" if stopped_by_time else ""
        lines.append(f"go on: evo-nas resume {shlex.quote(str(run_dir))}{more}")
    return lines


def _restart_lines(evaluated: Sequence[Evaluated]) -> list[str]:
    """Where the population had converged and began anew."""
    fresh = [each.individual.id for each in evaluated if each.individual.operator.startswith(RESTART)]
    starts = [number for number, before in zip(fresh, [-1, *fresh], strict=False) if number != before + 1]
    return [f"restarts of a converged population: at individuals {', '.join(map(str, starts))}"] if starts else []


def _learnt(run: OpenRun, evaluated: Sequence[Evaluated]) -> Adaptation:
    learnt = Adaptation(run.plan.encoding, run.plan.objectives)
    learnt.tell(evaluated)
    return learnt


def run_digest(run_dir: Path) -> Digest:
    """The digest of a run folder."""
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        return digest_of(run.ledger, meaning_of(run))


NETWORKS = ("winner", "refit", "further")
"""Folders of a run that may hold a network."""


def predict_rows(run_dir: Path, rows: Path, delimiter: str | None, *, network: str = "winner") -> pandas.DataFrame:
    """The predictions of one of the run's `NETWORKS` for the rows of a CSV file, or for an image or a folder of images
    where it was trained on images. Raises UserError where the file or the network cannot be used.

    delimiter: None is that of the run's own data.
    """
    if network not in NETWORKS:
        raise UserError(f"--network: expected one of {', '.join(NETWORKS)}, got {network!r}")
    run = open_run(run_dir, read_only=True)
    run.ledger.close()
    if not rows.exists():
        raise UserError(f"{rows}: no such file")
    data = run.plan.settings.data
    winner = load_winner(run_dir / network)
    predictions: pandas.DataFrame = winner.predict_file(rows, delimiter or (data.delimiter if data else ","))
    return predictions


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
