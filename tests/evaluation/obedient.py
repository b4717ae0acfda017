"""Handlers that do what they are told and say what they were given."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

Payload = dict[str, Any]
Progress = Callable[[Mapping[str, Any]], None]

PREPARED: list[Mapping[str, Any]] = []
KEPT: list[bytearray] = []


def prepare(device: Mapping[str, Any]) -> None:
    PREPARED.append(device)


def echo(payload: Payload, progress: Progress) -> Payload:
    return payload


def who(payload: Payload, progress: Progress) -> Payload:
    return {
        "pid": os.getpid(),
        "leads_its_group": os.getpgrp() == os.getpid() == os.getsid(0),
        "ignores_interrupts": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
        "prepared": PREPARED,
        "environment": {name: os.environ.get(name) for name in payload["names"]},
        "heavy": sorted({"numpy", "joblib", "pydantic", "tensorflow", "keras"} & set(sys.modules)),
    }


def grow(payload: Payload, progress: Progress) -> Payload:
    KEPT.append(bytearray(b"x") * payload["bytes"])
    return {"pid": os.getpid()}


def count(payload: Payload, progress: Progress) -> Payload:
    for number in range(payload["to"]):
        progress({"number": number})
    return {"counted": payload["to"]}


HANDLERS = {"echo": echo, "who": who, "grow": grow, "count": count}
