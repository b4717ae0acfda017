"""A list of genomes from elsewhere, as JSON: a run can start from it as from a checkpoint. No score is in it.

Unlike a checkpoint it may be edited by hand: a genome a line, each checked when it is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evo_nas.history.rows import encode
from evo_nas.history.versions import program_version
from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Status, failure
from genomes import Genome, fingerprint_of

FORMAT = 1
GENOMES = "genomes"
"""The key that tells such a file from a checkpoint."""


def given_text(genomes: Sequence[Genome], *, source: str) -> str:
    """The text of the file. source: where the genomes come from, a few words."""
    lines = ",\n".join(encode(genome.to_json()) for genome in genomes)
    head = f'{{"format": {FORMAT},\n"evo_nas": {encode(program_version())},\n"source": {encode(source)},\n'
    return f'{head}"{GENOMES}": [\n{lines}\n]}}\n'


def given_members(data: Mapping[str, Any]) -> tuple[Evaluated, ...]:
    """The genomes as members of a population of which nothing is known.

    Raises GenomeError, TypeError or ValueError where they are none.
    """
    if not isinstance(data[GENOMES], list) or not data[GENOMES]:
        raise ValueError("expected a list of at least one genome")
    return tuple(_member(place, Genome.from_json(each)) for place, each in enumerate(data[GENOMES]))


def _member(place: int, genome: Genome) -> Evaluated:
    individual = Individual(place, 0, genome, fingerprint_of(genome), operator="given")
    return Evaluated(individual, failure(Status.INVALID, "given by its genome alone: not trained yet"))
