"""One objective: from networks with their values to the measures of every gene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evo_nas.randomness import KeyPart, array_stream
from evo_nas.report.importance.correlation import Correlation, correlation, holm
from evo_nas.report.importance.division import divided
from evo_nas.report.importance.forest import grow
from evo_nas.report.importance.gene_table import Array, GeneTable, Row
from evo_nas.report.importance.partial_dependence import Evidence, Scale, effect_of, surface_of
from evo_nas.report.importance.permutation import permutation_importance
from evo_nas.report.importance.records import (
    Effect,
    Estimate,
    GeneImportance,
    Interaction,
    ObjectiveImportance,
    Surface,
    plain_name,
)

LEAST_NETWORKS = 20
MOST_NETWORKS = 2000
"""More than these are drawn from by chance before a forest is grown; its numbers hardly change, its time does."""
LEAST_EXPLAINED = 0.1
"""A forest that explains less of the variance of unseen networks is no ground to divide it among genes."""
FAR_OUT = 3.0
"""Values worse than the worse quartile by so many interquartile ranges count as bad as that (Tukey 1977)."""
NUM_SURFACES = 4


@dataclass(frozen=True)
class Question:
    """One objective, asked of networks that have it. table: of those networks; values: [networks], in its unit."""

    name: str
    maximize: bool
    num_measurements: int
    table: GeneTable
    values: Array
    key: tuple[KeyPart, ...]

    @property
    def unit(self) -> float:
        """The largest value, by which all are divided: no square of a finite number may overflow."""
        return float(np.abs(self.values).max()) or 1.0


@dataclass(frozen=True)
class Told:
    """What the forest said. One estimate for each row of genes and parts."""

    explained: float | None
    permutation: Sequence[Estimate | None]
    shares: Sequence[Estimate | None]
    interactions: tuple[Interaction, ...] = ()
    effects: tuple[Effect, ...] = ()
    surfaces: tuple[Surface, ...] = ()


def answer(question: Question) -> ObjectiveImportance:
    """Every measure that the networks are enough for, and a sentence for what they are not."""
    reason = _why_nothing(question)
    if reason:
        return _answered(question, (), None, (reason,))
    values, notes = _without_far_out(question)
    rows = [row for gene in question.table.genes if question.table.varies(gene) for row in gene.rows()]
    told, said = _ask_forest(question, values, rows)
    genes = _measured(question.table, rows, _correlations(question, values, rows), told)
    return _answered(question, genes, told, (*notes, *_never_varied(question.table), *said))


def _why_nothing(question: Question) -> str:
    count, genes = len(question.values), len(question.table.genes)
    if count < LEAST_NETWORKS:
        return (
            f"{count} networks with a value of {question.name} are too few to say which of {genes} genes mattered "
            f"({LEAST_NETWORKS} are the least)"
        )
    if np.ptp(question.values) == 0.0:
        return f"all {count} networks have the same {question.name}, so no gene made a difference"
    if not any(question.table.varies(gene) for gene in question.table.genes):
        return "no gene varies among the networks, so none can be told to matter"
    return ""


def _without_far_out(question: Question) -> tuple[Array, tuple[str, ...]]:
    """The values in their unit, far outliers on the worse side pulled in: one ruined training must not decide all."""
    sign = -1.0 if question.maximize else 1.0
    losses = sign * question.values / question.unit
    first, third = np.quantile(losses, (0.25, 0.75))
    fence = third + FAR_OUT * (third - first)
    num_beyond = int((losses > fence).sum())
    if not num_beyond or third == first:
        return sign * losses, ()
    note = (
        f"what is far worse than most, {num_beyond} of {len(losses)}, counts as {question.name} "
        f"{sign * fence * question.unit:.4g} (beyond the worse quartile by three interquartile ranges)"
    )
    return sign * np.minimum(losses, fence), (note,)


def _never_varied(table: GeneTable) -> tuple[str, ...]:
    names = [plain_name(gene.name) for gene in table.genes if not table.varies(gene)]
    return (f"never varied, so nothing can be said of: {', '.join(names)}",) if names else ()


def _correlations(question: Question, values: Array, rows: Sequence[Row]) -> list[Correlation | None]:
    return [
        correlation(
            question.table.values(gene, columns),
            values,
            categories=bool(gene.categories),
            key=(*question.key, gene.name, part),
        )
        for gene, part, columns in rows
    ]


def _ask_forest(question: Question, values: Array, rows: Sequence[Row]) -> tuple[Told, tuple[str, ...]]:
    table, values, notes = _thinned(question, values)
    centre = float(np.median(values))
    spread = float(np.abs(values - centre).max())
    if spread == 0.0:
        return Told(None, [None] * len(rows), [None] * len(rows)), (*notes, f"nearly all have the same {question.name}")
    filled = table.filled(question.key)
    forest = grow(filled, (values - centre) / spread, question.key, categories=table.categories())
    scale = Scale(centre * question.unit, spread * question.unit)
    told, said = _told(Evidence(forest, table, question.table, scale, question.key), rows)
    return told, (*notes, *said)


def _told(evidence: Evidence, rows: Sequence[Row]) -> tuple[Told, tuple[str, ...]]:
    forest, key = evidence.forest, evidence.key
    explained = forest.explained()
    permutation = permutation_importance(forest, [row.columns for row in rows], key)
    if explained < LEAST_EXPLAINED:
        note = (
            f"the forest explains {max(explained, 0.0):.0%} of the variance of networks that it has not seen; that is "
            "too little to divide among genes, so there are no shares, effects or interactions"
        )
        return Told(explained, permutation, [None] * len(rows)), (note,)
    shares, interactions, said = divided(forest, rows, permutation, key)
    genes = {row.gene.name: row.gene for row in rows}
    strongest = interactions[:NUM_SURFACES]
    effects = tuple(effect_of(evidence, gene) for gene in genes.values())
    surfaces = tuple(surface_of(evidence, genes[pair.first], genes[pair.second]) for pair in strongest)
    return Told(explained, permutation, shares, interactions, effects, surfaces), said


def _thinned(question: Question, values: Array) -> tuple[GeneTable, Array, tuple[str, ...]]:
    if len(values) <= MOST_NETWORKS:
        return question.table, values, ()
    chosen = np.sort(array_stream(*question.key, "networks").permutation(len(values))[:MOST_NETWORKS])
    note = f"the forest was grown on {MOST_NETWORKS} of the {len(values)} networks, drawn by chance"
    return question.table.take(chosen), values[chosen], (note,)


def _measured(
    table: GeneTable, rows: Sequence[Row], correlations: Sequence[Correlation | None], told: Told
) -> tuple[GeneImportance, ...]:
    """One record a row; the genes by their permutation importance, each followed by its parts."""
    corrected = _corrected(rows, correlations)
    records = [
        GeneImportance(
            gene.name,
            part,
            gene.kind,
            int((~np.isnan(table.values(gene))).sum()),
            found.estimate if found else None,
            corrected.get(number),
            told.permutation[number],
            told.shares[number],
        )
        for number, ((gene, part, _), found) in enumerate(zip(rows, correlations, strict=True))
    ]
    strength = {row.gene: row.permutation.value for row in records if not row.part and row.permutation}
    return tuple(sorted(records, key=lambda row: (-strength.get(row.gene, 0.0), row.gene)))


def _corrected(rows: Sequence[Row], correlations: Sequence[Correlation | None]) -> Mapping[int, float]:
    whole = [
        (number, found.p_value)
        for number, ((_, part, _), found) in enumerate(zip(rows, correlations, strict=True))
        if found and not part
    ]
    return dict(zip([number for number, _ in whole], holm([p_value for _, p_value in whole]), strict=True))


def _answered(
    question: Question, genes: tuple[GeneImportance, ...], told: Told | None, notes: tuple[str, ...]
) -> ObjectiveImportance:
    effects = {effect.axis.gene: effect for effect in told.effects} if told else {}
    names = [row.gene for row in genes if not row.part]
    return ObjectiveImportance(
        question.name,
        question.maximize,
        len(question.values),
        question.num_measurements,
        told.explained if told else None,
        genes,
        told.interactions if told else (),
        tuple(effects[name] for name in names if name in effects),
        told.surfaces if told else (),
        notes,
    )
