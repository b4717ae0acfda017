"""What a child process is asked to do, on plain data. Nothing heavy is imported before `prepare`."""

from __future__ import annotations

import gc
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.training.news import Report, alive_by

ENVIRONMENT = {"KERAS_BACKEND": "tensorflow", "TF_ENABLE_ONEDNN_OPTS": "1"}
"""Decides bits of a result and is in no key of it, so it is not left to the user's shell."""


def prepare(device: Mapping[str, Any]) -> None:
    """Make this process train deterministically on its device; once, before the first task and TensorFlow's import.

    device: {"kind": "cpu" or "gpu", "threads": 1}. A GPU has been chosen by `CUDA_VISIBLE_DEVICES`; its memory is
    taken as it is needed, so that children can share it. Raises UserError where there is none, since results depend on
    the kind of device (law 2).
    """
    os.environ.update(ENVIRONMENT)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(device["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(device["threads"])
    tf.config.experimental.enable_op_determinism()
    gpus = tf.config.list_physical_devices("GPU") if device["kind"] == "gpu" else []
    if device["kind"] == "gpu" and not gpus:
        raise UserError(
            "expected a GPU, but TensorFlow sees none; install tensorflow[and-cuda], or set CUDA_VISIBLE_DEVICES=-1 "
            "to train on the CPU"
        )
    tf.config.set_visible_devices(gpus, "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    _import_training()
    gc.collect()
    gc.freeze()  # what is here now stays: later collections look at what trainings made


def _import_training() -> None:
    from evo_nas.training import candidate, winner  # noqa: F401 - so that the first task does not pay for it


def _train(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`train_candidate` of a request with "weights" (a path or None) and "confirm"; returns a packed `Outcome.to_json`.

    It may have a "rung": see `Rung.from_payload`.
    """
    from evo_nas.training.candidate import train_candidate
    from evo_nas.training.request import TrainingRequest
    from evo_nas.training.rung import Rung

    weights = Path(payload["weights"]) if payload["weights"] else None
    request = TrainingRequest.from_payload(payload)
    rung = Rung.from_payload(payload["rung"]) if payload.get("rung") else None
    return train_candidate(request, report, weights=weights, confirm=payload["confirm"], rung=rung).to_json(packed=True)


def _train_cohort(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`train_cohort` of "members", what they share, "confirm" and "memory_mb"; returns {"outcomes": [...]}.

    A member may have a "rung": see `Rung.from_payload`.
    """
    from evo_nas.training.population.trainer import train_cohort
    from evo_nas.training.request import TrainingRequest
    from evo_nas.training.rung import Rung

    members = payload["members"]
    outcomes = train_cohort(
        TrainingRequest.many_from_payload(payload),
        report,
        confirm=payload["confirm"],
        memory_mb=payload["memory_mb"],
        rungs=[Rung.from_payload(member["rung"]) if member.get("rung") else None for member in members],
    )
    return {"outcomes": [outcome.to_json(packed=True) for outcome in outcomes]}


def _export(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`export_winner` of a request with "weights", "best_epochs" and "folder"."""
    from evo_nas.training.exporting import export_winner
    from evo_nas.training.request import TrainingRequest

    weights = Path(payload["weights"]) if payload["weights"] else None
    request = TrainingRequest.from_payload(payload)
    folder = Path(payload["folder"])
    return export_winner(request, report, weights=weights, best_epochs=payload["best_epochs"], folder=folder)


def _score(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`score_winner` of what is in "folder": {"test": {metric: value}}."""
    from evo_nas.config import DataSettings
    from evo_nas.training.exporting import score_winner

    split = DataSettings.model_validate(payload["split"])
    return {"test": score_winner(Path(payload["folder"]), Path(payload["data"]), split, alive_by(report))}


def _refit(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`refit` of a request with "epochs" and "folder"."""
    from evo_nas.training.refitting import refit
    from evo_nas.training.request import TrainingRequest

    request, folder = TrainingRequest.from_payload(payload), Path(payload["folder"])
    return refit(request, report, epochs=payload["epochs"], folder=folder)


def _train_further(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`train_further` of a request with "winner", "epochs" and "folder"."""
    from evo_nas.training.refitting import train_further
    from evo_nas.training.request import TrainingRequest

    request, folder = TrainingRequest.from_payload(payload), Path(payload["folder"])
    return train_further(request, report, winner=Path(payload["winner"]), epochs=payload["epochs"], folder=folder)


def _graph(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`network_graph` of a "genome" for an "input_shape", "num_outputs" and the "task": {"graph": in base 64}."""
    from evo_nas.training.network_graph import network_graph
    from genomes import Genome

    sizes = tuple(payload["input_shape"]), payload["num_outputs"]
    graph = network_graph(Genome.from_json(payload["genome"]), *sizes, payload["task"])
    return {"graph": b64encode(graph).decode()}


def _complete_space(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The keys that a "space" lacks for images or rows of an "input_shape": {"keys": {...}}."""
    from evo_nas.training.encodings import TRAINED_ENCODINGS

    space = payload["space"]
    complete = TRAINED_ENCODINGS[space["encoding"]].complete
    return {"keys": complete(space, tuple(payload["input_shape"])) if complete else {}}


def _check_gradients(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`check_request` of a request with "num_rows" and "seed"; returns `GradientReport.to_json()`."""
    from evo_nas.training.gradient_checks import check_request
    from evo_nas.training.request import TrainingRequest

    request = TrainingRequest.from_payload(payload)
    return check_request(request, num_rows=payload["num_rows"], seed=payload["seed"]).to_json()


def _augment(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """`shown` of "images" (in base 64) of a "shape" under "strengths", with a "key": {"images": in base 64}."""
    import numpy as np

    from evo_nas.training.augmentation.shown import shown

    images = np.frombuffer(b64decode(payload["images"]), dtype=np.uint8).reshape(payload["shape"])
    changed = shown(images, payload["strengths"], key=payload["key"])
    return {"images": b64encode(changed.tobytes()).decode()}


HANDLERS: dict[str, Callable[[dict[str, Any], Report], dict[str, Any]]] = {
    "train": _train,
    "train_cohort": _train_cohort,
    "export": _export,
    "score": _score,
    "graph": _graph,
    "complete_space": _complete_space,
    "refit": _refit,
    "train_further": _train_further,
    "check_gradients": _check_gradients,
    "augment": _augment,
}
"""Kind of a task -> (payload, report) -> result. A training that fails is a result; the others raise."""
