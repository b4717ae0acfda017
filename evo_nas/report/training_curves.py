"""How one network learnt: its curves over the epochs, training rows against validation rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import zip_longest
from statistics import fmean
from typing import Any

from evo_nas.curves import Curve
from evo_nas.report.style import ACCENT, BLUE, FAINT, INK, new_figure, plain_axes
from genomes.showing import visible

TRAIN, VALIDATION = "train_", "validation_"
MOST_PANELS = 3


def measured_names(curves: Sequence[Curve]) -> list[str]:
    """What the curves tell of, the loss first: "loss", "roc_auc"."""
    names = [name.removeprefix(TRAIN).removeprefix(VALIDATION) for curve in curves for name in curve]
    return sorted(dict.fromkeys(names), key=lambda name: name != "loss")


def curves_svg(curves: Sequence[Curve], best_epochs: Sequence[int]) -> str:
    """An `<svg>` element with a panel for each measured name, the first `MOST_PANELS`; "" where nothing was measured.

    curves: one mapping a fold; faint lines are folds, strong ones their mean. best_epochs: whose weights were scored,
    one a fold (1-based), marked on the validation curves.
    """
    from matplotlib import rc_context

    names = measured_names(curves)[:MOST_PANELS]
    if not names:
        return ""
    figure = new_figure(3.2 * len(names), 2.7)
    for place, name in enumerate(names, start=1):
        _draw_panel(figure.add_subplot(1, len(names), place), name, curves, best_epochs, labelled=place == 1)
    content = io.BytesIO()
    with rc_context({"svg.hashsalt": "evo-nas curves", "svg.fonttype": "none"}):
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(content, format="svg", metadata=metadata)
    text = content.getvalue().decode()
    return text[text.index("<svg") :]


def _draw_panel(axes: Any, name: str, curves: Sequence[Curve], best_epochs: Sequence[int], *, labelled: bool) -> None:
    for prefix, colour, label in ((TRAIN, FAINT, "training rows"), (VALIDATION, BLUE, "validation rows")):
        lines = [curve[prefix + name] for curve in curves if len(curve.get(prefix + name, ()))]
        if not lines:
            continue
        for line in lines if len(lines) > 1 else ():
            axes.plot(range(1, len(line) + 1), line, color=colour, linewidth=0.6, alpha=0.35)
        mean = [fmean(value for value in column if value is not None) for column in zip_longest(*lines)]
        axes.plot(range(1, len(mean) + 1), mean, color=colour, linewidth=1.6, label=label)
    _mark_best(axes, [curve.get(VALIDATION + name, ()) for curve in curves], best_epochs)
    plain_axes(axes, title=visible(name, 40), x="epoch", y="")
    axes.xaxis.get_major_locator().set_params(integer=True)
    if labelled and axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=7, loc="best", labelcolor=INK)


def _mark_best(axes: Any, lines: Sequence[Sequence[float]], best_epochs: Sequence[int]) -> None:
    """The epochs whose weights were scored."""
    for line, epoch in zip(lines, best_epochs, strict=False):
        if 1 <= epoch <= len(line):
            axes.scatter([epoch], [line[epoch - 1]], s=16, color=ACCENT, zorder=4)
