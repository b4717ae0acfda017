"""The command that draws the data: data-pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evo_nas.commands.shared import writing
from evo_nas.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evo_nas.data import Dataset
    from evo_nas.running.preparation import Plan


def data_pictures(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.toml", help="The settings file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture, .png or .svg.")] = Path("data.png"),
    rows: Annotated[int, typer.Option(min=10, max=2000, help="How many rows of a table are drawn.")] = 2000,
) -> None:
    """Draw the rows that a search may see: a table's under each preprocessing, images by class and augmented."""
    from evo_nas.config import read_settings
    from evo_nas.data import split_rows
    from evo_nas.running.preparation import make_plan

    if output.suffix not in (".png", ".svg"):
        raise UserError(f"{output}: expected a picture that ends in .png or .svg; give another file with --output")
    plan = make_plan(read_settings(experiment), base=experiment.parent)
    assert plan.dataset is not None, "a settings file always names its data"
    assert plan.settings.data is not None
    search = split_rows(plan.dataset, plan.settings.data).search
    seed = plan.settings.data.split_seed
    with writing(output):
        if plan.dataset.schema.image_shape is None:
            _draw_table(plan.dataset, search, output, seed=seed, most=rows)
        else:
            _draw_images(plan, plan.dataset, search, output, seed=seed)


def _draw_table(dataset: Dataset, search: NDArray[np.int64], output: Path, *, seed: int, most: int) -> None:
    from evo_nas.report.data_pictures import draw_all

    shown = draw_all([output], dataset, search, seed=seed, most=most)
    typer.echo(f"{output} written: {shown:,} of {len(search):,} rows, {dataset.num_inputs} inputs")


def _draw_images(plan: Plan, dataset: Dataset, search: NDArray[np.int64], output: Path, *, seed: int) -> None:
    from evo_nas.report.image_sheets import draw_sheet, images_by_class, mixed_images
    from evo_nas.running.augmented_images import augmented_by_kind
    from evo_nas.running.augmenting import strongest

    groups = images_by_class(dataset, search, seed=seed)
    sheet = {name: dataset.pixels[chosen] for name, chosen in groups.items()}
    draw_sheet([output], sheet, title=f"{dataset.name}: images that a search may see, by {dataset.target_name}")
    typer.echo(f"{output} written: {sum(map(len, sheet.values()))} of {len(search):,} images")
    strengths = strongest(plan.recipe, plan.encoding)
    if not strengths:
        typer.echo("no augmentation in the settings; [recipe.augmentation] or genes such as augment_flip turn it on")
        return
    changed = augmented_by_kind(mixed_images(sheet), strengths, plan.settings.evaluation, key=seed)
    path = output.with_name(f"{output.stem}-augmented{output.suffix}")
    draw_sheet([path], changed, title=f"{dataset.name}: each kind of augmentation at its strongest")
    typer.echo(f"{path} written: {', '.join(changed)}")
