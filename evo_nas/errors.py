"""The one exception that is meant to be read by a person, and what is told of all others.

Whatever a user can get wrong (a file, a key, a value, a folder) ends as a `UserError`: one clear sentence that
says what was expected, what came, where, and what to do. The command line prints it and exits with 2.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 2000
LINE_CHARACTERS = 500

_WRAPPING = (
    r"\x1b\[[\d;]*m",  # colours
    r"^Graph execution error:$",
    r"^Detected at node .* defined at \(most recent call last\):$",
    r"^<stack traces unavailable>$",
    r"^in user code:$",
    r'^ *File "[^"\n]*", line \d+, in .*(?:\n {8}.*)?$',  # with the line of code, where TensorFlow shows it
    r"^\d+ root error\(s\) found\.$",
    r"^ *\(\d+\) (?=[A-Z_ ]+: )",
    r"^0 successful operations\.$|^\d+ derived errors ignored\.",
    r"\{\{function_node [^{}\n]*\}\} ?",
    r" for '\{\{node [^{}\n]*\}\}[^'\n]*'",
    r"\[\[\{\{node [^{}\n]*\}\}[^][\n]*\]\]|^[ \t]*\[\[[\w.>-]+(?:/[\w.>-]+)+\]\]$",
    r"\[Op:\w*\](?: name:.*)?(?=(?:\x1b\[[\d;]*m)?$)",
    r"^Hint: If you want to see a list of allocated tensors .*$",
    r"^ *(?:\w+: )?Exception encountered when calling \S+\(\)\.$",
    r"^ *Arguments received by \S+\(\)[.:](?s:.*)",
    r"^.*Traceback \(most recent call last\):(?s:.*)\n(?=.*\Z)",  # up to its last line
)
_ELSEWHERE = re.compile("|".join(_WRAPPING), re.MULTILINE)
_CAUSE = "Exception encountered: "
"""What Keras begins the last line with, where it cannot read a network."""


class UserError(Exception):
    """Something the user gave cannot be used; the text says what, where, and what to do."""


def told(error: BaseException) -> str:
    """An exception's kind and what it says went wrong, in at most `MOST_CHARACTERS`; of a `UserError` its text.

    TensorFlow and Keras wrap their words in pages about nodes, arguments and lines of code; none of these is told.
    """
    if isinstance(error, UserError):
        return _text_of(error).strip()[:MOST_CHARACTERS]
    return _with_kind(error, "\n".join(_telling_lines(error)))[:MOST_CHARACTERS]


def described(error: BaseException) -> str:
    """As `told`, in one line of at most `LINE_CHARACTERS`: the first, with the next where it ends in a colon."""
    if isinstance(error, UserError):
        return _text_of(error).strip().partition("\n")[0][:LINE_CHARACTERS]
    lines = _telling_lines(error)
    line = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])
    return _with_kind(error, line[:LINE_CHARACTERS])


def _telling_lines(error: BaseException) -> list[str]:
    kind = f"{type(error).__name__}: "
    text = _ELSEWHERE.sub("", _text_of(error).rstrip())
    said = (line.strip().removeprefix(kind) for line in text.splitlines())
    lines = list(dict.fromkeys(line for line in said if line))  # a traceback's last line may have been told before
    causes = [line.removeprefix(_CAUSE) for line in lines if line.startswith(_CAUSE)]
    return causes[-1:] or lines


def _with_kind(error: BaseException, text: str) -> str:
    kind = type(error).__name__
    return f"{kind}: {text}" if text else kind


def _text_of(error: BaseException) -> str:
    """With its notes, and without what is no text."""
    try:
        written = isinstance(error, KeyError) and len(error.args) == 1 and isinstance(error.args[0], str)
        text = error.args[0] if written and "\n" in error.args[0] else str(error)
    except Exception:  # noqa: BLE001 - it is somebody else's
        text = "<exception str() failed>"
    notes = getattr(error, "__notes__", ())
    return "\n".join((text, *notes)).encode(errors="replace").decode()
