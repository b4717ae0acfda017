"""LeNet-5 with each optimizer and dropout of a grid, the images of its searches, and networks fitted on all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.atomic import write_atomically
from evo_nas.config import DataSettings, EvaluationSettings, Settings
from evo_nas.data import Dataset, dataset_from_images, load_data, save_dataset
from evo_nas.errors import UserError
from evo_nas.evaluation import Job, Task, TaskFinished, TrainingContext, WorkerPool
from evo_nas.evaluation.devices import find_devices, share_out
from evo_nas.evaluation.evaluator import export_task
from evo_nas.running.preparation import Plan, make_plan
from experiments.running import changed
from genomes import Encoding, Genome
from genomes.cnn_genes import lenet_5

OPTIMIZERS = ("adam", "nadam", "rmsprop", "sgd")
DROPOUTS = (0.0, 0.25, 0.5)
SEEDS = (0, 1, 2)
ALL_ROWS: Mapping[str, Mapping[str, Any]] = {"recipe": {"validation": {"folds": 2}}}
"""With folds a network is shipped as fitted on all rows that are no test rows."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A network to fit, and for how many epochs."""

    name: str
    genome: Genome
    epochs: int


def lenet_with(encoding: Encoding, optimizer: str, dropout: float) -> Genome:
    """LeNet-5 with an optimizer at its default rate, dropout after the 500 units, and the other genes of a space."""
    default = encoding.default()
    genes = {**default.genes, **lenet_5().genes}
    genes |= {"optimizer": optimizer, "learning_rate": 1.0, "head_dropout": dropout}
    return Genome(encoding.name, genes, lenet_5().layers)


def grid_of(encoding: Encoding) -> list[Genome]:
    """Each optimizer with each rate of dropout."""
    return [lenet_with(encoding, optimizer, dropout) for optimizer, dropout in product(OPTIMIZERS, DROPOUTS)]


def fashion(num_training: int, num_test: int) -> Dataset:
    """The first training images, and of those that the authors keep apart the first as test rows."""
    everything = load_data(DataSettings(name="fashion_mnist"), base=Path.cwd())
    return part_of(everything, num_training, num_test)


def part_of(images: Dataset, num_training: int, num_test: int) -> Dataset:
    names = np.array(images.classes)[images.target]
    apart = images.num_rows - images.num_test
    train, test = slice(0, num_training), slice(apart, apart + num_test)
    pixels = images.pixels
    return dataset_from_images(
        pixels[train], names[train], test=(pixels[test], names[test]), target_name="garment", name=images.name
    )


def drawn_digits(num_training: int, num_test: int) -> Dataset:
    """The digits that come with scikit-learn, three times as large and with a margin: 28 x 28 without a download."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    large = np.kron(digits.images, np.ones((3, 3))) * 15.9375
    pixels = np.pad(large, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)[..., None]
    train, test = slice(0, num_training), slice(num_training, num_training + num_test)
    names = digits.target.astype(str)
    return dataset_from_images(pixels[train], names[train], test=(pixels[test], names[test]), name="digits")


def fitted(
    entrants: Sequence[Entrant], settings: Settings, images: Dataset, folder: Path, *, workers: int | None
) -> dict[str, list[float]]:
    """Fit each network on all training images with each of three seeds: name -> its accuracies on the test images.

    What is in the folder is not fitted again. Raises UserError where a network cannot be fitted.
    """
    plan = make_plan(changed(settings, ALL_ROWS), base=Path.cwd(), dataset=images)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {(each.name, seed): folder / f"{each.name}-{seed}" for each in entrants for seed in SEEDS}
    missing = {key: path for key, path in wanted.items() if not _note_of(path).exists()}
    if missing:
        by_name = {each.name: each for each in entrants}
        data = folder / "images.npz"
        save_dataset(images, data)
        tasks = [_task(plan, by_name[name], seed, data, path) for (name, seed), path in missing.items()]
        for number, result in _answers(tasks, workers):
            path = list(missing.values())[number]
            write_atomically(_note_of(path), json.dumps({"accuracy": result["test"]["accuracy"]}))
            print(f"{path.name}: test accuracy {result['test']['accuracy']:.4f}", flush=True)
    notes = {key: json.loads(_note_of(path).read_text()) for key, path in wanted.items()}
    return {each.name: [float(notes[each.name, seed]["accuracy"]) for seed in SEEDS] for each in entrants}


def _note_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _task(plan: Plan, entrant: Entrant, seed: int, data: Path, path: Path) -> Task:
    assert plan.settings.data is not None
    context = TrainingContext(
        space=plan.encoding.describe(),
        recipe=plan.recipe.model_dump(mode="json"),
        data=str(data.resolve()),
        split=plan.settings.data.model_dump(mode="json"),
    )
    genome = plan.encoding.canonical(entrant.genome)
    job = Job(genome, plan.encoding.fingerprint(genome), replicate=seed)
    path.mkdir(exist_ok=True)
    return export_task(job, context, task_id=0, best_epochs=[entrant.epochs], folder=path.resolve())


def _answers(tasks: Sequence[Task], workers: int | None) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Number and result of each task, as they come."""
    settings = EvaluationSettings(workers=workers)
    with WorkerPool(share_out(find_devices(), settings), settings) as pool:
        for number, task in enumerate(tasks):
            pool.submit(replace(task, id=number))
        num_open = len(tasks)
        while num_open:
            for event in pool.events(1.0):
                if isinstance(event, TaskFinished):
                    num_open -= 1
                    if event.result is None:
                        raise UserError(event.failure.message if event.failure else "a network could not be fitted")
                    yield event.task_id, event.result
