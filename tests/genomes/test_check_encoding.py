"""Every law of `check_encoding` can fail: one encoding that breaks each, and the sentence that names it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from genomes import (
    Encoding,
    EncodingLawBroken,
    Genome,
    GenomeError,
    LayerRecord,
    MlpEncoding,
    Rng,
    Shape,
    Size,
    Variant,
    check_encoding,
)
from genomes.axes import Axis
from genomes.laws import LAWS

SPACE = {
    "layers": {"low": 1, "high": 3},
    "width": {"low": 4, "high": 64, "scale": "log"},
    "activation": ["relu", "tanh"],
    "optimizer": ["adam", "sgd"],
    "momentum": {"low": 0.0, "high": 0.9},
    "learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
}
SOUND = MlpEncoding.from_space(SPACE)


class Altered(Encoding):
    """A sound encoding of which some methods are replaced."""

    name: ClassVar[str] = "mlp"

    def __init__(self, **methods: Callable[..., Any]) -> None:
        self.methods = methods

    def _call(self, method: str, *arguments: Any) -> Any:
        return self.methods.get(method, getattr(SOUND, method))(*arguments)

    def sample(self, rng: Rng) -> Genome:
        return self._call("sample", rng)

    def default(self) -> Genome:
        return self._call("default")

    def mutate(self, genome: Genome, rng: Rng) -> Variant:
        return self._call("mutate", genome, rng)

    def crossover(self, first: Genome, second: Genome, rng: Rng) -> tuple[Genome, Genome]:
        return self._call("crossover", first, second, rng)

    def repair(self, genome: Genome) -> Genome:
        return self._call("repair", genome)

    def canonical(self, genome: Genome) -> Genome:
        return self._call("canonical", genome)

    def check(self, genome: Genome) -> None:
        self._call("check", genome)

    def size(self, genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
        return self._call("size", genome, input_shape, num_outputs)

    def axes(self) -> tuple[Axis, ...]:
        return self._call("axes")

    def coordinates(self, genome: Genome) -> Sequence[float]:
        return self._call("coordinates", genome)

    def layer_table(self, genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
        return self._call("layer_table", genome, input_shape, num_outputs)

    def describe(self) -> dict[str, Any]:
        return self._call("describe")

    def fingerprint(self, genome: Genome) -> str:
        return self._call("fingerprint", genome)


def with_gene(genome: Genome, name: str, value: Any) -> Genome:
    return replace(genome, genes={**genome.genes, name: value})


def widened(genome: Genome) -> Genome:
    return replace(genome, layers=({**genome.layers[0], "width": 65}, *genome.layers[1:]))


def lengthened(genome: Genome) -> Genome:
    return replace(genome, layers=genome.layers * 4)


def listed(genome: Genome) -> Genome:
    return replace(genome, layers=list(genome.layers))


def tupled(genome: Genome) -> Genome:
    return replace(genome, layers=tuple(genome.layers))


def canonical_with_a_counter(genome: Genome) -> Genome:
    return with_gene(SOUND.canonical(genome), "age", genome.genes.get("age", 0) + 1)


def canonical_without_tanh(genome: Genome) -> Genome:
    form = SOUND.canonical(genome)
    layers = tuple({name: value for name, value in layer.items() if value != "tanh"} for layer in form.layers)
    return replace(form, layers=layers)


def fingerprint_without_momentum(genome: Genome) -> str:
    form = SOUND.canonical(genome)
    return SOUND.fingerprint(with_gene(form, "momentum", 0.5) if "momentum" in form.genes else form)


def size_of_all_genes(genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
    return replace(SOUND.size(genome, input_shape, num_outputs), flops=len(genome.genes))


def table_without_the_output(genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
    return SOUND.layer_table(genome, input_shape, num_outputs)[:-1]


def table_of_nameless_layers(genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
    return tuple(replace(layer, name="layer") for layer in SOUND.layer_table(genome, input_shape, num_outputs))


def mutate_in_place(genome: Genome, rng: Rng) -> Variant:
    genome.genes["learning_rate"] = 0.1 if genome.genes["learning_rate"] < 0.05 else 0.001
    return Variant(replace(genome, genes=dict(genome.genes)), "in_place")


def mutate_the_rate_only(genome: Genome, rng: Rng) -> Variant:
    return Variant(with_gene(genome, "learning_rate", 0.1 if genome.genes["learning_rate"] < 0.05 else 0.001), "rate")


def check_everything_but_widths(genome: Genome) -> None:
    SOUND.check(replace(genome, layers=SOUND.default().layers))


def repair_that_snaps(genome: Genome) -> Genome:
    repaired = SOUND.repair(genome)
    return with_gene(repaired, "learning_rate", round(repaired.genes["learning_rate"], 3))


def repair_that_stumbles(genome: Genome) -> Genome:
    SOUND.check(genome)
    return genome


def described(**changes: Any) -> dict[str, Callable[..., Any]]:
    return {"describe": lambda: {**SOUND.describe(), **changes}}


def uncanonical_coordinates(genome: Genome) -> Sequence[float]:
    return [*SOUND.coordinates(genome)[:-1], genome.genes["momentum"]]


BROKEN: list[tuple[str, dict[str, Callable[..., Any]]]] = [
    ("coordinates lie on their axes", {"coordinates": uncanonical_coordinates}),
    ("coordinates lie on their axes", {"coordinates": lambda genome: SOUND.coordinates(genome)[1:]}),
    ("coordinates lie on their axes: Axis", {"coordinates": lambda genome: [2.0] * len(SOUND.axes())}),
    ("samples are valid: layer 1 width: 65", {"sample": lambda rng: widened(SOUND.sample(rng))}),
    ("samples are valid: batch_size: 32.0", {"sample": lambda rng: with_gene(SOUND.sample(rng), "batch_size", 32.0)}),
    ("the default is valid: momentum: 1", {"default": lambda: with_gene(SOUND.default(), "momentum", 1)}),
    ("inputs are not modified: mutate", {"mutate": mutate_in_place}),
    ("mutants are valid: layers", {"mutate": lambda genome, rng: Variant(lengthened(genome), "long")}),
    ("mutants differ in canonical form", {"mutate": lambda genome, rng: Variant(genome, "nothing")}),
    (
        "mutants differ in canonical form",
        {"mutate": lambda genome, rng: Variant(with_gene(genome, "momentum", 0.5), "without_effect")},
    ),
    ("children are valid: layers", {"crossover": lambda one, other, rng: (lengthened(one), other)}),
    (
        "equal parents have themselves for children",
        {"crossover": lambda one, other, rng: (one, SOUND.mutate(other, rng).genome)},
    ),
    ("repair keeps what is valid", {"repair": repair_that_snaps}),
    ("repair admits anything: layer", {"repair": lambda genome: replace(SOUND.repair(genome), layers=genome.layers)}),
    ("repair admits anything: GenomeError", {"repair": repair_that_stumbles}),
    ("check refuses what repair changes", {"check": check_everything_but_widths}),
    ("canonical form of a form is itself", {"canonical": canonical_with_a_counter}),
    ("canonical form repaired keeps its form", {"canonical": canonical_without_tanh}),
    ("canonical form decides fingerprint and size: fingerprint", {"fingerprint": repr}),
    ("canonical form decides fingerprint and size: size", {"size": size_of_all_genes}),
    (
        "fingerprints are equal exactly where forms are: two forms, one fingerprint",
        {"fingerprint": fingerprint_without_momentum},
    ),
    (
        "json keeps every bit",
        {
            "sample": lambda rng: listed(SOUND.sample(rng)),
            "mutate": lambda genome, rng: SOUND.mutate(tupled(genome), rng),
            "crossover": lambda one, other, rng: SOUND.crossover(tupled(one), tupled(other), rng),
        },
    ),
    (
        "the same stream gives the same result",
        {"mutate": lambda genome, rng: SOUND.mutate(genome, random.Random())},
    ),
    ("fixed genes never move: batch_size: 32", described(batch_size=64)),
    ("sampling reaches every gene: rho is always 0.9", described(rho={"low": 0.8, "high": 0.9})),
    ("sampling reaches every gene: kernel is in no genome", described(kernel=[3, 5])),
    ("mutation reaches every gene: activation, layers, momentum", {"mutate": mutate_the_rate_only}),
    (
        "size is whole and grows with inputs and outputs",
        {"size": lambda genome, input_shape, num_outputs: Size(100 - input_shape[0], 1, 1)},
    ),
    (
        "size is whole and grows with inputs and outputs",
        {"size": lambda genome, input_shape, num_outputs: Size(1.0, 1, 1)},
    ),
    ("layers add up to the size", {"layer_table": table_without_the_output}),
    ("layers add up to the size: a name twice", {"layer_table": table_of_nameless_layers}),
]


def test_a_sound_encoding_keeps_every_law() -> None:
    check_encoding(SOUND)
    check_encoding(Altered(), seed=1, trials=60)


@pytest.mark.parametrize(("sentence", "methods"), BROKEN, ids=[sentence for sentence, _ in BROKEN])
def test_a_broken_encoding_is_caught_by_the_law_it_breaks(sentence: str, methods: dict[str, Any]) -> None:
    with pytest.raises(EncodingLawBroken) as error:
        check_encoding(Altered(**methods))
    assert str(error.value).startswith(sentence)


def test_every_law_has_an_encoding_that_breaks_it() -> None:
    broken = {sentence.partition(":")[0].replace(" ", "_") for sentence, _ in BROKEN}
    assert broken == {law.__name__ for law in LAWS}


def test_an_operator_that_fails_is_named_with_its_error() -> None:
    def sample(rng: Rng) -> Genome:
        raise KeyError("width")

    with pytest.raises(EncodingLawBroken, match=r"^samples are valid: KeyError: 'width'$") as error:
        check_encoding(Altered(sample=sample))
    assert isinstance(error.value.__cause__, KeyError)


def test_a_genome_read_from_other_data_is_refused() -> None:
    for data in ({}, {"encoding": 1, "genes": {}, "layers": []}, {"encoding": "mlp", "genes": {"a": []}, "layers": []}):
        with pytest.raises(GenomeError, match=r"^expected"):
            Genome.from_json(data)
