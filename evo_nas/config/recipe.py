"""[recipe]: what one training means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from evo_nas.config.augmentation import Augmentation
from evo_nas.config.data import Task
from evo_nas.config.metrics import CLASSIFICATION_METRICS, DEFAULT_METRICS, LOSSES, REGRESSION_METRICS
from evo_nas.config.section import Positive, Section, nearest
from evo_nas.errors import UserError

Trainer = Literal["auto", "plain", "population"]
Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]


class EarlyStopping(Section):
    """Stop when the monitor has not improved by more than `min_delta` for `patience` epochs; keep the best weights.

    monitor: "loss" (validation loss, without penalties) or a metric of the recipe, computed on validation rows, or
    "train_loss". baseline: as long as the monitor is not better than this, an improvement wins no new patience.
    start_from_epoch: so many epochs pass unwatched at the beginning. These are the criteria of Keras's callback.
    threshold: stop as soon as the monitor has reached this, and keep the epoch that did.
    """

    patience: Positive = 10
    min_delta: Annotated[float, Field(ge=0.0)] = 0.0
    monitor: str = "loss"
    baseline: float | None = None
    start_from_epoch: Annotated[int, Field(ge=0)] = 0
    threshold: float | None = None


class Validation(Section):
    """Hold-out (`fraction`) or cross-validation (`folds`), stratified for classes. Exactly one is set."""

    fraction: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    folds: Annotated[int, Field(ge=2, le=1000)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Validation:
        if (self.fraction is None) == (self.folds is None):
            raise ValueError("expected either { fraction = 0.25 } or { folds = 5 }")
        return self


class Recipe(Section):
    """What one training means. Part of the key of every outcome (law 8).

    class_weights: None, "balanced" (n / (classes * count), as scikit-learn), or a weight for each class by its name.
    early_stopping: false trains every epoch and keeps the last weights.
    memory_limit_mb: a genome whose predicted training needs more is refused as invalid before anything is built.
    trainer: "plain" builds a program for each network, "population" one for a whole cohort, and refuses as invalid what
    cannot be trained so; "auto" takes the second where it can. The two round differently: an outcome's key holds the
    one that was used, and not this.
    precision: of the arithmetic in hidden layers. Weights, the output layer and losses are kept in 32 bits; a network
    of mixed precision is trained by itself.
    augmentation: of the images of a batch, where the space has no gene for it.
    """

    epochs: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    loss: str = "auto"
    metrics: tuple[str, ...] = ()
    class_weights: Literal["balanced"] | dict[str, float] | None = None
    early_stopping: EarlyStopping | Literal[False] = EarlyStopping()
    validation: Validation = Validation(fraction=0.25)
    replicates: Annotated[int, Field(ge=1, le=1000)] = 1
    evaluation_seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    memory_limit_mb: Positive = 2048
    trainer: Trainer = "auto"
    precision: Precision = "float32"
    augmentation: Augmentation = Augmentation()

    def meaning(self) -> dict[str, Any]:
        """The recipe as plain data, without what a version that did not know it would have done just so."""
        data = self.model_dump(mode="json")
        data["augmentation"] = {kind: data["augmentation"][kind] for kind in self.augmentation.on}
        for part, later in ((data, _LATER), (data["early_stopping"] or {}, _LATER_STOPPING)):
            for name in later:
                if part.get(name) == later[name]:
                    part.pop(name, None)
        return data

    def in_key(self) -> dict[str, Any]:
        """What of it is in the key of a training: all but how many replicates a run asks for, and which trainer it
        would rather have.
        """
        return {name: value for name, value in self.meaning().items() if name not in ("replicates", "trainer")}

    def for_task(self, task: Task) -> Recipe:
        """The recipe with metrics and loss filled in for a task. Raises UserError where they do not fit it."""
        metrics = self.metrics or DEFAULT_METRICS[task]
        allowed = REGRESSION_METRICS if task == "regression" else CLASSIFICATION_METRICS
        for metric in metrics:
            if metric not in allowed:
                raise UserError(
                    f"[recipe] metrics: {metric!r} is not a metric for a {task} target; "
                    f"choose from {', '.join(allowed)}{nearest(metric, allowed)}"
                )
        if len(set(metrics)) < len(metrics):
            raise UserError(f"[recipe] metrics: each name once, got {', '.join(metrics)}")
        loss = LOSSES[task][0] if self.loss == "auto" else self.loss
        if loss not in LOSSES[task]:
            raise UserError(
                f'[recipe] loss: {loss!r} does not fit a {task} target; use "auto" or one of {", ".join(LOSSES[task])}'
            )
        if task == "regression" and self.class_weights is not None:
            raise UserError("[recipe] class_weights: a regression target has no classes; remove the key")
        _check_stopping(self.early_stopping, metrics, self.epochs)
        return self.model_copy(update={"metrics": tuple(metrics), "loss": loss, "trainer": self._fitting_trainer()})

    def _fitting_trainer(self) -> Trainer:
        if self.precision == "float32":
            return self.trainer
        if self.trainer == "population":
            raise UserError(
                f'[recipe] trainer = "population": networks that are trained together are computed in 32 bits, and '
                f'precision is "{self.precision}"; use trainer = "auto" or "plain", or precision = "float32"'
            )
        return "plain"


_LATER: dict[str, Any] = {"precision": "float32", "augmentation": {}}
_LATER_STOPPING: dict[str, Any] = {"baseline": None, "start_from_epoch": 0, "threshold": None}
"""Keys that came after a recipe was first kept, and the values that mean what was done before."""


def _check_stopping(stopping: EarlyStopping | Literal[False], metrics: Sequence[str], epochs: int) -> None:
    if not stopping:
        return
    if stopping.monitor not in ("loss", "train_loss", *metrics):
        raise UserError(
            f'[recipe] early_stopping.monitor: expected "loss" or one of the metrics '
            f'({", ".join(metrics)}) or "train_loss", got {stopping.monitor!r}'
        )
    if stopping.start_from_epoch >= epochs:
        raise UserError(
            f"[recipe] early_stopping.start_from_epoch: expected less than epochs ({epochs}), got "
            f"{stopping.start_from_epoch}; no epoch would be watched"
        )
