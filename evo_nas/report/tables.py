"""individuals.csv: every individual a line, appended a generation, for a spreadsheet or `pandas.read_csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evo_nas.atomic import append_durably
from evo_nas.individual import Evaluated
from genomes import Value

Cell = str | int | float | bool | None

_BORN = ("id", "generation", "parents", "operator", "changes", "replicate", "rung", "status", "message")
_COST = ("parameters", "flops", "seconds", "epochs", "effective_epochs")


@dataclass(frozen=True, slots=True)
class IndividualColumns:
    """The columns that depend on the run: metrics (with "loss"), and genes. A gene named like another column of the
    table is written as "gene_" + its name."""

    metrics: tuple[str, ...]
    genes: tuple[str, ...]

    def header(self) -> tuple[str, ...]:
        other = (*_BORN, *self.metrics, *_COST, "num_layers", "layers")
        genes = (f"gene_{gene}" if gene in other else gene for gene in self.genes)
        return (*_BORN, *self.metrics, *_COST, *genes, "num_layers", "layers")


def append_individuals(path: Path, evaluated: Sequence[Evaluated], columns: IndividualColumns) -> None:
    """Append a generation and flush it to the disk. Writes the header first where there is no file yet."""
    header = [] if path.exists() else [columns.header()]
    append_durably(path, csv_text([*header, *individual_rows(evaluated, columns)]))


def individual_rows(evaluated: Iterable[Evaluated], columns: IndividualColumns) -> list[tuple[Cell, ...]]:
    """One row an individual. Several ids or epochs are separated by a space, changes by "; "; a number that a
    failure does not have is empty, as is the rung of the whole recipe."""
    return [_row(each, columns) for each in evaluated]


def _row(each: Evaluated, columns: IndividualColumns) -> tuple[Cell, ...]:
    individual, outcome = each.individual, each.outcome
    genes, layers = individual.genome.genes, individual.genome.layers
    return (
        individual.id,
        individual.generation,
        " ".join(map(str, individual.parents)),
        individual.operator,
        "; ".join(individual.changes),
        individual.replicate,
        individual.epochs,
        outcome.status.value,
        outcome.message,
        *[outcome.metrics.get(metric) for metric in columns.metrics],
        outcome.parameters,
        outcome.flops,
        outcome.seconds,
        " ".join(map(str, outcome.epochs)),
        outcome.effective_epochs,
        *[genes.get(gene) for gene in columns.genes],
        len(layers),
        layers_text(layers),
    )


def layers_text(layers: Sequence[Mapping[str, Value]]) -> str:
    """Such as "32 relu 0.1 | 16 tanh 0.0": the genes of a layer in their own order."""
    return " | ".join([" ".join(map(str, layer.values())) for layer in layers])


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Quoted where it must be (RFC 4180, but lines end in a newline alone)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return _without_lone_surrogates(text.getvalue())


def _without_lone_surrogates(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
