"""The command that trains networks which a person wrote down: train."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.runs import open_store_for, report_ending
from evo_nas.commands.shared import MaxMinutes, StorePath, Workers, print_lines


def train(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.toml", help="The settings file.")],
    networks: Annotated[Path, typer.Argument(metavar="NETWORKS.json", help="One network, or a list of them.")],
    run_dir: Annotated[
        Path | None, typer.Option(help="Where the run is written; a list that lies there is continued.")
    ] = None,
    folds: Annotated[int | None, typer.Option(min=2, help="Cross-validation instead of the file's validation.")] = None,
    workers: Workers = None,
    max_minutes: MaxMinutes = None,
    store: StorePath = None,
) -> None:
    """Train networks by hand, one or a whole list, and rank them. Neither [space] nor a strategy is used."""
    from evo_nas.config import read_settings
    from evo_nas.display import Display
    from evo_nas.running import launch
    from evo_nas.running.choices import Choices
    from evo_nas.running.listed import genomes_of, read_networks, with_folds
    from evo_nas.running.preparation import default_folder, make_plan

    settings = with_folds(read_settings(experiment), folds)
    plan = make_plan(settings, base=experiment.parent)
    num_inputs = plan.dataset.num_inputs if plan.dataset else None
    genomes = genomes_of(read_networks(networks), num_inputs, where=str(networks))
    folder = run_dir or default_folder(networks.stem)
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        choices = Choices(workers=workers, store=open_store_for(stack, store, display), max_minutes=max_minutes)
        ending = launch.train_networks(plan, folder, choices, display, networks=genomes)
    print_lines(_ranking_lines(folder))
    report_ending(ending, folder)


def _ranking_lines(run_dir: Path) -> list[str]:
    from evo_nas.result import Result

    return Result(run_dir).ranking_lines()
