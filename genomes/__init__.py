"""WHAT is searched: genomes, and the encodings that draw, vary and repair them. numpy only.

Read `genes.py` (typed genes), `space.py` (named genes and conditions), `genome.py` (the contract of an encoding),
then `mlp.py` (the dense network), `cnn.py` (convolution blocks and a dense head), `transfer.py` (a head on a pretrained
backbone) and `flat.py` (a plain dictionary). `grid.py` numbers every combination of a space's values, `narrowing.py`
draws its genes together. A new encoding is one new file, a line in `ENCODINGS`, and the laws of `checks.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from genomes.checks import EncodingLawBroken, check_encoding
from genomes.cnn import CnnEncoding
from genomes.dictionaries import dictionary_of, genome_of
from genomes.differences import Difference, aligned, changes_between, differences_between, phrase
from genomes.flat import FlatEncoding
from genomes.gene_reading import gene_from, nearest, plain_data
from genomes.genes import Choice, Float, Gene, Int
from genomes.genome import (
    Encoding,
    Genome,
    GenomeError,
    LayerRecord,
    Rng,
    Shape,
    Size,
    Value,
    Variant,
    canonical_json,
    fingerprint_of,
)
from genomes.mlp import MlpEncoding
from genomes.parameters import Choose, Parameter, values_of
from genomes.predicates import Predicate
from genomes.space import Condition, SearchSpace
from genomes.spanning import spanning_space
from genomes.transfer import TransferEncoding

ENCODINGS: dict[str, Callable[[Mapping[str, Any]], Encoding]] = {
    MlpEncoding.name: MlpEncoding.from_space,
    FlatEncoding.name: FlatEncoding.from_space,
    CnnEncoding.name: CnnEncoding.from_space,
    TransferEncoding.name: TransferEncoding.from_space,
}
"""Name of an encoding -> its reader of a [space] section."""

DEFAULT_SPACES: dict[str, Callable[[], dict[str, Any]]] = {
    MlpEncoding.name: MlpEncoding.default_space,
    CnnEncoding.name: CnnEncoding.default_space,
}
"""Name of an encoding -> a rich space of its networks, for those who have none in mind."""


def encoding_from(space: Mapping[str, Any]) -> Encoding:
    """The encoding that a [space] section describes. Raises GenomeError: which gene or key, what was expected."""
    if not space:
        raise GenomeError(f"[space] is empty; name an encoding ({', '.join(ENCODINGS)}) and the genes to search")
    name = space.get("encoding")
    if not isinstance(name, str) or name not in ENCODINGS:
        given = "nothing" if name is None else f"{name!r:.100}{nearest(str(name), ENCODINGS)}"
        raise GenomeError(f"[space] encoding: expected one of {', '.join(ENCODINGS)}, got {given}")
    return ENCODINGS[name](space)


def default_space(encoding: str) -> dict[str, Any]:
    """A rich space of an encoding. Raises GenomeError for one that has none."""
    if encoding not in DEFAULT_SPACES:
        known, hint = ", ".join(DEFAULT_SPACES), nearest(encoding, DEFAULT_SPACES)
        raise GenomeError(f"space: expected an encoding with a space of its own ({known}), got {encoding!r:.100}{hint}")
    return DEFAULT_SPACES[encoding]()


__all__ = [
    "DEFAULT_SPACES",
    "ENCODINGS",
    "Choice",
    "Choose",
    "CnnEncoding",
    "Condition",
    "Difference",
    "Encoding",
    "EncodingLawBroken",
    "FlatEncoding",
    "Float",
    "Gene",
    "Genome",
    "GenomeError",
    "Int",
    "LayerRecord",
    "MlpEncoding",
    "Parameter",
    "Predicate",
    "Rng",
    "SearchSpace",
    "Shape",
    "Size",
    "TransferEncoding",
    "Value",
    "Variant",
    "aligned",
    "canonical_json",
    "changes_between",
    "check_encoding",
    "default_space",
    "dictionary_of",
    "differences_between",
    "encoding_from",
    "fingerprint_of",
    "gene_from",
    "genome_of",
    "phrase",
    "plain_data",
    "spanning_space",
    "values_of",
]
