"""A run in a process of its own, for tests that kill it: `python -m tests.faults.killable FOLDER [key=value ...]`.

Starts the run where the folder holds none, else resumes it. Keys: workers, seed, strategy, sampler, store, population,
generations, objectives, handlers, trainer, epochs, fidelity, eta, inherit, steady_state ("yes"), resume_generations,
images ("yes": convolutional networks on small images) and double ("again": see `tests.running.again`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from evo_nas.config import Settings
from evo_nas.data import Dataset, dataset_from_arrays, dataset_from_images
from evo_nas.display import Silent
from evo_nas.history import RunFolder, open_store
from evo_nas.randomness import stream
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import Plan, make_plan
from evo_nas.strategies import LISTED
from genomes import Genome
from tests.running import again

POPULATION, GENERATIONS = 6, 5

SPACE = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 4},
    "width": {"low": 4, "high": 16},
    "activation": ["relu", "tanh"],
    "learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
    "batch_size": 16,
}
IMAGE_SPACE = {
    "encoding": "cnn",
    "layers": [1, 2],
    "filters": [2, 4],
    "head_width": [4, 8],
    "preprocessing": ["unit", "standard"],
    "dropout": [0.0, 0.2],
    "learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
    "batch_size": 16,
}


class Spoken(Silent):
    """Messages on standard error."""

    def message(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def settings(options: dict[str, str]) -> Settings:
    return Settings.model_validate(
        {
            "data": {"name": "arrays"},
            "space": IMAGE_SPACE if "images" in options else SPACE,
            "recipe": {
                "epochs": int(options.get("epochs", "2")),
                "metrics": ["accuracy"],
                "replicates": int(options.get("replicates", "1")),
                "trainer": options.get("trainer", "auto"),
            },
            "search": {
                "population": int(options.get("population", POPULATION)),
                "generations": int(options.get("generations", GENERATIONS)),
                "seed": int(options.get("seed", "0")),
                "strategy": options.get("strategy", "evolution"),
                "sampler": options.get("sampler", "tpe"),
                "in_flight": 3,
                "steady_state": options.get("steady_state") == "yes",
                "objectives": options.get("objectives", "maximize accuracy").split(","),
                "confirmation_replicates": 1,
                "fidelity": options.get("fidelity", "full"),
                "inherit": options.get("inherit", "none"),
                "eta": int(options.get("eta", "3")),
                "max_evaluations": int(options["max_evaluations"]) if "max_evaluations" in options else None,
            },
        }
    )


def data(*, images: bool = False) -> Dataset:
    generator = np.random.default_rng(0)
    if images:
        pixels = generator.integers(0, 256, (60, 6, 6, 1)).astype(np.uint8)
        return dataset_from_images(pixels, pixels[:, 0, 0, 0] > pixels[:, 5, 5, 0])
    x = generator.normal(size=(60, 4))
    return dataset_from_arrays(x, (x[:, 0] + x[:, 1] > 0).astype(int))


def networks(plan: Plan) -> list[Genome]:
    """Those of a list; none for a search."""
    if plan.settings.search.strategy != LISTED:
        return []
    return [plan.encoding.sample(stream(number)) for number in range(POPULATION * GENERATIONS)]


def main(arguments: list[str]) -> None:
    path = Path(arguments[0])
    options = dict(argument.split("=", 1) for argument in arguments[1:])
    if options.get("double") == "again":
        again.use()
    choices = Choices(
        workers=int(options.get("workers", "2")),
        store=open_store(options.get("store", "none"), warn=print),
        handlers=options.get("handlers", "tests.faults.fake_training"),
        pictures=options.get("pictures") == "yes",
        num_generations=int(options["resume_generations"]) if "resume_generations" in options else None,
    )
    if RunFolder(path).holds_run():
        launch.resume(path, choices, Spoken())
    else:
        plan = make_plan(settings(options), base=Path.cwd(), dataset=data(images="images" in options))
        launch.start(plan, path, choices, Spoken(), networks=networks(plan))


if __name__ == "__main__":
    main(sys.argv[1:])
