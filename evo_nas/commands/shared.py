"""What several commands have in common: options, exit codes, and how they end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evo_nas.errors import UserError

RunDirectory = Annotated[Path, typer.Argument(metavar="D", help="A run folder.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Child processes; one a core or GPU if not given.")]
StorePath = Annotated[str | None, typer.Option(help="Where outcomes are kept across runs: a path, or none.")]
MaxEvaluations = Annotated[int | None, typer.Option(min=1, help="Stop after so many distinct trainings.")]
MaxEpochs = Annotated[int | None, typer.Option(min=1, help="Propose nothing more after so many epochs of training.")]
MaxMinutes = Annotated[float | None, typer.Option(min=0.0, help="Stop after so many minutes, over all sittings.")]
TensorBoardFolder = Annotated[Path | None, typer.Option(help="Also write a log for TensorBoard into this folder.")]
MlflowAddress = Annotated[str | None, typer.Option(help="Also tell MLflow: its server, or sqlite:///FILE.")]

EXIT_USER_ERROR = 2
EXIT_NOT_AS_RECORDED = 1
EXIT_NOTHING_SUCCEEDED = 1
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141


def print_lines(lines: Sequence[str]) -> None:
    """Each on standard output."""
    for line in lines:
        typer.echo(line)


def one_character(delimiter: str | None) -> str | None:
    """A tab can hardly be typed."""
    return "\t" if delimiter in ("\\t", "tab") else delimiter


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A file that the user asked for with --output. Raises UserError where it cannot be written."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error}); give another file with --output") from None
