"""Commands that train what a run has found: refit, train-further."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.shared import RunDirectory, print_lines

Out = Annotated[Path | None, typer.Option(help="Where the network is saved; a folder of the run if not given.")]


def refit(run_dir: RunDirectory, out: Out = None) -> None:
    """Train the winner's configuration on all rows, those that were kept back too: what should be shipped."""
    from evo_nas.running.refitting import refit as refit_run
    from evo_nas.running.refitting import refit_scores
    from evo_nas.running.scores import metrics_text

    folder = refit_run(run_dir, out=out)
    scores = refit_scores(folder)
    lines = [f"{folder / 'model.keras'}: fitted on {scores['fitted_on']}", scores["note"]]
    twin = scores["twin"]
    confirmation = twin["confirmation"] or {}
    named = {
        "search": (twin["search"], None),
        "confirmation": (confirmation.get("mean"), confirmation.get("interval")),
        "test": (twin["test"], twin.get("test_interval")),
    }
    told = [f"{name} score of its twin: {metrics_text(*values)}" for name, values in named.items() if values[0]]
    print_lines([*lines, *told])


def train_further(
    run_dir: RunDirectory,
    epochs: Annotated[int, typer.Option(min=1, help="How many epochs more.")],
    out: Out = None,
) -> None:
    """Train the saved winner further from its weights, with an optimizer that begins anew."""
    from evo_nas.running.refitting import refit_scores
    from evo_nas.running.refitting import train_further as train
    from evo_nas.running.scores import metrics_text

    folder = train(run_dir, epochs, out=out)
    scores = refit_scores(folder)
    print_lines([f"{folder / 'model.keras'}: {scores['fitted_on']}"])
    for rows in ("validation", "test"):
        before, after = scores[rows]["before"], scores[rows]["after"]
        if before:
            interval = scores[rows].get("interval")
            print_lines([f"{rows} score before: {metrics_text(before)}; after: {metrics_text(after, interval)}"])
    print_lines([scores["note"]])
