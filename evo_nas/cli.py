"""The command line. Every command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from evo_nas.commands import (
    catalogue,
    comparing,
    data_pictures,
    foreign,
    forking,
    genes,
    gradients,
    networks,
    questions,
    reading,
    refitting,
    reports,
    runs,
    showing,
    tables,
)
from evo_nas.commands.shared import EXIT_CLOSED_PIPE, EXIT_USER_ERROR
from evo_nas.errors import UserError

app = typer.Typer(
    name="evo-nas",
    help="Evolve neural networks on your data, stop, resume, and read where the winner came from.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    runs.run,
    runs.resume,
    networks.train,
    comparing.compare,
    refitting.refit,
    refitting.train_further,
    gradients.check_gradients,
    reading.status,
    reading.digest,
    reading.verify,
    questions.lineage,
    questions.diff,
    questions.blame,
    questions.ablate,
    questions.bisect,
    genes.importance,
    forking.fork,
    forking.inject,
    reports.report,
    reports.watch,
    showing.show,
    showing.tensorboard,
    tables.predict,
    tables.init,
    catalogue.genes,
    data_pictures.data_pictures,
    foreign.export_study,
):
    app.command()(command)
app.command("import")(foreign.import_trials)


@app.callback()
def program(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """Evolve neural networks on your data, stop, resume, and read where the winner came from."""
    if version:
        from evo_nas import __version__

        typer.echo(f"evo-nas {__version__}")
        raise typer.Exit


@contextmanager
def errors_for_people() -> Iterator[None]:
    """A UserError becomes one sentence on standard error and exit code 2."""
    try:
        yield
    except UserError as error:
        typer.echo(f"evo-nas: {error}", err=True)
        raise SystemExit(EXIT_USER_ERROR) from None
    except BrokenPipeError:
        # Whoever read has gone. Python would complain once more when it flushes the pipe at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(EXIT_CLOSED_PIPE) from None
    except OSError as error:
        typer.echo(f"evo-nas: {error}", err=True)
        raise SystemExit(EXIT_USER_ERROR) from None


def main() -> None:
    """The console script."""
    with errors_for_people():
        app()
