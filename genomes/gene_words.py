"""The genes of each encoding in words, for those who write a [space] section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genomes.catalogue import Catalogue, Entry
from genomes.cnn_genes import CATALOGUE as CNN
from genomes.genome import Value
from genomes.mlp_genes import CATALOGUE as MLP
from genomes.transfer_genes import transfer_catalogue

_TRAINING: Mapping[str, str] = {
    "optimizer": "how weights are changed",
    "learning_rate": "by how much, at the start",
    "decay": "the learning rate times this, once every decay_steps; 1 is none",
    "decay_steps": "steps of training between two decays",
    "momentum": "of sgd and rmsprop",
    "nesterov": "sgd looks ahead along its momentum",
    "rho": "of rmsprop and adadelta: how long squared gradients are remembered",
    "beta_1": "of adam, adamw and nadam: how long gradients are remembered",
    "beta_2": "of adam, adamw and nadam: how long squared gradients are remembered",
    "epsilon": "keeps an optimizer from dividing by zero",
    "weight_decay": "of adamw",
    "batch_size": "rows a step",
    "l1": "penalty on the size of weights",
    "l2": "penalty on the square of weights",
    "max_norm": "limit on the weights that go into a unit; 0 is none",
    "input_dropout": "share of the inputs that each step leaves out",
    "kernel_initializer": "how weights are drawn at the start",
    "preprocessing": "how inputs are scaled",
}
_DENSE: Mapping[str, str] = {
    "layers": "dense layers before the last one",
    "width": "units of a layer",
    "activation": "of a layer's units",
    "dropout": "share of a layer's units that each step leaves out",
    "batch_normalization": "units are normalised over the batch before their activation",
    **_TRAINING,
}
_AUGMENTATION: Mapping[str, str] = {
    "augment_flip": "share of the images of a batch that are mirrored, left to right; 0 is off",
    "augment_shift": "how far images are moved at most, as a share of their size; 0 is off",
    "augment_rotation": "how many degrees images are turned at most; 0 is off",
    "augment_zoom": "0.25: up to 1.25 times larger or smaller; 0 is off",
    "augment_colour": "0.2: brightness, contrast and saturation times 0.8 to 1.2; 0 is off",
    "augment_mixup": "alpha by which two images and their targets are mixed; 0 is off",
    "augment_cutout": "side of the square that is covered, as a share of the shorter side; 0 is off",
}
_BLOCKS: Mapping[str, str] = {
    **_TRAINING,
    **_AUGMENTATION,
    "layers": "convolution blocks",
    "filters": "channels that a block gives",
    "kernel": "side of the window that a convolution looks through, in pixels",
    "convolutions": "of a block; separable is depthwise, then 1 x 1",
    "padding": "same keeps the number of pixels, valid loses kernel - 1 along each side",
    "batch_normalization": "channels are normalised over the batch before their activation",
    "activation": "of a block's channels",
    "reduction": "how a block halves height and width, if it does",
    "dropout": "share of a block's channels that each step leaves out",
    "skip": "what goes into a block is added to what comes out",
    "head": "how the blocks end: all pixels, or the mean or largest of each channel",
    "head_layers": "dense layers after the blocks, all equal",
    "head_width": "units of each of them",
    "head_activation": "of their units",
    "head_dropout": "share of their units that each step leaves out",
}
_BACKBONE: Mapping[str, str] = {
    **_DENSE,
    **_AUGMENTATION,
    "frozen_until": 'the last block of the backbone that is kept as it is; "end": all of it',
    "thawed_learning_rate": "of the blocks after it, as a share of the head's",
    "pooling": "how the backbone ends: the mean or largest of each channel, or all pixels",
    "outputs": "units the network ends in; 0: as many as the data need",
    "layers": "dense layers after the backbone",
}
_WORDS: Mapping[str, tuple[Catalogue, Mapping[str, str]]] = {
    "mlp": (MLP, _DENSE),
    "cnn": (CNN, _BLOCKS),
    "transfer": (transfer_catalogue(None), _BACKBONE),
}
EXPLAINED = tuple(_WORDS)
"""The encodings whose genes have words; those of `flat` are the user's own."""


@dataclass(frozen=True, slots=True)
class GeneInWords:
    """possible: the values that it may have. default: its value where a space is silent, as a
    settings file writes it. meaning: one line."""

    name: str
    possible: str
    default: str
    meaning: str


def genes_in_words(encoding: str) -> tuple[GeneInWords, ...]:
    """All genes of an encoding out of `EXPLAINED`, in the order of its catalogue."""
    catalogue, words = _WORDS[encoding]
    return tuple(
        GeneInWords(name, _possible(entry), _shown(entry.default), words[name])
        for name, entry in catalogue.entries.items()
    )


def other_keys(encoding: str) -> tuple[str, ...]:
    """What a space of the encoding may say beside its genes."""
    return ("encoding", *_WORDS[encoding][0].keys)


def _possible(entry: Entry) -> str:
    if entry.kind == "bool":
        return "true, false"
    if entry.kind == "text":
        return ", ".join(entry.options) or "a name"
    form = ",.0f" if entry.kind == "int" else "g"
    return f"{entry.low:{form}} to {entry.high:{form}}"


def _shown(value: Value) -> str:
    """As in a settings file."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"
