from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from evo_nas.config import EvaluationSettings
from evo_nas.evaluation.devices import CPU, Slot, count_cores, find_devices, gpu, share_out, visible_uuids

INSTALLED = ["GPU-aaaa-1", "GPU-aabb-2", "GPU-cccc-3"]


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, INSTALLED),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("2,0", ["GPU-cccc-3", "GPU-aaaa-1"]),
        (" 1 , 2 ", ["GPU-aabb-2", "GPU-cccc-3"]),
        ("GPU-c", ["GPU-cccc-3"]),
        ("GPU-aa", []),  # two cards begin so
        ("0,-1,2", ["GPU-aaaa-1"]),
        ("0,7,2", ["GPU-aaaa-1"]),
        ("1,1", ["GPU-aabb-2"]),
        ("MIG-1234", ["MIG-1234"]),
    ],
)
def test_visible_devices_are_read_as_cuda_reads_them(visible: str | None, expected: list[str]) -> None:
    assert visible_uuids(INSTALLED, visible) == expected


def test_nothing_is_visible_where_nothing_is_installed() -> None:
    assert visible_uuids([], "0,1") == []


class FakeNvmlError(Exception):
    pass


def fake_nvml(uuids: list[str], *, driver: bool = True) -> Any:
    def start() -> None:
        if not driver:
            raise FakeNvmlError

    return SimpleNamespace(
        NVMLError=FakeNvmlError,
        nvmlInit=start,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: len(uuids),
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetUUID=lambda handle: uuids[handle],
        nvmlDeviceGetName=lambda handle: f"card {handle}",
    )


def test_devices_are_found_by_uuid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", fake_nvml(INSTALLED))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,1")
    assert find_devices() == (gpu("GPU-cccc-3", "card 2"), gpu("GPU-aabb-2", "card 1"))
    assert find_devices()[0].environment["CUDA_VISIBLE_DEVICES"] == "GPU-cccc-3"


@pytest.mark.parametrize("module", [None, fake_nvml(INSTALLED, driver=False)], ids=["no package", "no driver"])
def test_no_devices_without_package_or_driver(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", module)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert find_devices() == ()


def test_without_a_gpu_there_is_a_slot_a_core() -> None:
    assert share_out([], EvaluationSettings(), 3) == (Slot(0, CPU), Slot(1, CPU), Slot(2, CPU))
    assert len(share_out([], EvaluationSettings(workers=5), 3)) == 5
    assert len(share_out([], EvaluationSettings())) == count_cores() >= 1


def test_gpus_are_shared_in_turn() -> None:
    first, second = gpu("GPU-a"), gpu("GPU-b")
    two_each = share_out([first, second], EvaluationSettings(workers_per_device=2), 64)
    assert two_each == (Slot(0, first), Slot(1, second), Slot(2, first), Slot(3, second))
    assert share_out([first, second], EvaluationSettings(workers=1), 64) == (Slot(0, first),)
    assert [slot.device for slot in share_out([first, second], EvaluationSettings(workers=3), 64)] == [
        first,
        second,
        first,
    ]


def test_the_number_of_threads_does_not_depend_on_the_machine() -> None:
    assert CPU.to_json() == {"kind": "cpu", "threads": 1}
    assert gpu("GPU-a").to_json() == {"kind": "gpu", "threads": 1}
