"""Where mixed precision gains time, and where it does not."""

from __future__ import annotations

from collections.abc import Mapping

from evo_nas.config import Precision
from evo_nas.evaluation.devices import Device

Capability = tuple[int, int]

LEAST_CAPABILITY: Mapping[Precision, Capability] = {"mixed_float16": (7, 0), "mixed_bfloat16": (8, 0)}
"""NVIDIA's compute capability from which on products in 16 bits have units of their own."""


def precision_warning(precision: Precision, device: Device, capability: Capability | None = None) -> str:
    """Why mixed precision gains nothing on a device, as a sentence; "" where it does, or nobody knows.

    capability: of the GPU; None asks its driver.
    """
    if precision == "float32":
        return ""
    if device.kind == "cpu":
        return f'[recipe] precision = "{precision}" gains nothing on a CPU; "float32" is faster there'
    found = capability or gpu_capability(device)
    if found is None or found >= LEAST_CAPABILITY[precision]:
        return ""
    return (
        f'[recipe] precision = "{precision}" gains nothing on this device ({device.name}): it has compute capability '
        f"{_shown(found)}, and {_shown(LEAST_CAPABILITY[precision])} is needed"
    )


def gpu_capability(device: Device) -> Capability | None:
    """Of a GPU by its UUID, as (major, minor); None without its driver or `nvidia-ml-py`."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        handle = pynvml.nvmlDeviceGetHandleByUUID(device.environment.get("CUDA_VISIBLE_DEVICES", ""))
        major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
        return int(major), int(minor)
    except pynvml.NVMLError:
        return None
    finally:
        pynvml.nvmlShutdown()


def _shown(capability: Capability) -> str:
    return ".".join(map(str, capability))
