"""What goes onto the assembly line: the dictionaries, the space, and how much each station does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

CATEGORICAL = ("SEX", "EDUCATION", "MARRIAGE", "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
ARTICLE: dict[str, Any] = {
    "Hidden layers": [110, 110, 110],
    "Input size": 91,
    "Activations": ["relu"] * 3,
    "Optimization": "adadelta",
    "Learning rate": 0.005,
    "Batch size": 32,
    "Preprocessing": "Standard",
    "Lambda": 0,
    "Regularization": "l2",
    "Reg param": 0.0005,
}
SHAPES: tuple[dict[str, Any], ...] = (
    {"Hidden layers": [32], "Activations": "relu"},
    {"Hidden layers": [110, 110, 110], "Activations": "relu", "Dropout": 0.3},
    {"Hidden layers": [128, 32], "Activations": "tanh", "Dropout": 0.2},
    {"Hidden layers": [64, 64], "Activations": "elu", "Input dropout": 0.1},
)
OPTIMIZERS: tuple[dict[str, Any], ...] = (
    {"Optimization": "Adam", "Learning rate": 0.001},
    {"Optimization": "RMSprop", "Learning rate": 0.0005},
    {"Optimization": "SGD", "Learning rate": 0.05, "Momentum": 0.9},
)
SCALES: tuple[dict[str, Any], ...] = ({"Preprocessing": "Standard"}, {"Preprocessing": "Quantile"})
COMMON: dict[str, Any] = {"Batch size": 128, "Regularization": "l2", "Reg param": 0.00001}

SPACE: dict[str, Any] = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 4},
    "width": {"low": 8, "high": 192, "scale": "log"},
    "activation": ["relu", "elu", "tanh"],
    "dropout": {"low": 0.0, "high": 0.5},
    "input_dropout": {"low": 0.0, "high": 0.3},
    "optimizer": ["adam", "rmsprop", "sgd"],
    "learning_rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
    "momentum": 0.9,
    "batch_size": 256,
    "l2": {"low": 1e-7, "high": 1e-2, "scale": "log"},
    "preprocessing": ["standard", "minmax", "robust", "quantile"],
}


@dataclass(frozen=True, slots=True)
class Line:
    """How much each station does, and on which rows."""

    data: Mapping[str, Any]
    dictionaries: Sequence[Mapping[str, Any]]
    epochs: int
    folds: int
    num_best: int
    population: int
    generations: int
    picture_rows: int

    def recipe(self, **changes: Any) -> dict[str, Any]:
        return {
            "epochs": self.epochs,
            "metrics": ["roc_auc", "accuracy"],
            "early_stopping": {"patience": 3},
            **changes,
        }


FULL = Line(
    data={"name": "credit_default", "categorical": CATEGORICAL},
    dictionaries=(ARTICLE, *({**a, **b, **c, **COMMON} for a, b, c in product(SHAPES, OPTIMIZERS, SCALES))),
    epochs=15,
    folds=5,
    num_best=4,
    population=12,
    generations=6,
    picture_rows=800,
)
SMOKE = Line(
    data={"name": "breast_cancer"},
    dictionaries=({**ARTICLE, "Input size": 30}, {**SHAPES[0], **OPTIMIZERS[0]}),
    epochs=2,
    folds=2,
    num_best=1,
    population=2,
    generations=2,
    picture_rows=40,
)
