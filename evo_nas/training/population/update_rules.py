"""Keras's optimizers as update rules over stacked weights: every number of a genome is a coefficient of its member.

A rule knows nothing of layers. What changes from step to step (rates that decay, corrections of bias) is computed
beforehand on the host, in 64 bits, as a table of coefficients; the arithmetic on weights is products, sums, quotients
and square roots, each of which rounds one way wherever it happens (law 4).

Where Adam and its kin keep running means m = b m + (1 - b) g, the slots here hold m / (1 - b): the same numbers with
two operations fewer a step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.fusing import ADAM_FUSED
from genomes import Value
from genomes.learning_rates import learning_rate_of

Genes = Mapping[str, Value]
Array = NDArray[np.float64]
Numbers = Mapping[str, Array]
"""Gene -> its value for each member, [members, 1]; 0 where a genome has none."""

NUMBERS = (
    *("decay", "decay_steps", "momentum", "nesterov", "rho", "beta_1", "beta_2", "epsilon"),
    "weight_decay",
)
Columns = Sequence[Array]
Update = tuple[tf.Tensor, Sequence[tf.Tensor]]


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """num_slots: how many tensors it keeps for each weight. slot_start: the number they begin with.
    num_coefficients: how many columns `coefficients` has.

    coefficients: (numbers of the genes, steps counted from 1 [steps], learning rates [members, steps]) -> columns that
    broadcast to [members, steps].
    apply: (weights, gradient, slots, coefficients) -> new weights and slots; a coefficient is a tensor that broadcasts
    over its member's weights. None for the rule that `apply_fused_adam` is.
    """

    num_slots: int
    num_coefficients: int
    coefficients: Callable[[Numbers, Array, Array], Columns]
    apply: Callable[[tf.Tensor, tf.Tensor, Sequence[tf.Tensor], Sequence[tf.Tensor]], Update] | None = None
    slot_start: float = 0.0


FUSED_EPSILON, FUSED_BETAS = 1e-7, (0.9, 0.999)
"""Keras's defaults, which the members of the rule "adam_fused" have (`fusing.update_rule`)."""


def apply_fused_adam(
    variable: Any, slots: Sequence[Any], gradient: tf.Tensor, coefficients: Sequence[tf.Tensor]
) -> None:
    """Adam as one operation over memory, a third of the traffic of the formula: `_adam` for weights kept in units of
    their member's learning rate, in which everybody's rate is 1 but for roundings.

    variable, slots: changed in place. coefficients: numbers, the two betas to the power of the step, rate and epsilon.
    """
    first, second = slots
    first_power, second_power, rate, epsilon = coefficients
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=first.handle,
        v=second.handle,
        beta1_power=first_power,
        beta2_power=second_power,
        lr=rate,
        beta1=FUSED_BETAS[0],
        beta2=FUSED_BETAS[1],
        epsilon=epsilon,
        grad=gradient,
    )


def coefficient_table(rule: UpdateRule, members: Sequence[Genes], steps: range) -> NDArray[np.float32]:
    """The coefficients of members, float32 [steps, coefficients, members], for steps counted from 0.

    The learning rate falls by `decay`^(step / `decay_steps`), as Keras's `ExponentialDecay`.
    """
    taken = np.arange(steps.start, steps.stop, dtype=np.float64)
    numbers = {name: np.array([[float(genes.get(name, 0.0))] for genes in members]) for name in NUMBERS}
    exponents = taken / np.maximum(numbers["decay_steps"], 1.0)
    first_rates = np.array([[learning_rate_of(genes)] for genes in members])
    rates = first_rates * numbers["decay"] ** exponents
    table = np.empty((len(taken), rule.num_coefficients, len(members)), dtype=np.float32)
    with np.errstate(over="ignore", under="ignore"):
        for number, column in enumerate(rule.coefficients(numbers, taken + 1.0, rates)):
            table[:, number] = np.broadcast_to(column, rates.shape).T
    return table


def unit_of(rule: str, genes: Genes) -> np.float32:
    """The unit in which a member's trained weights are kept in a program."""
    return np.float32(learning_rate_of(genes) if rule == ADAM_FUSED else 1.0)


def _power(base: Array | float, steps: Array) -> Array:
    """Rounded to 32 bits as Keras does, which one minus it shows."""
    power: Array = np.power(np.asarray(base, dtype=np.float32), steps.astype(np.float32)).astype(np.float64)
    return power


def _fused_adam_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    """The powers of the betas, and the rate and epsilon with which the fused operation takes Keras's steps."""
    means, squares = (_keras_over_fused(beta, steps) for beta in FUSED_BETAS)
    return *(_power(beta, steps) for beta in FUSED_BETAS), means / np.sqrt(squares), FUSED_EPSILON / np.sqrt(squares)


def _keras_over_fused(beta: float, steps: Array) -> Array:
    """A running mean of what stays the same, as Keras has it after so many steps, over that of the fused operation.

    Of a new number both take 1 - beta, but Keras subtracts before it rounds to 32 bits and the operation afterwards,
    which for 0.999 gives 1.3e-5 less.
    """
    after = [np.expm1(steps * np.log1p(-taken)) for taken in (_rounded(1.0 - beta), _rounded(1.0 - _rounded(beta)))]
    ratio: Array = after[0] / after[1]
    return ratio


def _rounded(number: float) -> float:
    return float(np.float32(number))


