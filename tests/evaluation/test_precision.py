"""Where mixed precision gains nothing, one sentence says so."""

from __future__ import annotations

import pytest

from evo_nas.config import Precision
from evo_nas.evaluation.devices import CPU, gpu
from evo_nas.evaluation.precision import Capability, precision_warning

CARD = gpu("GPU-1", "Tesla P100")


def test_on_a_cpu_it_never_gains() -> None:
    for precision in ("mixed_float16", "mixed_bfloat16"):
        assert precision_warning(precision, CPU).startswith(f'[recipe] precision = "{precision}" gains nothing on a')
    assert precision_warning("float32", CPU) == ""


@pytest.mark.parametrize(
    ("precision", "capability", "gains"),
    [
        ("mixed_float16", (6, 1), False),
        ("mixed_float16", (7, 0), True),
        ("mixed_bfloat16", (7, 5), False),
        ("mixed_bfloat16", (8, 0), True),
        ("mixed_bfloat16", (10, 0), True),
        ("float32", (3, 0), True),
    ],
)
def test_on_a_gpu_its_capability_decides(precision: Precision, capability: Capability, gains: bool) -> None:
    said = precision_warning(precision, CARD, capability)
    assert (said == "") is gains
    assert gains or f"(Tesla P100): it has compute capability {capability[0]}.{capability[1]}, and" in said


def test_where_nobody_knows_nothing_is_said() -> None:
    assert precision_warning("mixed_float16", CARD) == ""
