"""A whole run as a study of Optuna's, whatever strategy made it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from evo_nas.atomic import flush_folder
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, training_keys
from evo_nas.outcome import combine
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.strategies.bayesian import StudyFacts, export_study, study_of

JOURNAL_SUFFIXES = (".log", ".journal", ".jsonl")


def study_of_run(run_dir: Path) -> Any:
    """An `optuna.Study` in memory, a trial an individual; see `bayesian/export.py`. Raises UserError."""
    with closing((run := open_run(run_dir, read_only=True)).ledger):
        return study_of(list(_with_curves(run)), facts_of(run))


def export_run(run_dir: Path, file: Path) -> int:
    """Write the study to a file that `optuna-dashboard` opens: a journal where the name ends as one, else SQLite. The
    file appears when it is whole. The number of trials. Raises UserError, also where there is such a file.
    """
    if file.exists():
        raise UserError(f"{file} exists already; give another file")
    if not file.parent.is_dir():
        raise UserError(f"{file.parent}: no such folder; make it first")
    with closing((run := open_run(run_dir, read_only=True)).ledger):
        evaluated, facts = list(_with_curves(run)), facts_of(run)
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.unlink(missing_ok=True)
    try:
        export_study(evaluated, facts, unfinished, journal=file.suffix in JOURNAL_SUFFIXES)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    flush_folder(file.parent)
    return len(evaluated)


def facts_of(run: OpenRun) -> StudyFacts:
    """Named after the run's folder, and with what its settings say about space and search."""
    plan, search = run.plan, run.plan.settings.search
    attributes = {
        "evo-nas run": run.facts.id,
        "strategy": search.strategy,
        "seed": search.seed,
        "objectives": [str(objective) for objective in plan.objectives],
        "constraints": [str(constraint) for constraint in plan.constraints],
        "space": plan.encoding.describe(),
    }
    return StudyFacts(run.folder.path.resolve().name, plan.encoding, plan.objectives, plan.constraints, attributes)


def _with_curves(run: OpenRun) -> Iterator[Evaluated]:
    outcomes = run.ledger.trainings(curves=True)
    for individual in run.ledger.individuals():
        keys = training_keys(individual, run.replicates)
        if all(key in outcomes for key in keys):
            yield Evaluated(individual, combine([outcomes[key] for key in keys]))
