"""TensorBoard's event files, written without TensorFlow: records of TensorBoard's own protocol buffers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

FILE_NAME = "events.out.tfevents"
"""What TensorBoard looks for in a name; files of one folder are one run, read in order of name."""
_VERSION = "brain.Event:2"


def scalar(tag: str, value: float, *, step: int, wall_time: float) -> Event:
    """One point of a curve. wall_time: seconds since 1970, TensorBoard's other x axis."""
    return Event(wall_time=wall_time, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))


def graph(graph_def: bytes, *, wall_time: float) -> Event:
    """A network's graph: a serialised GraphDef."""
    return Event(wall_time=wall_time, graph_def=graph_def)


def write_events(path: Path, events: Iterable[Event], *, wall_time: float) -> None:
    """Write a whole file, or none of it. Makes its folder.

    It is not flushed to the disk: thousands of flushes would keep the ledger's commits waiting. What a power cut leaves
    is empty or whole, see `is_written`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name.replace(FILE_NAME, 'unfinished')}")
    with temporary.open("wb") as file:
        _write(file, [Event(wall_time=wall_time, file_version=_VERSION), *events])
    temporary.replace(path)


def is_written(path: Path) -> bool:
    """Whether `write_events` has written this file."""
    return path.is_file() and path.stat().st_size > 0


class GrowingEventFile:
    """A file to which events are added as they come; each is on its way to the disk when `add` returns."""

    def __init__(self, path: Path, *, wall_time: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self.add([Event(wall_time=wall_time, file_version=_VERSION)])

    def add(self, events: Iterable[Event]) -> None:
        with self._path.open("ab") as file:
            _write(file, events)


def _write(file: IO[bytes], events: Iterable[Event]) -> None:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
