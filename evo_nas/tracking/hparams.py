"""TensorBoard's table of hyper-parameters: genes as columns with their domains, objectives and metrics as results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

from genomes import Encoding, Genome, Value

MOST_LAYERS = 8
"""Whose genes have columns of their own; `architecture` has them all."""
ARCHITECTURE = "architecture"
_FLOAT, _BOOL, _TEXT = "DATA_TYPE_FLOAT64", "DATA_TYPE_BOOL", "DATA_TYPE_STRING"


class Columns:
    """The columns of a space: its free genes, those of layers once for each layer, and the whole architecture."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        domains = {name: data for name, data in encoding.describe().items() if not isinstance(data, Value)}
        network = {"layers", *encoding.default().genes}
        depth = min(MOST_LAYERS, max(_values(encoding.describe().get("layers", 0)), default=0))
        columns = {name: data for name, data in domains.items() if name in network}
        for number in range(1, int(depth) + 1):
            of_layers = (name for name in domains if name not in network)
            columns.update({f"layer_{number}_{name}": domains[name] for name in of_layers})
        self.domains: dict[str, Any] = {**columns, **({ARCHITECTURE: None} if depth else {})}

    def infos(self) -> list[Any]:
        """What the table is told of its columns."""
        return [_info(name, domain) for name, domain in self.domains.items()]

    def values(self, genome: Genome) -> dict[str, Value]:
        """Column -> value, only of genes that have an effect."""
        canonical = self._encoding.canonical(genome)
        found: dict[str, Value] = {**canonical.genes, "layers": len(canonical.layers)}
        for number, layer in enumerate(canonical.layers, start=1):
            found.update({f"layer_{number}_{name}": value for name, value in layer.items()})
        found[ARCHITECTURE] = " | ".join(" ".join(map(str, layer.values())) for layer in canonical.layers)
        return {name: found[name] for name in self.domains if name in found}


def experiment(columns: Columns, metrics: Sequence[str], *, description: str, wall_time: float) -> Event:
    """The table itself. metrics: tags of scalars, a column each."""
    infos = [api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag), display_name=tag) for tag in metrics]
    made = api_pb2.Experiment(
        description=description, time_created_secs=wall_time, hparam_infos=columns.infos(), metric_infos=infos
    )
    data = plugin_data_pb2.HParamsPluginData(experiment=made)
    return _event(metadata.EXPERIMENT_TAG, data, wall_time)


def session(values: Mapping[str, Value], *, ok: bool, began: float, ended: float) -> list[Event]:
    """A row: the beginning and the end of a training, in seconds since 1970."""
    start = plugin_data_pb2.SessionStartInfo(start_time_secs=began)
    for name, value in values.items():
        field = _field(value)
        setattr(start.hparams[name], field, float(value) if field == "number_value" else value)
    status = api_pb2.STATUS_SUCCESS if ok else api_pb2.STATUS_FAILURE
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=ended)
    return [
        _event(metadata.SESSION_START_INFO_TAG, plugin_data_pb2.HParamsPluginData(session_start_info=start), began),
        _event(metadata.SESSION_END_INFO_TAG, plugin_data_pb2.HParamsPluginData(session_end_info=end), ended),
    ]


def _info(name: str, domain: Any) -> Any:
    info = api_pb2.HParamInfo(name=name, display_name=name, type=api_pb2.DataType.Value(_kind(domain)))
    if isinstance(domain, Mapping) and "low" in domain:
        info.domain_interval.min_value = float(domain["low"])
        info.domain_interval.max_value = float(domain["high"])
    elif domain is not None:
        info.domain_discrete.extend(_values(domain))
    return info


def _kind(domain: Any) -> str:
    values = _values(domain) if domain is not None else [""]
    if all(isinstance(value, bool) for value in values):
        return _BOOL
    return _FLOAT if all(isinstance(value, int | float) for value in values) else _TEXT


def _field(value: Value) -> str:
    if isinstance(value, bool):
        return "bool_value"
    return "string_value" if isinstance(value, str) else "number_value"


def _values(described: Any) -> list[Any]:
    """All values of a gene as `Encoding.describe` has it; of a range its two ends."""
    if isinstance(described, Mapping):
        return list(described["values"]) if "values" in described else [described["low"], described["high"]]
    return list(described) if isinstance(described, Iterable) and not isinstance(described, str) else [described]


def _event(tag: str, data: Any, wall_time: float) -> Event:
    about = metadata.create_summary_metadata(data)
    value = Summary.Value(tag=tag, metadata=about, tensor=metadata.NULL_TENSOR)
    return Event(wall_time=wall_time, summary=Summary(value=[value]))
