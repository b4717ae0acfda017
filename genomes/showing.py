"""How values show themselves to a person: a line of text, or a table of HTML in which nothing of theirs can run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genomes.genome import Genome

MOST_CHARACTERS = 200
"""Of a text that somebody else wrote; what is longer is cut and ends in an ellipsis."""
_TABLE = "border-collapse:collapse;text-align:left;font-size:90%"
_CELL = "padding:2px 12px 2px 0;border-bottom:1px solid rgba(128,128,128,.35)"


def visible(value: object, most: int = MOST_CHARACTERS) -> str:
    """A value as a text on one line, at most so long: whatever does not print, or turns the direction of writing
    round, as its escape. A float has four significant digits."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(character if character.isprintable() else _escape(character) for character in cut)


def html_text(value: object) -> str:
    """`visible`, with every character escaped that means something in HTML, attributes included."""
    return escape(visible(value), quote=True)


def html_table(rows: Iterable[Sequence[object]], *, header: Sequence[object] = (), title: str = "") -> str:
    """A table that takes its colours from the page. Every cell, the header and the title are escaped."""
    cells = [[f'<td style="{_CELL}">{html_text(cell)}</td>' for cell in row] for row in rows]
    head = "".join(f'<th style="{_CELL}" scope="col">{html_text(name)}</th>' for name in header)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
    caption = f'<caption style="text-align:left;padding:6px 0">{html_text(title)}</caption>' if title else ""
    thead = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<table style="{_TABLE}">{caption}{thead}<tbody>{body}</tbody></table>'


def genome_text(genome: Genome) -> str:
    """One line: the layers, then the genes, such as "mlp 32 relu 0.1 | 16 tanh 0; learning_rate 0.01"."""
    layers = " | ".join(" ".join(visible(value) for value in layer.values()) for layer in genome.layers)
    genes = ", ".join(f"{visible(name)} {visible(value)}" for name, value in genome.genes.items())
    return "; ".join(part for part in (f"{visible(genome.encoding)} {layers}".rstrip(), genes) if part)


def genome_html(genome: Genome) -> str:
    """A table of the layers, if there are any, and one of the genes."""
    names = tuple(dict.fromkeys(name for layer in genome.layers for name in layer))
    layers = [(number, *(layer.get(name, "") for name in names)) for number, layer in enumerate(genome.layers, 1)]
    tables = [html_table(layers, header=("layer", *names))] if layers else []
    genes = html_table(genome.genes.items(), header=("gene", "value"))
    return f"<div>{''.join([*tables, genes])}</div>"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
