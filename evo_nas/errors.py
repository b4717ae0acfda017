"""The one exception that is meant to be read by a person, and what is told of all others.

Whatever a user can get wrong (a file, a key, a value, a folder) ends as a `UserError`: one clear sentence that
says what was expected, what came, where, and what to do. The command line prints it and exits with 2.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 500

_PASSAGES = (
    r"\x1b\[[\d;]*m",  # colours
    r"^Graph execution error:$",
    r"^Detected at node .*$",
    r"^Node: .*$",
    r'^ *File ".*", line \d+.*(?:\n {8}.*)?$',  # with the line of code that TensorFlow shows of a user's function
    r"^<stack traces unavailable>$",
    r"^in user code:$",
    r"^\d+ root error\(s\) found\.$",
    r"^ *\(\d+\) (?=[A-Z_ ]+: )",
    r"^\d+ (?:successful operations|derived errors ignored)\.",
    r"\{\{function_node [^}]*\}\} ?",
    r"\[\[\{\{node [^}]*\}\}[^]]*\]\]|^\s*\[\[\w+(?:/\w+)+\]\]$",
    r"^ *\[Op:\w*\].*$| \[Op:\w*\].*$",
    r"^Hint: If you want to see a list of allocated tensors .*$",
    r"^Exception encountered when calling .*$",
    r"^(?:Arguments received by |Traceback \(most recent call last\):)(?s:.*)",
)
_ELSEWHERE = re.compile("|".join(_PASSAGES), re.MULTILINE)


class UserError(Exception):
    """Something the user gave cannot be used; the text says what, where, and what to do."""


def described(error: BaseException) -> str:
    """An exception as one line: its kind, unless it is a `UserError`, and the first line that says what went wrong."""
    line = next(iter(telling_lines(error)), "")[:MAX_CHARACTERS]
    return line if isinstance(error, UserError) else f"{type(error).__name__}: {line}"


def telling_lines(error: BaseException) -> list[str]:
    """The lines of an exception's text that say what went wrong; where none does, its last one.

    TensorFlow and Keras wrap theirs in pages about nodes, arguments and lines of code, and begin with these.
    """
    kind, text = f"{type(error).__name__}: ", _text_of(error)
    said = (line.strip().removeprefix(kind) for line in _ELSEWHERE.sub("", text).splitlines())
    return [line for line in said if line] or text.strip().splitlines()[-1:]


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is somebody else's
        return "<exception str() failed>"
