"""The command that checks gradients: check-gradients."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.shared import EXIT_NOT_AS_RECORDED


def check_gradients(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.toml", help="The settings file.")],
    genome: Annotated[
        Path | None, typer.Option(help="A network as JSON, such as winner/genome.json; the space's default if none.")
    ] = None,
    rows: Annotated[int, typer.Option(min=2, help="How many training rows.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Of the entries that are compared of large tensors.")] = 0,
) -> None:
    """Compare the gradients of a network with numerical ones, tensor by tensor. Exit code 1 where one is wrong."""
    from evo_nas.config import read_settings
    from evo_nas.running.gradients import check_plan, read_genome
    from evo_nas.running.preparation import make_plan

    plan = make_plan(read_settings(experiment), base=experiment.parent)
    chosen = None if genome is None else read_genome(genome, plan)
    report = check_plan(plan, chosen, num_rows=rows, seed=seed)
    typer.echo(str(report))
    if not report.ok:
        raise typer.Exit(EXIT_NOT_AS_RECORDED)
