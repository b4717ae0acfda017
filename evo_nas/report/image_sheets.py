"""Contact sheets: small images in rows, each row with a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.data import Dataset
from evo_nas.randomness import array_stream
from evo_nas.report.style import INK, new_figure, save

ACROSS = 10
"""Images a row."""
MOST_ROWS = 20
GROUPS = 5
"""Rows of a regression's images, from low targets to high ones."""
GAP = 0.08
"""Between two images, as a share of their width."""

Images = NDArray[np.uint8]


def images_by_class(
    dataset: Dataset, rows: NDArray[np.int64], *, seed: int, across: int = ACROSS
) -> dict[str, NDArray[np.int64]]:
    """Name of a class and its count -> some rows of it, at random by a keyed stream.

    Of a regression, the rows in groups of equal size by their target; of many classes, the first.
    """
    generator = array_stream(seed, "image sheets")
    groups = _groups(dataset, np.sort(rows))
    return {name: generator.permutation(group)[:across] for name, group in groups.items() if len(group)}


def mixed_images(sheet: Mapping[str, Images], across: int = ACROSS) -> Images:
    """Images of all rows of a sheet in turn: uint8 [at most `across`, height, width, channels]."""
    most = max(len(images) for images in sheet.values())
    turns = [images[place] for place in range(most) for images in sheet.values() if place < len(images)]
    return np.stack(turns[:across])


def draw_sheet(paths: Sequence[Path], sheet: Mapping[str, Images], *, title: str) -> None:
    """Draw rows of images uint8 [n, height, width, 1 or 3], each under its name.

    paths: the same picture in each format (.png, .svg).
    """
    across, shape = max(len(images) for images in sheet.values()), next(iter(sheet.values())).shape[1:]
    inches = 8.0 / across
    figure = new_figure(8.4, 0.6 + len(sheet) * (inches * shape[0] / shape[1] + 0.28))
    grid = figure.subplots(len(sheet), 1, squeeze=False)
    for axes, (name, images) in zip(grid[:, 0], sheet.items(), strict=True):
        strip = _strip(images, across)
        axes.imshow(strip, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(name, fontsize=9, color=INK, loc="left", pad=3)
        axes.set_axis_off()
    figure.suptitle(title, fontsize=11, color=INK)
    save(figure, *paths)


def _groups(dataset: Dataset, rows: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    target = dataset.target[rows]
    if dataset.task == "regression":
        parts = np.array_split(rows[np.argsort(target, kind="stable")], GROUPS)
        ranges = [(dataset.target[part].min(), dataset.target[part].max()) for part in parts if len(part)]
        return {f"{low:.4g} to {high:.4g}": part for (low, high), part in zip(ranges, parts, strict=False)}
    by_class = {name: rows[target == label] for label, name in enumerate(dataset.classes[:MOST_ROWS])}
    return {f"{name}: {len(group):,} images": group for name, group in by_class.items()}


def _strip(images: Images, across: int) -> Any:
    """Images side by side on white, uint8 [height, width] or [height, width, 3]."""
    _, height, width, channels = images.shape
    step = width + max(1, round(GAP * width))
    strip = np.full((height, across * step, channels), 255, dtype=np.uint8)
    for place, image in enumerate(images):
        strip[:, place * step : place * step + width] = image
    return strip[..., 0] if channels == 1 else strip
