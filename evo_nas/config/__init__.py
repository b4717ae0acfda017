"""The settings of a run as frozen records: a file a section, and `reading.py` for what can be wrong with them."""

from __future__ import annotations

from evo_nas.config.data import DataSettings, Task
from evo_nas.config.evaluation import EvaluationSettings
from evo_nas.config.metrics import CLASSIFICATION_METRICS, DEFAULT_METRICS, LOSSES, METRICS, REGRESSION_METRICS
from evo_nas.config.reading import parse_record, parse_settings, read_settings
from evo_nas.config.recipe import EarlyStopping, Recipe, Trainer, Validation
from evo_nas.config.search import Fidelity, SearchSettings, Survival
from evo_nas.config.section import BYTES_PER_MB, Fraction, Positive
from evo_nas.config.settings import RunFacts, Settings

__all__ = [
    "BYTES_PER_MB",
    "CLASSIFICATION_METRICS",
    "DEFAULT_METRICS",
    "LOSSES",
    "METRICS",
    "REGRESSION_METRICS",
    "DataSettings",
    "EarlyStopping",
    "EvaluationSettings",
    "Fidelity",
    "Fraction",
    "Positive",
    "Recipe",
    "RunFacts",
    "SearchSettings",
    "Settings",
    "Survival",
    "Task",
    "Trainer",
    "Validation",
    "parse_record",
    "parse_settings",
    "read_settings",
]
