"""Networks from the best to the worst, a line each: what a list of them is trained for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from evo_nas.individual import Constraint, Evaluated, Objective, is_feasible, networks, total_violation
from evo_nas.report.tables import Cell
from genomes import Genome, MlpEncoding, Value

MOST_SHOWN = 40
"""Networks in a printed table; all of them are in individuals.csv."""


def ranked(
    evaluated: Iterable[Evaluated], objectives: Sequence[Objective], constraints: Sequence[Constraint] = ()
) -> list[Evaluated]:
    """Each network once, the mean of all its measurements, best first objective first (ties: the next ones, then the
    older network); after them those that stand by inherited weights, whose scores rest on more epochs; those that break
    a constraint, the least first; and those that failed.
    """
    return sorted(networks(evaluated), key=lambda each: _place(each, objectives, constraints))


def ranking_lines(ranking: Sequence[Evaluated], metrics: Sequence[str], *, most: int = MOST_SHOWN) -> list[str]:
    """An aligned table. metrics: the columns between the rank and the size; a failure shows its status there."""
    header = ("rank", "id", *metrics, "parameters", "seconds", "network")
    rows = [_row(rank, each, metrics) for rank, each in enumerate(ranking[:most], start=1)]
    left = len(ranking) - len(rows)
    return [*aligned([header, *rows]), *([f"and {left} more, in individuals.csv"] if left > 0 else [])]


def described(genome: Genome) -> str:
    """Such as "110-110-110 relu, adadelta 0.005, batch 32": enough to tell networks of a list apart."""
    genes = genome.genes
    if genome.encoding != MlpEncoding.name:
        return ", ".join(f"{name} {_shown(value)}" for name, value in genes.items())
    activations = [str(activation) for activation, _ in groupby(layer["activation"] for layer in genome.layers)]
    widths = "-".join(str(layer["width"]) for layer in genome.layers)
    layers = f"{widths} {'-'.join(activations)}" if activations else "no hidden layer"
    return f"{layers}, {genes['optimizer']} {_shown(genes['learning_rate'])}, batch {genes['batch_size']}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell; the last one as it comes."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _place(
    each: Evaluated, objectives: Sequence[Objective], constraints: Sequence[Constraint]
) -> tuple[int, float, tuple[float, ...], int]:
    outcome, number = each.outcome, each.individual.id
    if not outcome.ok:
        return 3, 0.0, (), number
    values = tuple(-objective.weight * objective.value(outcome) for objective in objectives)
    if not is_feasible(outcome, constraints):
        return 2, total_violation(outcome, constraints), values, number
    return int(each.individual.inherits is not None), 0.0, values, number


def _row(rank: int, each: Evaluated, metrics: Sequence[str]) -> tuple[str, ...]:
    outcome = each.outcome
    numbers = [_cell(outcome.metrics.get(name)) for name in metrics]
    if not outcome.ok and numbers:
        numbers[0] = outcome.status.value
    size = f"{outcome.parameters:,}" if outcome.parameters else "-"
    return (
        str(rank),
        str(each.individual.id),
        *numbers,
        size,
        f"{outcome.seconds:.1f}",
        described(each.individual.genome),
    )


def _shown(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _cell(value: Cell) -> str:
    return "-" if value is None else f"{value:.4f}"
