"""What training has to know of each encoding: how its networks are built, and what they are fed. One line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from evo_nas.config import Task
from evo_nas.data import Fold
from evo_nas.training.backbones.features import feature_examples
from evo_nas.training.backbones.store import look_at, remember_source
from evo_nas.training.examples import FoldExamples, SplitDataset
from evo_nas.training.kept_examples import kept_examples
from evo_nas.training.networks.convolutional import build_convolutional
from evo_nas.training.networks.dense import build_dense
from evo_nas.training.networks.layers import Arithmetic
from evo_nas.training.networks.transfer import build_from_pixels, build_transfer, whole_network
from evo_nas.training.news import Alive, silent
from evo_nas.training.tracing import InputType
from genomes import Encoding, Genome, Shape

Build = Callable[[Genome, Shape, int, Task, Arithmetic], keras.Model]
"""Genome, shape of a row, output units, task, arithmetic -> its network, whose last dense layer is named `LOGITS`."""

GiveExamples = Callable[[SplitDataset, Fold, Genome, str, Alive], FoldExamples]
"""Data, fold, genome, [data] cache, who is told that it goes on -> what the genome's network is trained and scored
on."""

Whole = Callable[[keras.Model, Genome, int, Task], keras.Model]
"""A trained network, its genome, output units, task -> the network for the rows themselves, with the same weights."""


def _itself(network: keras.Model, genome: Genome, num_outputs: int, task: Task) -> keras.Model:
    return network


def _nothing(encoding: Encoding) -> None:
    return None


@dataclass(frozen=True, slots=True)
class TrainedEncoding:
    """How the genomes of an encoding are trained. fed: the type of their inputs; uint8 are images as they are.

    whole: what is saved of a trained network. ready: called with the space before one of its genomes is trained.
    complete: the keys that a [space] section lacks, for data of a shape, where the encoding can lack some.
    augmented: how they are trained where images are augmented, if that is otherwise.
    """

    build: Build
    examples: GiveExamples
    fed: InputType = "float32"
    whole: Whole = _itself
    ready: Callable[[Encoding], None] = _nothing
    complete: Callable[[Mapping[str, Any], Shape], dict[str, Any]] | None = None
    augmented: TrainedEncoding | None = None


def preprocessed_rows(
    data: SplitDataset, fold: Fold, genome: Genome, cache: str, alive: Alive = silent
) -> FoldExamples:
    """The rows of a table, or images, under the genome's preprocessing, found again as [data] cache says."""
    return kept_examples(data, fold, str(genome.genes["preprocessing"]), cache=cache)


TRAINED_ENCODINGS: Mapping[str, TrainedEncoding] = {
    "mlp": TrainedEncoding(build_dense, preprocessed_rows),
    "cnn": TrainedEncoding(build_convolutional, preprocessed_rows, fed="uint8"),
    "transfer": TrainedEncoding(
        build_transfer,
        feature_examples,
        whole=whole_network,
        ready=lambda encoding: remember_source(encoding.describe()),
        complete=look_at,
        augmented=TrainedEncoding(build_from_pixels, preprocessed_rows, fed="uint8", whole=whole_network),
    ),
}


def trained_encoding(genome: Genome, *, augmented: bool = False) -> TrainedEncoding:
    """Of a genome. augmented: for images that change from epoch to epoch.

    Raises ValueError for an encoding from which no network is built.
    """
    if genome.encoding not in TRAINED_ENCODINGS:
        known = ", ".join(TRAINED_ENCODINGS)
        raise ValueError(f"expected a genome of an encoding that is trained ({known}), got one of {genome.encoding!r}")
    found = TRAINED_ENCODINGS[genome.encoding]
    return found.augmented or found if augmented else found


def build_network(
    genome: Genome, input_shape: Shape, num_outputs: int, task: Task, *, precision: Arithmetic = "float32"
) -> keras.Model:
    """The network of a genome; float32 [rows, *input_shape] -> float32 [rows, num_outputs].

    Its weights mean nothing before `start_network`. Raises ValueError for an encoding from which no network is built.
    """
    return trained_encoding(genome).build(genome, input_shape, num_outputs, task, precision)
