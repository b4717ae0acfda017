"""The command that tells which genes a space may have: genes."""

from __future__ import annotations

from typing import Annotated

import typer

from evo_nas.commands.shared import print_lines
from evo_nas.errors import UserError

WIDTH = 100
_HOW = (
    'In [space] a value fixes a gene, a list offers values, { low, high } a range, with scale = "log" by factors;',
    "a gene that is left out has its default.",
)


def genes(
    encoding: Annotated[str, typer.Argument(metavar="ENCODING", help="mlp, cnn or transfer.")] = "mlp",
) -> None:
    """Which genes a [space] section may name for an encoding: possible values, default, and what each is."""
    from genomes.gene_reading import nearest
    from genomes.gene_words import EXPLAINED, genes_in_words, other_keys

    if encoding not in EXPLAINED:
        raise UserError(
            f"genes: expected an encoding out of {', '.join(EXPLAINED)}, got {encoding!r}{nearest(encoding, EXPLAINED)}"
        )
    for gene in genes_in_words(encoding):
        typer.echo(f"{gene.name} = {gene.default}")
        print_lines([f"    {gene.meaning}", *_wrapped(gene.possible)])
    print_lines(["", f"Beside genes: {', '.join(other_keys(encoding))}.", *_HOW])


def _wrapped(possible: str) -> list[str]:
    import textwrap

    return textwrap.wrap(possible, WIDTH, initial_indent="    ", subsequent_indent="    ")
