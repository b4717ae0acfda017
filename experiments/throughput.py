"""How many times as fast as other tools is a search for small networks, all costs included?

    python -m experiments.throughput             # about seven minutes on two quiet cores
    python -m experiments.throughput --peers "PyTorch loop" scikit-learn

Breast cancer, 341 training rows, random dense networks of depth 1-5 and width 5-50 with dropout and Adam, 50 epochs,
batches of 256 (`breast_cancer.toml`). Ours is a whole evolutionary search, 2,048 random candidates and 2,048
offspring of them, with two workers; imports are left out as they are for the peers (a small search comes first, and
`timed_search.py` says what of TensorFlow's), tracing, ledger, pictures and the winner's model are included, divided
by the number of networks trained; the mean size of those networks is printed, since selection shifts it. A peer is
given the whole machine, its import and its first candidate left out (`peers/`). The bars are about candidates one
after the other, as these tools are used; PyTorch and scikit-learn are timed in two processes side by side as well,
and the ratio to that is printed beside. Ours and each peer take turns in three blocks, so that a machine that slows
down slows both. A line a peer: the ratio of the medians of the blocks, and the lowest and the highest ratio of a
block. At the end what is left of the price of law 4: the same search with everything padded to 4 (widths of small
cohorts and rows to 16 before), whose bits depend on the cohort. Needs `pip install evo-nas[bench]`; what is not
installed is left out.
Bars: 600 times KerasTuner (goal 1,000), 17 times PyTorch (goal 30), 4.5 times scikit-learn (goal 8).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from unittest.mock import patch

from evo_nas.cli import errors_for_people
from evo_nas.config import Settings
from evo_nas.training import places
from experiments.bars import Bar, report
from experiments.narrow_tasks import NARROW_TILE
from experiments.peers import PEERS, Peer
from experiments.peers.problem import Ranges
from experiments.peers.timing import Timing, measure_peer
from experiments.peers.ways import TWO_PROCESSES
from experiments.speed_arguments import speed_parser
from experiments.timed_search import TimedSearch, search_settings, timed_search

BLOCKS = 3
WORKERS = 2
NUM_INPUTS = 30


@dataclass(frozen=True, slots=True)
class Block:
    """Ours and a peer's, one after the other."""

    ours: TimedSearch
    peer: Timing

    @property
    def our_seconds(self) -> float:
        """Wall clock of a search for each network that it trained."""
        return self.ours.seconds / self.ours.num_trainings

    @property
    def ratio(self) -> float:
        return alone_seconds(self.peer) / self.our_seconds


def alone_seconds(timing: Timing) -> float:
    """A candidate of a peer, one after the other, by the faster way."""
    return min(seconds for how, seconds in timing.ways.items() if how != TWO_PROCESSES)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many times as fast as a peer."""

    peer: Peer
    blocks: tuple[Block, ...]

    @property
    def seconds(self) -> float:
        """A candidate of the peer, median of the blocks."""
        return median(alone_seconds(block.peer) for block in self.blocks)

    @property
    def ratio(self) -> float:
        return self.seconds / self.our_seconds

    @property
    def our_seconds(self) -> float:
        """A candidate of ours, median of the blocks."""
        return median(block.our_seconds for block in self.blocks)

    def __str__(self) -> str:
        ratios = [block.ratio for block in self.blocks]
        goal = f", goal {self.peer.goal:g}x" if self.peer.goal else ""
        ways = [f"{self._way(how):.4g} s {how}" for how in self.blocks[0].peer.ways]
        spread = f"[{min(ratios):.3g}, {max(ratios):.3g}]"
        beside = ""
        if TWO_PROCESSES in self.blocks[0].peer.ways:
            beside = f"; {self._way(TWO_PROCESSES) / self.our_seconds:.3g}x two processes of it"
        return f"{self.peer.name} {self.ratio:.3g}x {spread}{goal}{beside}; a candidate takes {', '.join(ways)}"

    def _way(self, how: str) -> float:
        return median(block.peer.ways[how] for block in self.blocks)


def compare(peers: Sequence[Peer], settings: Settings, *, num_blocks: int, smoke: bool) -> list[Comparison]:
    """Take turns: ours, a peer, ours, the next peer, and so on, a round a block."""
    blocks: dict[str, list[Block]] = {peer.name: [] for peer in peers}
    for number in range(num_blocks):
        for peer in peers:
            ours = timed_search(settings, workers=WORKERS)
            timing = measure_peer(peer, num_candidates=1 if smoke else peer.num_candidates, seed=number, smoke=smoke)
            blocks[peer.name].append(Block(ours, timing))
            _print_ours(ours)
    return [Comparison(peer, tuple(blocks[peer.name])) for peer in peers]


def _print_ours(ours: TimedSearch) -> None:
    print(
        f"ours: {ours.num_trainings} networks of {ours.parameters:.0f} weights in {ours.seconds:.2f} s "
        f"({ours.seconds - ours.loop_seconds:.2f} s of them for the winner), {ours.num_failed} failed",
        flush=True,
    )


def narrow_seconds(settings: Settings) -> float:
    """A candidate of ours where everything is padded to multiples of 4 and a member's bits depend on its cohort."""
    with patch.object(places, "TILE", NARROW_TILE):
        ours = timed_search(settings, workers=WORKERS, handlers="experiments.narrow_tasks")
    _print_ours(ours)
    return ours.seconds / ours.num_trainings


def wanted_peers(names: Sequence[str]) -> list[Peer]:
    """Those of the names that are installed; says of the others what they lack."""
    chosen = [peer for peer in PEERS if peer.name in names]
    for peer in chosen:
        if peer.missing:
            print(f"{peer.name} is left out: {', '.join(peer.missing)} is not installed (evo-nas[bench])")
    return [peer for peer in chosen if not peer.missing]


def main(arguments: Sequence[str] | None = None) -> None:
    names = [peer.name for peer in PEERS]
    parser = speed_parser("throughput", __doc__)
    parser.add_argument("--peers", nargs="+", choices=names, default=names)
    parser.add_argument("--blocks", type=int, default=BLOCKS)
    with errors_for_people():
        sys.exit(answer(parser.parse_args(arguments)))


def answer(asked: argparse.Namespace) -> int:
    """Measure, print a line a peer, then the bars."""
    settings = search_settings(smoke=asked.smoke, trainer=asked.trainer)
    weights = fmean(each.num_weights(NUM_INPUTS) for each in Ranges.of(settings.space).samples(10_000, seed=0))
    print(f"a random candidate has {weights:.0f} weights on average")
    num_blocks = 1 if asked.smoke else asked.blocks
    timed_search(search_settings(smoke=True, trainer=asked.trainer), workers=WORKERS)  # imports what a search needs
    comparisons = compare(wanted_peers(asked.peers), settings, num_blocks=num_blocks, smoke=asked.smoke)
    narrow = median(narrow_seconds(settings) for _ in range(num_blocks))
    for comparison in comparisons:
        print(f"{comparison}; {comparison.seconds / narrow:.3g}x with padding to {NARROW_TILE}")
    barred = [(comparison, bar) for comparison in comparisons if (bar := comparison.peer.bar) is not None]
    return report([Bar(f"times as fast as {each.peer.name}", each.ratio, bar, "at least") for each, bar in barred])


if __name__ == "__main__":
    main()
