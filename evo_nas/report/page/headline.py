"""What was searched and what came of it, in words and short tables: the part of the page that needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evo_nas.history.lineage import gain
from evo_nas.individual import Evaluated, Objective
from evo_nas.report.network_kinds import words_of
from evo_nas.report.network_rows import Row, rows_of, shape_text
from evo_nas.report.page.family import descent
from evo_nas.report.page.measured import num_measurements
from evo_nas.report.page.networks import layer_table
from evo_nas.report.page.progress import Progress
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.settings_tables import Pair, searched
from evo_nas.report.page.subject import subject, subject_name
from evo_nas.report.page.winner_scores import Score, main_scores, remark, winner_scores
from evo_nas.report.page.words import cut, duration, shown

_WHERE = {
    "test score": " on the test rows",
    "confirmation score": " when it is trained again",
    "search score": " in the search, which flatters",
}
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
class Tile:
    """A figure with its name, and a few words under it that may be empty."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """name: of the data. title: a sentence with the number to believe. subject: sentences that say what was searched
    and found. tiles: a few figures. remark: why scores differ that look as if they should not, or empty. searched:
    what, on what data, with what budget. scores, genes, layers, line: of the winner, empty where there is none.
    layer_names: the columns of `layers`, which are genes. network: its layers as they are built: what, shape of the
    output, parameters.
    """

    name: str
    title: str
    subject: tuple[str, ...]
    state: str
    tiles: tuple[Tile, ...]
    remark: str
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
    scores = winner_scores(record, best, num_measurements(record, best))
    genome = record.genomes.get(best.individual.id) if best else None
    layers = genome.layers if genome else ()
    names = tuple(dict.fromkeys(name for layer in layers for name in layer))
    line, num_left_out = _line(record, best)
    return Headline(
        name=cut(subject_name(record)),
        title=_title(record, main_scores(scores, record.objectives)),
        subject=subject(record, best),
        state=record.state,
        tiles=_tiles(record, progress, main_scores(scores, record.objectives)),
        remark=remark(record.scores, main_scores(scores, record.objectives)),
        searched=searched(record),
        scores=scores,
        genes=tuple((cut(name), shown(value)) for name, value in genome.genes.items()) if genome else (),
        layer_names=tuple(cut(name) for name in names),
        layers=tuple(tuple(shown(layer.get(name)) for name in names) for layer in layers),
        network=_network(record, best),
        line=line,
        num_left_out=num_left_out,
    )


def _title(record: RunRecord, scores: Sequence[Score]) -> str:
    """With the number to believe: the test score, else the confirmation score, else what steered the search."""
    count = len({each.individual.fingerprint for each in record.evaluated})
    if not scores:
        return f"{count:,} networks, and no winner yet" if count else "Nothing has come back yet"
    first = scores[0]
    value = f"{first.metric}\N{NO-BREAK SPACE}{first.value}"
    where = _WHERE[first.name] if record.section("data") else ""
    return f"The best of {count:,} networks has {value}{where}{f' (95 %: {first.interval})' if first.interval else ''}"


def _tiles(record: RunRecord, progress: Progress, scores: Sequence[Score]) -> tuple[Tile, ...]:
    tiles = [Tile(f"{score.name}, {score.metric}", score.value, score.brief) for score in scores]
    if progress.best is not None and progress.best.outcome.parameters:
        tiles.append(Tile("parameters", shown(progress.best.outcome.parameters)))
    failed = sum(not each.outcome.ok for each in record.evaluated)
    tiles.append(Tile("individuals", f"{len(record.individuals):,}"))
    tiles.append(Tile("failed", f"{failed:,}"))
    tiles.append(Tile("elapsed", duration(record.elapsed_seconds)))
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
