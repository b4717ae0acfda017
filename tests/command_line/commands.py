"""The console script inside the test's process: quick, and its exit code and words are as a person sees them."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from evo_nas.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said and how it ended."""

    exit_code: int
    output: str
    errors: str


def evo_nas(*arguments: str | Path) -> Said:
    output, errors = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        mock.patch.object(sys, "argv", ["evo-nas", *map(str, arguments)]),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            main()
        except SystemExit as ending:
            code = ending.code
    return Said(code if isinstance(code, int) else 0, output.getvalue(), errors.getvalue())
