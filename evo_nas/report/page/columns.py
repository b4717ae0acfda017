"""Every individual as columns: who it is, where it came from, what it cost and scored, and its genes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from evo_nas.history.lineage import fitness
from evo_nas.individual import Individual, TrainingKey, is_feasible, training_keys
from evo_nas.outcome import Outcome
from evo_nas.report.page.packing import Packed, pack
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut
from genomes import Choice, Float, Gene, Int, Value
from genomes.differences import Layer

NOT_BACK = "not back yet"
"""Instead of a status, for those that were proposed and whose training nobody has recorded."""


def individual_columns(record: RunRecord) -> dict[str, Any]:
    """Columns of equal length, one entry an individual, in order of id."""
    individuals = record.individuals
    outcomes = [record.outcomes.get(each.id) for each in individuals]
    return {
        "id": pack([each.id for each in individuals]),
        "generation": pack([each.generation for each in individuals]),
        "operator": pack([cut(each.operator) for each in individuals]),
        "parents": _parents(individuals),
        "status": pack([NOT_BACK if each is None else each.status.value for each in outcomes]),
        "message": pack([None if each is None or not each.message else cut(each.message) for each in outcomes]),
        "replicate": pack([each.replicate for each in individuals]),
        "rung": pack([each.epochs for each in individuals]),
        "network": _networks(individuals),
        **_costs(record, outcomes),
        "objectives": [
            pack([None if each is None else fitness(each, objective) for each in outcomes])
            for objective in record.objectives
        ],
        "metrics": {name: pack(_metric(outcomes, name)) for name in _metric_names(outcomes)},
        "feasible": pack([_feasible(record, each) for each in outcomes]),
    }


def gene_columns(record: RunRecord) -> dict[str, Any]:
    """{"genes": [...], "depth": packed, "layers": [...]}: a column for each gene of the whole network, how many layers
    each network has, and one column for each gene of a layer, all layers of all individuals one after the other.

    A gene is {"name", "scale", "values"}; scale: "log" or "linear" for numbers, "ordinal" or "" for a choice. None
    stands for a gene without effect.
    """
    genomes = [record.genomes[each.id] for each in record.individuals]
    known = _known_genes(record)
    layers = [layer for genome in genomes for layer in genome.layers]
    return {
        "genes": [_gene_column(name, [g.genes.get(name) for g in genomes], known) for name in _names(genomes)],
        "depth": pack([len(genome.layers) for genome in genomes]),
        "layers": [_gene_column(name, [layer.get(name) for layer in layers], known) for name in _layer_names(layers)],
    }


def _parents(individuals: Sequence[Individual]) -> dict[str, Any]:
    """How many parents each has, and how far back in ids they lie, one after the other: small numbers deflate well."""
    return {
        "counts": pack([len(each.parents) for each in individuals]),
        "back": [each.id - parent for each in individuals for parent in each.parents],
    }


def _networks(individuals: Sequence[Individual]) -> Packed:
    """A number for each distinct network."""
    numbers: dict[str, int] = {}
    return pack([numbers.setdefault(each.fingerprint, len(numbers)) for each in individuals])


def _costs(record: RunRecord, outcomes: Sequence[Outcome | None]) -> dict[str, Packed]:
    return {
        "parameters": pack([each.parameters or None if each else None for each in outcomes]),
        "flops": pack([each.flops or None if each else None for each in outcomes]),
        "epochs": pack([sum(each.epochs) if each and each.epochs else None for each in outcomes]),
        "inherited_epochs": pack([sum(each.inherited_epochs) or None if each else None for each in outcomes]),
        "seconds": pack(paid_seconds(record)),
        "found": pack([_was_found(record, each) for each in record.individuals]),
    }


def paid_seconds(record: RunRecord) -> list[float]:
    """What each individual cost this run: nothing where its trainings were found, or asked for by another before."""
    asked: set[TrainingKey] = set()
    seconds = []
    for each in record.individuals:
        keys = [key for key in training_keys(each, record.replicates) if key not in asked and key not in record.found]
        asked.update(keys)
        outcome = record.outcomes.get(each.id)
        seconds.append(outcome.seconds * len(keys) / record.replicates if outcome else 0.0)
    return seconds


def _was_found(record: RunRecord, individual: Individual) -> bool:
    return bool(record.found) and all(key in record.found for key in training_keys(individual, record.replicates))


def _metric_names(outcomes: Iterable[Outcome | None]) -> list[str]:
    return list(dict.fromkeys(name for each in outcomes if each for name in each.metrics))


def _metric(outcomes: Iterable[Outcome | None], name: str) -> list[Value | None]:
    return [None if each is None else each.metrics.get(name) for each in outcomes]


def _feasible(record: RunRecord, outcome: Outcome | None) -> bool | None:
    """None where it cannot be said."""
    return None if outcome is None or not outcome.ok else is_feasible(outcome, record.constraints)


def _known_genes(record: RunRecord) -> dict[str, Gene]:
    from evo_nas.strategies.gene_cells import described_genes

    return {} if record.encoding is None else described_genes(record.encoding)


def _names(genomes: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(name for genome in genomes for name in genome.genes))


def _layer_names(layers: Iterable[Layer]) -> list[str]:
    return list(dict.fromkeys(name for layer in layers for name in layer))


def _gene_column(name: str, values: Sequence[Value | None], known: dict[str, Gene]) -> dict[str, Any]:
    texts = [cut(value) if isinstance(value, str) else value for value in values]
    return {"name": cut(name), "scale": _scale(known.get(name), values), "values": pack(texts)}


def _scale(gene: Gene | None, values: Iterable[Value | None]) -> str:
    if isinstance(gene, Float | Int):
        return gene.scale
    if any(isinstance(value, bool | str) for value in values):
        return ""
    return "ordinal" if isinstance(gene, Choice) and gene.ordinal else "linear"
