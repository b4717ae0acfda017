"""What was searched and what came of it, in words and short tables: the part of the page that needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evo_nas.history.lineage import gain
from evo_nas.individual import Evaluated, Objective
from evo_nas.report.network_kinds import words_of
from evo_nas.report.network_rows import Row, rows_of, shape_text
from evo_nas.report.page.family import descent
from evo_nas.report.page.networks import layer_table
from evo_nas.report.page.progress import Progress
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.settings_tables import Pair, searched
from evo_nas.report.page.winner_scores import Score, winner_scores
from evo_nas.report.page.words import cut, duration, shown

LONGEST_LINE = 60
"""Ancestors listed: the oldest and the youngest where there are more."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    id: int
    generation: int
    operator: str
    fitness: str
    gain: str
    changes: str


@dataclass(frozen=True, slots=True)
class Headline:
    """title: a sentence. tiles: a few figures with their names. searched: what, on what data, with what budget.
    scores, genes, layers, line: of the winner, empty where there is none. layer_names: the columns of `layers`, which
    are genes. network: its layers as they are built: what, shape of the output, parameters.
    """

    title: str
    state: str
    tiles: tuple[Pair, ...]
    searched: tuple[tuple[str, tuple[Pair, ...]], ...]
    scores: tuple[Score, ...]
    genes: tuple[Pair, ...]
    layer_names: tuple[str, ...]
    layers: tuple[tuple[str, ...], ...]
    network: tuple[tuple[str, str, str], ...]
    line: tuple[Ancestor, ...]
    num_left_out: int


def headline(record: RunRecord, progress: Progress) -> Headline:
    """The page's words. Texts are cut to a bounded length."""
    best = progress.best
    scores = winner_scores(record, best)
    genome = record.genomes.get(best.individual.id) if best else None
    layers = genome.layers if genome else ()
    names = tuple(dict.fromkeys(name for layer in layers for name in layer))
    line, num_left_out = _line(record, best)
    return Headline(
        title=_title(record, best),
        state=record.state,
        tiles=_tiles(record, progress, scores),
        searched=searched(record),
        scores=scores,
        genes=tuple((cut(name), shown(value)) for name, value in genome.genes.items()) if genome else (),
        layer_names=tuple(cut(name) for name in names),
        layers=tuple(tuple(shown(layer.get(name)) for name in names) for layer in layers),
        network=_network(record, best),
        line=line,
        num_left_out=num_left_out,
    )


def _title(record: RunRecord, best: Evaluated | None) -> str:
    count = len({each.individual.fingerprint for each in record.evaluated})
    if best is None or not record.objectives:
        return f"{count:,} networks, and no winner yet" if count else "Nothing has come back yet"
    objective = record.objectives[0]
    value = shown(objective.value(best.outcome))
    return f"The best of {count:,} networks has {cut(objective.name)}\N{NO-BREAK SPACE}{value}"


def _tiles(record: RunRecord, progress: Progress, scores: Sequence[Score]) -> tuple[Pair, ...]:
    tiles: list[Pair] = []
    for name in ("test score", "confirmation score", "search score"):
        told = [score for score in scores if score.name == name]
        own = [score for score in told if record.objectives and score.metric == record.objectives[0].name]
        tiles += [(f"{name}, {score.metric}", score.value) for score in (own or told)[:1]]
    if progress.best is not None and progress.best.outcome.parameters:
        tiles.append(("parameters", shown(progress.best.outcome.parameters)))
    failed = sum(not each.outcome.ok for each in record.evaluated)
    tiles.append(("individuals", f"{len(record.individuals):,}"))
    tiles.append(("failed", f"{failed:,}"))
    tiles.append(("elapsed", duration(record.elapsed_seconds)))
    return tuple(tiles)


def _network(record: RunRecord, best: Evaluated | None) -> tuple[tuple[str, str, str], ...]:
    if best is None:
        return ()
    rows = rows_of(layer_table(record, best.individual.id))
    return tuple((cut(_times(row) + words_of(row)), shape_text(row.shape), f"{row.parameters:,}") for row in rows)


def _times(row: Row) -> str:
    return f"{row.times:,} × " if row.kind and row.times > 1 else ""


def _line(record: RunRecord, best: Evaluated | None) -> tuple[tuple[Ancestor, ...], int]:
    if best is None or not record.objectives:
        return (), 0
    numbers, _ = descent({each.id: each for each in record.individuals}, best.individual.id)
    half = LONGEST_LINE // 2
    kept = numbers if len(numbers) <= LONGEST_LINE else numbers[:half] + numbers[-half:]
    told = [record.by_id[number] for number in kept if number in record.by_id]
    return tuple(_ancestor(record, each, record.objectives[0]) for each in told), len(numbers) - len(kept)


def _ancestor(record: RunRecord, each: Evaluated, objective: Objective) -> Ancestor:
    individual = each.individual
    parent = record.by_id.get(individual.parents[0]) if individual.parents else None
    step = gain(each, parent, objective) if parent else None
    return Ancestor(
        id=individual.id,
        generation=individual.generation,
        operator=cut(individual.operator),
        fitness=shown(objective.value(each.outcome)) if each.outcome.ok else str(each.outcome.status),
        gain="–" if step is None else f"{step:+.3g}",
        changes=cut("; ".join(individual.changes)) or "–",
    )
