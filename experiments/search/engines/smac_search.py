"""SMAC3's facade for hyperparameter optimisation (Lindauer et al. 2022), defaults throughout; it repeats incumbents."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace, UniformIntegerHyperparameter
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory import TrialValue

from experiments.search.engines.moves import choices_of
from experiments.search.problem import Point, Problem
from experiments.search.trial import Trial
from genomes import Choice


def search(trial: Trial, variant: str) -> None:
    """Ask and tell, one at a time. There is one variant."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scenario = Scenario(
            _space(trial.problem, trial.seed),
            n_trials=trial.num_evaluations,
            seed=trial.seed,
            output_directory=Path(folder),
        )
        facade = HyperparameterOptimizationFacade(scenario, _never, overwrite=True, logging_level=logging.ERROR)
        trial.believed_best = lambda: _point(facade.intensifier.get_incumbents()[0], trial.problem)
        while trial.num_left:
            asked = facade.ask()
            facade.tell(asked, TrialValue(cost=trial.measure(_point(asked.config, trial.problem))), save=False)


def _never(configuration: Any, seed: int = 0) -> float:
    raise AssertionError("trainings are told, not called")


def _space(problem: Problem, seed: int) -> ConfigurationSpace:
    space = ConfigurationSpace(seed=seed)
    for name, choice in zip(problem.genes, choices_of(problem), strict=True):
        space.add(_hyperparameter(name, choice))
    return space


def _hyperparameter(name: str, choice: Choice) -> Any:
    if choice.ordinal:
        return UniformIntegerHyperparameter(name, 0, len(choice.values) - 1)
    return CategoricalHyperparameter(name, [f"value {place}" for place in range(len(choice.values))])


def _point(configuration: Mapping[str, Any], problem: Problem) -> Point:
    return tuple(int(str(configuration[name]).removeprefix("value ")) for name in problem.genes)
