"""Networks as rows of layers: of the winner's line, of the front and of the best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from evo_nas.report.network_kinds import kind_of, words_of
from evo_nas.report.network_rows import Row, rows_of, shape_text
from evo_nas.report.page.curves import worth_showing
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut
from genomes import LayerRecord

MOST_ROWS = 40


def network_rows(record: RunRecord, wanted: Iterable[int]) -> dict[str, Any] | None:
    """{"rows": [...], "of": {id: [index, ...]}}: each distinct row once, and which of them make a network.

    wanted: ids of those that are drawn in any case. A row is [kind, words, shape, units, parameters, times, strong,
    joined, skips], see `network_rows.Row`; kind is a key of `network_kinds.COLOURS`, "other", or "" for layers that
    are left out. None where the encoding does not tell its layers, or the shape of the data is not known.
    """
    rows: dict[str, int] = {}
    told: list[list[Any]] = []
    of: dict[str, list[int]] = {}
    for individual in worth_showing(record, list(wanted)):
        indices = []
        for row in rows_of(layer_table(record, individual.id), MOST_ROWS):
            plain = _plain(row)
            index = rows.setdefault(repr(plain), len(told))
            if index == len(told):
                told.append(plain)
            indices.append(index)
        if indices:
            of[str(individual.id)] = indices
    return {"rows": told, "of": of} if of else None


def layer_table(record: RunRecord, number: int) -> Sequence[LayerRecord]:
    """The layers of an individual's network; empty where they cannot be told."""
    shape, outputs = record.facts.get("input_shape"), record.facts.get("num_outputs")
    genome = record.genomes.get(number)
    if record.encoding is None or genome is None or not shape or not outputs:
        return ()
    if genome.encoding != record.encoding.name:
        return ()
    return record.encoding.layer_table(genome, tuple(shape), outputs)


def _plain(row: Row) -> list[Any]:
    kind = kind_of(row) if row.kind else ""
    numbers = [row.units, row.parameters, row.times, int(row.begins or row.kind == "input"), int(row.joined)]
    return [kind, cut(words_of(row).replace("convolution", "conv")), shape_text(row.shape), *numbers, list(row.skips)]
