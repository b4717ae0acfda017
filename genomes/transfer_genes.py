"""The genes of a network on a pretrained backbone: how much of that is frozen, and how what it gives is gathered.

The head and the training have the genes of the dense network (`mlp_genes.py`), but for the preprocessing of images.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genomes.augmentation_genes import AUGMENTATION_GENES, augmentation_genes
from genomes.backbone import END, FACTS, Backbone
from genomes.catalogue import Catalogue, Entry, defaults_of
from genomes.gene_reading import gene_from, nearest
from genomes.genes import Choice, Gene
from genomes.genome import GenomeError
from genomes.image_genes import IMAGE_PREPROCESSING
from genomes.mlp_genes import CATALOGUE as DENSE
from genomes.space import Condition, SearchSpace

BACKBONE, WEIGHTS, DIGEST = "backbone", "weights", "backbone_digest"
IMAGENET = "imagenet"
SAVED_NETWORK, SAVED_WEIGHTS = ".keras", ".weights.h5"
"""How the names of files end that hold a backbone, or the weights of one."""
POOLINGS = ("average", "max", "flatten")
LAST_BLOCKS = 3
"""At the ends of so many blocks, and at the end, freezing may stop where a space does not say where."""

FROZEN_UNTIL, POOLING, OUTPUTS, PREPROCESSING = "frozen_until", "pooling", "outputs", "preprocessing"
GENES: Mapping[str, Entry] = {
    FROZEN_UNTIL: Entry("text", END),  # the last block that is frozen, by its name; "end": the whole backbone is
    "thawed_learning_rate": Entry("float", 0.1, 1e-9, 1.0),  # of the blocks after it, as a share of the head's
    POOLING: Entry("text", "average", options=POOLINGS),  # over all pixels of a channel
    OUTPUTS: Entry("int", 0, 0, 1_000_000),  # how many units the network ends in; 0: as many as the data need
    PREPROCESSING: Entry("text", "symmetric", options=IMAGE_PREPROCESSING),
}
OWN_GENES: Mapping[str, Entry] = {**GENES, **AUGMENTATION_GENES}
"""What the dense network does not have; of the genes of augmentation a space holds those that it names."""
KEYS = (BACKBONE, WEIGHTS, *FACTS)
"""What a space may say beside its genes: the backbone, and the table of it."""
HEAD_GENES = {name: entry for name, entry in DENSE.entries.items() if name != PREPROCESSING}
CONDITIONS = (Condition("thawed_learning_rate", FROZEN_UNTIL, (END,), unless=True),)


def transfer_catalogue(table: Backbone | None) -> Catalogue:
    """All genes of a space, with the backbone's blocks as options where they are known."""
    ends = replace_options(GENES[FROZEN_UNTIL], table.ends) if table else GENES[FROZEN_UNTIL]
    return Catalogue({**OWN_GENES, FROZEN_UNTIL: ends, **HEAD_GENES}, (*KEYS, *DENSE.keys))


def replace_options(entry: Entry, options: tuple[str, ...]) -> Entry:
    return Entry(entry.kind, entry.default, options=options)


def read_backbone(space: Mapping[str, Any]) -> tuple[str, str]:
    """Name of a backbone and where its weights are: "imagenet" or the path of a file.

    `backbone = "dogs.keras"` is the same as `backbone = "dogs", weights = "dogs.keras"`. Raises GenomeError.
    """
    name, weights = space.get(BACKBONE), space.get(WEIGHTS)
    if not isinstance(name, str) or not name:
        raise GenomeError(
            f'[space] {BACKBONE}: expected a network of keras.applications such as "MobileNetV2", or a {SAVED_NETWORK} '
            f"file, got {'nothing' if name is None else repr(name)[:100]}"
        )
    if name.endswith(SAVED_NETWORK):
        if weights not in (None, name):
            raise GenomeError(f"[space] {WEIGHTS}: {name!r:.100} holds its weights already; leave this key out")
        stem = name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(SAVED_NETWORK)
        return stem or "backbone", name
    weights = IMAGENET if weights is None else weights
    if not isinstance(weights, str) or not (weights == IMAGENET or weights.endswith((SAVED_NETWORK, SAVED_WEIGHTS))):
        raise GenomeError(
            f'[space] {WEIGHTS}: expected "{IMAGENET}" or the path of a {SAVED_WEIGHTS} or {SAVED_NETWORK} file, got '
            f"{weights!r:.100}"
        )
    return name, weights


def own_space(name: str, table: Backbone | None, given: Mapping[str, Gene]) -> SearchSpace:
    """The genes that the dense network does not have. What a genome must hold of the backbone are fixed ones.

    Where the blocks are known, the ends of freezing are in their order. Raises GenomeError.
    """
    if not given.get(OUTPUTS, gene_from(0)).fixed:
        raise GenomeError(f"[space] {OUTPUTS}: expected one number, got several")
    genes: dict[str, Gene] = {BACKBONE: Choice((name,)), DIGEST: Choice((table.digest if table else "",))}
    entries = {**GENES, **augmentation_genes(given)}
    for gene, entry in entries.items():
        genes[gene] = given.get(gene) or gene_from(entry.default)
    if table is not None:
        genes[FROZEN_UNTIL] = _ends(table, given.get(FROZEN_UNTIL))
        if len(table.blocks[-1].shape) == 1:  # there are no pixels to be pooled
            genes[POOLING] = gene_from(GENES[POOLING].default)
    defaults = {BACKBONE: name, DIGEST: genes[DIGEST].clip(None), **defaults_of(entries)}
    return SearchSpace(genes, CONDITIONS, defaults)


def _ends(table: Backbone, given: Gene | None) -> Choice:
    if given is None:
        return Choice(table.ends[-1 - LAST_BLOCKS :], ordinal=True)
    assert isinstance(given, Choice), "texts can only be chosen from"
    return Choice(tuple(end for end in table.ends if end in given.values), ordinal=True)


def spelt_ends(gene: Gene, table: Backbone) -> Gene:
    """The last block's own name is another word for "end". Raises GenomeError for a name that is no block."""
    last = table.blocks[-1].name
    values = dict.fromkeys(END if value == last else value for value in getattr(gene, "values", ()))
    for value in values:
        if value not in table.ends:
            hint = nearest(str(value), table.ends)
            some = ", ".join(table.ends[-8:])
            raise GenomeError(
                f"[space] {FROZEN_UNTIL}: {value!r:.100}{hint} is no block of the backbone; its last ones are {some}"
            )
    return Choice(tuple(values), ordinal=True)
