"""Which gene a hyper-parameter's name means, and of which layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

LAYERS = "layers"
ALIASES: Mapping[str, tuple[str, ...]] = {
    LAYERS: ("num_layers", "n_layers", "hidden_layers", "num_hidden_layers", "n_hidden_layers", "n_hidden", "depth"),
    "width": (
        "units",
        "neurons",
        "nodes",
        "num_units",
        "n_units",
        "hidden_units",
        "num_neurons",
        "dense_units",
        "first_neuron",
    ),
    "activation": ("act", "activations", "activation_function", "hidden_activation", "dense_activation"),
    "dropout": ("dropout_rate", "drop_rate", "drop", "p_dropout"),
    "optimizer": ("optimiser", "opt", "optimizer_name"),
    "learning_rate": ("lr", "eta", "learning_rate_init", "step_size"),
    "batch_size": ("batch", "batchsize", "bs"),
    "l2": ("l2_reg", "l2_lambda", "l2_penalty", "alpha"),
    "l1": ("l1_reg", "l1_lambda", "l1_penalty"),
    "input_dropout": ("dropout_input", "input_drop"),
    "batch_normalization": ("batch_norm", "batchnorm", "use_bn", "bn"),
    "kernel_initializer": ("initializer", "init", "kernel_init", "weight_init", "init_mode"),
    "preprocessing": ("scaler", "scaling", "normalization"),
}
"""Gene of a dense network -> other names of it, as tutorials and tools have them."""

_INDEXED = re.compile(r"(.+?)_?(?:layer_?|l)?(\d+)")


@dataclass(frozen=True, slots=True)
class Meaning:
    """gene: of the space. index: the number at the end of the name, where the gene is one of several layers."""

    gene: str
    index: int | None = None


class Names:
    """genes: of the space, and "layers" where it has any. layer_genes: those that every layer has for itself.

    mapped: names that the user has told the gene of; they come before the aliases, with and without a number.
    """

    def __init__(self, genes: frozenset[str], layer_genes: frozenset[str], mapped: Mapping[str, str]) -> None:
        self._layer_genes = layer_genes
        self._known = {alias: gene for gene, aliases in ALIASES.items() if gene in genes for alias in aliases}
        self._known |= {plain(gene): gene for gene in genes}
        self._known |= {plain(name): gene for name, gene in mapped.items()}

    def meaning(self, name: str) -> Meaning | None:
        """None for a name that means no gene."""
        spelt = plain(name)
        if spelt in self._known:
            return Meaning(self._known[spelt])
        found = _INDEXED.fullmatch(spelt)
        gene = self._known.get(found[1].rstrip("_")) if found else None
        if found is None or gene not in self._layer_genes:
            return None
        return Meaning(gene, int(found[2]))


def plain(name: str) -> str:
    """In small letters, with a low line for what is neither letter nor digit: "Learning rate" -> "learning_rate"."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
