from __future__ import annotations

import pytest

from evo_nas.evaluation.warm_child import describe_end


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (0, "it ended with exit code 0"),
        (3, "it ended with exit code 3"),
        (-9, "it was killed by SIGKILL (not sent from here: often the kernel's out-of-memory killer)"),
        (-11, "it was killed by SIGSEGV"),
        (-40, "it was killed by signal 40"),
    ],
)
def test_an_end_is_a_sentence(status: int, sentence: str) -> None:
    assert describe_end(status) == sentence
