"""Commands that take a table of data: init, predict."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.shared import RunDirectory, one_character, writing
from evo_nas.errors import UserError


def init(
    data: Annotated[Path, typer.Argument(metavar="DATA.csv", help="A table with a header.")],
    target: Annotated[str, typer.Option(help="The column to be predicted.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The settings file to write.")] = None,
    delimiter: Annotated[str, typer.Option(help="The separator of the table.")] = ",",
) -> None:
    """Write a settings file, guessed from the data and commented."""
    from evo_nas.data import guess_settings

    if not data.is_file():
        raise UserError(f"{data}: no such file; give the path of a CSV file")
    path = output or data.with_name(data.name.split(".")[0] + ".toml")
    if path.exists():
        raise UserError(f"{path} exists already; give another file with --output")
    text = guess_settings(data, target, one_character(delimiter) or ",", settings_folder=path.parent)
    with writing(path):
        path.write_text(text, encoding="utf-8")
    typer.echo(f"{path} written; look it over, then: evo-nas run {path}")


def predict(
    run_dir: RunDirectory,
    rows: Annotated[Path, typer.Argument(metavar="ROWS.csv", help="Rows with the columns trained on.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A CSV file; standard output if none.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="The separator of the file; as in the run's data.")] = None,
    network: Annotated[str, typer.Option(help="winner, refit or further: which network of the run.")] = "winner",
) -> None:
    """The winner's predictions for new rows, as CSV."""
    from evo_nas.summary import predict_rows

    if output is not None and output.exists() and output.samefile(rows):
        raise UserError(f"{output}: these are the rows themselves; give another file with --output")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the scores were measured without a GPU, or are as good
    predictions = predict_rows(run_dir, rows, one_character(delimiter), network=network)
    if output is None:
        predictions.to_csv(sys.stdout, index=False)
    else:
        with writing(output):
            predictions.to_csv(output, index=False)
        typer.echo(f"{len(predictions)} predictions written to {output}", err=True)
