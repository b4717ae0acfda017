"""How a sequence of convolution blocks grows, shrinks and changes, and how two of them are crossed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import final

from genomes.cnn_shapes import Block
from genomes.genes import Choice, Gene
from genomes.genome import Rng, Value
from genomes.layers import Layers, LayerSpace

WEIGHTS = {
    "insert_block": 1.0,
    "duplicate_block": 0.5,
    "remove_block": 2.0,
    "deepen_block": 0.5,
    "widen_block": 1.0,
    "swap_blocks": 0.5,
    "change_block": 4.0,
}
"""How often each operator is drawn where all apply: as many blocks come as go."""

WIDEST_STEP = 2.0
"""A widened block has up to so many times its filters."""
IDEMPOTENT = ("relu", "linear")
"""Activations that change nothing the second time: behind any other a block can be the identity only by its skip."""
_IDENTITY_LIKE: Mapping[str, Value] = {"convolutions": "one", "padding": "same", "reduction": "none", "dropout": 0.0}


@final
class BlockOperators:
    """What a mutation may do to the blocks of a space. Pixels are not looked at: that is `Fitting`'s.

    Each operator is given blocks to which it applies, and then changes the network that they are.
    """

    def __init__(self, blocks: LayerSpace) -> None:
        self._blocks = blocks
        self._lengths = blocks.lengths
        self._filters = blocks.layer.genes["filters"]
        self._free = tuple(blocks.layer.free)
        self._free_of_points = tuple(name for name in self._free if name != "padding")
        self._widest = _highest(self._filters)
        self._can_be_two = blocks.layer.genes["convolutions"].contains("two")
        self._made: dict[str, Callable[[Layers, Rng], tuple[Layers, str]]] = {
            "insert_block": self._insert,
            "duplicate_block": self._duplicate,
            "remove_block": self._remove,
            "deepen_block": self._deepen,
            "widen_block": self._widen,
            "swap_blocks": self._swap,
            "change_block": self._change,
        }

    def applicable(self, blocks: Layers) -> dict[str, float]:
        """The operators that can change these blocks, each with its weight."""
        longer = len(blocks) < self._lengths.highest
        applies = {
            "insert_block": longer,
            "duplicate_block": longer,
            "remove_block": len(blocks) > self._lengths.lowest,
            "deepen_block": longer or self._single(blocks),
            "widen_block": any(self._can_widen(block) for block in blocks),
            "swap_blocks": bool(self._swappable(blocks)),
            "change_block": any(self._changeable(block) for block in blocks),
        }
        return {name: WEIGHTS[name] for name, can in applies.items() if can}

    def mutate(self, blocks: Layers, operator: str, rng: Rng) -> tuple[Layers, str]:
        """Apply one operator of `applicable(blocks)`; the new blocks, and what was done ("change_block:kernel")."""
        return self._made[operator](blocks, rng)

    def crossover(self, first: Layers, second: Layers, rng: Rng) -> tuple[Layers, Layers]:
        """Lay both sequences on [0, 1], cut them at one or two points, and swap what follows or lies between.

        Blocks meet blocks of the same relative depth. Equal parents have themselves for children.
        """
        cuts = sorted((rng.random(), rng.random() if rng.random() < 0.5 else 1.0))
        (a, b), (c, d) = ([int(cut * len(parent) + 0.5) for cut in cuts] for parent in (first, second))
        return first[:a] + second[c:d] + first[b:], second[:c] + first[a:b] + second[d:]

    def _insert(self, blocks: Layers, rng: Rng) -> tuple[Layers, str]:
        at = rng.randrange(0, len(blocks) + 1)
        new = tuple(self._blocks.layer.sample(rng) for _ in range(self._num_missing(blocks)))
        return blocks[:at] + new + blocks[at:], "insert_block"

    def _duplicate(self, blocks: Layers, rng: Rng) -> tuple[Layers, str]:
        at = rng.randrange(0, len(blocks))
        return blocks[:at] + (blocks[at],) * self._num_missing(blocks) + blocks[at:], "duplicate_block"

    def _remove(self, blocks: Layers, rng: Rng) -> tuple[Layers, str]:
        fewer = self._lengths.shorter(len(blocks))
        at = rng.randrange(0, fewer + 1)
        return blocks[:at] + blocks[at + len(blocks) - fewer :], "remove_block"

    def _deepen(self, blocks: Layers, rng: Rng) -> tuple[Layers, str]:
        """A single convolution becomes two, or a block is followed by one that can begin as the identity."""
        single = [at for at, block in enumerate(blocks) if block["convolutions"] == "one"] if self._can_be_two else []
        longer = len(blocks) < self._lengths.highest
        if single and not (longer and rng.random() < 0.5):
            at = rng.choice(single)
            return _replaced(blocks, at, {**blocks[at], "convolutions": "two"}), "deepen_block"
        at = rng.randrange(0, len(blocks))
        follows = self._identity_like(blocks[at])
        return blocks[: at + 1] + (follows,) * self._num_missing(blocks) + blocks[at + 1 :], "deepen_block"

    def _widen(self, blocks: Layers, rng: Rng) -> tuple[Layers, str]:
        at = rng.choice([at for at, block in enumerate(blocks) if self._can_widen(block)])
        wider = wider_value(self._filters, int(blocks[at]["filters"]), WIDEST_STEP ** rng.random())
        return _replaced(blocks, at, {**blocks[at], "filters": wider}), "widen_block"

    def _swap(self, blocks: Layers, rng: Rng) -> tuple[Layers, str]:
        at = rng.choice(self._swappable(blocks))
        return (*blocks[:at], blocks[at + 1], blocks[at], *blocks[at + 2 :]), "swap_blocks"

    def _change(self, blocks: Layers, rng: Rng) -> tuple[Layers, str]:
        at = rng.choice([at for at, block in enumerate(blocks) if self._changeable(block)])
        block, name = blocks[at], rng.choice(self._changeable(blocks[at]))
        changed = {**block, name: self._blocks.layer.genes[name].step(block[name], rng)}
        return _replaced(blocks, at, changed), f"change_block:{name}"

    def _changeable(self, block: Block) -> tuple[str, ...]:
        """The free genes that have an effect."""
        return self._free if block["kernel"] != 1 else self._free_of_points

    def _num_missing(self, blocks: Layers) -> int:
        """How many blocks the next allowed number has more."""
        return self._lengths.longer(len(blocks)) - len(blocks)

    def _single(self, blocks: Layers) -> bool:
        return self._can_be_two and any(block["convolutions"] == "one" for block in blocks)

    def _can_widen(self, block: Block) -> bool:
        return int(block["filters"]) < self._widest

    def _swappable(self, blocks: Layers) -> list[int]:
        """Places of blocks that differ from the next one."""
        form = self._blocks.layer.effective
        pairs = enumerate(pairwise(blocks))
        return [at for at, (one, following) in pairs if one != following and form(one) != form(following)]

    def _identity_like(self, block: Block) -> Block:
        """The block that can begin as the identity behind this one, as far as the space allows it."""
        genes = self._blocks.layer.genes
        like = {**_IDENTITY_LIKE, "skip": block["activation"] not in IDEMPOTENT or block["skip"]}
        wanted = {name: value for name, value in like.items() if genes[name].contains(value)}
        return {**block, **wanted}


def _highest(gene: Gene) -> int:
    return max(int(each) for each in gene.values) if isinstance(gene, Choice) else int(gene.high)


def wider_value(gene: Gene, value: int, factor: float) -> Value:
    """The value of a gene that lies nearest to so many times another, and above it. value: below the gene's highest."""
    wider = gene.clip(value * factor)
    if int(wider) > value:
        return wider
    if isinstance(gene, Choice):
        return min(int(each) for each in gene.values if int(each) > value)
    return value + getattr(gene, "stride", 1)


def _replaced(blocks: Layers, at: int, block: Block) -> Layers:
    return (*blocks[:at], block, *blocks[at + 1 :])
