"""Spaces of convolutional networks for tests: the default one, one with everything, and any that hypothesis draws."""

from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from genomes import CnnEncoding, Genome, GenomeError

RICH = CnnEncoding.from_space(CnnEncoding.default_space())
HEAVY = {
    **CnnEncoding.default_space(),
    "filters": {"low": 1, "high": 16, "scale": "log"},
    "kernel": {"low": 1, "high": 7},
    "head_width": {"low": 1, "high": 16},
    "activation": ["relu", "silu", "softmax", "linear"],
    "l1": [0.0, 1e-4],
    "max_norm": [0.0, 1.0],
}
"""Everything that a builder must know, at widths that are built in no time."""
NARROW = CnnEncoding.from_space(HEAVY)

LISTS: dict[str, list[Any]] = {
    "layers": [1, 2, 3, 5],
    "filters": [1, 4, 9, 32],
    "kernel": [1, 2, 3, 5, 7],
    "convolutions": ["one", "two", "separable"],
    "padding": ["same", "valid"],
    "batch_normalization": [False, True],
    "activation": ["relu", "tanh", "linear"],
    "reduction": ["none", "max", "average", "stride"],
    "dropout": [0.0, 0.25],
    "skip": [False, True],
    "head": ["flatten", "average", "max"],
    "head_layers": [0, 1, 2],
    "head_width": [4, 10, 60],
    "optimizer": ["adam", "sgd"],
    "momentum": [0.0, 0.9],
    "augment_flip": [0.0, 0.5],
}
LIMITS = {"max_parameters": st.sampled_from([1_000, 5_000, 50_000]), "max_flops": st.sampled_from([200_000, 2_000_000])}


@st.composite
def encodings(draw: st.DrawFn) -> CnnEncoding:
    """Of spaces in which some genes are fixed, some listed, some silent; some have limits; images of 1 to 33 pixels."""
    named = draw(st.sets(st.sampled_from(sorted(LISTS))))
    space: dict[str, Any] = {"encoding": "cnn"}
    for name in sorted(named):
        values = draw(st.lists(st.sampled_from(LISTS[name]), min_size=1, max_size=4, unique=True))
        space[name] = values[0] if len(values) == 1 else values
    for name in sorted(draw(st.sets(st.sampled_from(sorted(LIMITS))))):
        space[name] = draw(LIMITS[name])
    tiny = draw(st.integers(0, 4)) == 0
    if tiny:
        space["reduction"], space["padding"] = ["max", "none"], ["valid", "same"]
    pixels = st.sampled_from([1, 2, 3] if tiny else [6, 8, 13, 28, 33])
    space["input_shape"] = [draw(pixels), draw(pixels), draw(st.sampled_from([1, 3]))]
    try:
        return CnnEncoding.from_space({**space, "num_outputs": 4})
    except GenomeError:  # no network of the space is small enough for the images or the limits
        reject()


def network(blocks: list[dict[str, Any]], encoding: CnnEncoding = RICH, **genes: Any) -> Genome:
    """A genome of blocks that say how they differ from one 3 x 3 convolution of 8 filters, and of genes that say how
    they differ from the space's defaults and a head of nothing but the output.
    """
    plain = {**encoding.default().layers[0], "filters": 8, "kernel": 3, "padding": "same", "reduction": "none"}
    head = {"head": "flatten", "head_layers": 0}
    return Genome("cnn", {**encoding.default().genes, **head, **genes}, tuple({**plain, **block} for block in blocks))
