"""The layers of a dense network, one by one, as they are built: for pictures, tables and whoever counts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from genomes.genome import Genome, LayerRecord, Value


def mlp_layer_table(genome: Genome, num_inputs: int, num_outputs: int) -> tuple[LayerRecord, ...]:
    """Inputs, [input dropout], then for each layer Dense, [BatchNormalization], activation, [Dropout], then Dense.

    Names and order are those of the built network. The output's own activation is left out: it belongs to the task.
    The parameters add up to those of `mlp_size`.
    """
    return tuple(_records(genome, num_inputs, num_outputs))


def _records(genome: Genome, num_inputs: int, num_outputs: int) -> Iterator[LayerRecord]:
    yield LayerRecord("inputs", "input", (num_inputs,), 0)
    yield from _dropout(genome.genes.get("input_dropout", 0.0), num_inputs, 0)
    normalized, fan_in = bool(genome.genes.get("batch_normalization", False)), num_inputs
    for number, layer in enumerate(genome.layers, start=1):
        yield from _hidden(layer, number, fan_in, normalized=normalized)
        fan_in = int(layer["width"])
    yield LayerRecord("logits", "dense", (num_outputs,), (fan_in + 1) * num_outputs)


def _hidden(layer: Mapping[str, Value], number: int, fan_in: int, *, normalized: bool) -> Iterator[LayerRecord]:
    width = int(layer["width"])
    weights = fan_in * width + (0 if normalized else width)  # the normalisation shifts, so there is no bias
    yield LayerRecord(f"hidden_{number}", "dense", (width,), weights)
    if normalized:
        yield LayerRecord(f"normalization_{number}", "batch normalization", (width,), 4 * width)
    yield LayerRecord(f"activation_{number}", "activation", (width,), 0, str(layer["activation"]))
    yield from _dropout(layer.get("dropout", 0.0), width, number)


def _dropout(rate: Value, width: int, number: int) -> Iterator[LayerRecord]:
    if rate:
        yield LayerRecord(f"dropout_{number}", "dropout", (width,), 0, f"{float(rate):.3g}")
