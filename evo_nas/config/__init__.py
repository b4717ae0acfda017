"""The settings of a run as frozen records: a file a section, and `reading.py` for what can be wrong with them."""

from __future__ import annotations

from evo_nas.config.augmentation import Augmentation
from evo_nas.config.data import DataSettings, Task
from evo_nas.config.evaluation import EvaluationSettings
from evo_nas.config.metrics import (
    CLASSIFICATION_METRICS,
    DEFAULT_METRICS,
    LOSSES,
    METRIC_RANGES,
    METRICS,
    REGRESSION_METRICS,
)
from evo_nas.config.named_strategies import AS_NEEDED, CoarseToFineSettings, GridSettings
from evo_nas.config.reading import parse_record, parse_settings, read_settings
from evo_nas.config.recipe import EarlyStopping, Precision, Recipe, Trainer, Validation
from evo_nas.config.search import Fidelity, Sampler, SearchSettings, Survival
from evo_nas.config.section import BYTES_PER_MB, Fraction, Positive
from evo_nas.config.settings import RunFacts, Settings
from evo_nas.config.tracking import TrackingSettings

__all__ = [
    "AS_NEEDED",
    "BYTES_PER_MB",
    "CLASSIFICATION_METRICS",
    "DEFAULT_METRICS",
    "LOSSES",
    "METRICS",
    "METRIC_RANGES",
    "REGRESSION_METRICS",
    "Augmentation",
    "CoarseToFineSettings",
    "DataSettings",
    "EarlyStopping",
    "EvaluationSettings",
    "Fidelity",
    "Fraction",
    "GridSettings",
    "Positive",
    "Precision",
    "Recipe",
    "RunFacts",
    "Sampler",
    "SearchSettings",
    "Settings",
    "Survival",
    "Task",
    "TrackingSettings",
    "Trainer",
    "Validation",
    "parse_record",
    "parse_settings",
    "read_settings",
]
