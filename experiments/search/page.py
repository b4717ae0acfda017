"""What the benchmark prints: a table, a line a peer with its ratio, and the bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from experiments import bars
from experiments.search.catalogue import problem_named
from experiments.search.engines import ENGINES
from experiments.search.engines.ours import batches_of
from experiments.search.questions import OURS, Question, optimum_after, peers_of
from experiments.search.results import Row
from experiments.search.schedule import CHECKPOINTS
from experiments.search.score import Contestant, Scores

NOTES = {
    "table": "FCNet (4) and NAS-Bench-201 (3): the design was made with these in view.",
    "untouched": (
        "HPOBench-MLP (8): used for no choice in this design; the prototypes that it began from had it in view."
    ),
    "ordinal": "Three tables of our own, from formulas that resemble training.",
    "landscapes": "Three formulas over dense networks of variable depth, the best network known.",
}


def print_page(question: Question, scores: Scores, rows: Sequence[Row]) -> int:
    """Print everything; 0 if all bars are met, else 1."""
    if question.name in NOTES:
        print(NOTES[question.name])
    for line in page_lines(question, scores, rows):
        print(line)
    return bars.report(question.bars(scores, rows))


def page_lines(question: Question, scores: Scores, rows: Sequence[Row]) -> list[str]:
    """What stands above the bars."""
    if question.name == "optimum":
        return [*optimum_lines(scores, rows), ""]
    ratios = ratio_lines(scores, question) if question.batches == (0,) else []
    return [*table_lines(scores, question), *batch_lines(question), *ratios]


def batch_lines(question: Question) -> list[str]:
    """The rule by which our batches grow, as it is followed on the first problem: (first proposal, size) of each."""
    lines = []
    for batch in question.batches:
        batches = batches_of(problem_named(question.tables[0]), OURS.engine, batch or None, question.most_evaluations)
        changes = [each for each, before in zip(batches, [(0, 0), *batches], strict=False) if each[1] != before[1]]
        sizes = ", ".join(f"{size} from {start}" for start, size in changes)
        lines.append(f"batches of {Contestant(OURS.engine, batch)}, the same for all cells: {sizes}")
    return [*lines, ""]


def optimum_lines(scores: Scores, rows: Sequence[Row]) -> list[str]:
    """How soon each engine measured the optimum; a run that never did counts as all its evaluations."""
    lines = [
        "evaluations until the optimum was measured",
        "",
        f"{'':<24}{'seeds':>7}{'mean':>8}{'median':>8}{'most':>8}",
    ]
    for each in scores.contestants:
        runs = optimum_after(rows, each)
        if runs:
            lines.append(f"{each!s:<24}{len(runs):>7}{fmean(runs):>8.1f}{median(runs):>8.1f}{max(runs):>8}")
    return lines


def table_lines(scores: Scores, question: Question) -> list[str]:
    """Rows engines, columns checkpoints: geometric means, the share in %; * where peers have fewer seeds than ours."""
    checkpoints = _checkpoints(question)
    unit = "share of the space that is truly better than the answer, %" if question.field == "share" else "regret"
    lines = [
        f"{unit}; geometric mean over {len(scores.tables)} problems",
        "",
        f"{'':<24}{'answer':>10}{'seeds':>7}" + "".join(f"{each:>10}" for each in checkpoints) + "   seconds",
    ]
    order = {engine.name: number for number, engine in enumerate(ENGINES)}
    for each in sorted(scores.contestants, key=lambda each: (order.get(each.engine, len(order)), each.batch)):
        lines.append(_line(scores, each, question, checkpoints))
    return [*lines, ""]


def _line(scores: Scores, contestant: Contestant, question: Question, checkpoints: Sequence[int]) -> str:
    measured = [each for each in checkpoints if scores.of(contestant, each)]
    if not measured:
        return f"{contestant!s:<24}{'-':>10}{'-':>7}  some tables have no result yet"
    factor = 100.0 if question.field == "share" else 1.0
    cells = [scores.mean(contestant, each) * factor for each in checkpoints]
    last = measured[-1]
    return (
        f"{contestant!s:<24}{scores.kind(contestant, last):>10}{scores.num_seeds(contestant, last):>7}"
        + "".join(f"{'-' if math.isnan(cell) else f'{cell:.4g}':>10}" for cell in cells)
        + f"{scores.seconds(contestant, last):>10.2f}"
    )


def ratio_lines(scores: Scores, question: Question) -> list[str]:
    """Ours by each peer at each checkpoint, with intervals, the peers in order of the table."""
    lines = []
    for checkpoint in _checkpoints(question):
        best = scores.best(peers_of(scores), checkpoint)
        for peer in peers_of(scores):
            if scores.of(OURS, checkpoint) and scores.of(peer, checkpoint):
                mark = " (the best peer there)" if peer == best else ""
                lines.append(f"{checkpoint} evaluations, ours / {peer}: {scores.ratio(OURS, peer, checkpoint)}{mark}")
    return [*lines, ""] if lines else []


def _checkpoints(question: Question) -> list[int]:
    return [each for each in CHECKPOINTS if each <= question.most_evaluations]
