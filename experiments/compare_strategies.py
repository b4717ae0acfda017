"""Which strategy finds the best network for the credit card clients with 60 trainings?

    python -m experiments.compare_strategies --run-dir runs/compared

About an hour and a half on two free cores for eight strategies and five seeds; again with the same folder, it goes on
where it stopped, and repeats nothing. `--strategies surrogate,random --seeds 3` asks for fewer. It prints a line for
each run and the table, and leaves strategies.csv, runs.csv and comparison.png in the folder.

Seed k has a split, a noise of training and a search seed of its own, which all strategies share, so that they are
compared in pairs. "Search" is what the search saw of its answer, and flatters whoever takes the luckiest of 60 (the
surrogate measures its leaders again and does not); "confirmation" is the mean of three trainings on other seeds, scored
on rows kept back for it; "test" is the saved network's on rows that no choice saw. Hyperband has 60 networks like the
others, and gives most of them a part of the epochs only.

What came out (README.md has the table): mean test ROC AUC from 0.7719 (surrogate, random, GP) to 0.7736 (TPE), the
surrogate's lead over each of the others between -0.0017 and +0.0000 with 0 in every interval, and no p below 0.125. On
these data 60 random networks are as good as any search; hyperband has the same score for half of the epochs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evo_nas.cli import errors_for_people
from evo_nas.commands.comparing import run_comparison
from evo_nas.comparing.budget import Budget
from evo_nas.comparing.contestants import parse_contestants
from evo_nas.comparing.planned import installed, plan_runs
from evo_nas.running.preparation import default_folder
from experiments.running import changed, settings_of

STRATEGIES = "surrogate,evolution,aging,random,coarse_to_fine,hyperband,bayesian:tpe:batch=2,bayesian:gp:batch=2"
"""Optuna's samplers make two proposals at once, one for each worker, as the surrogate does: a dozen at once, the usual
population, would leave them three looks at what came out."""
SMOKE_STRATEGIES = "surrogate,random"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; prints a line for each run and the table. Returns 130 where somebody asked to stop."""
    given = _parser().parse_args(arguments)
    settings = settings_of("compare_strategies")
    if given.smoke:
        settings = changed(
            settings, {"recipe": {"epochs": 3}, "search": {"population": 3, "confirmation_replicates": 1}}
        )
    folder = given.run_dir or default_folder("compare_strategies")
    with errors_for_people():
        names = given.strategies or (SMOKE_STRATEGIES if given.smoke else STRATEGIES)
        contestants, remarks = installed(settings, parse_contestants(names))
        print(*remarks, sep="\n", end="\n" if remarks else "", file=sys.stderr)
        planned = plan_runs(
            settings,
            contestants,
            seeds=2 if given.smoke else given.seeds,
            budget=Budget(evaluations=4 if given.smoke else given.evaluations),
            base=Path.cwd(),
            run_dir=folder,
        )
        return run_comparison(planned, folder, workers=given.workers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.compare_strategies", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--run-dir", type=Path, default=None, help="where the runs are written")
    parser.add_argument("--strategies", default=None, help=f"names with commas; {STRATEGIES} if none")
    parser.add_argument("--seeds", type=int, default=5, help="seeds of each strategy")
    parser.add_argument("--evaluations", type=int, default=60, help="distinct trainings of each run")
    parser.add_argument("--workers", type=int, default=None, help="child processes")
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
