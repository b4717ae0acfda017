"""The engines: ours and the peers, all spending a `Trial` on the same terms.

`ENGINES` is the table. A module of it has one function,

    search(trial: Trial, variant: str) -> None

which measures until `BudgetSpentError`. A new engine is one new file and a line of the table. A peer's ordinal genes
are handed over as whole numbers (places), which is the scale that its author would choose for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

from experiments.search.trial import Trial


@dataclass(frozen=True, slots=True)
class Engine:
    """A search. module: its file here. requires: the packages that must be installed.

    most_evaluations, most_seeds: where it is measured; less for peers whose own overhead is minutes. continuous:
    whether it can search landscapes as well as tables. installing: how, where the extra `bench` does not bring it.
    """

    name: str
    module: str
    variant: str = ""
    requires: tuple[str, ...] = ()
    most_evaluations: int = 1000
    most_seeds: int = 1000
    ours: bool = False
    continuous: bool = False
    installing: str = "pip install evo-nas[bench]"

    @property
    def missing(self) -> tuple[str, ...]:
        """Of what it requires, what is not installed."""
        return tuple(name for name in self.requires if find_spec(name) is None)

    @property
    def versions(self) -> str:
        """What its results depend on, such as "optuna 5.0.0, torch 2.13.0"."""
        return ", ".join(f"{name} {version(name)}" for name in self.requires or ("evo-nas",))

    @property
    def search(self) -> Callable[[Trial], None]:
        """The function that spends a trial."""
        return partial(import_module(f"experiments.search.engines.{self.module}").search, variant=self.variant)


ENGINES = (
    Engine("surrogate", "ours", "surrogate", ours=True, continuous=True),
    Engine("evolution", "ours", "evolution", ours=True, continuous=True),
    Engine("our aging", "ours", "aging", ours=True, continuous=True),
    Engine("TPE", "optuna_samplers", "tpe", ("optuna",), continuous=True),
    Engine("GPSampler", "optuna_samplers", "gp", ("optuna", "torch"), 100, continuous=True),
    Engine("random", "random_points"),
    Engine("aging P=100 S=10", "aging_evolution", "paper"),
    Engine("aging P=20 S=5", "aging_evolution", "small"),
    Engine("local search", "local_search"),
    Engine("eaSimple", "ea_simple", requires=("deap",)),
    Engine("NSGA-II", "optuna_samplers", "nsga2", ("optuna",)),
    Engine("DEHB", "dehb_search", requires=("dehb",), installing="pip install smac loguru; pip install --no-deps dehb"),
    Engine("SMAC3", "smac_search", "", ("smac", "ConfigSpace"), 100, 10, installing="pip install smac"),
)


def engine_named(name: str) -> Engine:
    """The engine of that name in the table."""
    (found,) = (engine for engine in ENGINES if engine.name == name)
    return found