def _adam_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    first, second, epsilon = genes["beta_1"], genes["beta_2"], genes["epsilon"]
    correction = np.sqrt(1.0 - _power(second, steps)) / (1.0 - _power(first, steps))
    pace = rates * correction * (1.0 - first) / np.sqrt(1.0 - second)
    return first, second, pace, epsilon / np.sqrt(1.0 - second)


def _adam(weights: tf.Tensor, gradient: tf.Tensor, slots: Sequence[tf.Tensor], c: Sequence[tf.Tensor]) -> Update:
    """Kingma and Ba (2015), epsilon where Keras has it."""
    momentum = slots[0] * c[0] + gradient
    velocity = slots[1] * c[1] + tf.square(gradient)
    return weights - momentum * c[2] / (tf.sqrt(velocity) + c[3]), (momentum, velocity)


def _adamw_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    return *_adam_coefficients(genes, steps, rates), genes["weight_decay"] * rates


def _adamw(weights: tf.Tensor, gradient: tf.Tensor, slots: Sequence[tf.Tensor], c: Sequence[tf.Tensor]) -> Update:
    """Loshchilov and Hutter (2019)."""
    return _adam(weights - weights * c[4], gradient, slots, c)


def _nadam_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    first, second, epsilon = genes["beta_1"], genes["beta_2"], genes["epsilon"]
    now = first * (1.0 - 0.5 * 0.96**steps)
    ahead = first * (1.0 - 0.5 * 0.96 ** (steps + 1.0))
    all_steps = np.arange(1.0, steps[-1] + 1.0)
    product = np.cumprod(first * (1.0 - 0.5 * 0.96**all_steps), axis=1)[:, -len(steps) :]
    correction = np.sqrt((1.0 - second**steps) / (1.0 - second))
    past = rates * correction * ahead * (1.0 - first) / (1.0 - product * ahead)
    present = rates * correction * (1.0 - now) / (1.0 - product)
    return first, second, past, present, epsilon * correction


def _nadam(weights: tf.Tensor, gradient: tf.Tensor, slots: Sequence[tf.Tensor], c: Sequence[tf.Tensor]) -> Update:
    """Dozat (2016)."""
    momentum = slots[0] * c[0] + gradient
    velocity = slots[1] * c[1] + tf.square(gradient)
    return weights - (momentum * c[2] + gradient * c[3]) / (tf.sqrt(velocity) + c[4]), (momentum, velocity)


def _sgd_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    momentum, ahead = genes["momentum"], genes["nesterov"] != 0.0
    return momentum, rates, np.where(ahead, momentum, 1.0), np.where(ahead, rates, 0.0)


def _sgd(weights: tf.Tensor, gradient: tf.Tensor, slots: Sequence[tf.Tensor], c: Sequence[tf.Tensor]) -> Update:
    """With momentum, or Nesterov's (Sutskever et al. 2013); without either the momentum is the step itself."""
    momentum = slots[0] * c[0] - gradient * c[1]
    return weights + (momentum * c[2] - gradient * c[3]), (momentum,)


def _rmsprop_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    rho, epsilon = genes["rho"], genes["epsilon"]
    return rho, rates / np.sqrt(1.0 - rho), epsilon / (1.0 - rho), genes["momentum"]


def _rmsprop(weights: tf.Tensor, gradient: tf.Tensor, slots: Sequence[tf.Tensor], c: Sequence[tf.Tensor]) -> Update:
    """Tieleman and Hinton (2012)."""
    velocity = slots[0] * c[0] + tf.square(gradient)
    momentum = slots[1] * c[3] + gradient * c[1] / tf.sqrt(velocity + c[2])
    return weights - momentum, (velocity, momentum)


def _adadelta_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    rho, epsilon = genes["rho"], genes["epsilon"]
    return rho, epsilon / (1.0 - rho), rates


def _adadelta(weights: tf.Tensor, gradient: tf.Tensor, slots: Sequence[tf.Tensor], c: Sequence[tf.Tensor]) -> Update:
    """Zeiler (2012)."""
    gradients = slots[0] * c[0] + tf.square(gradient)
    change = tf.sqrt((slots[1] + c[1]) / (gradients + c[1])) * gradient
    changes = slots[1] * c[0] + tf.square(change)
    return weights - change * c[2], (gradients, changes)


def _adagrad_coefficients(genes: Numbers, steps: Array, rates: Array) -> Columns:
    return rates, genes["epsilon"]


def _adagrad(weights: tf.Tensor, gradient: tf.Tensor, slots: Sequence[tf.Tensor], c: Sequence[tf.Tensor]) -> Update:
    """Duchi, Hazan and Singer (2011)."""
    squares = slots[0] + tf.square(gradient)
    return weights - gradient * c[0] / tf.sqrt(squares + c[1]), (squares,)


RULES: Mapping[str, UpdateRule] = {
    "adam": UpdateRule(2, 4, _adam_coefficients, _adam),
    ADAM_FUSED: UpdateRule(2, 4, _fused_adam_coefficients),
    "adamw": UpdateRule(2, 5, _adamw_coefficients, _adamw),
    "nadam": UpdateRule(2, 5, _nadam_coefficients, _nadam),
    "sgd": UpdateRule(1, 4, _sgd_coefficients, _sgd),
    "rmsprop": UpdateRule(2, 4, _rmsprop_coefficients, _rmsprop),
    "adadelta": UpdateRule(2, 3, _adadelta_coefficients, _adadelta),
    "adagrad": UpdateRule(1, 2, _adagrad_coefficients, _adagrad, slot_start=0.1),
}
