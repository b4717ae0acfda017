"""What training has to know of each encoding: how its networks are built, and what they are fed. One line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras

from evo_nas.config import Task
from evo_nas.data import Fold
from evo_nas.training.examples import FoldExamples, SplitDataset
from evo_nas.training.kept_examples import kept_examples
from evo_nas.training.networks.dense import build_dense
from evo_nas.training.networks.layers import Arithmetic
from evo_nas.training.tracing import InputType
from genomes import Genome, Shape

Build = Callable[[Genome, Shape, int, Task, Arithmetic], keras.Model]
"""Genome, shape of a row, output units, task, arithmetic -> its network, whose last dense layer is named `LOGITS`."""

GiveExamples = Callable[[SplitDataset, Fold, Genome, str], FoldExamples]
"""Data, fold, genome, [data] cache -> what the genome's network is trained and scored on."""


@dataclass(frozen=True, slots=True)
class TrainedEncoding:
    """How the genomes of an encoding are trained. fed: the type of their inputs; uint8 are images as they are."""

    build: Build
    examples: GiveExamples
    fed: InputType = "float32"


def preprocessed_rows(data: SplitDataset, fold: Fold, genome: Genome, cache: str) -> FoldExamples:
    """The rows of a table, or images, under the genome's preprocessing, found again as [data] cache says."""
    return kept_examples(data, fold, str(genome.genes["preprocessing"]), cache=cache)


TRAINED_ENCODINGS: Mapping[str, TrainedEncoding] = {
    "mlp": TrainedEncoding(build_dense, preprocessed_rows),
}


def trained_encoding(genome: Genome) -> TrainedEncoding:
    """Of a genome. Raises ValueError for one from which no network is built."""
    if genome.encoding not in TRAINED_ENCODINGS:
        known = ", ".join(TRAINED_ENCODINGS)
        raise ValueError(f"expected a genome of an encoding that is trained ({known}), got one of {genome.encoding!r}")
    return TRAINED_ENCODINGS[genome.encoding]


def build_network(
    genome: Genome, input_shape: Shape, num_outputs: int, task: Task, *, precision: Arithmetic = "float32"
) -> keras.Model:
    """The network of a genome; float32 [rows, *input_shape] -> float32 [rows, num_outputs].

    Its weights mean nothing before `start_network`. Raises ValueError for an encoding from which no network is built.
    """
    return trained_encoding(genome).build(genome, input_shape, num_outputs, task, precision)
