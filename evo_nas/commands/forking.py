"""Commands that go on otherwise: fork, inject."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.shared import RunDirectory, StorePath, Workers


def fork(
    run_dir: RunDirectory,
    at: Annotated[int, typer.Option(min=0, metavar="GENERATION", help="Whose population the new run begins with.")],
    new_dir: Annotated[Path, typer.Option("--run-dir", metavar="E", help="Where the new run is written.")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Such as mutation_rate=0.3, recipe.epochs=80."),
    ] = None,
    workers: Workers = None,
    store: StorePath = None,
) -> None:
    """A new run that goes on from a generation of another, with other settings. The old one stays as it is."""
    from evo_nas.commands.runs import start_run
    from evo_nas.running.injecting import forked

    plan, checkpoint = forked(run_dir, at, changes or [])
    start_run(plan, new_dir, workers=workers, store=store, start_from=checkpoint)


def inject(
    run_dir: RunDirectory,
    genome: Annotated[Path, typer.Argument(metavar="GENOME.json", help="Such as winner/genome.json of another run.")],
) -> None:
    """Put a network of your own into a run; it is trained when the run goes on, and can become a parent."""
    from evo_nas.running.injecting import inject as put

    number = put(run_dir, genome)
    typer.echo(f"recorded: it takes the place of individual {number} or the next newcomer; evo-nas resume {run_dir}")
