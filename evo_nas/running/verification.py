"""Is a run folder what it says it is? Everything is derived again from the ledger and compared."""

from __future__ import annotations

import math
import shlex
import tomllib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.config import Settings
from evo_nas.errors import UserError
from evo_nas.evaluation.devices import find_devices, share_out
from evo_nas.evaluation.evaluator import score_task
from evo_nas.evaluation.pool import WorkerPool
from evo_nas.evaluation.tasks import TaskFinished
from evo_nas.history import hold, read_checkpoint
from evo_nas.history.digest import settings_hash
from evo_nas.individual import is_feasible
from evo_nas.running.choices import TRAINING_HANDLERS
from evo_nas.running.chronicle import checkpoint_of, meaning_of
from evo_nas.running.context import training_context
from evo_nas.running.loop import Budget, Generation, Hooks, Loop
from evo_nas.running.preparation import OpenRun, open_run, recorded_settings, with_dataset
from evo_nas.running.scores import read_scores, saved_winner
from evo_nas.strategies import LISTED, Toolbox, make_strategy, make_toolbox


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. mended: it was wrong and has been made again."""

    what: str
    ok: bool
    text: str
    mended: bool = False


def verify(path: Path, *, toolbox: Toolbox | None = None, handlers: str = TRAINING_HANDLERS) -> list[Finding]:
    """Check a run folder that nobody is running; a checkpoint that is damaged is made again from the ledger.

    Raises UserError where the folder holds no run, is in use, or its ledger cannot be read.
    """
    run = open_run(path, read_only=True)
    with closing(run.ledger), hold(run.folder):
        if run.facts.custom_operators and toolbox is None:
            raise UserError(f"{path}: this run uses operators of its script; verify it from there (toolbox=...)")
        return [*_check_history(run, toolbox), _check_config(run), *_check_network(run, handlers)]


def _check_history(run: OpenRun, toolbox: Toolbox | None) -> list[Finding]:
    """Propose every individual again, and compare each generation's checkpoint on the way."""
    plan, search = run.plan, run.plan.settings.search
    recorded = run.ledger.individuals()
    tools = toolbox or make_toolbox(plan.encoding, search, plan.objectives)
    checkpoints: list[Finding] = []
    settings = settings_hash(meaning_of(run))
    strategy = make_strategy(
        plan.encoding,
        tools,
        search,
        plan.objectives,
        first=run.first,
        limits=run.limits,
        epochs=run.epochs,
        injected=run.injected,
    )
    loop = Loop(
        strategy,
        run.new_records(),
        Budget(_num_proposals(run, len(recorded)), search.population, run.replicates),
        trainings=None,
        recorded=recorded,
        outcomes=run.ledger.trainings(),
        hooks=Hooks(told=lambda generation: checkpoints.extend(_check_checkpoint(run, generation, settings))),
    )
    try:
        loop.run()
        loop.announce()
    except UserError as error:
        return [Finding("individuals", False, str(error))]
    damaged = [finding for finding in checkpoints if not finding.ok]
    same = f"{loop.num_asked} proposals were made again from the ledger and are the same"
    others = f"{len(checkpoints) - len(damaged)} of {len(checkpoints)} checkpoints were what the ledger says"
    return [Finding("individuals", True, same), *damaged, Finding("checkpoints", True, others)]


def _num_proposals(run: OpenRun, num_recorded: int) -> int:
    whole = whole_generations(num_recorded, run.plan.settings.search.population)
    return min(whole, len(run.first)) if run.plan.settings.search.strategy == LISTED else whole


def whole_generations(num_proposals: int, population: int) -> int:
    """The number of proposals, rounded up to whole generations: they are proposed together."""
    return -(-num_proposals // population) * population


def _check_checkpoint(run: OpenRun, generation: Generation, settings: str) -> list[Finding]:
    path = run.folder.checkpoint(generation.number)
    if len(generation.evaluated) < run.plan.settings.search.population and not path.exists():
        return []  # it is still going on; only a run that spent its evaluations has written about half a generation
    expected = checkpoint_of(run, generation, settings)
    try:
        read_checkpoint(path)
        if path.read_text(encoding="utf-8") == expected:
            return [Finding("checkpoint", True, f"{path.name} is what the ledger says")]
        problem = f"{path} differs from what the ledger says"
    except UserError as error:
        problem = str(error)
    write_atomically(path, expected)
    return [Finding("checkpoint", False, f"{problem}; it has been made again from the ledger", mended=True)]


def _check_config(run: OpenRun) -> Finding:
    path, expected = run.folder.config, run.plan.settings.to_toml()
    if _written_settings(path) == run.plan.settings:
        return Finding("settings", True, f"{path.name} is what the ledger says")
    write_atomically(path, expected)
    return Finding("settings", False, f"{path} was missing or changed; made again from the ledger", mended=True)


def _written_settings(path: Path) -> Settings | None:
    """What a run's own file of settings says, whichever version wrote it; None where nothing can be read."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        return recorded_settings({"data": None, **written}, where=str(path))
    except (OSError, ValueError, KeyError, AttributeError, TypeError, UserError):
        return None


def _check_network(run: OpenRun, handlers: str) -> list[Finding]:
    if run.plan.settings.data is None:
        return []
    try:
        with_dataset(run)
    except UserError as error:
        return [Finding("data", False, f"{error}; without the rows the run can neither go on nor be scored")]
    return [Finding("data", True, f"{run.folder.data.name} holds the rows of the run"), *_check_winner(run, handlers)]


def _check_winner(run: OpenRun, handlers: str) -> list[Finding]:
    scores = read_scores(run.folder)
    again = f"`evo-nas resume {shlex.quote(str(run.folder.path))}` saves it again"
    if not _has_candidates(run):
        return [Finding("winner", True, "no network has been trained that could win, and none is saved")]
    if scores is None or saved_winner(run.folder) is None:
        return [Finding("winner", False, f"a file of winner/ is missing, damaged or was edited; {again}")]
    settings = run.plan.settings.evaluation.model_copy(update={"workers": 1})
    with WorkerPool(share_out(find_devices(), settings)[:1], settings, handlers=handlers) as pool:
        pool.submit(score_task(run.folder.winner, training_context(run), task_id=0))
        finished = next(_finished(pool))
    if finished.result is None:
        reason = finished.failure.message if finished.failure else "no reason was given"
        return [Finding("winner", False, f"the saved winner cannot be scored ({reason}); {again}")]
    return [_compare_scores(finished.result["test"], scores["test"], again)]


def _has_candidates(run: OpenRun) -> bool:
    """Whether anybody had the whole recipe from scratch with success and keeps the constraints."""
    return any(
        each.individual.epochs is None
        and each.individual.inherits is None
        and is_feasible(each.outcome, run.plan.constraints)
        for each in run.ledger.evaluated(run.replicates)
    )


def _finished(pool: WorkerPool) -> Any:
    while True:
        yield from (event for event in pool.events(1.0) if isinstance(event, TaskFinished))


def _compare_scores(found: Mapping[str, float], recorded: Mapping[str, float], again: str) -> Finding:
    different = [
        f"{name} {found.get(name)} instead of {value}"
        for name, value in recorded.items()
        if not math.isclose(found.get(name, math.nan), value, rel_tol=1e-9)
    ]
    if different:
        return Finding("winner", False, f"the saved winner scores {', '.join(different)} on the test rows; {again}")
    shown = ", ".join(f"{name} {value:.6g}" for name, value in recorded.items()) or "there are no test rows"
    return Finding("winner", True, f"the saved winner was loaded and scores as recorded on the test rows: {shown}")
