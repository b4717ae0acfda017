"""Handlers that train nothing: outcomes are a pure function of the genome, after a moment that a kill can fall into."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.outcome import Outcome, Status, failure

Payload = dict[str, Any]


def prepare(device: Payload) -> None:
    """Nothing to prepare."""


def train(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    progress({"fold": 0, "epoch": 1, "epochs": 1})
    time.sleep(float(os.environ.get("FAKE_SECONDS", "0.0")))
    if log := os.environ.get("FAKE_LOG"):
        with Path(log).open("ab", buffering=0) as trained:
            trained.write(b".")
    number = int(hashlib.sha256(f"{payload['fingerprint']} {payload['replicate']}".encode()).hexdigest()[:12], 16)
    if number % 11 == 0:
        return failure(Status.DIVERGED, "on purpose").to_json()
    epochs = go_on(payload, whole=1 if number % 3 == 0 else payload["recipe"].get("epochs", 1))
    score = number / 16**12 * epochs_share(epochs, payload)
    metrics = dict.fromkeys(payload["recipe"]["metrics"], score)
    if payload["weights"]:
        Path(payload["weights"]).write_bytes(b"weights")
    curves = ({"train_loss": (score, score / 2), "validation_loss": (score,)},)
    trained = (epochs,)
    return Outcome(Status.OK, {"loss": 1 - score, **metrics}, 100, 200, trained, trained, 0.01, curves=curves).to_json()


def go_on(payload: Payload, *, whole: int) -> int:
    """The epochs that are over when this training ends, on its rung or early; it leaves a file, and reads its own."""
    rung = payload.get("rung") or {"epochs": whole, "before": None, "after": None}
    name = f"{payload['fingerprint']} {payload['replicate']}"
    if rung["before"] and Path(rung["before"]).read_text() != name:
        raise ValueError("this is the file of another training")
    if rung["after"]:
        write_atomically(Path(rung["after"]), name)
    return min(whole, rung["epochs"])


def epochs_share(epochs: int, payload: Payload) -> float:
    """Scores rise with the epochs, so that a rung tells less than the whole recipe."""
    return 1.0 if epochs in (1, payload["recipe"].get("epochs")) else 0.5 + 0.5 * epochs / payload["recipe"]["epochs"]


def export(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    folder = Path(payload["folder"])
    model = json.dumps(payload["genome"]).encode()
    (folder / "model.keras").write_bytes(model)
    (folder / "preprocessing.json").write_text("{}")
    return {
        **score({"folder": str(folder)}, progress),
        "parameters": 100,
        "fitted_on": "nothing",
        "model_sha256": hashlib.sha256(model).hexdigest(),
    }


def score(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    model = (Path(payload["folder"]) / "model.keras").read_bytes()
    return {"test": {"accuracy": int(hashlib.sha256(model).hexdigest()[:8], 16) / 16**8}}


def refit(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    exported = export(payload, progress)
    return {"rows": 120, "parameters": 100, "model_sha256": exported["model_sha256"]}


Handler = Callable[[Payload, Callable[[Payload], None]], Payload]


def cohort_of(train: Handler) -> Handler:
    """The handler of "train_cohort" that trains one member after the other as `train` does."""

    def train_cohort(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
        shared = {name: value for name, value in payload.items() if name != "members"} | {"weights": None}
        return {"outcomes": [train({**shared, **member}, progress) for member in payload["members"]]}

    return train_cohort


HANDLERS = {"train": train, "train_cohort": cohort_of(train), "export": export, "score": score, "refit": refit}
