"""What a space of pretrained networks has to know of its backbone: a plain table, made once by whoever can build it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genomes.genome import GenomeError, Shape

END = "end"
"""Where freezing ends when the whole backbone is frozen."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some layers of a backbone that end in a single tensor, so that the network can be cut after them.

    name: of the last of the layers. shape: of its output for one row. parameters: as Keras counts them. flops: as of
    `Size`. values: how many numbers all layers of the block give for one row.
    """

    name: str
    shape: Shape
    parameters: int
    flops: int
    values: int

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "shape": list(self.shape),
            "parameters": self.parameters,
            "flops": self.flops,
            "values": self.values,
        }


@dataclass(frozen=True, slots=True)
class Backbone:
    """The blocks of a backbone for images of one shape, from the first to the last.

    digest: 32 hexadecimal digits of its architecture and its weights. input_shape: (height, width, channels).
    """

    digest: str
    input_shape: Shape
    blocks: tuple[Block, ...]

    @property
    def ends(self) -> tuple[str, ...]:
        """Where freezing may end, from early to late; the last block's end is the backbone's, and is called so."""
        return (*(block.name for block in self.blocks[:-1]), END)

    def thawed(self, frozen_until: str) -> tuple[Block, ...]:
        """The blocks after that one; none after the end."""
        return () if frozen_until == END else self.blocks[self.ends.index(frozen_until) + 1 :]

    def cut_shape(self, frozen_until: str) -> Shape:
        """Of what the frozen part gives for one row."""
        return self.blocks[self.ends.index(frozen_until)].shape

    def describe(self) -> dict[str, Any]:
        """The keys of a [space] section that `backbone_from` reads back."""
        return {
            "backbone_digest": self.digest,
            "input_shape": list(self.input_shape),
            "blocks": [block.describe() for block in self.blocks],
        }


FACTS = ("backbone_digest", "input_shape", "blocks")
"""The keys of a space that hold its backbone's table."""


def backbone_from(space: Mapping[str, Any]) -> Backbone | None:
    """The table in a [space] section; None where it has none. Raises GenomeError where it is not whole."""
    given = [key for key in FACTS if key in space]
    if not given:
        return None
    if missing := [key for key in FACTS if key not in space]:
        raise GenomeError(
            f"[space] {', '.join(given)}: expected together with {', '.join(missing)}, the table of a backbone that a "
            "run makes for its images; leave these keys out"
        )
    try:
        digest, shape, blocks = (space[key] for key in FACTS)
        read = tuple(_block(block) for block in blocks)
        table = Backbone(str(digest), _whole_numbers(shape), read)
    except (KeyError, TypeError, ValueError) as error:
        raise GenomeError(
            f"[space] {', '.join(FACTS)}: expected the table of a backbone as a run's config.toml has it, got "
            f"something else ({type(error).__name__}: {error}); leave these keys out, and it is made again"
        ) from None
    if not read or len({block.name for block in read}) < len(read):
        raise GenomeError(f"[space] blocks: expected at least one block and each name once, got {len(read)} blocks")
    return table


def _block(data: Mapping[str, Any]) -> Block:
    counts = _whole_numbers([data[key] for key in ("parameters", "flops", "values")])
    return Block(str(data["name"]), _whole_numbers(data["shape"]), *counts)


def _whole_numbers(data: Sequence[Any]) -> tuple[int, ...]:
    if not all(type(number) is int and number >= 0 for number in data):
        raise ValueError(f"expected whole numbers of 0 or more, got {data!r:.100}")
    return tuple(data)
