"""A network drawn from its table of layers alone: what each is, how wide, and what it costs. SVG and PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.errors import UserError
from evo_nas.report.network_kinds import colour_of, words_of
from evo_nas.report.network_rows import Row, rows_of, shape_text, total_parameters
from evo_nas.report.style import ACCENT, FAINT, HAIRLINE, INK, new_figure
from genomes import LayerRecord
from genomes.showing import visible

FORMATS = (".svg", ".png")
_WIDTH = 6.9
_BARS = (2.45, 4.55)
_SHAPE, _PARAMETERS = 5.85, 6.8
_LONGEST_WORDS = 33
_TALL, _LOW, _GAP = 0.34, 0.19, 0.075
_HEAD, _FOOT = 0.78, 0.14


@dataclass(frozen=True, slots=True)
class NetworkPicture:
    """A drawn network. It shows itself in a notebook; `str` is the same as text.

    table: its layers; at least one. title: a line above it, such as "individual 17".
    """

    table: tuple[LayerRecord, ...]
    title: str = ""

    @property
    def parameters(self) -> int:
        """Of the whole network, as Keras counts them."""
        return total_parameters(self.table)

    def svg(self) -> str:
        """The picture as an `<svg>` element, for a page. Equal networks give equal texts."""
        text = _rendered(self, "svg").decode()
        return text[text.index("<svg") :]

    def png(self) -> bytes:
        """The picture as a PNG file, 150 dots an inch."""
        return _rendered(self, "png")

    def save(self, path: str | Path) -> None:
        """Write the picture in the format of the file's suffix. Raises UserError where that is neither of `FORMATS`."""
        path = Path(path)
        if path.suffix not in FORMATS:
            raise UserError(f"{path}: expected a file that ends in {' or '.join(FORMATS)}, got {path.suffix!r}")
        write_atomically(path, _rendered(self, path.suffix[1:]))

    def __str__(self) -> str:
        return "\n".join(text_lines(self.table))

    def _repr_svg_(self) -> str:
        return self.svg()


def text_lines(table: Sequence[LayerRecord]) -> list[str]:
    """A table of all layers: name, kind, shape of the output, parameters; then their sum."""
    rows = [("layer", "kind", "shape", "parameters")]
    rows += [
        (
            visible(layer.name),
            visible(f"{layer.kind} {layer.detail}".rstrip()),
            shape_text(layer.shape),
            f"{layer.parameters:,}",
        )
        for layer in table
    ]
    rows.append(("all", "", "", f"{total_parameters(table):,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        f"{name:{widths[0]}}  {kind:{widths[1]}}  {shape:>{widths[2]}}  {parameters:>{widths[3]}}"
        for name, kind, shape, parameters in rows
    ]


def _rendered(picture: NetworkPicture, suffix: str) -> bytes:
    from matplotlib import rc_context

    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None} if suffix == "svg" else None
    content = io.BytesIO()
    with rc_context({"svg.hashsalt": "evo-nas", "svg.fonttype": "none"}):
        _figure(picture).savefig(content, format=suffix, metadata=metadata)
    return content.getvalue()


def _figure(picture: NetworkPicture) -> Any:
    rows = rows_of(picture.table)
    height = _HEAD + sum(_height(row) + _GAP for row in rows) + _FOOT
    figure = new_figure(_WIDTH, height)
    figure.set_layout_engine(None)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0.0, _WIDTH)
    axes.set_ylim(height, 0.0)
    _draw_head(axes, picture)
    _draw_rows(axes, rows)
    return figure


def _draw_head(axes: Any, picture: NetworkPicture) -> None:
    weighted = sum(layer.parameters > 0 and layer.kind != "batch normalization" for layer in picture.table)
    title = f"{picture.parameters:,} parameters in {weighted} layer{'s' if weighted != 1 else ''}"
    _write(axes, 0.15, 0.24, title, size=11)
    _write(axes, _PARAMETERS, 0.24, visible(picture.title, 60), size=8.5, colour=FAINT, align="right")
    for x, name, align in ((0.15, "layer", "left"), (_SHAPE, "shape", "right"), (_PARAMETERS, "parameters", "right")):
        _write(axes, x, 0.56, name, size=7.5, colour=FAINT, align=align)
    axes.plot((0.15, _PARAMETERS), (0.67, 0.67), color=HAIRLINE, linewidth=0.8)


def _draw_rows(axes: Any, rows: Sequence[Row]) -> None:
    widest = max((row.units for row in rows), default=1)
    y, above = _HEAD, None
    for row in rows:
        half = 0.5 * _bar(row.units, widest)
        if above is not None and row.kind and row.joined:
            _draw_joint(axes, y - _GAP, y, above, half)
        _draw_row(axes, row, y, half)
        above = half if row.kind else None
        y += _height(row) + _GAP
    _draw_brackets(axes, rows)
    _draw_skips(axes, rows, widest)


