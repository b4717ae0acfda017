"""operators.csv and failures.csv: what each operator gained at what cost, and which values of genes fail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evo_nas.atomic import write_atomically
from evo_nas.individual import Objective
from evo_nas.report.tables import Cell, csv_text
from evo_nas.strategies.adaptation import Adaptation
from evo_nas.strategies.failure_odds import BlamedValue
from evo_nas.strategies.operator_odds import OperatorRow

MOST_OPERATORS = 8
LEAST_WIDTH = 28
MOST_VALUES = 5
_OPERATORS = ("operator", "children", "failed", "improved", "mean_gain", "best_gain", "relative_cost", "odds")
_FAILURES = ("gene", "values", "trainings", "failures", "rate")


def write_operators(path: Path, learnt: Adaptation) -> None:
    """A row an operator, the one with most children first. Writes nothing where there were no children."""
    rows = [_operator_cells(row) for row in learnt.operators.table()]
    if rows:
        write_atomically(path, csv_text([_OPERATORS, *rows]))


def write_failures(path: Path, learnt: Adaptation) -> None:
    """A row a gene's value that fails notably more often than others, worst first; the file goes where none does."""
    rows = [_value_cells(row) for row in learnt.failures.blamed()]
    if rows:
        write_atomically(path, csv_text([_FAILURES, *rows]))
    else:
        path.unlink(missing_ok=True)


def operator_lines(learnt: Adaptation, objective: Objective) -> list[str]:
    """A short table for a person, and the values that fail; nothing where there is nothing to say."""
    lines = []
    if rows := learnt.operators.table():
        lines.append(
            f"operators (children, better than their parent, mean gain of those in {objective.name}, cost, odds):"
        )
        shown = rows[:MOST_OPERATORS]
        width = max(LEAST_WIDTH, *(len(row.operator) for row in shown))
        lines += [f"  {_operator_text(row, width)}" for row in shown]
    if blamed := learnt.failures.blamed():
        lines.append(f"values that fail more often than others, which fail at {learnt.failures.rate:.0%}:")
        lines += [
            f"  {row.gene} {row.values}: {row.num_failures} of {row.num_trainings}" for row in blamed[:MOST_VALUES]
        ]
    return lines


def _operator_text(row: OperatorRow, width: int) -> str:
    gain = "-" if row.mean_gain is None else f"{row.mean_gain:.3g}"
    counts = f"{row.num_children:5d} {row.num_improved:5d}"
    return f"{row.operator:{width}s} {counts} {gain:>10s} {row.relative_cost:6.2f} {row.odds:5.2f}"


def _operator_cells(row: OperatorRow) -> Sequence[Cell]:
    counts = (row.num_children, row.num_failed, row.num_improved)
    return (row.operator, *counts, row.mean_gain, row.best_gain, row.relative_cost, row.odds)


def _value_cells(row: BlamedValue) -> Sequence[Cell]:
    return (row.gene, row.values, row.num_trainings, row.num_failures, row.rate)
