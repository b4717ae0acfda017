"""The command that runs several strategies on equal terms: compare."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evo_nas.commands.shared import EXIT_INTERRUPTED, Workers, print_lines

if TYPE_CHECKING:
    from evo_nas.comparing.conduct import Finished
    from evo_nas.comparing.planned import PlannedRun
    from evo_nas.running.observer import Observer


def compare(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.toml", help="The settings file.")],
    strategies: Annotated[str, typer.Option(help="Names with commas, such as surrogate,random,bayesian:gp.")],
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="How many seeds each strategy has.")] = 5,
    evaluations: Annotated[int, typer.Option(min=1, help="Distinct trainings that each run may have.")] = 60,
    epochs: Annotated[int | None, typer.Option(min=1, help="Epochs of each run, in place of --evaluations.")] = None,
    run_dir: Annotated[Path | None, typer.Option(help="Where the runs are written; a new folder under runs/.")] = None,
    workers: Workers = None,
    store: Annotated[str, typer.Option(help="A store for all runs: saves time, and the seconds tell less.")] = "none",
) -> None:
    """Run strategies on equal terms: one table with a paired test, one picture. Again: goes on where it stopped."""
    from evo_nas.comparing.budget import Budget
    from evo_nas.comparing.contestants import parse_contestants
    from evo_nas.comparing.planned import installed, plan_runs
    from evo_nas.config import read_settings
    from evo_nas.running.preparation import default_folder

    settings = read_settings(experiment)
    contestants, remarks = installed(settings, parse_contestants(strategies))
    for remark in remarks:
        typer.echo(remark, err=True)
    folder = run_dir or default_folder(f"{experiment.stem}-compared")
    planned = plan_runs(
        settings,
        contestants,
        seeds=seeds,
        budget=Budget(evaluations=evaluations) if epochs is None else Budget(epochs=epochs),
        base=experiment.parent,
        run_dir=folder,
    )
    if exit_code := run_comparison(planned, folder, workers=workers, store=store):
        raise typer.Exit(exit_code)


def run_comparison(
    planned: Sequence[PlannedRun], folder: Path, *, workers: int | None = None, store: str = "none"
) -> int:
    """Conduct the runs and print a line for each, then the table; 0, or 130 where somebody asked to stop."""
    from evo_nas.comparing.conduct import conduct
    from evo_nas.history import open_store
    from evo_nas.running.choices import Choices

    with ExitStack() as stack:
        observer = _observer(stack)
        outcomes = open_store(store, warn=observer.message)
        if outcomes is not None:
            stack.callback(outcomes.close)
        finished: list[Finished] = []
        for each in conduct(planned, Choices(workers=workers, store=outcomes, pictures=False), observer):
            finished.append(each)
            observer.message(_run_line(each, len(finished), len(planned)))
    _report(planned, finished, folder)
    if len(finished) < len(planned):
        typer.echo(
            f"{len(planned) - len(finished)} runs are left; the same command with --run-dir "
            f"{shlex.quote(str(folder))} goes on",
            err=True,
        )
        return EXIT_INTERRUPTED
    return 0


def _report(planned: Sequence[PlannedRun], finished: Sequence[Finished], folder: Path) -> None:
    from evo_nas.comparing.conduct import comparison_of, write_comparison
    from evo_nas.report.comparison_table import table_lines

    if not finished:
        return
    comparison = comparison_of(planned, finished)
    paths = write_comparison(folder, comparison)
    print_lines(table_lines(comparison))
    print_lines(["", f"written: {', '.join(map(str, paths))}"])


def _run_line(finished: Finished, number: int, total: int) -> str:
    run = finished.run
    scores = ", ".join(f"{name} {value:.4f}" for name, value in run.scores.items()) or "no training succeeded"
    again = "; was finished before" if finished.repeated else ""
    return (
        f"[{number}/{total}] {finished.planned.label}: {scores} ({run.trainings} trainings, {run.epochs:,} epochs, "
        f"{run.seconds:,.0f} s{again})"
    )


def _observer(stack: ExitStack) -> Observer:
    """The live panel on a terminal; elsewhere messages alone, since a line a generation would be hundreds."""
    from evo_nas.display import Display, Silent

    if sys.stderr.isatty():
        return stack.enter_context(Display())

    class Messages(Silent):
        def message(self, text: str) -> None:
            typer.echo(text, err=True)

    return Messages()
