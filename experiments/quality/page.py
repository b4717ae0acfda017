"""What the experiment prints: what everybody was given, what each set brought, and the bars."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from evo_nas.config import Settings
from experiments import bars
from experiments.bars import Bar
from experiments.quality.problem import Problem
from experiments.quality.results import Results, Row, traces
from experiments.quality.schedule import (
    Scope,
    Slot,
    better_peer,
    is_done,
    peer_cells,
    slots_of,
    target_of,
    trial_of,
)
from experiments.quality.sets import QualitySet
from experiments.quality.trace import held_from, lasted, seconds_to_reach
from experiments.quality.trials import Cell


def common_lines(settings: Settings) -> Iterator[str]:
    """What every engine is given on every set."""
    genes = {name: gene for name, gene in settings.space.items() if name != "encoding"}
    yield "space: " + ", ".join(f"{name} {_shown(gene)}" for name, gene in genes.items())
    recipe = settings.recipe
    patience = recipe.early_stopping.patience if recipe.early_stopping else recipe.epochs
    yield f"training: at most {recipe.epochs} epochs, the weights of the best one, patience {patience}"


def rows_line(each: QualitySet, problem: Problem) -> str:
    """The rows of a set, what is to be made small, and how ours is set."""
    examples = problem.examples
    parts = (examples.train, examples.validation, examples.confirmation)
    rows = "{} rows to train on, {} that steer, {} that no choice sees".format(*map(len, parts))
    inputs = f"{examples.train.inputs.shape[1]} inputs"
    return f"{each.title}: {rows}; {inputs}; {each.metric}; ours with fidelity {each.fidelity}"


def print_page(scope: Scope, rows: Sequence[Row]) -> int:
    """Print what is known; 0 if all bars are met, else 1."""
    results = traces(row for row in rows if row.minutes == scope.minutes)
    for line in machine_lines(rows):
        print(line)
    for each in scope.sets:
        for line in set_lines(each, scope, results):
            print(line)
    print()
    return bars.report([bar_of(each, scope, results) for each in scope.sets])


def machine_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Where the results were made, a line each machine."""
    for machine, cores in dict.fromkeys((row.machine, row.cores) for row in rows):
        versions = dict.fromkeys(row.versions for row in rows if (row.machine, row.cores) == (machine, cores))
        yield f"{machine}, {cores} cores; {'; '.join(versions)}"


def set_lines(each: QualitySet, scope: Scope, results: Results) -> Iterator[str]:
    """What a set brought so far."""
    yield f"\n{each.title}, {each.metric} after {scope.minutes:g} minutes"
    peers = [Cell(peer, each.name, 0, scope.minutes) for peer in scope.peers]
    for cell in dict.fromkeys((*peers, *peer_cells(each.name, scope, results))):
        yield _peer_line(cell, results)
    if (num_open := len(open_trials(each, scope, results))) > 0:
        yield f"  trials still to be run: {num_open}"
    target = target_of(each.name, scope, results)
    if target is not None:
        yield f"to reach: {target:.5g}, the median of {better_peer(each.name, scope, results)}"
        yield from _our_lines(each, scope, results, target)


def open_trials(each: QualitySet, scope: Scope, results: Results) -> list[Slot]:
    """The places of a set that lack a result."""
    places = [(slot, trial_of(slot, scope, results)) for slot in slots_of(scope) if slot.set == each.name]
    return [slot for slot, trial in places if trial is None or not is_done(trial, results)]


def reaching_seconds(each: QualitySet, scope: Scope, results: Results) -> list[float]:
    """How long each seed of ours took; NaN for all while one is open."""
    target = target_of(each.name, scope, results)
    if target is None or open_trials(each, scope, results):
        return [math.nan] * scope.our_seeds
    return [seconds_to_reach(results[cell], target) for cell in _our_cells(each, scope)]


def bar_of(each: QualitySet, scope: Scope, results: Results) -> Bar:
    """The median over our seeds, by the peer's time. NaN, which is not met, while a trial is open."""
    figure = median(reaching_seconds(each, scope, results)) / (60.0 * scope.minutes)
    name = f"{each.title}: time until ours is as good, by the {scope.minutes:g} minutes of the better peer"
    return Bar(name, figure, each.share, "at most")


def _our_cells(each: QualitySet, scope: Scope) -> list[Cell]:
    return [Cell(scope.ours, each.name, seed, scope.minutes) for seed in range(scope.our_seeds)]


def _peer_line(cell: Cell, results: Results) -> str:
    trace = results.get(cell, ())
    if not lasted(trace, cell.minutes):
        return f"  {cell.engine}, seed {cell.seed}: not run yet"
    last = trace[-1]
    scores = f"validation {last.validation:.5g}, confirmation {last.confirmation:.5g}"
    return f"  {cell.engine}, seed {cell.seed}: {scores}, {last.trial} networks"


def _our_lines(each: QualitySet, scope: Scope, results: Results, target: float) -> Iterator[str]:
    for cell in _our_cells(each, scope):
        trace = results.get(cell, ())
        if not trace:
            continue
        reached, last = seconds_to_reach(trace, target), trace[-1]
        line = f"  {cell.engine}, seed {cell.seed}: {reached:.1f} s"
        if lasted(trace, cell.minutes):
            held = held_from(trace, target)
            line += f", held from {held:.1f} s, in the end {last.confirmation:.5g}, {last.trial} networks"
        yield line


def _shown(gene: object) -> str:
    if isinstance(gene, dict):
        return f"{gene['low']:g} to {gene['high']:g}" + (" (log)" if gene.get("scale") == "log" else "")
    return ", ".join(map(str, gene)) if isinstance(gene, (list, tuple)) else str(gene).lower()
