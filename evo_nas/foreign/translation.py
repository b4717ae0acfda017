"""Genomes of foreign trials, as far as their values say enough."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evo_nas.foreign.names import LAYERS, Meaning, Names
from evo_nas.foreign.trial import ForeignTrial
from genomes import Encoding, Genome, GenomeError, MlpEncoding, Value, genome_of
from genomes.mlp_genes import LAYER_GENES, TRAINING_GENES

MOST_LAYERS = 100
_WRITTEN_OBJECT = re.compile(r"<(?:class|function|bound method)? ?'?([\w.]+).*>")


@dataclass(frozen=True, slots=True)
class Translated:
    """genomes: different ones, in the order of their trials. left_out: a reason for each trial that became none.

    unused: names that mean no gene. num_repaired: genomes that lay outside the space and were brought into it.
    """

    genomes: tuple[Genome, ...]
    left_out: tuple[str, ...]
    unused: tuple[str, ...]
    num_repaired: int = 0


def translate(
    trials: Sequence[ForeignTrial], mapped: Mapping[str, str], encoding: Encoding | None = None
) -> Translated:
    """mapped: name -> gene, where the user knows better. encoding: the space that the genomes are brought into; None
    leaves them as they are, dense networks with Keras's defaults where a trial is silent.

    Raises GenomeError where a name is mapped to no gene.
    """
    names, any_network = _names(mapped, encoding), MlpEncoding({})
    genomes: dict[str, Genome] = {}
    left_out, unused, num_repaired = [], Counter[str](), 0
    for trial in trials:
        try:
            found = _translated(trial, names, encoding, unused)
        except GenomeError as error:
            left_out.append(str(error))
            continue
        inside = found if encoding is None else encoding.repair(found)
        fingerprint = (encoding or any_network).fingerprint(inside)
        if fingerprint in genomes:
            left_out.append("the same network as an earlier one")
            continue
        genomes[fingerprint] = inside
        num_repaired += encoding is not None and encoding.canonical(inside) != encoding.canonical(found)
    return Translated(tuple(genomes.values()), tuple(left_out), tuple(unused), num_repaired)


def _names(mapped: Mapping[str, str], encoding: Encoding | None) -> Names:
    dense = encoding is None or encoding.name == MlpEncoding.name
    layer_genes = frozenset(LAYER_GENES) if dense else frozenset()
    genes = frozenset([LAYERS, *LAYER_GENES, *TRAINING_GENES]) if dense or encoding is None else _genes_of(encoding)
    for name, gene in mapped.items():
        if gene not in genes:
            raise GenomeError(f"--map {name}={gene}: {gene!r:.100} is no gene; known genes: {', '.join(sorted(genes))}")
    return Names(genes, layer_genes, mapped)


def _genes_of(encoding: Encoding) -> frozenset[str]:
    return frozenset(encoding.default().genes)


def _translated(trial: ForeignTrial, names: Names, encoding: Encoding | None, unused: Counter[str]) -> Genome:
    """Raises GenomeError with the reason why the trial is left out."""
    if trial.unfinished:
        raise GenomeError(f"not finished ({trial.unfinished})")
    values: dict[Meaning, Value] = {}
    for name, given in trial.values.items():
        meaning = names.meaning(name)
        if meaning is None:
            unused[name] += 1
        elif (value := _plain_value(meaning, given)) is not None:
            values[meaning] = value
    if not values:
        raise GenomeError("none of its names means a gene")
    if encoding is not None and encoding.name != MlpEncoding.name:
        return Genome(encoding.name, {meaning.gene: value for meaning, value in values.items()})
    return _network(values)


def _plain_value(meaning: Meaning, given: Any) -> Value | None:
    """None for what says nothing: a switch beside the number that it switches on. Raises GenomeError."""
    if given is None:
        return None
    if not isinstance(given, Value):
        raise GenomeError(f"{meaning.gene}: expected a number or a text, got {given!r:.50}")
    if meaning.gene == "dropout" and isinstance(given, bool):
        return None if given else 0.0
    if isinstance(given, str) and (written := _WRITTEN_OBJECT.fullmatch(given)):
        return written[1].rpartition(".")[2]
    return given


def _network(values: Mapping[Meaning, Value]) -> Genome:
    of_all = {meaning.gene: value for meaning, value in values.items() if meaning.index is None}
    indexed = {meaning: value for meaning, value in values.items() if meaning.index is not None}
    lowest = min((meaning.index or 0 for meaning in indexed), default=0)
    count = _num_layers(of_all, indexed, lowest)
    layers: list[dict[str, Value]] = []
    for place in range(count):
        before = layers[-1] if layers else {}
        layers.append(before | _layer(of_all, indexed, place + lowest))
    genes = {gene: value for gene, value in of_all.items() if gene in TRAINING_GENES}
    return genome_of({"encoding": MlpEncoding.name, "genes": genes, "layers": layers})


def _layer(of_all: Mapping[str, Value], indexed: Mapping[Meaning, Value], index: int) -> dict[str, Value]:
    """What is said of one layer, else of all of them; what is silent is as in the layer before."""
    layer = {}
    for gene in LAYER_GENES:
        if (own := Meaning(gene, index)) in indexed:
            layer[gene] = indexed[own]
        elif gene in of_all:
            layer[gene] = of_all[gene]
    return layer


def _num_layers(of_all: Mapping[str, Value], indexed: Mapping[Meaning, Value], lowest: int) -> int:
    """As said, else as many as have a width of their own, else one."""
    if LAYERS in of_all:
        count = of_all[LAYERS]
        if type(count) is float and count.is_integer():
            count = int(count)
        if type(count) is not int or not 0 <= count <= MOST_LAYERS:
            raise GenomeError(f"layers: expected a whole number from 0 to {MOST_LAYERS}, got {count!r:.50}")
        return count
    widths = [
        meaning.index - lowest + 1 for meaning in indexed if meaning.gene == "width" and meaning.index is not None
    ]
    count = max(widths, default=1)
    if count > MOST_LAYERS:
        raise GenomeError(f"layers: expected at most {MOST_LAYERS}, and a width is numbered {count + lowest - 1}")
    return count
