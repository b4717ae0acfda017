"""Does our search find better networks in fewer trainings than others, where every answer is known?

    python -m experiments.search_benchmark                       # the main table: FCNet and NAS-Bench-201
    python -m experiments.search_benchmark --bar batches         # batches of 32 and 64 against 8
    python -m experiments.search_benchmark --bar optimum         # evaluations to the optimum, without noise
    python -m experiments.search_benchmark --bar ordinal         # three tables of our own
    python -m experiments.search_benchmark --bar landscapes      # networks of variable depth, the regret is the score
    python -m experiments.search_benchmark --bar untouched --final    # HPOBench-MLP: once, when the design is frozen
    python -m experiments.search_benchmark --engines TPE GPSampler --seeds 10 --part 1/4
    python -m experiments.search_benchmark --only-page           # from the raw results that are there

One evaluation returns the value of one training seed, drawn by (table, seed, number of the evaluation), so that all
engines have the same luck; points may come again and then return another seed's value. An engine is scored by the
share of the table that is truly (in the mean of all its seeds) better than its answer; below 1e-5 counts as 1e-5. A
peer is held to the better of two answers, the luckiest value seen and the best mean of repeats, or its own where it
offers one; ours to the answer that its user gets. Ratios are of geometric means over tables, with 95 % intervals from
10,000 paired bootstrap samples of the seeds.

Raw results, versions and processor seconds go into OUT/results.csv line by line; what is there is not run again, so
an ended run goes on with the same command. Several parts may run at once (`--part k/n`, a file each). The picture
regret against evaluations is drawn beside them. 30 seeds, 10 for SMAC3. On one core the main table takes ours about
eight minutes, TPE a quarter of an hour, GPSampler and SMAC3 half an hour each, the others three minutes together.
Needs `pip install evo-nas[bench]`; SMAC3 and DEHB are installed apart (`engines/__init__.py` says how); what is not
installed is left out, and said. HEBO could not be installed and is not among the peers. Exit code 1 where a bar is
not met.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evo_nas.cli import errors_for_people
from evo_nas.errors import UserError
from experiments.search.engines import ENGINES, Engine, engine_named
from experiments.search.page import print_page
from experiments.search.picture import draw
from experiments.search.questions import OUR_ENGINES, QUESTIONS, Question, question_named
from experiments.search.results import forget, read_rows
from experiments.search.schedule import Task, missing, part_of, tasks_for
from experiments.search.score import Scores
from experiments.search.workers import run_tasks

NUM_SEEDS = 30


def main(arguments: Sequence[str] | None = None) -> None:
    with errors_for_people():
        sys.exit(answer(_parser().parse_args(arguments)))


def answer(asked: argparse.Namespace) -> int:
    """Run what is missing, then print the page."""
    question = question_named(asked.bar)
    if question.final and not asked.final:
        raise UserError(f"--bar {question.name} is run once, when the design is frozen; say --final as well")
    folder: Path = asked.out
    folder.mkdir(parents=True, exist_ok=True)
    print(f"raw results: {folder.resolve()}")
    if not asked.only_page:
        run_missing(asked, question, folder)
    tables = asked.tables or question.tables
    batches = {0, asked.batch, *question.batches}
    rows = [row for row in read_rows(folder) if row.table in tables and row.batch in batches]
    scores = Scores(rows, tables, OUR_ENGINES, question.field)
    draw(Scores(rows, tables, OUR_ENGINES, "regret"), question, folder / f"regret_{question.name}")
    return print_page(question, scores, rows)


def run_missing(asked: argparse.Namespace, question: Question, folder: Path) -> None:
    """Run the part of the question's trials that the folder lacks."""
    tasks = wanted_tasks(asked, question)
    if asked.fresh:
        forget(folder, [task.cell for task in tasks])
    todo = missing(tasks, read_rows(folder))
    print(f"{len(todo)} of {len(tasks)} trials are to be run", file=sys.stderr)
    part, num_parts = asked.part
    name = "results.csv" if num_parts == 1 else f"results-{part}-of-{num_parts}.csv"
    run_tasks(todo, folder / name, workers=asked.workers)


def wanted_tasks(asked: argparse.Namespace, question: Question) -> list[Task]:
    """The trials asked for, in order."""
    batches = (asked.batch,) if asked.batch is not None else question.batches
    most = min(asked.evaluations, question.most_evaluations)
    tasks: list[Task] = []
    for batch in batches:
        tasks += tasks_for(
            wanted_engines(asked.engines or question.engines, continuous=question.field == "regret"),
            asked.tables or question.tables,
            asked.seeds,
            most_evaluations=most,
            batch=batch,
        )
    return part_of(list(dict.fromkeys(tasks)), *asked.part)


def wanted_engines(names: Sequence[str], *, continuous: bool) -> list[Engine]:
    """Those of the names that are installed, all for none; says of the others what they lack."""
    chosen = [engine_named(name) for name in names] if names else list(ENGINES)
    chosen = [engine for engine in chosen if engine.continuous or not continuous]
    for engine in chosen:
        if engine.missing:
            lacking = ", ".join(engine.missing)
            print(f"{engine.name} is left out: {lacking} is not installed ({engine.installing})")
    return [engine for engine in chosen if not engine.missing]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.search_benchmark",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--bar", choices=[question.name for question in QUESTIONS], default="table", help="the question")
    add("--final", action="store_true", help="allow the untouched tables")
    add("--engines", nargs="+", choices=[engine.name for engine in ENGINES], default=[], help="these alone")
    add("--tables", nargs="+", default=[], help="these problems alone")
    add("--seeds", type=int, default=NUM_SEEDS, help="seeds of a cell")
    add("--batch", type=int, default=None, help="batch size of our engines; 0 for their own rule")
    add("--evaluations", type=int, default=1000, help="no engine is run further")
    add("--part", type=_part, default=(1, 1), help="k/n: every n-th trial from the k-th, into a file of its own")
    add("--workers", type=int, default=1, help="processes of one thread each; 0 for this one")
    add("--out", type=Path, default=Path("search_benchmark"), help="folder of the raw results")
    add("--fresh", action="store_true", help="run the trials asked for again, even those that are there")
    add("--only-page", action="store_true", help="run nothing, print what is there")
    return parser


def _part(text: str) -> tuple[int, int]:
    part, _, num_parts = text.partition("/")
    if not (part.isdigit() and num_parts.isdigit() and 1 <= int(part) <= int(num_parts)):
        raise argparse.ArgumentTypeError(f"expected k/n with k from 1 to n, such as 1/4, got {text!r}")
    return int(part), int(num_parts)


if __name__ == "__main__":
    main()
