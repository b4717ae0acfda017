"""Trains what an ablation asks for, beside the search: recorded in the ledger, and in no digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evo_nas.errors import UserError
from evo_nas.evaluation.devices import find_devices, share_out
from evo_nas.evaluation.evaluator import check_result
from evo_nas.evaluation.pool import WorkerPool
from evo_nas.history import Ledger, RunFolder, hold
from evo_nas.individual import Evaluated, Individual, TrainingKey, fitness_names
from evo_nas.outcome import Outcome
from evo_nas.report.questions.ablation import Plan, planned
from evo_nas.report.questions.taking_back import variants
from evo_nas.running.choices import Choices
from evo_nas.running.computed import FitnessFunction, judged, unjudged
from evo_nas.running.context import training_terms
from evo_nas.running.interrupts import interruptible
from evo_nas.running.leftovers import end_earlier_sitting
from evo_nas.running.loop import Request
from evo_nas.running.observer import Observer
from evo_nas.running.preparation import OpenRun, open_run, with_dataset
from evo_nas.running.trainings import TrainedOutcomes
from evo_nas.running.workers import Workers
from genomes import Encoding


@dataclass(frozen=True, slots=True)
class Cost:
    """What an ablation will take. trainings: those that the ledger does not hold yet. seconds: of one worker for all of
    them, at what the trainings of this individual took."""

    trainings: int
    seconds: float


def plan_ablation(run: OpenRun, evaluated: Mapping[int, Evaluated], number: int, num_seeds: int) -> Plan:
    """Each change of an individual's line taken back, on seeds that neither search nor confirmation has used."""
    individual = evaluated[number].individual
    individuals = {each: member.individual for each, member in evaluated.items()}
    encoding = run.plan.encoding
    found = variants(individuals, number, encoding)
    names = {
        position: encoding.fingerprint(each.genome) for position, each in enumerate(found) if each.genome is not None
    }
    first = _first_seed(run.ledger, {individual.fingerprint, *names.values()})
    return planned(individual, found, names, range(first, first + num_seeds))


def _first_seed(ledger: Ledger, fingerprints: Set[str]) -> int:
    """One after all that any of these networks was trained on: an ancestor can have been chosen by its seeds too."""
    used = [
        key.replicate
        for trainings in (ledger.trainings(), ledger.trainings("confirmation"))
        for key in trainings
        if key.fingerprint in fingerprints
    ]
    return max(used, default=0) + 1


def cost_of(plan: Plan, run: OpenRun, individual: Individual) -> Cost:
    """What is still to be trained. Raises UserError where the run has a fitness function of its own."""
    _require_trainings(run)
    ledger = run.ledger
    known = ledger.trainings("ablation")
    num_missing = sum(key not in known for key in plan.keys)
    taken = [
        outcome.seconds for key, outcome in ledger.trainings().items() if key.fingerprint == individual.fingerprint
    ]
    return Cost(num_missing, num_missing * max(taken, default=0.0))


def ablate(
    path: Path,
    plan_for: Callable[[OpenRun], Plan],
    choices: Choices,
    observer: Observer,
) -> Mapping[TrainingKey, Outcome]:
    """Train what the ledger does not hold yet, in the workers, and return all outcomes of the plan that there are.

    Ctrl-C ends it; what has come back is kept, and the next call goes on. Raises UserError where the run is in use, has
    lost its rows, or has a fitness function of its own.
    """
    folder = RunFolder(path)
    folder.require()
    with hold(folder), ExitStack() as stack:
        run = open_run(path)
        stack.enter_context(closing(run.ledger))
        _require_trainings(run)
        run = with_dataset(run)
        plan = plan_for(run)
        known = run.ledger.trainings("ablation")
        missing = [key for key in plan.keys if key not in known]
        if missing:
            interrupted = stack.enter_context(interruptible())
            stop = choices.stop
            asked = replace(choices, stop=lambda: interrupted() or stop())
            _train(run, plan, missing, asked, observer, stack)
        return run.ledger.trainings("ablation")


def computed(plan: Plan, evaluate: FitnessFunction, run: OpenRun) -> Mapping[TrainingKey, Outcome]:
    """What a fitness function says of the networks of a plan, called as the search calls it."""
    objectives = run.plan.objectives
    names = fitness_names(objectives, run.plan.constraints)
    return {
        key: judged(unjudged(plan.members[key.fingerprint], objectives), evaluate=evaluate, names=names)
        for key in plan.keys
    }


def _require_trainings(run: OpenRun) -> None:
    if run.plan.settings.data is None:
        raise UserError(
            f"{run.folder.path}: the fitness of this run is a function of the script that made it; call "
            "evo_nas.questions.ablate(run_dir, evaluate=...) from that script"
        )


def _train(
    run: OpenRun, plan: Plan, missing: Sequence[TrainingKey], choices: Choices, observer: Observer, stack: ExitStack
) -> None:
    end_earlier_sitting(run.folder, run.ledger)
    evaluation = run.plan.settings.evaluation
    asked = evaluation if choices.workers is None else evaluation.model_copy(update={"workers": choices.workers})
    slots = share_out(find_devices(), asked)
    check = partial(check_result, metrics=("loss", *run.plan.recipe.metrics))
    workers = Workers(WorkerPool(slots, evaluation, handlers=choices.handlers, check=check), run.ledger, observer)
    stack.callback(workers.close)
    terms = training_terms(run, slots[0].device.name)
    terms = replace(terms, context=replace(terms.context, weights=None, rungs=None))
    encoding: Encoding = run.plan.encoding
    trainings = TrainedOutcomes(workers, encoding, terms, run.ledger, store=choices.store, elapsed=lambda: 0.0)
    requests = [Request(plan.members[key.fingerprint], key.replicate) for key in missing]
    trainings.train_aside(requests, "ablation", lambda job, outcome: None)
    workers.wait(stop=choices.stop)
