"""The engines: ours and the peers, all spending the same minutes.

`ENGINES` is the table. A module of it has one function,

    search(settings: Settings, recorder: Recorder, seed: int, variant: str) -> None

which goes on until the recorder says that it is over. A new engine is one new file and a line of the table.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from evo_nas.config import Settings
from experiments.quality.recorder import Recorder

Search = Callable[[Settings, Recorder, int], None]


@dataclass(frozen=True, slots=True)
class Engine:
    """A search. module: its file here. requires: the packages that must be installed."""

    name: str
    module: str
    variant: str
    requires: tuple[str, ...]
    ours: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Of what it requires, what is not installed."""
        return tuple(name for name in self.requires if find_spec(name) is None)

    @property
    def versions(self) -> str:
        """What its results depend on, such as "python 3.11.2, keras 3.15.1, optuna 5.0.0"."""
        packages = ("tensorflow", "keras", *self.requires)
        return ", ".join([f"python {platform.python_version()}", *(f"{name} {_version(name)}" for name in packages)])

    @property
    def search(self) -> Search:
        return partial(import_module(f"experiments.quality.{self.module}").search, variant=self.variant)


ENGINES = (
    Engine("surrogate", "ours", "surrogate", ("evo_nas",), ours=True),
    Engine("evolution", "ours", "evolution", ("evo_nas",), ours=True),
    Engine("Optuna TPE", "optuna_search", "tpe", ("optuna",)),
    Engine("Optuna GPSampler", "optuna_search", "gp", ("optuna", "torch")),
    Engine("KerasTuner BayesianOptimization", "kerastuner_search", "bayesian", ("keras_tuner",)),
)
PEERS = tuple(engine for engine in ENGINES if not engine.ours)
OURS = tuple(engine for engine in ENGINES if engine.ours)


def engine_named(name: str) -> Engine:
    """The engine of that name in the table."""
    (found,) = (engine for engine in ENGINES if engine.name == name)
    return found


def _version(package: str) -> str:
    """Also of what is not installed: results that another machine brought are still read and asked about."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
