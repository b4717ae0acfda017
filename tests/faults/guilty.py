"""The fake trainer with a few genomes that harm their child: killed, hung, or answered for with garbage.

GUILTY_PREFIXES in the environment says which, by the beginnings of their fingerprints: "kill=0a hang=ff".
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from tests.faults import fake_training
from tests.faults.fake_training import cohort_of, export, prepare, score

Payload = dict[str, Any]
PREFIXES = dict(each.split("=") for each in os.environ.get("GUILTY_PREFIXES", "").split())
FOREVER_SECONDS = 600


def train(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    kind = next((kind for kind, prefix in PREFIXES.items() if payload["fingerprint"].startswith(prefix)), "")
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "hang":
        time.sleep(FOREVER_SECONDS)
    if kind == "memory":
        raise MemoryError("too large")
    return {"status": "tired"} if kind == "garbage" else fake_training.train(payload, progress)


def train_cohort(payload: Payload, progress: Callable[[Payload], None]) -> Payload:
    answer = cohort_of(train)(payload, progress)
    lost = [member for member in payload["members"] if member["fingerprint"].startswith(PREFIXES.get("lose", "-"))]
    return {"outcomes": answer["outcomes"][len(lost) :]}


HANDLERS = {"train": train, "train_cohort": train_cohort, "export": export, "score": score}

__all__ = ["HANDLERS", "prepare"]
