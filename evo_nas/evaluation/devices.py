"""Which devices there are, and how many children share one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from evo_nas.config import EvaluationSettings

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": "0"}
NO_GPU = {"CUDA_VISIBLE_DEVICES": "-1"}
SHARED_GPU = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "TF_DETERMINISTIC_OPS": "1"}


@dataclass(frozen=True, slots=True)
class Device:
    """What a child computes on. `environment` is set before its interpreter starts; the rest goes to `prepare`.

    threads: one, on every machine, since results depend on it (law 2). name: "cpu", or the model of a GPU.
    """

    kind: Literal["cpu", "gpu"]
    threads: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    name: str = "cpu"

    def to_json(self) -> dict[str, Any]:
        """The argument of a handlers module's `prepare`."""
        return {"kind": self.kind, "threads": self.threads}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one child. `index` is 0, 1, 2, ... in its pool."""

    index: int
    device: Device


CPU = Device("cpu", environment={**ONE_THREAD, **QUIET, **NO_GPU})


def gpu(uuid: str, name: str = "gpu") -> Device:
    """One GPU by its UUID, which means the same card whatever order a library counts them in; name: its model."""
    environment = {**ONE_THREAD, **QUIET, **SHARED_GPU, "CUDA_VISIBLE_DEVICES": uuid}
    return Device("gpu", environment=environment, name=name)


def find_devices() -> tuple[Device, ...]:
    """The NVIDIA GPUs that this process may use; none without their driver or without `nvidia-ml-py`."""
    installed = _installed_models()
    visible = visible_uuids(list(installed), os.environ.get("CUDA_VISIBLE_DEVICES"))
    return tuple(gpu(uuid, installed.get(uuid, "gpu")) for uuid in visible)


def visible_uuids(installed: Sequence[str], visible: str | None) -> list[str]:
    """What `CUDA_VISIBLE_DEVICES` leaves of the installed GPUs, in its order; None (not set) leaves all.

    As CUDA reads it: entries are numbers or beginnings of UUIDs, and the first that names no GPU ends the list. Numbers
    count in the driver's order (PCI bus), which is CUDA's own only where all cards are equal or
    `CUDA_DEVICE_ORDER=PCI_BUS_ID`. A part of a card (MIG) is taken by its name as it stands.
    """
    if visible is None or not installed:
        return list(installed)
    found: list[str] = []
    for entry in (text.strip() for text in visible.split(",")):
        uuid = _named(entry, installed)
        if uuid is None or uuid in found:
            break
        found.append(uuid)
    return found


def _named(entry: str, installed: Sequence[str]) -> str | None:
    if entry.isdecimal():
        return installed[int(entry)] if int(entry) < len(installed) else None
    if entry.startswith("MIG-"):
        return entry
    matches = [uuid for uuid in installed if entry.startswith("GPU-") and uuid.startswith(entry)]
    return matches[0] if len(matches) == 1 else None


def _installed_models() -> dict[str, str]:
    """UUID -> model, in the driver's order."""
    try:
        import pynvml
    except ImportError:
        return {}
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:  # the package without a driver
        return {}
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        return {pynvml.nvmlDeviceGetUUID(handle): str(pynvml.nvmlDeviceGetName(handle)) for handle in handles}
    except pynvml.NVMLError:
        return {}
    finally:
        pynvml.nvmlShutdown()


def count_cores() -> int:
    """Cores that this process may use: affinity and container limits count."""
    import joblib

    return int(joblib.cpu_count())


def share_out(devices: Sequence[Device], settings: EvaluationSettings, cores: int | None = None) -> tuple[Slot, ...]:
    """One slot a child: `workers_per_device` on each GPU, or one a core where there is no GPU (None counts them).

    `settings.workers` is the number of slots in either case; they are dealt out to the GPUs in turn.
    """
    if not devices:
        return tuple(Slot(index, CPU) for index in range(settings.workers or cores or count_cores()))
    count = settings.workers or len(devices) * settings.workers_per_device
    return tuple(Slot(index, devices[index % len(devices)]) for index in range(count))
