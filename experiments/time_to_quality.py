"""How soon does our search hold a network as good as the best peer's after ten minutes of real trainings?

    python -m experiments.time_to_quality                 # three and a half hours of peers, and ours
    python -m experiments.time_to_quality --part 1/4      # a set; then 2/4, 3/4, 4/4, in this order
    python -m experiments.time_to_quality --sets breast_cancer --whole   # ours go on for ten minutes as well
    python -m experiments.time_to_quality --only-page     # from the raw results that are there

Breast cancer, credit default, California housing, Adult, each with one split: rows to train on, rows that steer, and
rows that no choice sees, the confirmation rows. Everybody gets the same rows (standardised, categories one-hot), the
same space, epochs and early stopping (`quality/settings.toml`, printed above the results); our search may measure a
network again with the first two kinds of rows divided anew. A peer is Optuna with a Keras loop (TPE, GPSampler) or
KerasTuner's BayesianOptimization. Everyone has the whole machine, in a process of its own, one after the other. The
clock counts all that a user waits for, start-up and the import of TensorFlow included; what a peer's best network
scores on the confirmation rows is measured off the clock, for ours while it runs.

One seed of each peer chooses the better one, which has two more; the median of what its best network by validation
scores on the confirmation rows after its minutes is to be reached. The time to reach it is the first moment at which
the network that our search believes best, whose weights it would save, scores at least as well there; a search then
ends (with --whole it goes on, and from when on it held is printed as well). Bars: the median of 10 seeds, by the
peer's minutes, at most a fiftieth on breast cancer and a tenth on the others.

Raw results go into OUT/results.csv (`--part k/n`: a file each), a trial at a time, with machine and versions; what is
there is not run again, so an ended run goes on with the same command. A set that is neither in EVO_NAS_DATA nor can
be downloaded is left out, and said, as is a peer that is not installed (`pip install evo-nas[bench]`). Nothing else
should run on the machine. Exit code 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evo_nas.cli import errors_for_people
from evo_nas.errors import UserError
from experiments.quality.engines import OURS, PEERS
from experiments.quality.page import common_lines, print_page, rows_line
from experiments.quality.problem import Problem
from experiments.quality.results import Results, read_rows, traces, write_trial
from experiments.quality.schedule import Scope, Slot, is_done, part_of, slots_of, trial_of
from experiments.quality.sets import SETS, QualitySet, settings_of
from experiments.quality.trials import Cell, run_trial


def main(arguments: Sequence[str] | None = None) -> None:
    with errors_for_people():
        sys.exit(answer(_parser().parse_args(arguments)))


def answer(asked: argparse.Namespace) -> int:
    """Run what is missing, then print the page."""
    scope = Scope(
        sets=tuple(wanted_sets(asked.sets)),
        peers=tuple(wanted_peers(asked.peers)),
        ours=asked.ours,
        minutes=asked.minutes,
        peer_seeds=asked.peer_seeds,
        our_seeds=asked.seeds,
        whole=asked.whole,
    )
    folder: Path = asked.out
    folder.mkdir(parents=True, exist_ok=True)
    print(f"raw results: {folder.resolve()}", flush=True)
    if not asked.only_page:
        part, num_parts = asked.part
        name = "results.csv" if num_parts == 1 else f"results-{part}-of-{num_parts}.csv"
        run_missing(part_of(slots_of(scope), part, num_parts), scope, folder / name)
    return print_page(scope, read_rows(folder))


def run_missing(slots: Sequence[Slot], scope: Scope, path: Path) -> None:
    """Run the trials of these places that the folder of the path lacks, one after the other."""
    num_waiting = 0
    for slot in slots:
        results = _results(path.parent)
        trial = trial_of(slot, scope, results)
        if trial is None:
            num_waiting += 1
        elif not is_done(trial, results):
            print(f"{_named(trial.cell)}: up to {scope.minutes:g} minutes", file=sys.stderr, flush=True)
            write_trial(path, trial.cell, run_trial(trial))
    if num_waiting:
        print(f"trials that wait for what other parts bring: {num_waiting}; run the parts in order", file=sys.stderr)


def wanted_sets(names: Sequence[str]) -> list[QualitySet]:
    """Those of the names whose rows can be had; prints what everybody is given, and says which cannot."""
    chosen = [each for each in SETS if each.name in names]
    wanted: list[QualitySet] = []
    print("\n".join(common_lines(settings_of(chosen[0]))))
    for each in chosen:
        try:
            print(rows_line(each, Problem.of(settings_of(each))))
            wanted.append(each)
        except UserError as error:
            print(f"{each.title} is left out: {error}")
    return wanted


def wanted_peers(names: Sequence[str]) -> list[str]:
    """Those of the names that are installed; says of the others what they lack."""
    chosen = [peer for peer in PEERS if peer.name in names]
    for peer in chosen:
        if peer.missing:
            print(f"{peer.name} is left out: {', '.join(peer.missing)} is not installed (evo-nas[bench])")
    return [peer.name for peer in chosen if not peer.missing]


def _results(folder: Path) -> Results:
    return traces(read_rows(folder))


def _named(cell: Cell) -> str:
    return f"{cell.engine}, {cell.set}, seed {cell.seed}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.time_to_quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--sets", nargs="+", choices=[each.name for each in SETS], default=[each.name for each in SETS])
    add("--peers", nargs="+", choices=[peer.name for peer in PEERS], default=[peer.name for peer in PEERS])
    add("--ours", choices=[engine.name for engine in OURS], default=OURS[0].name, help="our strategy")
    add("--minutes", type=_positive, default=10.0, help="of wall clock for each trial")
    add("--seeds", type=_count, default=10, help="of ours")
    add("--peer-seeds", type=_count, default=3, help="of the better peer, that which chose it included")
    add("--whole", action="store_true", help="let ours go on when they have reached what is to be reached")
    add("--part", type=_part, default=(1, 1), help="k/n: the k-th of n pieces, into a file of its own")
    add("--out", type=Path, default=Path("time_to_quality"), help="folder of the raw results")
    add("--only-page", action="store_true", help="run nothing, print what is there")
    return parser


def _positive(text: str) -> float:
    number = float(text)
    if not 0.0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return number


def _part(text: str) -> tuple[int, int]:
    part, _, num_parts = text.partition("/")
    if not (part.isdigit() and num_parts.isdigit() and 1 <= int(part) <= int(num_parts)):
        raise argparse.ArgumentTypeError(f"expected k/n with k from 1 to n, such as 1/4, got {text!r}")
    return int(part), int(num_parts)


if __name__ == "__main__":
    main()
