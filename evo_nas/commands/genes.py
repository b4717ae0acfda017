"""Commands that ask what the genes of a run did: importance."""

from __future__ import annotations

from typing import Annotated

import typer

from evo_nas.commands.shared import RunDirectory, print_lines


def importance(
    run_dir: RunDirectory,
    objective: Annotated[str | None, typer.Option(help="An objective or a metric; all objectives if none.")] = None,
) -> None:
    """Which genes mattered, what each does, and which values fail: a table, and pictures in D/importance."""
    from evo_nas.report.importance.table import importance_lines
    from evo_nas.report.importance.writing import write_importance
    from evo_nas.result import Result

    found = Result(run_dir).analysis(objective)
    print_lines(importance_lines(found))
    folder = run_dir / "importance"
    written = write_importance(folder, found)
    typer.echo(f"{len(written)} tables and pictures written to {folder}", err=True)
