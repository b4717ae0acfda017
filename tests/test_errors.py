"""What a person is told of an exception: its words, and nothing of where they came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.errors import MAX_CHARACTERS, UserError, described, telling_lines

PLUGIN = """Graph execution error:

Detected at node while/while_1/MatMul defined at (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main

  File "/home/a person/evo_nas/training/program.py", line 86, in run

_ZenBatchMatMul execution failed
\t [[{{node while/while_1/MatMul}}]] [Op:__inference__call_6007]"""

TWO_ROOTS = """Graph execution error:

Detected at node 'a/MatMul' defined at (most recent call last):
<stack traces unavailable>
Detected at node 'b/MatMul' defined at (most recent call last):
<stack traces unavailable>
2 root error(s) found.
  (0) INTERNAL:  the first is odd
\t [[{{node a/MatMul}}]]
\t [[b/MatMul/_4]]
  (1) INTERNAL:  the second too
\t [[{{node b/MatMul}}]]
0 successful operations.
0 derived errors ignored. [Op:__inference_f_1]"""


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (RuntimeError(PLUGIN), ["_ZenBatchMatMul execution failed"]),
        (
            RuntimeError(TWO_ROOTS),
            ["INTERNAL:  the first is odd", "INTERNAL:  the second too"],
        ),
        (ValueError("two\n\n  lines of [[1, 2], [3]]\n"), ["two", "lines of [[1, 2], [3]]"]),
        (RuntimeError("ValueError: it broke\nTraceback (most recent call last):\n  x = 1\n"), ["ValueError: it broke"]),
        (RuntimeError("Traceback (most recent call last):\nKeyError: 3"), ["KeyError: 3"]),
        (ValueError(), []),
    ],
)
def test_what_is_left_of_a_text(error: Exception, lines: list[str]) -> None:
    assert telling_lines(error) == lines


def test_kinds() -> None:
    assert described(UserError("give a number")) == "give a number"
    assert described(KeyError("width")) == "KeyError: 'width'"
    assert described(ValueError()) == "ValueError: "
    assert described(ValueError("x" * 9999)) == "ValueError: " + "x" * MAX_CHARACTERS


@given(st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1).filter(str.strip))
def test_a_plain_sentence_stays_as_it_is(sentence: str) -> None:
    assert telling_lines(RuntimeError(sentence)) == [sentence.strip()]
