"""A dense network as the dictionary that people write by hand, and the genome that it means.

    {"Hidden layers": [110, 110, 110], "Input size": 91, "Activations": ["relu"] * 3, "Optimization": "adadelta",
     "Learning rate": 0.005, "Batch size": 32, "Preprocessing": "Standard", "Lambda": 0, "Regularization": "l2",
     "Reg param": 0.0005}

Every further gene of `mlp_genes.py` has its name there with spaces ("Input dropout", "Max norm", "Beta 1"). What is
left out has Keras's default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from genomes.dictionary_values import count, exact, finite, options, read_value
from genomes.gene_reading import nearest, plain_data
from genomes.genome import Genome, GenomeError, Value
from genomes.learning_rates import DEFAULT_RATES, NORMALIZED_RATES, in_unit, is_normalized
from genomes.mlp_genes import LAYER_GENES, TRAINING_GENES

HIDDEN, ACTIVATIONS, DROPOUT = "Hidden layers", "Activations", "Dropout"
INPUT_SIZE, LAMBDA, REGULARIZATION, STRENGTH = "Input size", "Lambda", "Regularization", "Reg param"

LAYER_KEYS: Mapping[str, str] = {HIDDEN: "width", ACTIVATIONS: "activation", DROPOUT: "dropout"}
TRAINING_KEYS: Mapping[str, str] = {
    "Optimization": "optimizer",
    **{name.replace("_", " ").capitalize(): name for name in TRAINING_GENES if name not in ("optimizer", "l1", "l2")},
}
"""Key -> gene; l1 and l2 are said by `REGULARIZATION` and `STRENGTH`."""
KEYS = (HIDDEN, INPUT_SIZE, ACTIVATIONS, DROPOUT, *TRAINING_KEYS, LAMBDA, REGULARIZATION, STRENGTH)
PENALTIES: Mapping[str, tuple[str, ...]] = {"none": (), "l1": ("l1",), "l2": ("l2",), "l1_l2": ("l1", "l2")}

ADADELTA_RHO = 0.95
"""Keras's own; the catalogue has that of RMSprop."""

_MOST_LAYERS = 100
_ELSEWHERE = {
    "Epochs": 'it belongs to the recipe, such as recipe={"epochs": 50}',
    "Metrics": 'it belongs to the recipe, such as recipe={"metrics": ["accuracy"]}',
    "Loss": 'it belongs to the recipe, such as recipe={"loss": "auto"}',
    "Output size": "the data say it",
}


def genome_of(network: Mapping[str, Any], *, num_inputs: int | None = None) -> Genome:
    """The genome that a dictionary means.

    network: a dictionary as above; or a genome's own JSON, `{"encoding": "mlp", "genes": {...}, "layers": [...]}`, also
    as the "genome" of a larger record such as a run's `winner/genome.json`. num_inputs: of the data, which "Input size"
    must be if it is there; None leaves it unchecked. Raises GenomeError, one sentence that names the key.
    """
    if not isinstance(network, Mapping):
        raise GenomeError(f'expected a dictionary such as {{"{HIDDEN}": [110, 110]}}, got {network!r:.100}')
    data = plain_data(network)
    if isinstance(data.get("genome"), Mapping):
        data = data["genome"]
    if "encoding" in data:
        return _from_genes(Genome.from_json(data))
    _check_keys(data)
    _check_input_size(data.get(INPUT_SIZE), num_inputs)
    return Genome("mlp", {**_training_genes(data), **_penalties(data)}, _layers(data))


def dictionary_of(genome: Genome, *, num_inputs: int | None = None) -> dict[str, Any]:
    """The dictionary of a dense genome; `genome_of` is its inverse. Genes at their default are left out, except those
    that everybody wants to see; num_inputs: becomes "Input size" if it is known.
    """
    layers, genes = genome.layers, _with_plain_rate(genome).genes
    written: dict[str, Any] = {HIDDEN: [layer["width"] for layer in layers]}
    if num_inputs is not None:
        written[INPUT_SIZE] = num_inputs
    written[ACTIVATIONS] = [layer["activation"] for layer in layers]
    if any(layer["dropout"] for layer in layers):
        written[DROPOUT] = [layer["dropout"] for layer in layers]
    shown = ("optimizer", "learning_rate", "batch_size", "preprocessing")
    for key, name in TRAINING_KEYS.items():
        if name in genes and (name in shown or genes[name] != _default(name, genes["optimizer"])):
            written[key] = genes[name]
    return {**written, **_written_penalty(genes)}


def _check_keys(data: Mapping[str, Any]) -> None:
    for key in data:
        if key in _ELSEWHERE:
            raise GenomeError(f"{key}: is no key of a network; {_ELSEWHERE[key]}")
        if key not in KEYS:
            hint = nearest(str(key), KEYS)
            raise GenomeError(f"unknown key {key!r:.100}{hint}; known keys: {', '.join(KEYS)}")


def _check_input_size(given: object, num_inputs: int | None) -> None:
    if given is None:
        return
    size = count(INPUT_SIZE, given, low=1)
    if num_inputs is not None and size != num_inputs:
        raise GenomeError(
            f"{INPUT_SIZE}: {size} does not fit the data, which give a network {num_inputs} inputs (numeric columns "
            "and one for each category); correct it or leave it out"
        )


def _layers(data: Mapping[str, Any]) -> tuple[Mapping[str, Value], ...]:
    widths = data.get(HIDDEN)
    if not isinstance(widths, list) or len(widths) > _MOST_LAYERS:
        got = "nothing" if widths is None else f"{widths!r:.100}"
        raise GenomeError(f"{HIDDEN}: expected a list of at most {_MOST_LAYERS} widths, such as [110, 110], got {got}")
    columns: dict[str, Sequence[Value]] = {
        "width": [read_value(HIDDEN, LAYER_GENES["width"], width) for width in widths]
    }
    for key, name in ((ACTIVATIONS, "activation"), (DROPOUT, "dropout")):
        columns[name] = _for_each_layer(key, name, data.get(key), len(widths))
    return tuple({name: columns[name][i] for name in LAYER_GENES} for i in range(len(widths)))


