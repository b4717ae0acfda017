"""Commands that ask a family tree: lineage, diff, blame, ablate, bisect."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer

from evo_nas.commands.shared import RunDirectory, StorePath, Workers, print_lines
from evo_nas.errors import UserError

Name = Annotated[str, typer.Argument(metavar="ID", help="An individual's id, or: best")]
ObjectiveName = Annotated[str | None, typer.Option(help="One of the run's objectives; the first if not given.")]


def lineage(
    run_dir: RunDirectory,
    individual: Name = "best",
    descendants: Annotated[bool, typer.Option("--descendants", help="Who came from it instead.")] = False,
    form: Annotated[
        Literal["text", "graphml", "dot", "json", "mermaid"], typer.Option("--format", help="For other programs.")
    ] = "text",
) -> None:
    """The ancestors of an individual, one a line: id, operator, what changed, fitness, gain."""
    from evo_nas.answers import lineage_table, lineage_text

    if form == "text":
        print_lines(lineage_table(run_dir, individual, below=descendants))
    else:
        typer.echo(lineage_text(run_dir, individual, form, below=descendants), nl=False)


def diff(
    run_dir: RunDirectory,
    first: Annotated[str, typer.Argument(metavar="A|D2", help="An individual's id, or: best; or another run folder.")],
    second: Annotated[str | None, typer.Argument(metavar="B", help="Another individual of the same run.")] = None,
) -> None:
    """Two individuals of a run gene by gene, or two runs: settings, outcomes, genes, and what only one found."""
    from evo_nas.answers import pair_lines, run_lines

    print_lines(run_lines(run_dir, Path(first)) if second is None else pair_lines(run_dir, first, second))


def blame(run_dir: RunDirectory, individual: Name = "best", objective: ObjectiveName = None) -> None:
    """Which changes along an individual's line paid, ranked, with bars for the noise."""
    from evo_nas.answers import blame_lines

    print_lines(blame_lines(run_dir, individual, objective))


def ablate(
    run_dir: RunDirectory,
    individual: Name = "best",
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Trainings of each network.")] = 5,
    objective: ObjectiveName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Train without asking.")] = False,
    workers: Workers = None,
    store: StorePath = None,
) -> None:
    """What each change of an individual's line is worth: trains it without each of them. Says first what that costs."""
    from evo_nas import questions
    from evo_nas.answers import ablation_lines
    from evo_nas.commands.runs import open_store_for
    from evo_nas.display import Display, describe_seconds

    cost = questions.ablation_cost(run_dir, individual, seeds=seeds)
    if cost.trainings:
        typer.echo(f"{cost.trainings} trainings, about {describe_seconds(cost.seconds)} of one worker", err=True)
        if not yes and not sys.stdin.isatty():
            raise UserError("ablate: nobody can be asked here; give --yes to train them")
        if not yes and not typer.confirm("train them?", err=True):
            raise typer.Exit
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        found = questions.ablate(
            run_dir,
            individual,
            seeds=seeds,
            objective=objective,
            workers=workers,
            store=open_store_for(stack, store, display),
            observer=display,
        )
    print_lines(ablation_lines(run_dir, individual, objective, found))


def bisect(
    run_dir: RunDirectory,
    individual: Name,
    condition: Annotated[
        str, typer.Argument(metavar="CONDITION", help='Such as "parameters > 1e5" or "optimizer == \'sgd\'".')
    ],
) -> None:
    """The ancestor in which a property of an individual first appeared."""
    from evo_nas.answers import origin_lines

    print_lines(origin_lines(run_dir, condition, individual))
