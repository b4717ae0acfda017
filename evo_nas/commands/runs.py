"""Commands that train: run, resume."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evo_nas.commands.shared import (
    EXIT_INTERRUPTED,
    EXIT_NOTHING_SUCCEEDED,
    MaxEpochs,
    MaxEvaluations,
    MaxMinutes,
    MlflowAddress,
    RunDirectory,
    StorePath,
    TensorBoardFolder,
    Workers,
    print_lines,
)

if TYPE_CHECKING:
    from evo_nas.config import Settings, TrackingSettings
    from evo_nas.display import Display
    from evo_nas.history import Checkpoint, OutcomeStore
    from evo_nas.running.choices import Ending
    from evo_nas.running.preparation import Plan


def run(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.toml", help="The settings file.")],
    run_dir: Annotated[Path | None, typer.Option(help="Where the run is written; a new folder under runs/.")] = None,
    workers: Workers = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the file's [search] seed.")] = None,
    max_evaluations: MaxEvaluations = None,
    max_epochs: MaxEpochs = None,
    max_minutes: MaxMinutes = None,
    store: StorePath = None,
    start_from: Annotated[
        Path | None, typer.Option("--from", metavar="CHECKPOINT", help="Begin with the population of a checkpoint.")
    ] = None,
    tensorboard: TensorBoardFolder = None,
    mlflow: MlflowAddress = None,
) -> None:
    """Evolve networks as a settings file says."""
    from evo_nas.config import read_settings
    from evo_nas.running.preparation import default_folder, make_plan

    limits = {"max_evaluations": max_evaluations, "max_epochs": max_epochs, "max_minutes": max_minutes}
    settings = override(read_settings(experiment), {"seed": seed, **limits})
    settings = with_tracking(settings, tracking_options(tensorboard, mlflow))
    plan = make_plan(settings, base=experiment.parent)
    start_run(plan, run_dir or default_folder(experiment.stem), workers=workers, store=store, start_from=start_from)


def resume(
    run_dir: RunDirectory,
    generations: Annotated[int | None, typer.Option(min=1, help="Extend the run to so many generations.")] = None,
    workers: Workers = None,
    max_evaluations: MaxEvaluations = None,
    max_epochs: MaxEpochs = None,
    max_minutes: MaxMinutes = None,
    store: StorePath = None,
    tensorboard: TensorBoardFolder = None,
    mlflow: MlflowAddress = None,
) -> None:
    """Go on with a run as if it had never stopped."""
    from evo_nas.display import Display
    from evo_nas.running import launch
    from evo_nas.running.choices import Choices
    from evo_nas.tracking import check_installed, trackers_of

    tracking = tracking_options(tensorboard, mlflow)
    check_installed(tracking)
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        choices = Choices(
            workers=workers,
            trackers=tuple(trackers_of(tracking)),
            store=open_store_for(stack, store, display),
            num_generations=generations,
            max_evaluations=max_evaluations,
            max_epochs=max_epochs,
            max_minutes=max_minutes,
        )
        ending = launch.resume(run_dir, choices, display)
    report_ending(ending, run_dir)


def start_run(
    plan: Plan,
    run_dir: Path,
    *,
    workers: int | None = None,
    store: str | None = None,
    start_from: Path | Checkpoint | None = None,
) -> Ending:
    """Start a run with the live display and print what came of it. Exits with 130 where it was interrupted."""
    from evo_nas.display import Display
    from evo_nas.history import read_checkpoint
    from evo_nas.running import launch
    from evo_nas.running.choices import Choices

    checkpoint = read_checkpoint(start_from) if isinstance(start_from, Path) else start_from
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        choices = Choices(workers=workers, store=open_store_for(stack, store, display))
        ending = launch.start(plan, run_dir, choices, display, checkpoint=checkpoint)
    report_ending(ending, run_dir)
    return ending


def open_store_for(stack: ExitStack, path: str | None, display: Display) -> OutcomeStore | None:
    """The store of outcomes, closed when the command ends."""
    from evo_nas.history import open_store

    store = open_store(path, warn=display.message)
    if store is not None:
        stack.callback(store.close)
    return store


def report_ending(ending: Ending, run_dir: Path) -> None:
    """Print what came of a sitting. Exits with 130 where it was interrupted, 1 where no training succeeded."""
    from evo_nas.running.choices import INTERRUPTED
    from evo_nas.summary import ending_lines

    print_lines(ending_lines(ending, run_dir))
    if ending.reason == INTERRUPTED:
        raise typer.Exit(EXIT_INTERRUPTED)
    if ending.best is None and ending.counts.finished:
        raise typer.Exit(EXIT_NOTHING_SUCCEEDED)


def tracking_options(tensorboard: Path | None, mlflow: str | None) -> TrackingSettings:
    """What the command line says of trackers; the folder is relative to where the command is given."""
    from evo_nas.config import TrackingSettings, parse_record

    folder = str(tensorboard.resolve()) if tensorboard is not None else None
    given = {"tensorboard": folder, "mlflow": mlflow}
    tracking: TrackingSettings = parse_record(TrackingSettings, given, where="command line")
    return tracking


def with_tracking(settings: Settings, asked: TrackingSettings) -> Settings:
    """The settings with the trackers that the command line asked for."""
    given = asked.model_dump(exclude_none=True)
    return settings.model_copy(update={"tracking": settings.tracking.model_copy(update=given)})


def override(settings: Settings, overrides: dict[str, Any]) -> Settings:
    """The settings with keys of [search] that the command line gave; None is not given."""
    from evo_nas.config import SearchSettings, parse_record

    given = {name: value for name, value in overrides.items() if value is not None}
    search = parse_record(SearchSettings, settings.search.model_dump() | given, where="command line")
    return settings.model_copy(update={"search": search})
