"""The command line. Every command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evo_nas.errors import UserError

if TYPE_CHECKING:
    from evo_nas.config import Settings
    from evo_nas.display import Display
    from evo_nas.history import OutcomeStore
    from evo_nas.running.choices import Ending
    from evo_nas.running.preparation import Plan

app = typer.Typer(
    name="evo-nas",
    help="Evolve neural networks on your data, stop, resume, and read where the winner came from.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

RunDirectory = Annotated[Path, typer.Argument(metavar="D", help="A run folder.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Child processes; one a core or GPU if not given.")]
StorePath = Annotated[str | None, typer.Option(help="Where outcomes are kept across runs: a path, or none.")]
MaxEvaluations = Annotated[int | None, typer.Option(min=1, help="Stop after so many distinct trainings.")]
MaxMinutes = Annotated[float | None, typer.Option(min=0.0, help="Stop after so many minutes, over all sittings.")]

EXIT_USER_ERROR = 2
EXIT_NOT_AS_RECORDED = 1
EXIT_NOTHING_SUCCEEDED = 1
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141


@app.callback()
def program(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """Evolve neural networks on your data, stop, resume, and read where the winner came from."""
    if version:
        from evo_nas import __version__

        typer.echo(f"evo-nas {__version__}")
        raise typer.Exit


@app.command()
def run(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.toml", help="The settings file.")],
    run_dir: Annotated[Path | None, typer.Option(help="Where the run is written; a new folder under runs/.")] = None,
    workers: Workers = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the file's [search] seed.")] = None,
    max_evaluations: MaxEvaluations = None,
    max_minutes: MaxMinutes = None,
    store: StorePath = None,
    start_from: Annotated[
        Path | None, typer.Option("--from", metavar="CHECKPOINT", help="Begin with the population of a checkpoint.")
    ] = None,
) -> None:
    """Evolve networks as a settings file says."""
    from evo_nas.config import read_settings
    from evo_nas.running.preparation import default_folder, make_plan

    overrides = {"seed": seed, "max_evaluations": max_evaluations, "max_minutes": max_minutes}
    settings = _override(read_settings(experiment), overrides)
    plan = make_plan(settings, base=experiment.parent)
    start_run(plan, run_dir or default_folder(experiment.stem), workers=workers, store=store, start_from=start_from)


@app.command()
def resume(
    run_dir: RunDirectory,
    generations: Annotated[int | None, typer.Option(min=1, help="Extend the run to so many generations.")] = None,
    workers: Workers = None,
    max_evaluations: MaxEvaluations = None,
    max_minutes: MaxMinutes = None,
    store: StorePath = None,
) -> None:
    """Go on with a run as if it had never stopped."""
    from evo_nas.display import Display
    from evo_nas.running import launch
    from evo_nas.running.choices import Choices

    with ExitStack() as stack:
        display = stack.enter_context(Display())
        choices = Choices(
            workers=workers,
            store=_store(stack, store, display),
            num_generations=generations,
            max_evaluations=max_evaluations,
            max_minutes=max_minutes,
        )
        ending = launch.resume(run_dir, choices, display)
    _report_ending(ending, run_dir)


@app.command()
def status(run_dir: RunDirectory) -> None:
    """How far a run is, and its best so far. Reads only; the run may be going on."""
    from evo_nas.summary import status_lines

    _print_lines(status_lines(run_dir))


@app.command()
def digest(run_dir: RunDirectory) -> None:
    """One hash over everything that a run decided and measured."""
    from evo_nas.summary import run_digest

    found = run_digest(run_dir)
    typer.echo(found.hash)
    typer.echo(f"{found.num_records} records, {found.num_machine_dependent} of them depend on the machine", err=True)


@app.command()
def verify(run_dir: RunDirectory) -> None:
    """Derive a run again from its ledger, compare its checkpoints, load its winner and score it again."""
    from evo_nas.running.verification import verify as verify_run

    findings = verify_run(run_dir)
    for finding in findings:
        mark = "ok" if finding.ok else "mended" if finding.mended else "WRONG"
        typer.echo(f"{mark:7s} {finding.what}: {finding.text}")
    if not all(finding.ok or finding.mended for finding in findings):
        raise typer.Exit(EXIT_NOT_AS_RECORDED)


@app.command()
def lineage(
    run_dir: RunDirectory,
    individual: Annotated[str, typer.Argument(metavar="ID", help="An individual's id, or: best")] = "best",
) -> None:
    """The ancestors of an individual, one a line: id, operator, what changed, fitness, gain."""
    from evo_nas.summary import lineage_table

    _print_lines(lineage_table(run_dir, individual))


@app.command()
def predict(
    run_dir: RunDirectory,
    rows: Annotated[Path, typer.Argument(metavar="ROWS.csv", help="Rows with the columns trained on.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A CSV file; standard output if none.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="The separator of the file; as in the run's data.")] = None,
) -> None:
    """The winner's predictions for new rows, as CSV."""
    from evo_nas.summary import predict_rows

    if output is not None and output.exists() and output.samefile(rows):
        raise UserError(f"{output}: these are the rows themselves; give another file with --output")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the scores were measured without a GPU, or are as good
    predictions = predict_rows(run_dir, rows, _one_character(delimiter))
    if output is None:
        predictions.to_csv(sys.stdout, index=False)
    else:
        with _writing(output):
            predictions.to_csv(output, index=False)
        typer.echo(f"{len(predictions)} predictions written to {output}", err=True)


