"""A fake trainer whose weights hold the name of the training that made them, and of all before it.

An outcome is a function of that name: who begins with other weights than it should has another outcome.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.outcome import Outcome, Status, failure
from tests.faults import fake_training

Payload = dict[str, Any]
prepare = fake_training.prepare


def train(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    progress({"fold": 0, "epoch": 1, "epochs": 4})
    time.sleep(float(os.environ.get("FAKE_SECONDS", "0.0")))
    name = f"{weights_before(payload)} > {payload['fingerprint']} {payload['replicate']}"
    number = int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)
    if number % 7 == 0:
        return failure(Status.DIVERGED, "on purpose").to_json()
    if payload["weights"]:
        write_atomically(Path(payload["weights"]), name)
    score = number / 16**12
    metrics = {"loss": 1 - score, **dict.fromkeys(payload["recipe"]["metrics"], score)}
    best = 1 + number % 4
    return Outcome(Status.OK, metrics, 100, 200, (4,), (best,), 0.01, curves=({"train_loss": (score,)},)).to_json()


def weights_before(payload: Mapping[str, Any]) -> str:
    """Of the parent, made again where they are lost."""
    name = ""
    for ancestor in payload.get("ancestors", []):
        path, again = Path(ancestor["weights"]), f"{name} > {ancestor['fingerprint']} {payload['replicate']}"
        name = kept_name(path) or again
        if name != again:
            raise ValueError(f"these are the weights of {name!r}, not of {again!r}")
        own = path.with_name(f"{os.getpid()}-{path.name}")
        write_atomically(own, name)
        with suppress(FileNotFoundError):  # as in `ancestors.py`: whoever tidies up took it for a leftover
            own.replace(path)
    return name


def kept_name(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def export(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    """Whatever is shipped has been trained from scratch."""
    assert "ancestors" not in payload
    assert not payload["weights"].endswith(".inherited.safetensors")
    return fake_training.export(payload, progress)


HANDLERS = {**fake_training.HANDLERS, "train": train, "export": export}
