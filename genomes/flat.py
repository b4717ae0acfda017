"""A plain dictionary of genes and nothing built from it: hyper-parameters, settings, rows of a table of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

from genomes.axes import Axis, Places
from genomes.flat_reading import check_conditions, check_names, described, read_flat
from genomes.genes import Gene
from genomes.genome import Encoding, Genome, GenomeError, Rng, Shape, Size, Value, Variant
from genomes.parameters import Choose, Parameter, composed, parameters_in
from genomes.space import Condition, SearchSpace


@final
class FlatEncoding(Encoding):
    """Named genes without layers: a point is a value for each name. Only a fitness function knows what they mean.

    genes: name -> gene, any names but "encoding", at least one; a condition names an earlier gene. The default is the
        first value of a choice and the low end of a range.
    conditions: where genes have an effect, at most one `when` and one `unless` for each pair of genes.
    Raises GenomeError, naming the gene.
    """

    name: ClassVar[str] = "flat"

    def __init__(self, genes: Mapping[str, Gene], conditions: Sequence[Condition] = ()) -> None:
        check_names(genes)
        self._conditions = check_conditions(genes, conditions)
        self._space = SearchSpace(genes, self._conditions)
        self._names = genes.keys()
        self._free = tuple(self._space.free)
        self._places = Places(self._space.free)

    @classmethod
    def from_space(cls, space: Mapping[str, Any]) -> FlatEncoding:
        """The encoding that a [space] section, or a plain dictionary, describes; its key `encoding` is not looked at.

        A plain value fixes a gene; a list offers values (ordinal if all are numbers); `{low, high, scale}` is a range;
        `{values, ordinal}` a list that says which it is. The last two may also hold `when = {other = [values]}`: the
        gene has an effect only there; or `unless`: everywhere else. Raises GenomeError, naming the gene.
        """
        return cls(*read_flat({name: data for name, data in space.items() if name != "encoding"}))

    def sample(self, rng: Rng) -> Genome:
        return Genome(self.name, self._space.sample(rng))

    def default(self) -> Genome:
        return Genome(self.name, self._space.default())

    def mutate(self, genome: Genome, rng: Rng) -> Variant:
        """One or a few free genes that have an effect take a step; "unchanged" where there is none."""
        movable = self._movable(genome)
        if not movable:
            return Variant(genome, "unchanged")
        genes, moved = self._space.step_some(genome.genes, movable, rng)
        return Variant(Genome(self.name, genes), "change_gene:" + ",".join(moved))

    def crossover(self, first: Genome, second: Genome, rng: Rng) -> tuple[Genome, Genome]:
        """Uniform: each free gene is swapped with probability one half (Syswerda 1989)."""
        genes, rest = dict(first.genes), dict(second.genes)
        random = rng.random
        for name in self._free:
            if random() < 0.5:
                genes[name], rest[name] = rest[name], genes[name]
        return Genome(self.name, genes), Genome(self.name, rest)

    def repair(self, genome: Genome) -> Genome:
        return Genome(self.name, self._space.clip(genome.genes))

    def canonical(self, genome: Genome) -> Genome:
        return Genome(self.name, self._space.effective(genome.genes))

    def check(self, genome: Genome) -> None:
        if genome.encoding != self.name:
            raise GenomeError(f"expected a genome of the encoding {self.name!r}, got one of {genome.encoding!r:.100}")
        if genome.layers:
            raise GenomeError(f"layers: expected none in a genome of {self.name!r}, got {len(genome.layers)}")
        self._space.check(genome.genes)

    def size(self, genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
        """All zero: no network is built."""
        return Size(0, 0, 0)

    def describe(self) -> dict[str, Any]:
        return {"encoding": self.name, **described(self._space.genes, self._conditions)}

    def compose(self, choose: Choose) -> Genome:
        return Genome(self.name, composed(self._space, choose))

    def parameters(self, most_layers: int) -> tuple[Parameter, ...]:
        return parameters_in(self._space)

    def axes(self) -> tuple[Axis, ...]:
        return self._places.axes

    def coordinates(self, genome: Genome) -> list[float]:
        return self._places.of(self._space.effective(genome.genes) if self._conditions else genome.genes)

    def outline(self) -> SearchSpace:
        return self._space

    def assembled(self, values: Mapping[str, Value]) -> Genome:
        return Genome(self.name, self._space.clip(values))

    def narrowed(self, genes: Mapping[str, Gene]) -> FlatEncoding:
        """Conditions keep those of their values that are left; one that none is left of is never met."""
        kept = {**self._space.genes, **genes}
        conditions = [
            Condition(c.gene, c.on, tuple(value for value in c.values if kept[c.on].clip(value) == value), c.unless)
            for c in self._conditions
        ]
        return FlatEncoding(kept, conditions)

    def _movable(self, genome: Genome) -> Sequence[str]:
        if not self._conditions and genome.genes.keys() == self._names:
            return self._free  # a shortcut: screens ask for hundreds of mutants a proposal
        effective = self._space.effective(genome.genes)
        return [name for name in self._free if name in effective]
