"""evo-nas: evolutionary architecture search for neural networks.

    import evo_nas
    result = evo_nas.search(space, "breast_cancer", population=12, generations=6, seed=0, run_dir="runs/first")
    result.best, result.model(), result.individuals, result.lineage

    search = evo_nas.AskTell({"rate": {"low": 1e-5, "high": 1e-1, "scale": "log"}}, "minimize loss")
    for proposal in search.ask(): search.tell(proposal, loss(**proposal.genome.genes))

Names are imported when they are first used, so that `import evo_nas` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evo_nas import questions
    from evo_nas.assembly_line import train
    from evo_nas.data import Dataset, dataset_from_arrays, dataset_from_frame, dataset_from_images
    from evo_nas.drawing import draw
    from evo_nas.errors import UserError
    from evo_nas.estimator import load_run, resume, search, toolbox
    from evo_nas.gradient_checking import check_gradients
    from evo_nas.result import Result
    from evo_nas.strategies.ask_tell import AskTell
    from evo_nas.tracking import Tracker

__all__ = [
    "AskTell",
    "Dataset",
    "Result",
    "Tracker",
    "UserError",
    "check_gradients",
    "dataset_from_arrays",
    "dataset_from_frame",
    "dataset_from_images",
    "draw",
    "load_run",
    "questions",
    "resume",
    "search",
    "toolbox",
    "train",
]

__version__ = "0.5.4"

_HOMES = {
    "Dataset": "data",
    "dataset_from_arrays": "data",
    "dataset_from_frame": "data",
    "dataset_from_images": "data",
    "draw": "drawing",
    "UserError": "errors",
    "check_gradients": "gradient_checking",
    "load_run": "estimator",
    "resume": "estimator",
    "search": "estimator",
    "toolbox": "estimator",
    "train": "assembly_line",
    "Result": "result",
    "AskTell": "strategies.ask_tell",
    "Tracker": "tracking",
}


def __getattr__(name: str) -> Any:
    if name == "questions":
        return import_module("evo_nas.questions")
    if name not in _HOMES:
        raise AttributeError(f"module 'evo_nas' has no attribute {name!r}")
    return getattr(import_module(f"evo_nas.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
