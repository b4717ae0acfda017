"""Commands that show a run elsewhere or otherwise: show, tensorboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.shared import RunDirectory, print_lines


def show(
    run_dir: RunDirectory,
    individual: Annotated[str, typer.Argument(metavar="ID", help="An individual's id, or: best")] = "best",
    out: Annotated[Path | None, typer.Option(help="Draw the network into this file, .svg or .png.")] = None,
) -> None:
    """An individual's network: its layers, their shapes and parameters, as text or as a picture."""
    from evo_nas.result import Result
    from evo_nas.result_page import individual_lines

    result = Result(run_dir)
    if out is None:
        print_lines(individual_lines(result, result.number_of(individual)))
    else:
        result.draw(individual).save(out)
        typer.echo(f"{out} written")


def tensorboard(
    run_dir: RunDirectory,
    out: Annotated[Path, typer.Option(help="The folder of the log.")],
    graphs: Annotated[int, typer.Option(min=0, help="How many of the best get their own graph.")] = 10,
) -> None:
    """Write a run as a log for TensorBoard: curves and hyper-parameters of all, each of the best with its graph."""
    from evo_nas.running.tensorboard_log import write_tensorboard_log

    log = write_tensorboard_log(run_dir, out, num_graphs=graphs, warn=lambda text: typer.echo(text, err=True))
    typer.echo(f"{log} written; look at it with: tensorboard --logdir {out}")
