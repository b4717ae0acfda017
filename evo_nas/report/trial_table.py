"""What was tried and what came of it, a column for each gene that varied: the table at the end of a grid search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evo_nas.individual import Evaluated
from evo_nas.report.ranking import aligned
from evo_nas.report.tables import Cell
from genomes import Encoding, Genome, Value

LAYERS = "layers"
BEST_SHOWN, WORST_SHOWN = 15, 3


def varied_genes(encoding: Encoding) -> tuple[str, ...]:
    """The genes of a space that are not fixed. Raises GenomeError for an encoding that does not tell its genes."""
    return tuple(encoding.outline().free)


def trial_header(genes: Sequence[str], metrics: Sequence[str]) -> tuple[str, ...]:
    return ("rank", "id", "status", *metrics, *genes, "parameters", "epochs", "seconds")


def trial_rows(
    ranking: Sequence[Evaluated], encoding: Encoding, genes: Sequence[str], metrics: Sequence[str]
) -> list[tuple[Cell, ...]]:
    """A row a network, best first, as they are ranked. A gene without effect is empty; a layer's gene that differs
    from layer to layer has its values in order, separated by spaces. epochs: of all folds together."""
    return [
        (
            rank,
            each.individual.id,
            each.outcome.status.value,
            *[each.outcome.metrics.get(name) for name in metrics],
            *[_gene_cell(encoding.canonical(each.individual.genome), name) for name in genes],
            each.outcome.parameters,
            sum(each.outcome.epochs),
            each.outcome.seconds,
        )
        for rank, each in enumerate(ranking, start=1)
    ]


def trial_lines(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The best and the worst for a person, aligned; what lies between is counted."""
    between = len(rows) - BEST_SHOWN - WORST_SHOWN
    best, worst = (rows[:BEST_SHOWN], rows[-WORST_SHOWN:]) if between > 0 else (rows, ())
    lines = aligned([header, *([_text(cell) for cell in row] for row in (*best, *worst))])
    if between > 0:
        lines.insert(1 + BEST_SHOWN, f"... {between:,} more ...")
    return lines


def _gene_cell(canonical: Genome, name: str) -> Cell:
    if name in canonical.genes:
        return canonical.genes[name]
    if name == LAYERS:
        return len(canonical.layers)
    return _joined([layer[name] for layer in canonical.layers if name in layer])


def _joined(values: Sequence[Value]) -> Cell:
    if not values:
        return None
    return values[0] if all(value == values[0] for value in values) else " ".join(map(str, values))


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def mean_by_value(rows: Sequence[Mapping[str, Cell]], gene: str, metric: str) -> dict[Cell, float]:
    """Value of a gene -> mean of a metric over the rows that have both."""
    found: dict[Cell, list[float]] = {}
    for row in rows:
        value = row[metric]
        if isinstance(value, float) and row[gene] is not None:
            found.setdefault(row[gene], []).append(value)
    return {value: sum(numbers) / len(numbers) for value, numbers in found.items()}
