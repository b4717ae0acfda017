"""Are gradients right? Of a network as it is trained, and of a layer of the user's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.errors import UserError, described
from evo_nas.gradient_report import GradientReport
from evo_nas.randomness import array_stream, stream_key
from evo_nas.training.candidate import clean_session
from evo_nas.training.differences import Objective, check_tensors
from evo_nas.training.encodings import build_network
from evo_nas.training.examples import row_weights
from evo_nas.training.networks.layers import LOGITS
from evo_nas.training.networks.starting import start_network
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.optimizers import build_loss
from evo_nas.training.request import TrainingRequest
from genomes import Genome

KINKED = ("relu", "leaky_relu", "elu", "selu")
"""Activations without a derivative, or with a sudden change of it, at 0."""

DRAWN_DEVIATION = 0.5
MOVED_DEVIATION = 0.1
NOISE = "seed_generator_state"
"""Keras's name of the state that noise is drawn from: a key, and the number of draws."""


def check_request(request: TrainingRequest, *, num_rows: int, seed: int) -> GradientReport:
    """Check the network of a genome on the first training rows of its first fold, as a step of training sees it.

    The objective is the mean weighted loss with the penalties, near the initial weights, in 64 bits, with the noise of
    dropout held still and the statistics of batch normalisation those of the batch. Not at the initial weights: where
    biases are zero, a unit that all its inputs are silent for lies on the very kink of relu. Raises UserError where the
    data cannot be read, and what Keras raises where it cannot build the network.
    """
    with clean_session():
        training = OpenTraining.of(request)
        dataset, recipe, fold = training.data.dataset, request.recipe, training.folds[0]
        rows = training.examples(fold).train
        weights = tf.constant(row_weights(rows, recipe.class_weights, dataset.classes)[:num_rows], tf.float64)
        first = slice(num_rows)
        inputs, targets = (tf.constant(array, tf.float64) for array in (rows.prepared(first), rows.targets[first]))
        sizes = dataset.input_shape, dataset.num_outputs
        model = build_network(request.genome, *sizes, dataset.task, precision="float64")
        start_network(model, request.streams(0))
        for variable in model.trainable_variables:
            moves = array_stream(seed, "moves", variable.path).standard_normal(variable.shape)
            variable.assign_add(MOVED_DEVIATION * moves)
        logits, loss = keras.Model(model.input, model.get_layer(LOGITS).output), build_loss(recipe.loss, "float64")

        def objective() -> tf.Tensor:
            row_losses = loss(targets, logits(inputs, training=True))
            return tf.add_n([tf.reduce_mean(row_losses * weights), *logits.losses])

        variables = {variable.path: variable.value for variable in logits.trainable_variables}
        checks = check_tensors(_holding_still(logits, objective), variables, seed=seed)
    return GradientReport(checks, _kinks_of(request.genome))


def check_layer(layer: keras.Layer, inputs: NDArray[Any], *, seed: int) -> GradientReport:
    """Check a layer or a model of Keras on some inputs [rows, ...]: the gradients of its weights and of its inputs.

    It is made anew from its configuration in 64 bits, with its own weights; where it has none yet, with normal ones of
    deviation 0.5. The objective is a sum of all outputs, each times a number drawn by the seed, and of its losses.
    Raises UserError where it cannot be made anew, or says nothing that has a gradient.
    """
    twin = _in_64_bits(layer)
    is_number = np.issubdtype(np.asarray(inputs).dtype, np.floating)
    given = tf.Variable(tf.constant(inputs, tf.float64 if is_number else tf.int64))
    training = {"training": True} if "training" in inspect.signature(twin.call).parameters else {}
    outputs = [output for output in tf.nest.flatten(twin(given, **training)) if output.dtype.is_floating]
    if not outputs:
        raise UserError(f"{layer.name}: expected a layer with an output of numbers, which have a gradient; got none")
    _give_weights(twin, layer, seed)
    _key_noise(twin, seed)
    drawn = [array_stream(seed, "outputs", n).standard_normal(output.shape) for n, output in enumerate(outputs)]

    def objective() -> tf.Tensor:
        said = [output for output in tf.nest.flatten(twin(given, **training)) if output.dtype.is_floating]
        sums = [tf.reduce_sum(tf.cast(one, tf.float64) * by) for one, by in zip(said, drawn, strict=True)]
        return tf.add_n([*sums, *(tf.cast(penalty, tf.float64) for penalty in twin.losses)])

    variables = {variable.path: variable.value for variable in twin.trainable_variables}
    if is_number:
        variables["inputs"] = given
    return GradientReport(check_tensors(_holding_still(twin, objective), variables, seed=seed), _kinks_in(twin))


