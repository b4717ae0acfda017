"""The laws of an encoding. Each is one function of `LAWS`: its name is the law, and it yields what breaks it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple
from functools import cached_property
from math import isnan

from genomes.genome import Encoding, Genome, GenomeError, Shape, Size, Value
from genomes.hostile import hostile_genomes

OUTPUTS = 3
ENOUGH = 60
"""So many values of a free gene are never all equal by chance (even where one of two has 68 %: 1e-10)."""
WALK = 10_000
"""Steps of a walk of mutations after which a gene that did not move counts as out of reach."""


class Trials:
    """An encoding under test and the genomes that it drew, each from a stream of its own."""

    def __init__(self, encoding: Encoding, seed: int, count: int) -> None:
        self.encoding = encoding
        self.seed = seed
        self.count = count

    def stream(self, *key: int) -> random.Random:
        return random.Random(repr((self.seed, *key)))

    @cached_property
    def samples(self) -> list[Genome]:
        return [self.encoding.sample(self.stream(0, i)) for i in range(self.count)]

    @cached_property
    def mutants(self) -> list[Genome]:
        return [self.encoding.mutate(genome, self.stream(1, i)).genome for i, genome in enumerate(self.samples)]

    @cached_property
    def children(self) -> list[Genome]:
        pairs = zip(self.samples, [*self.samples[1:], self.encoding.default()], strict=True)
        return [child for i, pair in enumerate(pairs) for child in self.encoding.crossover(*pair, self.stream(2, i))]

    @cached_property
    def hostile(self) -> list[Genome]:
        return [hostile for genome in self.samples[:2] for hostile in hostile_genomes(genome)]

    @property
    def valid(self) -> list[Genome]:
        return [self.encoding.default(), *self.samples, *self.mutants, *self.children]

    def form(self, genome: Genome) -> str:
        return text(self.encoding.canonical(genome))

    def size(self, genome: Genome) -> Size:
        return self.encoding.size(genome, self.encoding.input_shape, OUTPUTS)

    def genes(self, *, free: bool) -> dict[str, object]:
        """The free genes, or the fixed ones, as the encoding describes them."""
        no_genes = ("encoding", *self.encoding.facts)
        described = {name: _alone(data) for name, data in self.encoding.describe().items() if name not in no_genes}
        return {name: data for name, data in described.items() if isinstance(data, Value) is not free}


def text(genome: Genome) -> str:
    """A text that differs wherever a bit, a type or a sign differs."""
    return json.dumps(genome.to_json(), sort_keys=True)


def samples_are_valid(trials: Trials) -> Iterator[str]:
    yield from _invalid(trials.encoding, trials.samples)


def the_default_is_valid(trials: Trials) -> Iterator[str]:
    yield from _invalid(trials.encoding, [trials.encoding.default()])


def inputs_are_not_modified(trials: Trials) -> Iterator[str]:
    encoding, second = trials.encoding, trials.encoding.default()
    operations: dict[str, Callable[[Genome], object]] = {
        "mutate": lambda genome: encoding.mutate(genome, trials.stream(4)),
        "crossover": lambda genome: encoding.crossover(genome, second, trials.stream(5)),
        "crossover as second": lambda genome: encoding.crossover(second, genome, trials.stream(6)),
        "repair": encoding.repair,
        "canonical": encoding.canonical,
        "fingerprint": encoding.fingerprint,
        "size": trials.size,
        "check": encoding.check,
    }
    for genome in trials.samples:
        for name, operation in operations.items():
            before = text(genome)
            operation(genome)
            if text(genome) != before:
                yield f"{name}: {before}"


def mutants_are_valid(trials: Trials) -> Iterator[str]:
    yield from _invalid(trials.encoding, trials.mutants)


def mutants_differ_in_canonical_form(trials: Trials) -> Iterator[str]:
    if len({trials.form(genome) for genome in trials.samples}) > 1:
        for genome, mutant in zip(trials.samples, trials.mutants, strict=True):
            if trials.form(genome) == trials.form(mutant):
                yield text(genome)


def children_are_valid(trials: Trials) -> Iterator[str]:
    yield from _invalid(trials.encoding, trials.children)


def equal_parents_have_themselves_for_children(trials: Trials) -> Iterator[str]:
    for i, genome in enumerate(trials.samples):
        children = trials.encoding.crossover(genome, genome, trials.stream(3, i))
        yield from (_pair(genome, child) for child in children if text(child) != text(genome))


def repair_keeps_what_is_valid(trials: Trials) -> Iterator[str]:
    for genome in trials.valid:
        repaired = trials.encoding.repair(genome)
        if text(repaired) != text(genome):
            yield _pair(genome, repaired)


def repair_admits_anything(trials: Trials) -> Iterator[str]:
    yield from _invalid(trials.encoding, [trials.encoding.repair(genome) for genome in trials.hostile])


def check_refuses_what_repair_changes(trials: Trials) -> Iterator[str]:
    for genome in trials.hostile:
        changed = text(trials.encoding.repair(genome)) != text(genome)
        if changed and _fault(trials.encoding, genome) is None:
            yield text(genome)


def canonical_form_of_a_form_is_itself(trials: Trials) -> Iterator[str]:
    for genome in trials.valid:
        form = trials.encoding.canonical(genome)
        if trials.form(form) != text(form):
            yield _pair(genome, form)


def canonical_form_repaired_keeps_its_form(trials: Trials) -> Iterator[str]:
    for genome in trials.valid:
        form = trials.encoding.canonical(genome)
        if trials.form(trials.encoding.repair(form)) != text(form):
            yield _pair(genome, form)


def canonical_form_decides_fingerprint_and_size(trials: Trials) -> Iterator[str]:
    for genome in trials.valid:
        form = trials.encoding.canonical(genome)
        if trials.encoding.fingerprint(form) != trials.encoding.fingerprint(genome):
            yield "fingerprint: " + _pair(genome, form)
        if trials.size(form) != trials.size(genome):
            yield "size: " + _pair(genome, form)


def fingerprints_are_equal_exactly_where_forms_are(trials: Trials) -> Iterator[str]:
    fingerprint_of: dict[str, str] = {}
    form_of: dict[str, str] = {}
    for genome in trials.valid:
        form, fingerprint = trials.form(genome), trials.encoding.fingerprint(genome)
        if fingerprint_of.setdefault(form, fingerprint) != fingerprint:
            yield f"one form, two fingerprints: {form}"
        if form_of.setdefault(fingerprint, form) != form:
            yield f"two forms, one fingerprint: {form} and {form_of[fingerprint]}"


def json_keeps_every_bit(trials: Trials) -> Iterator[str]:
    for genome in trials.valid:
        read = Genome.from_json(json.loads(json.dumps(genome.to_json(), allow_nan=False)))
        if read != genome or text(read) != text(genome):
            yield _pair(genome, read)


def the_same_stream_gives_the_same_result(trials: Trials) -> Iterator[str]:
    encoding = trials.encoding
    again = Trials(encoding, trials.seed, trials.count)
    for before, after in (
        (trials.samples, again.samples),
        (trials.mutants, again.mutants),
        (trials.children, again.children),
    ):
        yield from (_pair(one, other) for one, other in zip(before, after, strict=True) if text(one) != text(other))


def fixed_genes_never_move(trials: Trials) -> Iterator[str]:
    genomes = [*trials.valid, *(trials.encoding.repair(genome) for genome in trials.hostile)]
    for name, fixed in trials.genes(free=False).items():
        for genome in genomes:
            yield from (f"{name}: {value!r}" for value in _values(genome, name) if repr(value) != repr(fixed))


def sampling_reaches_every_gene(trials: Trials) -> Iterator[str]:
    for name in trials.genes(free=True):
        seen = [repr(value) for genome in trials.samples for value in _values(genome, name)]
        if not seen and any(genome.layers for genome in trials.samples):
            yield f"{name} is in no genome"
        if len(seen) >= ENOUGH and len(set(seen)) == 1:
            yield f"{name} is always {seen[0]}"


def mutation_reaches_every_gene(trials: Trials) -> Iterator[str]:
    """Only genes that vary among the canonical forms of the samples: a gene may never have an effect."""
    forms = [trials.encoding.canonical(genome) for genome in trials.samples]
    waiting = {name for name in trials.genes(free=True) if len(_distinct(forms, name)) > 1}
    stream, genome = trials.stream(7), trials.encoding.default()
    seen: dict[str, set[str]] = {name: set() for name in waiting}
    for _ in range(WALK):
        form = trials.encoding.canonical(genome)
        for name in tuple(waiting):
            seen[name] |= _distinct([form], name)
            if len(seen[name]) > 1:
                waiting.remove(name)
        if not waiting:
            return
        genome = trials.encoding.mutate(genome, stream).genome
    yield f"{', '.join(sorted(waiting))} did not move in {WALK} steps"


def size_is_whole_and_grows_with_inputs_and_outputs(trials: Trials) -> Iterator[str]:
    for genome in trials.valid:
        sizes = [
            astuple(trials.encoding.size(genome, _grown(trials.encoding.input_shape, more), OUTPUTS + others))
            for more, others in ((0, 0), (1, 0), (0, 1))
        ]
        if not all(type(number) is int and number >= 0 for size in sizes for number in size):
            yield f"{sizes[0]}: {text(genome)}"
        if any(larger < smaller for size in sizes[1:] for smaller, larger in zip(sizes[0], size, strict=True)):
            yield f"{sizes}: {text(genome)}"


def _grown(shape: Shape, more: int) -> Shape:
    """More columns, or more pixels in both directions; as many channels."""
    return tuple(length + more for length in shape[:2]) + shape[2:]


def layers_add_up_to_the_size(trials: Trials) -> Iterator[str]:
    """Where the encoding tells its layers at all."""
    for genome in trials.valid:
        table = trials.encoding.layer_table(genome, trials.encoding.input_shape, OUTPUTS)
        if table and sum(layer.parameters for layer in table) != trials.size(genome).parameters:
            yield f"{table}: {text(genome)}"
        if len({layer.name for layer in table}) < len(table):
            yield f"a name twice in {table}: {text(genome)}"


def coordinates_lie_on_their_axes(trials: Trials) -> Iterator[str]:
    encoding = trials.encoding
    axes = encoding.axes()
    for genome in trials.valid:
        place = list(encoding.coordinates(genome))
        if len(place) != len(axes) or repr(place) != repr(list(encoding.coordinates(encoding.canonical(genome)))):
            yield f"{place}: {text(genome)}"
        for axis, number in zip(axes, place, strict=False):
            if not (isnan(number) or (number in range(axis.categories) if axis.categories else 0.0 <= number <= 1.0)):
                yield f"{axis} {number}: {text(genome)}"


def _fault(encoding: Encoding, genome: Genome) -> str | None:
    try:
        encoding.check(genome)
    except GenomeError as error:
        return str(error)
    return None


def _invalid(encoding: Encoding, genomes: Iterable[Genome]) -> Iterator[str]:
    for genome in genomes:
        fault = _fault(encoding, genome)
        if fault is not None:
            yield f"{fault}: {text(genome)}"


def _pair(before: Genome, after: Genome) -> str:
    return f"{text(before)} and {text(after)}"


def _alone(data: object) -> object:
    """What describes a gene; the value of a fixed one with conditions, which is described as a list of one."""
    values = list(data.get("values", ())) if isinstance(data, Mapping) else []
    return values[0] if len(values) == 1 else data


def _values(genome: Genome, name: str) -> list[Value]:
    """The gene's value; for a gene of layers, its value in each."""
    if name in genome.genes:
        return [genome.genes[name]]
    if name == "layers":
        return [len(genome.layers)]
    return [layer[name] for layer in genome.layers if name in layer]


def _distinct(genomes: Iterable[Genome], name: str) -> set[str]:
    return {repr(value) for genome in genomes for value in _values(genome, name)}


LAWS: tuple[Callable[[Trials], Iterator[str]], ...] = (
    samples_are_valid,
    the_default_is_valid,
    inputs_are_not_modified,
    mutants_are_valid,
    mutants_differ_in_canonical_form,
    children_are_valid,
    equal_parents_have_themselves_for_children,
    repair_keeps_what_is_valid,
    repair_admits_anything,
    check_refuses_what_repair_changes,
    canonical_form_of_a_form_is_itself,
    canonical_form_repaired_keeps_its_form,
    canonical_form_decides_fingerprint_and_size,
    coordinates_lie_on_their_axes,
    fingerprints_are_equal_exactly_where_forms_are,
    json_keeps_every_bit,
    the_same_stream_gives_the_same_result,
    fixed_genes_never_move,
    sampling_reaches_every_gene,
    mutation_reaches_every_gene,
    size_is_whole_and_grows_with_inputs_and_outputs,
    layers_add_up_to_the_size,
)
