"""Commands that read a run folder: status, digest, verify."""

from __future__ import annotations

import typer

from evo_nas.commands.shared import EXIT_NOT_AS_RECORDED, RunDirectory, print_lines


def status(run_dir: RunDirectory) -> None:
    """How far a run is, and its best so far. Reads only; the run may be going on."""
    from evo_nas.summary import status_lines

    print_lines(status_lines(run_dir))


def digest(run_dir: RunDirectory) -> None:
    """One hash over everything that a run decided and measured."""
    from evo_nas.summary import run_digest

    found = run_digest(run_dir)
    typer.echo(found.hash)
    typer.echo(f"{found.num_records} records, {found.num_machine_dependent} of them depend on the machine", err=True)


def verify(run_dir: RunDirectory) -> None:
    """Derive a run again from its ledger, compare its checkpoints, load its winner and score it again."""
    from evo_nas.running.verification import verify as verify_run

    findings = verify_run(run_dir)
    for finding in findings:
        mark = "ok" if finding.ok else "mended" if finding.mended else "WRONG"
        typer.echo(f"{mark:7s} {finding.what}: {finding.text}")
    if not all(finding.ok or finding.mended for finding in findings):
        raise typer.Exit(EXIT_NOT_AS_RECORDED)
