"""Bayesian optimisation: Optuna's samplers behind ask and tell. The only home of optuna, imported when first used.

Read `strategy.py` first; `distributions.py` says how a gene looks to Optuna.
"""

from __future__ import annotations

from evo_nas.strategies.bayesian.export import StudyFacts, export_study, study_of
from evo_nas.strategies.bayesian.installed import check_sampler
from evo_nas.strategies.bayesian.strategy import BayesianSearch

__all__ = ["BayesianSearch", "StudyFacts", "check_sampler", "export_study", "study_of"]
