"""What was found as lines for a person and as rows of importance.csv and failing_values.csv."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evo_nas.report.importance.records import Estimate, FailureShare, Importance, ObjectiveImportance, plain_name
from evo_nas.report.tables import Cell

HEADER = (
    "objective", "gene", "part", "kind", "networks",
    "correlation", "correlation_low", "correlation_high", "p_value",
    "permutation", "permutation_low", "permutation_high",
    "variance_share", "variance_share_low", "variance_share_high",
)  # fmt: skip
PAIRS_HEADER = ("objective", "first", "second", "variance_share", "variance_share_low", "variance_share_high")
FAILURES_HEADER = ("gene", "values", "networks", "failures", "share", "share_low", "share_high", "others", "p_value")
MOST_PAIRS = 5
MOST_FAILURES = 5
NOTABLE = 0.05
"""A value of a gene is told of in words where its corrected p-value is below."""


def importance_rows(importance: Importance) -> list[tuple[Cell, ...]]:
    """A row for each objective and gene, or part of a gene; empty cells where a number cannot be told."""
    return [
        (
            objective.name, row.gene, row.part, row.kind, row.num_networks,
            *_cells(row.correlation), _rounded(row.p_value), *_cells(row.permutation), *_cells(row.share),
        )
        for objective in importance.objectives
        for row in objective.genes
    ]  # fmt: skip


def pair_rows(importance: Importance) -> list[tuple[Cell, ...]]:
    """A row for each objective and pair of genes, strongest first."""
    return [
        (objective.name, pair.first, pair.second, *_cells(pair.share))
        for objective in importance.objectives
        for pair in objective.interactions
    ]


def failure_rows(importance: Importance) -> list[tuple[Cell, ...]]:
    """A row for each value of a gene."""
    return [
        (row.gene, row.values, row.num_networks, row.num_failures, *_cells(row.share), _rounded(row.share_of_others),
         _rounded(row.p_value))
        for row in importance.failures
    ]  # fmt: skip


def importance_lines(importance: Importance) -> list[str]:
    """A table an objective, what matters together, which values fail, and what was left out."""
    lines = [line for objective in importance.objectives for line in _objective_lines(objective)]
    return [*lines, *_failure_lines(importance.failures), *importance.notes]


def _objective_lines(objective: ObjectiveImportance) -> list[str]:
    counted = f"{objective.name}: {objective.num_networks} networks, {objective.num_measurements} measurements"
    if objective.explained is None:
        return [counted, *_indented(objective.notes)]
    explained = f"a forest explains {max(objective.explained, 0.0):.0%} of the variance of networks it has not seen"
    rows = [("gene", "correlation", "p", "permutation", "variance share")]
    rows += [
        (
            row.name if not row.part else f"  {row.part}",
            _text(row.correlation),
            "" if row.p_value is None else f"{row.p_value:.2g}",
            _text(row.permutation),
            _text(row.share),
        )
        for row in objective.genes
    ]
    told = [_beyond_chance(objective), *_pair_lines(objective), *objective.notes]
    return [f"{counted}; {explained}", *_indented(_aligned(rows)), *_indented(told)]


def _beyond_chance(objective: ObjectiveImportance) -> str:
    names = [row.name for row in objective.whole_genes if row.permutation and row.permutation.low > 0.0]
    told = ", ".join(names) if names else "none"
    return f"genes without which the forest does worse, beyond chance: {told}"


def _pair_lines(objective: ObjectiveImportance) -> list[str]:
    if not objective.interactions:
        return []
    beyond = [pair for pair in objective.interactions if pair.share.low > 0.0][:MOST_PAIRS]
    if not beyond:
        pair = objective.interactions[0]
        told = f"{plain_name(pair.first)} and {plain_name(pair.second)}, {_text(pair.share)} of the variance"
        return [f"no two genes matter together beyond chance; nearest to it: {told}"]
    return [
        f"only together: {plain_name(pair.first)} and {plain_name(pair.second)}, {_text(pair.share)} of the variance"
        for pair in beyond
    ]


def _failure_lines(failures: Sequence[FailureShare]) -> list[str]:
    blamed = [row for row in failures if row.p_value < NOTABLE and row.share.value > row.share_of_others]
    if not failures:
        return []
    if not blamed:
        return ["no value of a gene fails more often than the others, beyond chance"]
    return [
        f"fails more often than others: {row.name} {row.values}, {row.num_failures} of {row.num_networks} "
        f"({row.share.low:.0%} to {row.share.high:.0%}) against {row.share_of_others:.0%}; p {row.p_value:.2g}"
        for row in blamed[:MOST_FAILURES]
    ]


def _text(estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    value, low, high = (round(number, 2) + 0.0 for number in (estimate.value, estimate.low, estimate.high))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _cells(estimate: Estimate | None) -> tuple[Cell, Cell, Cell]:
    if estimate is None:
        return None, None, None
    return _rounded(estimate.value), _rounded(estimate.low), _rounded(estimate.high)


def _rounded(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.6g}")


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