def _for_each_layer(key: str, name: str, given: object, num_layers: int) -> Sequence[Value]:
    """One value a layer; a single one stands for all of them."""
    entry = LAYER_GENES[name]
    if not isinstance(given, list):
        return [entry.default if given is None else read_value(key, entry, given)] * num_layers
    if len(given) != num_layers:
        raise GenomeError(
            f"{key}: expected as many values as {HIDDEN} has, {num_layers}, got {len(given)}; give one a layer, or one "
            "for all of them without a list"
        )
    return [read_value(key, entry, value) for value in given]


def _training_genes(data: Mapping[str, Any]) -> dict[str, Value]:
    given = {
        name: read_value(key, TRAINING_GENES[name], data[key]) for key, name in TRAINING_KEYS.items() if key in data
    }
    optimizer = given.get("optimizer", TRAINING_GENES["optimizer"].default)
    return {name: given.get(name, _default(name, optimizer)) for name in TRAINING_GENES}


def _default(name: str, optimizer: Value) -> Value:
    return ADADELTA_RHO if name == "rho" and optimizer == "adadelta" else TRAINING_GENES[name].default


def _penalties(data: Mapping[str, Any]) -> dict[str, Value]:
    """l1 and l2 from the kind, its strength, and "Lambda", which says the strength once more or is 0."""
    given = data.get(REGULARIZATION)
    names = () if given is None else PENALTIES[exact(REGULARIZATION, given, options(tuple(PENALTIES)))]
    strengths = _strengths(STRENGTH, data.get(STRENGTH), num=max(1, len(names)))
    again = _strengths(LAMBDA, data.get(LAMBDA), num=max(1, len(names)))
    for key, values in ((STRENGTH, strengths), (LAMBDA, again)):
        if values and not names and (any(values) or (key == STRENGTH and REGULARIZATION not in data)):
            raise GenomeError(f'{key}: is given without "{REGULARIZATION}"; say "l1", "l2" or "l1_l2" there')
    if again and any(again) and strengths and again != strengths:
        raise GenomeError(
            f"{LAMBDA}: {data[LAMBDA]!r:.50} contradicts {STRENGTH} {data[STRENGTH]!r:.50}; leave one of them out"
        )
    chosen = strengths or (again if any(again) else ())
    if names and not chosen:
        raise GenomeError(f'{REGULARIZATION}: {given!r:.50} is given without "{STRENGTH}"; say how strong it is there')
    return dict(zip(names, chosen, strict=False))


def _strengths(key: str, given: object, *, num: int) -> tuple[float, ...]:
    """One strength for each penalty, empty where none is given; one number stands for all."""
    if given is None:
        return ()
    values = given if isinstance(given, list) else [given] * num
    if len(values) != num:
        raise GenomeError(f"{key}: expected one number or {num}, got {len(values)}")
    entry = TRAINING_GENES["l2"]
    return tuple(finite(key, value, low=entry.low, high=entry.high) for value in values)


def _written_penalty(genes: Mapping[str, Value]) -> dict[str, Any]:
    one, two = genes["l1"], genes["l2"]
    if not one and not two:
        return {}
    if one and two:
        return {REGULARIZATION: "l1_l2", STRENGTH: [one, two]}
    return {REGULARIZATION: "l1" if one else "l2", STRENGTH: one or two}


def _from_genes(genome: Genome) -> Genome:
    """A genome whose genes are all legal, those that it lacks at their default, its learning rate as it is."""
    if genome.encoding != "mlp":
        raise GenomeError(
            f"encoding: expected a dense network ('mlp'), got {genome.encoding!r:.100}; a space in which every gene "
            "has one value trains a network of another kind"
        )
    genome = _with_plain_rate(genome)
    if len(genome.layers) > _MOST_LAYERS:
        raise GenomeError(f"layers: expected at most {_MOST_LAYERS}, got {len(genome.layers)}")
    layers = tuple(
        {name: _gene(f"layer {number} {name}", entry, layer.get(name)) for name, entry in LAYER_GENES.items()}
        for number, layer in enumerate(genome.layers, start=1)
    )
    for given, known in ((genome.genes, TRAINING_GENES), *((layer, LAYER_GENES) for layer in genome.layers)):
        for name in given:
            if name not in known:
                hint = nearest(name, known)
                raise GenomeError(f"unknown gene {name!r:.100}{hint}; known genes: {', '.join(known)}")
    genes = {name: _gene(name, entry, genome.genes.get(name)) for name, entry in TRAINING_GENES.items()}
    return Genome("mlp", genes, layers)


def _with_plain_rate(genome: Genome) -> Genome:
    """The genome with a learning rate that counts in multiples of its optimizer's default as the rate that it means."""
    optimizer = genome.genes.get("optimizer", TRAINING_GENES["optimizer"].default)
    if not is_normalized(genome.genes) or optimizer not in DEFAULT_RATES:
        return genome
    rate = read_value("learning_rate", TRAINING_GENES["learning_rate"], genome.genes.get("learning_rate", 1.0))
    genes = in_unit({**genome.genes, "learning_rate": rate}, optimizer, normalized=False)
    return replace(genome, genes={name: value for name, value in genes.items() if name != NORMALIZED_RATES})


def _gene(place: str, entry: Any, value: object) -> Value:
    return entry.default if value is None else read_value(place, entry, value)
