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
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A CSV table with a header, or a folder with images of each class.")
    ],
    target: Annotated[str | None, typer.Option(help="The column to be predicted; images have none.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The settings file to write.")] = None,
    delimiter: Annotated[str, typer.Option(help="The separator of the table.")] = ",",
) -> None:
    """Write a settings file, guessed from the data and commented."""
    if not data.is_dir() and not data.is_file():
        raise UserError(f"{data}: no such file; give the path of a CSV file, or of a folder of images")
    named = data.resolve() if data.is_dir() else data
    path = output or named.with_name(named.name.split(".")[0] + ".toml")
    if path.exists():
        raise UserError(f"{path} exists already; give another file with --output")
    text = _guessed(data, target, one_character(delimiter) or ",", path.parent)
    with writing(path):
        path.write_text(text, encoding="utf-8")
    typer.echo(f"{path} written; look it over, then: evo-nas run {path}")


def _guessed(data: Path, target: str | None, delimiter: str, settings_folder: Path) -> str:
    from evo_nas.data import guess_image_settings, guess_settings

    if data.is_dir():
        if target is not None:
            raise UserError(f"{data}: the classes of images are the names of their folders; leave --target out")
        return guess_image_settings(data, settings_folder=settings_folder)
    if target is None:
        raise UserError(f"{data}: name the column to be predicted with --target")
    return guess_settings(data, target, delimiter, settings_folder=settings_folder)


def predict(
    run_dir: RunDirectory,
    rows: Annotated[
        Path,
        typer.Argument(metavar="ROWS", help="A CSV file with the columns trained on, an image or a folder of them."),
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A CSV file; standard output if none.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="The separator of the file; as in the run's data.")] = None,
    network: Annotated[str, typer.Option(help="winner, refit or further: which network of the run.")] = "winner",
) -> None:
    """The winner's predictions for new rows or images, as CSV."""
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
