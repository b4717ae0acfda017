"""Commands that show a run as a page: report, watch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.shared import RunDirectory


def report(
    run_dir: RunDirectory,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file; report.html in D if none.")] = None,
) -> None:
    """Write the lineage report: one HTML file that needs no network, of a run that is finished or not."""
    from evo_nas.reporting import write_report

    path = write_report(run_dir, output)
    typer.echo(f"{path} written ({path.stat().st_size / 1e6:.2f} MB); open it in a browser")


def watch(
    run_dir: RunDirectory,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it is served; 0 takes any free one.")] = 8642,
    host: Annotated[str, typer.Option(help="Another address than this machine's own; its URL holds a token.")] = (
        "127.0.0.1"
    ),
) -> None:
    """Serve the lineage report in a browser and refresh it as the run goes. Ctrl-C ends it."""
    from evo_nas.reporting.watching import Server

    with Server(run_dir, host, port) as server:
        typer.echo(f"{server.address}  (Ctrl-C ends it; the run goes on)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("", err=True)
