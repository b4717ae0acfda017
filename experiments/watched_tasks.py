"""The handlers that a run's children have, with a diary: when a child was ready, and what each of its tasks took.

A child that is started with this module and `EVO_NAS_DIARY` (a folder) in its environment writes `<pid>.jsonl` there:
first {"ready"}, then for each task {"kind", "num_members", "began", "ended", "num_graphs"}. Moments are seconds of the
monotonic clock, which on one machine is the same for all processes. num_graphs: graphs that TensorFlow built for it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from evo_nas.training import tasks
from evo_nas.training.news import Report

DIARY = "EVO_NAS_DIARY"
Handler = Callable[[dict[str, Any], Report], dict[str, Any]]

_num_graphs = 0


def prepare(device: Mapping[str, Any]) -> None:
    """`evo_nas.training.tasks.prepare`, and the first line of the diary."""
    watch(device)


def watch(device: Mapping[str, Any]) -> None:
    """What `prepare` does."""
    tasks.prepare(device)
    _count_graphs()
    _write({"ready": time.monotonic()})


def _count_graphs() -> None:
    """Count each graph that a `tf.function` is traced into. TensorFlow has no door for this; its own name is used."""
    from tensorflow.python.framework import func_graph

    trace = func_graph.func_graph_from_py_func

    def counted(*arguments: Any, **options: Any) -> Any:
        global _num_graphs
        _num_graphs += 1
        return trace(*arguments, **options)

    func_graph.func_graph_from_py_func = counted


def _handle(kind: str, handler: Handler, payload: dict[str, Any], report: Report) -> dict[str, Any]:
    began, before = time.monotonic(), _num_graphs
    try:
        return handler(payload, report)
    finally:
        ended, members = time.monotonic(), len(payload.get("members", [payload]))
        entry = {"kind": kind, "num_members": members, "began": began, "ended": ended}
        _write({**entry, "num_graphs": _num_graphs - before})


def _write(entry: Mapping[str, Any]) -> None:
    path = Path(os.environ[DIARY]) / f"{os.getpid()}.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


HANDLERS: dict[str, Handler] = {kind: partial(_handle, kind, handler) for kind, handler in tasks.HANDLERS.items()}
