"""One network that is trained on one fold: what a place of a program holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evo_nas.training.examples import Float32Array, FoldExamples
from evo_nas.training.streams import TrainingStreams
from genomes import Genome, Value


def rows_key(genes: Mapping[str, Value]) -> tuple[str, ...]:
    """What of a genome decides the rows that it is fed."""
    return str(genes["preprocessing"]), str(genes.get("pooling", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """genome: canonical, with at least one hidden layer. row_weights: of each training row in the loss, [rows]."""

    genome: Genome
    streams: TrainingStreams
    examples: FoldExamples
    row_weights: Float32Array

    @property
    def genes(self) -> Mapping[str, Value]:
        return self.genome.genes

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return tuple(int(layer["width"]) for layer in self.genome.layers)

    @property
    def depth(self) -> int:
        return len(self.genome.layers)

    @property
    def num_inputs(self) -> int:
        return int(self.examples.train.inputs.shape[1])

    @property
    def num_outputs(self) -> int:
        return int(self.examples.train.targets.shape[1])

    @property
    def noise_key(self) -> tuple[int, int | str, int]:
        """What order of rows and dropout noise depend on: members of equal keys share both."""
        return self.streams.evaluation_seed, self.streams.fold, self.streams.replicate

    @property
    def data_key(self) -> tuple[int | str, ...]:
        """Members of a cohort with equal keys have the same rows, preprocessed alike, in the same order."""
        return (*self.noise_key, *rows_key(self.genes))