def _draw_skips(axes: Any, rows: Sequence[Row], widest: int) -> None:
    """To the right of the bars, from what a row reads to the row."""
    tops = [_HEAD]
    for row in rows:
        tops.append(tops[-1] + _height(row) + _GAP)

    def edge(place: int, share: float) -> tuple[float, float]:
        row = rows[place]
        return 0.5 * sum(_BARS) + 0.5 * _bar(row.units, widest), tops[place] + share * _height(row)

    for place, row in enumerate(rows):
        for skip in row.skips:
            side = _BARS[1] + 0.08 + 0.05 * (place % 3)
            _draw_skip(axes, edge(place - skip, 0.7), edge(place, 0.3), side=side)


def _draw_skip(axes: Any, source: tuple[float, float], target: tuple[float, float], *, side: float) -> None:
    bent = [source[0], side, side, target[0]]
    axes.plot(bent, [source[1], source[1], target[1], target[1]], color=INK, linewidth=0.9, solid_joinstyle="round")
    axes.plot([target[0]], [target[1]], marker=4, markersize=4, color=INK, linestyle="none", clip_on=False)


def _draw_brackets(axes: Any, rows: Sequence[Row]) -> None:
    """Beside each block that stands for several."""
    y, began = _HEAD, _HEAD
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        began = y if row.begins else began
        y += _height(row) + _GAP
        ends = following is None or following.begins or not following.kind
        if row.kind and row.times > 1 and ends:
            _draw_bracket(axes, began, y - _GAP, f"× {row.times:,}")


def _draw_bracket(axes: Any, top: float, bottom: float, words: str) -> None:
    x = _BARS[0] - 0.06
    axes.plot((x + 0.06, x, x, x + 0.06), (top, top, bottom, bottom), color=ACCENT, linewidth=1.2)
    _write(axes, x - 0.06, 0.5 * (top + bottom), words, size=9, colour=ACCENT, align="right")


def _draw_row(axes: Any, row: Row, top: float, half: float) -> None:
    middle = top + 0.5 * _height(row)
    if not row.kind:
        _write(axes, 0.15, middle, words_of(row), size=8, colour=FAINT)
        _write(axes, _PARAMETERS, middle, f"{row.parameters:,}", size=8, colour=FAINT, align="right")
        return
    _draw_bar(axes, row, top, half)
    times = f"{row.times:,} × " if row.times > 1 else ""
    strong = row.begins or row.kind == "input"
    _write(
        axes,
        0.15 if strong else 0.3,
        middle,
        visible(words_of(row), _LONGEST_WORDS),
        size=9 if strong else 8,
        colour=INK if strong else FAINT,
    )
    _write(axes, _SHAPE, middle, shape_text(row.shape), size=8, colour=INK if strong else FAINT, align="right")
    if row.parameters:
        _write(axes, _PARAMETERS, middle, f"{times}{row.parameters:,}", size=8, align="right")


def _draw_bar(axes: Any, row: Row, top: float, half: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    height, empty = _height(row), row.kind == "dropout"
    style = f"round,pad=0,rounding_size={min(0.05, half, 0.5 * height):.4f}"
    corner = (0.5 * sum(_BARS) - half, top)
    box = FancyBboxPatch(corner, 2.0 * half, height, boxstyle=style, facecolor=colour_of(row), linewidth=0.8)
    box.set_edgecolor(FAINT if empty else "white")
    box.set_linestyle((0, (3, 2)) if empty else "-")
    axes.add_patch(box)


def _draw_joint(axes: Any, top: float, bottom: float, above: float, below: float) -> None:
    """What runs from a layer to the next."""
    from matplotlib.patches import Polygon

    centre = 0.5 * sum(_BARS)
    corners = [(centre - above, top), (centre + above, top), (centre + below, bottom), (centre - below, bottom)]
    axes.add_patch(Polygon(corners, facecolor=HAIRLINE, edgecolor="none", alpha=0.7))


def _write(axes: Any, x: float, y: float, text: str, *, size: float, colour: str = INK, align: str = "left") -> None:
    axes.text(x, y, text, fontsize=size, color=colour, ha=align, va="center_baseline", parse_math=False)


def _bar(units: int, widest: int) -> float:
    """Inches for so many units: their logarithm, so that 10 can be seen beside 10,000."""
    share = log(1 + units) / log(1 + widest) if widest > 0 else 0.0
    return max(0.06, share * (_BARS[1] - _BARS[0]))


def _height(row: Row) -> float:
    return _TALL if row.begins or row.kind == "input" else _LOW
