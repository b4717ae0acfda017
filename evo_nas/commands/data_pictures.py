"""The command that draws the data: data-pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evo_nas.commands.shared import writing


def data_pictures(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.toml", help="The settings file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture, .png or .svg.")] = Path("data.png"),
    rows: Annotated[int, typer.Option(min=10, max=2000, help="How many rows are drawn.")] = 2000,
) -> None:
    """Draw the rows that a search may see under each preprocessing: PCA and t-SNE, side by side."""
    from evo_nas.config import read_settings
    from evo_nas.data import split_rows
    from evo_nas.errors import UserError
    from evo_nas.report.data_pictures import draw_all
    from evo_nas.running.preparation import make_plan

    plan = make_plan(read_settings(experiment), base=experiment.parent)
    if output.suffix not in (".png", ".svg"):
        raise UserError(f"{output}: expected a picture that ends in .png or .svg; give another file with --output")
    data = plan.settings.data
    assert plan.dataset is not None, "a settings file always names its data"
    assert data is not None
    search = split_rows(plan.dataset, data).search
    with writing(output):
        shown = draw_all([output], plan.dataset, search, seed=data.split_seed, most=rows)
    typer.echo(f"{output} written: {shown:,} of {len(search):,} rows, {plan.dataset.num_inputs} inputs")
