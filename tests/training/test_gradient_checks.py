"""Numerical against automatic gradients: right ones are found right, and a wrong one is found out."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import evo_nas
from evo_nas.errors import UserError
from evo_nas.gradient_report import GradientReport, TensorCheck
from evo_nas.training import tasks
from evo_nas.training.differences import central_differences, relative_distance, sampled_entries
from genomes.mlp_genes import ACTIVATIONS
from tests.training.training_cases import ignore_news, payload_of

INPUTS = np.random.default_rng(5).normal(size=(6, 4))


def report_on(data: Any, task: Any, recipe: dict[str, Any] | None = None, **genes: Any) -> GradientReport:
    payload = {**payload_of(data, task, recipe, **genes), "num_rows": 16, "seed": 0}
    return GradientReport.from_json(tasks.HANDLERS["check_gradients"](payload, ignore_news))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_networks_of_the_space_are_right(binary_data: Any, activation: str) -> None:
    genes = {"dropout": 0.2, "input_dropout": 0.1, "l1": 1e-4, "l2": 1e-3, "activation": activation}
    report = report_on(binary_data, "binary", {"class_weights": "balanced"}, **genes)
    assert report.verdict in ("right", "probably right"), report
    assert {tensor.name for tensor in report.tensors} >= {"hidden_1/kernel", "hidden_2/bias", "logits/kernel"}


@pytest.mark.parametrize("batch_normalization", [False, True])
@pytest.mark.parametrize(
    ("task", "loss"), [("multiclass", "auto"), ("regression", "mean_squared_error"), ("regression", "huber")]
)
def test_other_losses_and_normalisation(
    request: pytest.FixtureRequest, task: str, loss: str, batch_normalization: bool
) -> None:
    data = request.getfixturevalue(f"{task}_data")
    genes = {"activation": "tanh", "width": 30, "batch_normalization": batch_normalization}
    report = report_on(data, task, {"loss": loss}, **genes)
    assert report.verdict == "right", report
    sampled = next(tensor for tensor in report.tensors if tensor.name == "hidden_2/kernel")
    assert (sampled.num_compared, sampled.num_entries) == (40, 900)


@keras.saving.register_keras_serializable("tests")
class Squared(keras.layers.Layer):
    """x w^2, whose slope by w is 2 x w; `slip` is how much of it is missing."""

    def __init__(self, slip: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slip = slip

    def build(self, shape: Any) -> None:
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones", name="factor")

    def call(self, inputs: Any) -> Any:
        @tf.custom_gradient
        def squared(x: Any, w: Any) -> Any:
            return x * w**2, lambda up: (up * w**2, tf.reduce_sum(up * x * w * (2.0 - self.slip), axis=0))

        return squared(inputs, tf.convert_to_tensor(self.factor))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "slip": self.slip}


@pytest.mark.parametrize(
    ("slip", "verdict"),
    [(0.0, "right"), (1e-6, "probably right"), (1e-3, "look closer"), (0.5, "wrong"), (4.0, "wrong")],
)
def test_a_layer_with_a_wrong_gradient_is_found_out(slip: float, verdict: str) -> None:
    report = evo_nas.check_gradients(Squared(slip), INPUTS)
    found = {tensor.name.rpartition("/")[2]: tensor for tensor in report.tensors}
    assert found["factor"].verdict == verdict
    assert found["inputs"].verdict == "right"
    assert report.verdict == verdict
    assert report.ok is (verdict != "wrong")
    assert found["factor"].distance == pytest.approx(slip / (2.0 + abs(2.0 - slip)), rel=0.01, abs=1e-8)


def test_a_layer_keeps_its_own_weights() -> None:
    """Its slope by the inputs is its weight squared: 9 where that is 3."""
    layer = Squared()
    layer(INPUTS)
    layer.set_weights([np.full(4, 3.0)])
    report = evo_nas.check_gradients(layer, INPUTS)
    assert report.verdict == "right"
    assert layer.get_weights()[0].tolist() == [3.0] * 4
    assert layer.factor.dtype == "float32"


def test_models_noise_and_state_hold_still() -> None:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.4),
            layers.Dense(2),
        ]
    )
    before = model.get_weights()
    report = evo_nas.check_gradients(model, INPUTS)
    assert report.verdict == "right", report
    assert report.kinks == ("relu",)
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    assert str(report) == str(evo_nas.check_gradients(model, INPUTS))


def test_whole_numbers_have_no_gradient() -> None:
    report = evo_nas.check_gradients(keras.layers.Embedding(7, 3), np.arange(6).reshape(2, 3))
    assert [tensor.name.rpartition("/")[2] for tensor in report.tensors] == ["embeddings"]
    assert report.verdict == "right"


def test_what_cannot_be_made_anew() -> None:
    class Closed(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()

    with pytest.raises(UserError, match=r"a Closed cannot be made anew in 64 bits .* let its __init__ take"):
        evo_nas.check_gradients(Closed(), INPUTS)
    with pytest.raises(UserError, match="expected a space or a layer of Keras, got int"):
        evo_nas.check_gradients(3, INPUTS)


def test_differences_of_a_cube() -> None:
    """d(w^3) = 3 w^2, off by h^2 alone."""
    variable = tf.Variable(np.array([1.0, -2.0, 0.0]))
    found = central_differences(lambda: tf.reduce_sum(variable**3), variable, np.array([0, 1]))
    assert found == pytest.approx([3.0, 12.0], rel=1e-9)
    assert variable.numpy().tolist() == [1.0, -2.0, 0.0]


@pytest.mark.parametrize(("first", "second", "distance"), [([3, 4], [3, 4], 0), ([1, 0], [-1, 0], 1), ([0], [0], 0)])
def test_distances(first: list[float], second: list[float], distance: float) -> None:
    assert relative_distance(np.array(first), np.array(second)) == distance


def test_entries_are_sampled_by_name_and_seed() -> None:
    assert sampled_entries("kernel", 7, 0).tolist() == list(range(7))
    some = sampled_entries("kernel", 5000, 0)
    assert len(set(some.tolist())) == 40
    assert sampled_entries("kernel", 5000, 0).tolist() == some.tolist()
    assert sampled_entries("kernel", 5000, 1).tolist() != some.tolist()


def test_words() -> None:
    doubtful, nothing = TensorCheck("kernel", 5e-4, 9, 9), TensorCheck("bias", 0.9, 1, 1, measurable=False)
    assert nothing.verdict == "zero, as far as can be measured"
    plain, kinked = GradientReport([doubtful, nothing]), GradientReport([doubtful, nothing], ("relu", "L1"))
    assert plain.verdict == "look closer"
    assert kinked.verdict == (
        "look closer: a kink of relu and L1 between the two points of a difference would explain it"
    )
    assert plain.ok
    assert GradientReport.from_json(kinked.to_json()).verdict == kinked.verdict
    assert str(plain).splitlines() == [
        "tensor  distance  compared  verdict",
        "kernel  5.0e-04   9 of 9    look closer",
        "bias    9.0e-01   1 of 1    zero, as far as can be measured",
        "gradients: look closer",
    ]
