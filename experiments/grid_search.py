"""Which of 756 dense networks reads digits best, and which of their genes mattered?

    python -m experiments.grid_search

Two minutes and a half on two busy cores. Digits of 1,347 images, a quarter of them for validation: the best of 756
networks (two layers of 128 units, relu, sgd with momentum at ten times its default rate) reads 0.985 of the validation
images, 0.965 [0.954, 0.977] of them on new seeds, and 0.976 [0.960, 0.989] of 450 test images: the first is the best of
many, the last is what to expect. Two networks diverged, both with sgd at a hundred times its default. The learning
rate alone explains 0.72 of the variance; depth matters together with it (0.10), as does width (0.08); which optimizer
stands beside a normalised rate explains next to nothing. The best rates are 3.2, 3.2 and 10 times the defaults of
adam, rmsprop and sgd. All bars met.

Every combination of three depths, three widths, two activations, two rates of dropout, three optimizers and seven
learning rates, which are given in multiples of each optimizer's own default (`normalized_rates`), so that one column
of the table compares them. The display shows how many are done and the time that is left; seeds are fixed. What it
leaves in the run folder, beside what every run does:

- `trials/trials.csv`: a row a network, best first, a column a gene that varied
- `trials/scores.png`: accuracy and loss of each network, by rank
- `trials/learning.png`: small multiples of how 24 of them learnt, from the best to the worst
- `importance/`: which genes mattered (correlation, permutation, functional ANOVA), and how

Bars: every point of the grid was trained once; the winner reads at least 0.95 of the test images, which no choice saw;
and the best rates of the three optimizers, in multiples of their defaults, lie within a factor of ten of each other.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from evo_nas.atomic import write_atomically
from evo_nas.cli import errors_for_people
from evo_nas.commands.runs import start_run
from evo_nas.individual import Evaluated, training_keys
from evo_nas.report.importance import analyse
from evo_nas.report.importance.table import importance_lines
from evo_nas.report.importance.writing import write_importance
from evo_nas.report.ranking import ranked
from evo_nas.report.tables import Cell, csv_text
from evo_nas.report.trial_pictures import Trial, draw_learning, draw_scores, spread_out, titled
from evo_nas.report.trial_table import mean_by_value, trial_header, trial_lines, trial_rows, varied_genes
from evo_nas.result import Result
from evo_nas.running.preparation import OpenRun, make_plan, open_run
from evo_nas.strategies import most_proposals
from experiments.bars import Bar, report
from experiments.running import ask

METRIC = "accuracy"
FORMATS = ("png", "svg")
Row = Mapping[str, Cell]


def main(arguments: Sequence[str] | None = None) -> int:
    with errors_for_people():
        asked = ask("grid_search", "Which of 756 dense networks reads digits best?", arguments)
        plan = make_plan(asked.settings, base=Path.cwd())
        start_run(plan, asked.run_dir, workers=asked.workers, store=asked.store)
        return tell(asked.run_dir)


def tell(run_dir: Path) -> int:
    """Table, pictures and importance of a finished run; 0 if all bars are met."""
    result = Result(run_dir)
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        ranking = ranked(result.evaluated, result.objectives)
        rows = _write_trials(run_dir / "trials", ranking, run)
    importance = analyse(result.evaluated, run.plan.encoding, run.plan.objectives)
    write_importance(run_dir / "importance", importance)
    print(*importance_lines(importance), sep="\n")
    return report(bars(result, run, rows))


def _write_trials(folder: Path, ranking: Sequence[Evaluated], run: OpenRun) -> list[Row]:
    encoding = run.plan.encoding
    genes = varied_genes(encoding)
    header = trial_header(genes, (METRIC, "loss"))
    cells = trial_rows(ranking, encoding, genes, (METRIC, "loss"))
    rows: list[Row] = [dict(zip(header, row, strict=True)) for row in cells]
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "trials.csv", csv_text([header, *cells]))
    print(*trial_lines(header, cells), sep="\n")
    draw_scores([folder / f"scores.{suffix}" for suffix in FORMATS], ranking, METRIC)
    shown = [_trial(place, ranking[place], titled(rows[place], genes), run) for place in spread_out(ranking)]
    if shown:
        draw_learning([folder / f"learning.{suffix}" for suffix in FORMATS], shown, METRIC)
    return rows


def _trial(place: int, each: Evaluated, title: str, run: OpenRun) -> Trial:
    keys = training_keys(each.individual, run.replicates)
    return Trial(place + 1, each, title, tuple(curve for key in keys for curve in run.ledger.curves(key)))


def bars(result: Result, run: OpenRun, rows: Sequence[Row]) -> list[Bar]:
    """As the page says."""
    points = most_proposals(run.plan.encoding, run.plan.settings.search, 0) or 0
    distinct = len({each.individual.fingerprint for each in result.evaluated})
    rates = best_rates(rows)
    print(
        "best rate, in multiples of the optimizer's default:", *(f"{name} {rate:.3g}" for name, rate in rates.items())
    )
    return [
        Bar("share of the grid that was trained, each point once", distinct / points, 1.0, "at least"),
        Bar("test accuracy of the winner", float(result.scores["test"][METRIC]), 0.95, "at least"),
        Bar("largest best rate to smallest", max(rates.values()) / min(rates.values()), 10.0, "at most"),
    ]


def best_rates(rows: Sequence[Row]) -> dict[str, float]:
    """Optimizer -> the learning rate with the best mean accuracy over all networks that have both."""
    found: dict[str, float] = {}
    for optimizer in dict.fromkeys(str(row["optimizer"]) for row in rows):
        means = mean_by_value([row for row in rows if row["optimizer"] == optimizer], "learning_rate", METRIC)
        best = max(means, key=lambda rate: means[rate])
        found[optimizer] = float(best or 0.0)
    return found


if __name__ == "__main__":
    sys.exit(main())
