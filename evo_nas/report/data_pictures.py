"""Pictures of the data: rows as a network sees them, under each preprocessing, laid out in two dimensions.

Above the principal components (Pearson 1901), which keep what is linear; below t-SNE (van der Maaten and Hinton 2008),
which keeps who is whose neighbour, and neither distances nor sizes.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.data import Dataset, fit_preprocessing
from evo_nas.randomness import array_stream, stream_key
from evo_nas.report.style import ACCENT, BLUE, FAINT, INK, PALETTE, new_figure, save
from genomes.mlp_genes import PREPROCESSING

MOST_ROWS = 2_000
"""Rows that are drawn. t-SNE takes ten seconds a picture for so many, and more dots hide each other."""
PERPLEXITY = 30.0
COLOURS = (FAINT, ACCENT, BLUE, "#e9c46a", "#2a9d8f", "#8338ec", "#f4a261", "#264653", "#90be6d", "#577590")

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Rows under one preprocessing. components, neighbours: float64 [rows, 2], of PCA and of t-SNE. explained: the
    share of the variance of all inputs that the two components have, in [0, 1]."""

    preprocessing: str
    components: Points
    explained: float
    neighbours: Points


def drawn_rows(dataset: Dataset, rows: NDArray[np.int64], *, seed: int, most: int = MOST_ROWS) -> NDArray[np.int64]:
    """The rows that are drawn, ascending: all of them, or `most` at random by a keyed stream."""
    if len(rows) <= most:
        return np.sort(rows)
    chosen = array_stream(seed, "data pictures").choice(len(rows), most, replace=False)
    return np.sort(rows[chosen])


def project(dataset: Dataset, rows: NDArray[np.int64], drawn: NDArray[np.int64], *, kind: str, seed: int) -> Projection:
    """Fit a preprocessing and its principal components on `rows` (those of the search: never on test rows), and lay out
    the rows `drawn`, at least 3 of them."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    fitted = fit_preprocessing(dataset, rows, kind)
    inputs = fitted.transform(dataset.numeric[rows], dataset.categorical[rows]).astype(np.float64)
    shown = fitted.transform(dataset.numeric[drawn], dataset.categorical[drawn]).astype(np.float64)
    random_state = stream_key(seed, "t-SNE", kind) % 2**32
    num_components = min(2, *inputs.shape)
    components = PCA(num_components, svd_solver="full").fit(inputs)
    init = "pca" if shown.shape[1] > 1 and np.ptp(shown, axis=0).any() else "random"
    tsne = TSNE(init=init, perplexity=min(PERPLEXITY, (len(drawn) - 1) / 3), random_state=random_state)
    # Threads that wait for each other on a busy machine made it ten times slower.
    with warnings.catch_warnings(), np.errstate(all="ignore"), threadpool_limits(1):
        warnings.simplefilter("ignore")  # inputs that were not scaled, and constant columns
        neighbours = tsne.fit_transform(_in_unit(shown)).astype(np.float64)
    explained = float(np.nan_to_num(components.explained_variance_ratio_).sum())
    return Projection(kind, _two_columns(components.transform(shown)), explained, neighbours)


def draw_data(paths: Sequence[Path], dataset: Dataset, drawn: NDArray[np.int64], shown: Sequence[Projection]) -> None:
    """Draw the projections side by side, PCA above t-SNE, coloured by the target. drawn: the rows that they hold.

    paths: the same picture in each format (.png, .svg).
    """
    figure = new_figure(2.6 * len(shown), 5.6)
    grid = figure.subplots(2, len(shown), squeeze=False)
    target = dataset.target[drawn]
    for column, each in enumerate(shown):
        _scatter(grid[0][column], each.components, target, dataset)
        _scatter(grid[1][column], each.neighbours, target, dataset)
        grid[0][column].set_title(f"{each.preprocessing}\nPCA, {each.explained:.0%} of the variance", **_SMALL)
        grid[1][column].set_title("t-SNE", **_SMALL)
    figure.suptitle(
        f"{dataset.name}: {len(drawn):,} rows of {dataset.num_inputs} inputs under each preprocessing, by "
        f"{dataset.target_name}",
        fontsize=11,
        color=INK,
    )
    if dataset.task != "regression" and len(dataset.classes) <= len(COLOURS):
        figure.legend(handles=_keys(dataset), loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    save(figure, *paths)


def draw_all(paths: Sequence[Path], dataset: Dataset, rows: NDArray[np.int64], *, seed: int, most: int) -> int:
    """The picture of every preprocessing; how many rows it shows."""
    drawn = drawn_rows(dataset, rows, seed=seed, most=most)
    shown = [project(dataset, rows, drawn, kind=kind, seed=seed) for kind in PREPROCESSING]
    draw_data(paths, dataset, drawn, shown)
    return len(drawn)


_SMALL: dict[str, Any] = {"fontsize": 9, "color": INK, "loc": "left"}


def _scatter(axes: Any, points: Points, target: NDArray[Any], dataset: Dataset) -> None:
    many = dataset.task == "regression" or len(dataset.classes) > len(COLOURS)
    # The rarer class would be hidden by the more frequent one, if it were not drawn after it.
    order = np.argsort(-np.bincount(target)[target], kind="stable") if not many else np.arange(len(target))
    colours = target if many else [COLOURS[int(label)] for label in target[order]]
    axes.scatter(*points[order].T, c=colours, cmap=PALETTE if many else None, s=4, alpha=0.5, linewidths=0)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _keys(dataset: Dataset) -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], linestyle="", marker="o", color=COLOURS[i], markersize=5, label=name)
        for i, name in enumerate(dataset.classes)
    ]


def _in_unit(inputs: Points) -> Points:
    """Inputs that were not scaled, divided by the largest: t-SNE computes in 32 bits, and looks at ratios alone."""
    return inputs / (np.abs(inputs).max() or 1.0)


def _two_columns(points: Points) -> Points:
    return np.hstack([points, np.zeros((len(points), 2 - points.shape[1]))])