@app.command()
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
    text = guess_settings(data, target, _one_character(delimiter) or ",", settings_folder=path.parent)
    with _writing(path):
        path.write_text(text, encoding="utf-8")
    typer.echo(f"{path} written; look it over, then: evo-nas run {path}")


def start_run(
    plan: Plan,
    run_dir: Path,
    *,
    workers: int | None = None,
    store: str | None = None,
    start_from: Path | None = None,
) -> Ending:
    """Start a run with the live display and print what came of it. Exits with 130 where it was interrupted."""
    from evo_nas.display import Display
    from evo_nas.history import read_checkpoint
    from evo_nas.running import launch
    from evo_nas.running.choices import Choices

    checkpoint = read_checkpoint(start_from) if start_from is not None else None
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        choices = Choices(workers=workers, store=_store(stack, store, display))
        ending = launch.start(plan, run_dir, choices, display, checkpoint=checkpoint)
    _report_ending(ending, run_dir)
    return ending


def _store(stack: ExitStack, path: str | None, display: Display) -> OutcomeStore | None:
    """The store of outcomes, closed when the command ends."""
    from evo_nas.history import open_store

    store = open_store(path, warn=display.message)
    if store is not None:
        stack.callback(store.close)
    return store


def _report_ending(ending: Ending, run_dir: Path) -> None:
    from evo_nas.running.choices import INTERRUPTED
    from evo_nas.summary import ending_lines

    _print_lines(ending_lines(ending, run_dir))
    if ending.reason == INTERRUPTED:
        raise typer.Exit(EXIT_INTERRUPTED)
    if ending.best is None and ending.counts.finished:
        raise typer.Exit(EXIT_NOTHING_SUCCEEDED)


def _one_character(delimiter: str | None) -> str | None:
    """A tab can hardly be typed."""
    return "\t" if delimiter in ("\\t", "tab") else delimiter


def _override(settings: Settings, overrides: dict[str, Any]) -> Settings:
    from evo_nas.config import SearchSettings, parse_record

    given = {name: value for name, value in overrides.items() if value is not None}
    search = parse_record(SearchSettings, settings.search.model_dump() | given, where="command line")
    return settings.model_copy(update={"search": search})


def _print_lines(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error}); give another file with --output") from None


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