def _holding_still(layer: keras.Layer, objective: Objective) -> Objective:
    """The objective with everything else as it is now: seeds of noise, and statistics that follow the batches."""
    trained = {id(variable) for variable in layer.trainable_variables}
    state = [(v.value, v.numpy()) for v in layer.variables if id(v) not in trained]

    def still() -> tf.Tensor:
        for variable, value in state:
            variable.assign(value)
        return objective()

    return still


def _in_64_bits(layer: keras.Layer) -> keras.Layer:
    try:
        if isinstance(layer, keras.Model) and hasattr(layer, "inputs") and layer.inputs is not None:
            return keras.models.clone_model(layer, clone_function=_remade, input_tensors=_float64_inputs(layer))
        return _remade(layer)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise UserError(
            f"{layer.name}: a {type(layer).__name__} cannot be made anew in 64 bits from its get_config() "
            f"({described(error):.200}); let its __init__ take **kwargs and hand them to keras.layers.Layer, and "
            "get_config() name its arguments"
        ) from None


def _remade(layer: keras.Layer) -> keras.Layer:
    return type(layer).from_config({**layer.get_config(), "dtype": "float64"})


def _float64_inputs(model: keras.Model) -> list[keras.KerasTensor]:
    return [keras.Input(batch_shape=one.shape, dtype=_wide(one.dtype), name=one.name) for one in model.inputs]


def _wide(dtype: str) -> str:
    return "float64" if "float" in str(dtype) else str(dtype)


def _give_weights(twin: keras.Layer, layer: keras.Layer, seed: int) -> None:
    if layer.built and layer.weights:
        twin.set_weights([weight.astype(np.float64) for weight in layer.get_weights()])
        return
    for variable in twin.trainable_variables:
        draws = array_stream(seed, "weights", variable.path).standard_normal(variable.shape)
        variable.assign(DRAWN_DEVIATION * draws)


def _key_noise(twin: keras.Layer, seed: int) -> None:
    """What is made anew without a seed of its own would be given another noise every time."""
    for number, variable in enumerate(variable for variable in twin.variables if variable.name == NOISE):
        variable.assign(np.array([stream_key(seed, "noise", number) % 2**32, 0], dtype=np.uint32))


def _kinks_of(genome: Genome) -> tuple[str, ...]:
    """Of a network of the space. The penalty L1 has one too, at weights of zero, and a maximum where two are equal."""
    genes, layers = genome.genes, genome.layers
    activations = {str(layer["activation"]) for layer in layers if "activation" in layer}
    activations |= {str(genes["head_activation"])} if "head_activation" in genes else set()
    has_maximum = genes.get("head") == "max" or any(layer.get("reduction") == "max" for layer in layers)
    others = {"max pooling": has_maximum, "L1": bool(genes.get("l1"))}
    return tuple(name for name in KINKED if name in activations) + tuple(name for name, has in others.items() if has)


def _kinks_in(layer: keras.Layer) -> tuple[str, ...]:
    names = {_name_of(getattr(part, "activation", None)) for part in layer._flatten_layers()}
    names |= {type(part).__name__.lower() for part in layer._flatten_layers()}
    return tuple(name for name in KINKED if name in names or name.replace("_", "") in names)


def _name_of(activation: Callable[..., Any] | None) -> str:
    return str(getattr(activation, "__name__", ""))
