"""Comparisons of runs that train nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from evo_nas.comparing.budget import Budget
from evo_nas.comparing.conduct import Finished, conduct
from evo_nas.comparing.contestants import parse_contestants
from evo_nas.comparing.planned import PlannedRun, plan_runs
from evo_nas.config import Settings, parse_settings
from evo_nas.display import Silent
from evo_nas.running.choices import Choices

SPACE = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 3},
    "width": {"low": 4, "high": 64},
    "activation": ["relu", "tanh"],
    "learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
    "batch_size": 16,
}


def settings_with(**search: Any) -> Settings:
    return parse_settings(
        {
            "data": {"name": "iris"},
            "space": SPACE,
            "recipe": {"epochs": 9, "metrics": ["accuracy"]},
            "search": {"population": 4, "confirmation_replicates": 2, "objectives": ["maximize accuracy"], **search},
        },
        where="test",
    )


def planned_runs(
    folder: Path,
    strategies: str,
    *,
    seeds: int = 2,
    evaluations: int = 8,
    epochs: int | None = None,
    settings: Settings | None = None,
) -> list[PlannedRun]:
    return plan_runs(
        settings or settings_with(),
        parse_contestants(strategies),
        seeds=seeds,
        budget=Budget(evaluations=evaluations) if epochs is None else Budget(epochs=epochs),
        base=Path.cwd(),
        run_dir=folder,
    )


def conducted(planned: list[PlannedRun], stop: Callable[[], bool] = lambda: False, workers: int = 1) -> list[Finished]:
    choices = Choices(workers=workers, handlers="tests.faults.fake_training", pictures=False, stop=stop)
    return list(conduct(planned, choices, Silent()))
