"""What happens in a child before its first task."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import tensorflow as tf

from evo_nas.errors import UserError
from evo_nas.training import tasks

GPU = {"kind": "gpu", "threads": 1}


def test_nothing_heavy_is_imported_before_the_environment_is_set() -> None:
    script = (
        "import sys, evo_nas.training.tasks\n"
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'pandas', 'numpy') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"


def test_one_thread_and_no_gpu() -> None:
    assert tf.config.threading.get_intra_op_parallelism_threads() == 1
    assert tf.config.threading.get_inter_op_parallelism_threads() == 1
    assert tf.config.get_visible_devices("GPU") == []
    tf.random.set_seed(None)  # a test before this one may have set the seed of the whole process
    with pytest.raises(RuntimeError, match="determinism is enabled"):
        tf.random.normal((1,))  # what has no seed is refused


def test_a_gpu_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    with pytest.raises(UserError, match=r"expected a GPU, but TensorFlow sees none; install .* or set CUDA_VISIBLE"):
        tasks.prepare(GPU)


def test_a_gpu_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a list of devices that is made up: no real card is needed."""
    seen: list[Any] = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["card"])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda devices, kind: seen.append((devices, kind)))
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda card, grow: seen.append((card, grow)))
    tasks.prepare(GPU)
    assert seen == [(["card"], "GPU"), ("card", True)]
