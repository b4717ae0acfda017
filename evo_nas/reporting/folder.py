"""A run folder as the record that a report is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from evo_nas.curves import Curve
from evo_nas.data import DataFacts, saved_facts
from evo_nas.errors import UserError
from evo_nas.history import Ledger, is_held
from evo_nas.history.rows import PURPOSES
from evo_nas.history.versions import program_version
from evo_nas.individual import Individual, TrainingKey, training_keys
from evo_nas.insight import WinnerInsight
from evo_nas.outcome import Outcome
from evo_nas.report.page import RunRecord
from evo_nas.reporting.remains import UNREADABLE, outcomes_of, read_remains
from evo_nas.running.belief import believed
from evo_nas.running.choices import Choices
from evo_nas.running.launch import with_limits
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.running.scores import read_scores
from evo_nas.running.sitting import STOPPED_BY_TIME
from evo_nas.running.stopping import last_convergence
from evo_nas.running.winner_decisions import insight_of


def read_run(path: Path) -> RunRecord:
    """All that a folder says of its run; where the ledger cannot be read, what checkpoints and settings still say.

    Raises UserError where it is no folder, or nothing of a run can be read in it.
    """
    if not path.is_dir():
        raise UserError(f"{path}: no such run folder; `evo-nas run EXPERIMENT.toml --run-dir D` makes one")
    try:
        run = open_run(path, read_only=True)
        with closing(run.ledger):
            return _whole(run)
    except UserError as error:
        return read_remains(path, why=str(error))
    except UNREADABLE as error:
        return read_remains(path, why=f"{path}: its settings are not those of a run ({error!r})")


def _whole(run: OpenRun) -> RunRecord:
    ledger, plan = run.ledger, run.plan
    individuals = ledger.individuals()
    trainings: dict[str, Mapping[TrainingKey, Outcome]] = {each: ledger.trainings(each) for each in PURPOSES}
    outcomes = outcomes_of(individuals, trainings["search"], run.replicates)
    state, is_whole = _state(run, len(individuals), len(outcomes))
    scores = read_scores(run.folder)
    if scores is not None and not is_whole:
        # While the search goes on nobody should see how its best does on the test rows, people included.
        scores = {**scores, "test": {}}
    missing = _missing(run, len(individuals) - len(outcomes), scores)
    return RunRecord(
        name=run.folder.path.resolve().name,
        settings=plan.settings.model_dump(mode="json", exclude_none=True),
        objectives=plan.objectives,
        individuals=individuals,
        outcomes=outcomes,
        encoding=plan.encoding,
        constraints=plan.constraints,
        found=ledger.found(),
        trainings=trainings,
        replicates=run.replicates,
        epochs=run.epochs,
        believed=believed(ledger),
        scores=scores,
        elapsed_seconds=ledger.elapsed_seconds(),
        state=state,
        curves=lambda chosen: _curves(run.folder.ledger, chosen, run.replicates),
        insight=_insight(run, scores, missing),
        missing=tuple(missing),
        notes=_notes(run),
        data=_data(run),
    )


def _state(run: OpenRun, num_proposed: int, num_back: int) -> tuple[str, bool]:
    """How the run ended or where it stands, a sentence; and whether there is nothing left to do."""
    limits = with_limits(run, Choices())
    planned = run.num_proposals(limits.num_generations or 0)
    if is_held(run.folder):
        return f"The run is going on: {num_back:,} of {planned:,} planned individuals have come back.", False
    if converged := last_convergence(run.ledger):
        return f"The search ended by itself: {converged['why']}.", num_back == num_proposed
    if num_proposed == num_back and num_back >= planned:
        return f"The run is finished: all of {num_back:,} individuals have come back.", True
    after = f"after {num_back:,} of {planned:,} planned individuals"
    if limits.max_evaluations is not None and len(run.ledger.trainings()) >= limits.max_evaluations:
        return f"The run ended when its budget of trainings was spent, {after}.", True
    if run.ledger.decisions(STOPPED_BY_TIME):
        return f"The run ended when its time was spent, {after}.", True
    return f"The run is not finished: it was stopped {after}.", False


def _missing(run: OpenRun, num_waiting: int, scores: Mapping[str, Any] | None) -> list[str]:
    told = []
    if run.plan.settings.data is not None and scores is None:
        told.append("No winner has been saved yet, so there is no test score; `evo-nas resume` goes on and saves it.")
    elif scores is not None and not scores.get("test"):
        told.append("The test score is shown when the run is finished, so that nobody steers by it.")
    if num_waiting:
        told.append(f"{num_waiting:,} individuals were proposed and have not come back; they are hollow in the tree.")
    return told


def _notes(run: OpenRun) -> tuple[str, ...]:
    written = run.facts.versions.get("evo-nas")
    if written == program_version():
        return ()
    return (f"The run was made by evo-nas {written}, this report by {program_version()}.",)


def _data(run: OpenRun) -> DataFacts | None:
    """A run is told without its rows too: what stands in its settings is said in any case."""
    if run.plan.settings.data is None:
        return None
    try:
        return saved_facts(run.folder.data)
    except UserError:
        return None


def _insight(run: OpenRun, scores: Mapping[str, Any] | None, missing: list[str]) -> WinnerInsight | None:
    """What was seen of the winner, if nothing of it is hidden; where it is damaged a sentence is added to `missing`."""
    try:
        return None if scores is None else insight_of(run.folder, scores)
    except UserError as error:
        missing.append(f"How the winner decides cannot be shown: {error}.")
        return None


def _curves(ledger: Path, individuals: Sequence[Individual], replicates: int) -> dict[int, Sequence[Curve]]:
    """Of each individual's first training. The ledger is opened anew: whoever read the run has closed it."""
    keys = {each.id: training_keys(each, replicates)[0] for each in individuals}
    with Ledger.read_only(ledger) as source:
        curves = source.curves_of(set(keys.values()))
    return {number: curves[key] for number, key in keys.items() if key in curves}
