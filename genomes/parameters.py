"""A genome as named parameters: what tools that know nothing of layers ask for and are told, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from genomes.genes import Gene
from genomes.genome import Encoding, Genome, Value
from genomes.space import SearchSpace

LAYERS = "layers"
"""The parameter that says how many layers there are."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A free gene at its place. layer: 0, 1, ...; None where it is said once for the whole network."""

    gene: str
    values: Gene
    layer: int | None = None

    @property
    def name(self) -> str:
        """Unique in its encoding: "learning_rate", or "width_2" in the second layer."""
        return self.gene if self.layer is None else f"{self.gene}_{self.layer + 1}"


Choose = Callable[[Parameter], Value]


def composed(space: SearchSpace, choose: Choose, layer: int | None = None) -> dict[str, Value]:
    """Values of a space, of which the free ones that have an effect are chosen, in order; others have their default."""
    values, effective = space.default(), dict[str, Value]()
    for name, gene in space.genes.items():
        if space.takes_effect(name, effective):
            if not gene.fixed:
                values[name] = gene.clip(choose(Parameter(name, gene, layer)))
            effective[name] = values[name]
    return values


def parameters_in(space: SearchSpace, layer: int | None = None) -> tuple[Parameter, ...]:
    """Every free gene of a space, whether it has an effect or not."""
    return tuple(Parameter(name, gene, layer) for name, gene in space.free.items())


def values_of(encoding: Encoding, genome: Genome) -> dict[Parameter, Value]:
    """The parameters that have an effect in a genome, in the order in which `Encoding.compose` asks for them.

    Raises GenomeError where the encoding cannot be composed.
    """
    values: dict[Parameter, Value] = {}

    def read(parameter: Parameter) -> Value:
        values[parameter] = _value_in(genome, parameter)
        return values[parameter]

    encoding.compose(read)
    return values


def _value_in(genome: Genome, parameter: Parameter) -> Value:
    if parameter.layer is not None:
        return genome.layers[parameter.layer][parameter.gene]
    mapping: Mapping[str, Value] = genome.genes
    if parameter.gene in mapping:
        return mapping[parameter.gene]
    return len(genome.layers) if parameter.gene == LAYERS else genome.layers[0][parameter.gene]
