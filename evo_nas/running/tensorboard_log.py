"""A run folder as a log for TensorBoard, after the fact: what the live tracker writes, and graphs of the best."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

from evo_nas.config import TrackingSettings
from evo_nas.evaluation.devices import find_devices, share_out
from evo_nas.evaluation.evaluator import graph_task
from evo_nas.evaluation.pool import WorkerPool
from evo_nas.evaluation.tasks import TaskFinished
from evo_nas.individual import Evaluated
from evo_nas.running.belief import believed
from evo_nas.running.choices import TRAINING_HANDLERS
from evo_nas.running.followed import evaluated_of, tracked_run
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.strategies import Records
from evo_nas.tracking import TrackedGeneration, Tracker, check_installed
from evo_nas.tracking.follower import with_curves


def write_tensorboard_log(
    run_dir: Path, folder: Path, *, num_graphs: int, warn: Callable[[str], None], handlers: str = TRAINING_HANDLERS
) -> Path:
    """Write the log of a run, going on or not, below `folder`; the folder of this run's log.

    num_graphs: how many of the best networks get their graph; each is built in a worker, one after the other. What is
    there already is not written again. warn: told of a network that cannot be built. Raises UserError where the
    package is missing, or the folder holds no run.
    """
    check_installed(TrackingSettings(tensorboard=str(folder)))
    from evo_nas.tracking.tensorboard import TensorBoardTracker, log_folder

    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        records = _tell(run, TensorBoardTracker(folder))
        log = log_folder(folder, tracked_run(run))
        ranked = [each for each in map(evaluated_of, records.hall_of_fame) if each is not None][:num_graphs]
        if ranked and run.facts.input_shape is not None:
            _write_graphs(run, ranked, log, warn, handlers)
    return log


def _tell(run: OpenRun, tracker: Tracker) -> Records:
    """Tell a tracker everything that the ledger holds; the records of the run. What a search believes is in the ledger
    as it is now, so that until the last generation the best score stands for it.
    """
    tracker.run_began(tracked_run(run))
    records = run.new_records()
    told = groupby(run.ledger.evaluated(run.replicates), key=lambda each: each.individual.generation)
    generations = [(number, list(members)) for number, members in told]
    for number, evaluated in generations:
        for each in evaluated:
            tracker.individual_evaluated(with_curves(each, run.ledger, run.replicates), replayed=True)
        records.update(evaluated, generation=number)
        if number == generations[-1][0]:
            records.believe(believed(run.ledger))
        tracker.generation_ended(_generation(number, evaluated, records), replayed=True)
    return records


def _generation(number: int, evaluated: Sequence[Evaluated], records: Records) -> TrackedGeneration:
    return TrackedGeneration(
        number=number,
        num_evaluated=len(evaluated),
        num_failed=sum(not each.outcome.ok for each in evaluated),
        best=evaluated_of(records.best),
        best_values=records.best_values(),
        hypervolume=records.hypervolume,
    )


def _write_graphs(
    run: OpenRun, ranked: Sequence[Evaluated], log: Path, warn: Callable[[str], None], handlers: str
) -> None:
    from evo_nas.tracking.tensorboard import write_graph

    facts = run.facts
    if facts.input_shape is None or facts.num_outputs is None or facts.task is None:
        return
    settings = run.plan.settings.evaluation.model_copy(update={"workers": 1})
    with WorkerPool(share_out(find_devices(), settings)[:1], settings, handlers=handlers) as pool:
        for number, each in enumerate(ranked):
            genome = run.plan.encoding.canonical(each.individual.genome)
            pool.submit(graph_task(genome, facts.input_shape, facts.num_outputs, facts.task, task_id=number))
            finished = _finished(pool)
            if finished.result is None:
                reason = finished.failure.message if finished.failure else "no reason was given"
                warn(f"individual {each.individual.id}: its graph could not be drawn ({reason})")
            else:
                write_graph(log, each.individual.id, b64decode(finished.result["graph"]))


def _finished(pool: WorkerPool) -> TaskFinished:
    while True:
        for event in pool.events(1.0):
            if isinstance(event, TaskFinished):
                return event
