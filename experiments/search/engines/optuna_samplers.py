"""Optuna's samplers with their defaults: TPE, the Gaussian process, NSGA-II with one objective."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import optuna

from experiments.search.problem import Point
from experiments.search.trial import Trial
from genomes import Choice, Float, Gene, Int, Value

SAMPLERS: dict[str, Callable[[int], Any]] = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "gp": lambda seed: optuna.samplers.GPSampler(seed=seed, deterministic_objective=False),
    "nsga2": lambda seed: optuna.samplers.NSGAIISampler(seed=seed),
}


def search(trial: Trial, variant: str) -> None:
    """Ask and tell, one at a time. variant: a key of SAMPLERS."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(direction="minimize", sampler=SAMPLERS[variant](trial.seed))
        while True:
            asked = study.ask()
            study.tell(asked, trial.measure(_suggested(asked, trial)))


def _suggested(asked: Any, trial: Trial) -> Point:
    return tuple(_suggest(asked, name, gene) for name, gene in trial.problem.genes.items())


def _suggest(asked: Any, name: str, gene: Gene) -> Value:
    match gene:
        case Float():
            value: Value = asked.suggest_float(name, gene.low, gene.high, log=gene.scale == "log")
        case Int():
            value = asked.suggest_int(name, gene.low, gene.high, log=gene.scale == "log")
        case Choice(values=values, ordinal=True):
            value = asked.suggest_int(name, 0, len(values) - 1)
        case Choice(values=values):
            value = asked.suggest_categorical(name, list(range(len(values))))
    return value
