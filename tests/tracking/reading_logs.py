"""TensorBoard's files read back as raw records, without TensorFlow: for tests."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def events(folder: Path) -> list[Any]:
    """All events of one run of TensorBoard, in order of file; the checksums are checked."""
    from tensorboard.compat.proto.event_pb2 import Event

    paths = sorted(path for path in folder.iterdir() if path.is_file())
    return [Event.FromString(data) for path in paths for data in _records(path.read_bytes())]


def _records(content: bytes) -> Iterator[bytes]:
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    while content:
        (length,), (check,) = struct.unpack("<Q", content[:8]), struct.unpack("<I", content[8:12])
        data, rest = content[12 : 12 + length], content[12 + length :]
        assert masked_crc32c(struct.pack("<Q", length)) == check
        assert masked_crc32c(data) == struct.unpack("<I", rest[:4])[0]
        yield data
        content = rest[4:]


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Tag -> (step, value) of every point."""
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def plugin_data(folder: Path, kind: str) -> Any:
    """The one record of the table of hyper-parameters that is of this kind: "experiment", "session_start_info", ..."""
    from tensorboard.plugins.hparams import plugin_data_pb2

    found = []
    for event in events(folder):
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == "hparams":
                data = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
                found += [getattr(data, kind)] if data.HasField(kind) else []
    (one,) = found
    return one


def graphs(folder: Path) -> list[Any]:
    """The graphs of one run of TensorBoard."""
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    return [GraphDef.FromString(event.graph_def) for event in events(folder) if event.graph_def]
