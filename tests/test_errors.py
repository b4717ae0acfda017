"""What a person is told of an exception: its words, and nothing of where they came from."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.errors import UserError, described, told


class UnreadableError(Exception):
    def __str__(self) -> str:
        raise TypeError("no")


class OwnError(UserError):
    """A kind of `UserError`."""


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
\t [[b-1.x/MatMul/_4]]
  (1) INTERNAL:  the second too
\t [[{{node b/MatMul}}]]
0 successful operations.
1 derived errors ignored. [Op:__inference_f_1]"""

TRACED = """in user code:

    File "/home/a person/layers.py", line 3, in call  *
        return tf.matmul(values, tf.zeros((3, 2)))

    ValueError: Dimensions must be equal, but are 2 and 3 for '{{node MatMul}} = MatMul[T=DT_FLOAT](x, zeros)' with \
input shapes: [2,2], [3,2].
"""

KERAS = """Exception encountered when calling Odd.call().

\x1b[1mwidth 3 is odd:
take an even one\x1b[0m

Arguments received by Odd.call():
  • values=tf.Tensor(shape=(2, 3), dtype=float32)"""

UNREAD = """<class 'keras.src.models.sequential.Sequential'> could not be deserialized properly. Please ensure ...

config={'module': 'keras'}.

Exception encountered: Could not locate class 'Odd'. Make sure that it is registered."""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLUGIN, "_ZenBatchMatMul execution failed"),
        (TWO_ROOTS, "INTERNAL:  the first is odd\nINTERNAL:  the second too"),
        (TRACED, "ValueError: Dimensions must be equal, but are 2 and 3 with input shapes: [2,2], [3,2]."),
        (KERAS, "width 3 is odd:\ntake an even one"),
        (UNREAD, "Could not locate class 'Odd'. Make sure that it is registered."),
        ("{{function_node __wrapped__Reshape_device_/CPU:0}} too few [Op:Reshape] name: ", "too few"),
        ("two\n\n  lines of [[1, 2], [3]]\n", "two\nlines of [[1, 2], [3]]"),
        ("(1) of [[0.5]] and\n(2) of the [Op:x] kind", "(1) of [[0.5]] and\n(2) of the [Op:x] kind"),
        (
            'File "data.csv", line 12: expected 3 columns\nNode: 5',
            'File "data.csv", line 12: expected 3 columns\nNode: 5',
        ),
        ("Exception encountered when calling the service", "Exception encountered when calling the service"),
        ("it broke\nTraceback (most recent call last):\n    x = 1\nKeyError: 3", "it broke\nKeyError: 3"),
        ("KeyError: 3\nOriginal Traceback (most recent call last):\n    x = 1\nKeyError: 3\n", "KeyError: 3"),
    ],
)
def test_the_words_and_nothing_around_them(text: str, said: str) -> None:
    assert told(RuntimeError(text)) == f"RuntimeError: {said}"


def test_one_line() -> None:
    assert described(RuntimeError(PLUGIN)) == "RuntimeError: _ZenBatchMatMul execution failed"
    assert described(RuntimeError("first\nsecond")) == "RuntimeError: first"
    assert described(RuntimeError(KERAS)) == "RuntimeError: width 3 is odd: take an even one"
    assert described(RuntimeError("announced:")) == "RuntimeError: announced:"
    assert described(RuntimeError("x" * 9999)) == "RuntimeError: " + "x" * 500
    assert len(told(RuntimeError("x" * 9999))) == 2000


@pytest.mark.parametrize("kind", [UserError, OwnError])
def test_what_is_meant_for_a_person_is_left_alone(kind: type[UserError]) -> None:
    text = "data.csv: the column [Op:3] is missing:\n\n  - rename it\nArguments received by a():\n  - none"
    assert told(kind(text)) == text
    assert described(kind(text)) == "data.csv: the column [Op:3] is missing:"


def test_kinds() -> None:
    assert told(ValueError("ValueError: twice")) == "ValueError: twice"
    assert told(KeyError("width")) == "KeyError: 'width'"
    assert told(KeyError(KERAS)) == "KeyError: width 3 is odd:\ntake an even one"
    assert told(MemoryError()) == described(MemoryError()) == "MemoryError"
    assert told(RuntimeError("\t [[{{node x}}]] [Op:__inference_f_1]")) == "RuntimeError"
    assert told(UnreadableError()) == "UnreadableError: <exception str() failed>"
    assert described(ValueError("a lone \ud800")) == "ValueError: a lone ?"


def test_notes_are_told() -> None:
    error = ValueError("no number")
    error.add_note("in row 17")
    assert told(error) == "ValueError: no number\nin row 17"


def test_the_cause_at_the_end_of_a_traceback() -> None:
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        error = RuntimeError("worker failed:\n" + traceback.format_exc())
    assert told(error) == "RuntimeError: worker failed:\nZeroDivisionError: division by zero"
    assert described(error) == "RuntimeError: worker failed: ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "\t\n",
        " ",
        "[[",
        "[[{{node ",
        "[[{{node }}",
        "{{function_node ",
        ' File "',
        "[Op:",
        "a/",
        "Traceback ",
        " for '",
    ],
)
@pytest.mark.timeout(60)
def test_a_text_of_a_million_characters_is_read_in_one_go(piece: str) -> None:
    """Not in the square of its length: that would be hours."""
    assert told(RuntimeError("x" + piece * (10**6 // len(piece)) + "y")).startswith("RuntimeError: x")


@given(st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1).filter(str.strip))
def test_a_plain_sentence_stays_as_it_is(sentence: str) -> None:
    assert described(RuntimeError(sentence)) == f"RuntimeError: {sentence.strip()}"[:514]
