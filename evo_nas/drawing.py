"""`draw`: any genome's network as a picture, without a run."""

from __future__ import annotations

from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual
from evo_nas.report.network_picture import NetworkPicture
from genomes import ENCODINGS, Encoding, Genome, GenomeError, LayerRecord, Shape


def draw(
    network: Genome | Individual | Evaluated,
    input_shape: int | Shape,
    num_outputs: int,
    *,
    encoding: Encoding | None = None,
    title: str = "",
) -> NetworkPicture:
    """The network of a genome as a picture; look at it, `str` it, or `save` it as .svg or .png.

    input_shape: of one row of the data, or how many columns a table's rows become. num_outputs: output units.
    encoding: of the genome, where it is none of those that come with the program. title: a line above the picture.
    Raises UserError where the encoding is not known, or has no layers to draw.
    """
    individual = network.individual if isinstance(network, Evaluated) else network
    genome = individual.genome if isinstance(individual, Individual) else individual
    if encoding is None and genome.encoding not in ENCODINGS:
        raise UserError(
            f"draw: expected an encoding out of {', '.join(ENCODINGS)}, got {genome.encoding!r:.100}; "
            "give it as draw(genome, input_shape, num_outputs, encoding=...)"
        )
    shape = (input_shape,) if isinstance(input_shape, int) else tuple(input_shape)
    known = encoding or _encoding_of(genome)
    table = _table(known, genome, shape, num_outputs) if known else ()
    if not table:
        raise UserError(f"draw: the encoding {genome.encoding!r} has no layers to draw")
    return NetworkPicture(table, title)


def _table(encoding: Encoding, genome: Genome, shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
    try:
        return encoding.layer_table(genome, shape, num_outputs)
    except (LookupError, TypeError, ValueError) as error:
        text = f"{type(error).__name__}: {error}"
        raise UserError(
            f"draw: expected a genome of {encoding.name!r} for rows of the shape {shape}, got one that cannot be laid "
            f"out ({text:.200}); take it from a run or from Encoding.sample"
        ) from None


def _encoding_of(genome: Genome) -> Encoding | None:
    """Of a space that is silent about everything; None where there is no such space."""
    try:
        return ENCODINGS[genome.encoding]({"encoding": genome.encoding})
    except GenomeError:
        return None
