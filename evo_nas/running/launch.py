"""Starting a run and going on with one: lock, ledger and signals around a sitting."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from evo_nas.config import SearchSettings, parse_record
from evo_nas.data import describe_images
from evo_nas.errors import UserError
from evo_nas.history import Checkpoint, RunFolder, hold
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.interrupts import interruptible
from evo_nas.running.listed import add_networks, as_listed, check_same_meaning, listed_plan
from evo_nas.running.observer import Observer
from evo_nas.running.preparation import OpenRun, Plan, create_run, open_run
from evo_nas.running.sitting import Sitting
from evo_nas.running.stopping import EXTENDED
from evo_nas.strategies import LISTED, Toolbox, check_used, make_toolbox, operator_names, with_needed_generations
from evo_nas.tracking import Tracker, check_installed, trackers_of
from genomes import Genome


def start(
    plan: Plan,
    path: Path,
    choices: Choices,
    observer: Observer,
    *,
    checkpoint: Checkpoint | None = None,
    networks: Sequence[Genome] = (),
) -> Ending:
    """Make a run folder and conduct its first sitting. checkpoint: its population is the first of the new run, after
    the networks, if some are given too. With `strategy = "listed"` they are all that is trained.

    Raises UserError where the folder cannot be taken, or an operator is given that the strategy would not use.
    """
    first = [*networks, *(each.individual.genome for each in (checkpoint.population if checkpoint else ()))]
    if plan.settings.search.strategy == LISTED:
        first = as_listed(first)
        plan = listed_plan(plan, first)
    search = with_needed_generations(plan.encoding, plan.settings.search, len(first))
    plan = replace(plan, settings=plan.settings.model_copy(update={"search": search}))
    ours = operator_names(make_toolbox(plan.encoding, search, plan.objectives))
    operators = operator_names(choices.toolbox) if choices.toolbox else ours
    check_used(search.strategy, operators, ours)
    check_installed(plan.settings.tracking)
    folder = RunFolder(path)
    folder.create()
    facts = {
        "operators": operators,
        "custom_operators": operators != ours,
        "custom_fitness": plan.settings.data is None,
        "started_from": f"run {checkpoint.run}, generation {checkpoint.generation}" if checkpoint else None,
    }
    if plan.dataset is not None and plan.dataset.schema.image_shape is not None:
        observer.message(describe_images(plan.dataset))
    with hold(folder):
        run = create_run(plan, path, facts=facts, first=first)
        return _conduct(run, choices, observer)


def train_networks(
    plan: Plan | None, path: Path, choices: Choices, observer: Observer, *, networks: Sequence[Genome]
) -> Ending:
    """Train networks and no other: in a new run, or at the end of the list of the run that the folder holds.

    plan: None adds to a run as it was made. Raises UserError where the folder holds no such run, or one that was made
    with other rows, another recipe or other objectives.
    """
    folder = RunFolder(path)
    if plan is not None and not folder.holds_run():
        return start(_as_list(plan), path, choices, observer, networks=networks)
    folder.require()
    with hold(folder):
        run = open_run(path)
        try:
            if plan is not None:
                check_same_meaning(run, plan)
            run = add_networks(run, networks)
        except UserError:
            run.ledger.close()
            raise
        return _conduct(run, choices, observer)


def _as_list(plan: Plan) -> Plan:
    search = plan.settings.search.model_copy(update={"strategy": LISTED})
    return replace(plan, settings=plan.settings.model_copy(update={"search": search}))


def resume(path: Path, choices: Choices, observer: Observer) -> Ending:
    """Go on with a run as if it had never stopped, or extend a finished one (`choices.num_generations`).

    Raises UserError where the folder holds no run, another process runs it, or it was made with operators or a
    fitness function that only a script can give back.
    """
    folder = RunFolder(path)
    folder.require()
    with hold(folder):
        run = open_run(path)
        try:
            _check_operators(run, choices.toolbox)
            _extend(run, choices)
        except UserError:
            run.ledger.close()
            raise
        return _conduct(run, choices, observer)


def _conduct(run: OpenRun, choices: Choices, observer: Observer) -> Ending:
    with closing(run.ledger), interruptible() as interrupted:
        stop = choices.stop
        trackers = _trackers(run, choices)
        asked = replace(with_limits(run, choices), stop=lambda: interrupted() or stop(), trackers=trackers)
        return Sitting(run, asked, observer).conduct()


def _trackers(run: OpenRun, choices: Choices) -> tuple[Tracker, ...]:
    """Those that were given, and of the settings those of other kinds."""
    given = {type(tracker) for tracker in choices.trackers}
    others = (tracker for tracker in trackers_of(run.plan.settings.tracking) if type(tracker) not in given)
    return (*choices.trackers, *others)


LIMITS = ("num_generations", "max_evaluations", "max_epochs", "max_minutes")


def with_limits(run: OpenRun, choices: Choices) -> Choices:
    """The limits of a sitting: what is asked for now, else what the run was last extended to, else its settings."""
    search = run.plan.settings.search
    limits: dict[str, Any] = {
        "num_generations": _planned_generations(run),
        "max_evaluations": search.max_evaluations,
        "max_epochs": search.max_epochs,
        "max_minutes": search.max_minutes,
    }
    for extension in run.ledger.decisions(EXTENDED):
        limits.update(extension)
    limits.update({name: value for name in LIMITS if (value := getattr(choices, name)) is not None})
    return replace(choices, **limits)


def _planned_generations(run: OpenRun) -> int:
    search = run.plan.settings.search
    return -(-len(run.first) // search.population) if search.strategy == LISTED else search.generations


def _extend(run: OpenRun, choices: Choices) -> None:
    """Record limits that are asked for, so that a run that is killed while it is extended knows how far to go."""
    if choices.num_generations is not None and run.plan.settings.search.strategy == LISTED:
        raise UserError(
            f"{run.folder.path}: this run is a list of networks, which no generations continue; add networks with "
            "`evo-nas train`"
        )
    before = with_limits(run, Choices()).num_generations
    if choices.num_generations is not None and before is not None and choices.num_generations < before:
        raise UserError(
            f"{run.folder.path}: this run already plans {before} generations, got --generations "
            f"{choices.num_generations}; give more to extend it"
        )
    asked = {name: value for name in LIMITS if (value := getattr(choices, name)) is not None}
    named = {"generations" if name == "num_generations" else name: value for name, value in asked.items()}
    parse_record(SearchSettings, named, where="resume")
    if asked:
        run.ledger.decide(EXTENDED, asked)


def _check_operators(run: OpenRun, toolbox: Toolbox | None) -> None:
    facts = run.facts
    if facts.custom_fitness and (toolbox is None or not hasattr(toolbox, "evaluate")):
        raise UserError(
            f"{run.folder.path}: the fitness of this run is a function of the script that made it; go on with "
            "evo_nas.resume(run_dir, evaluate=...) from that script"
        )
    if toolbox is None and facts.custom_operators:
        named = ", ".join(f"{name} = {operator}" for name, operator in facts.operators.items())
        raise UserError(
            f"{run.folder.path}: this run uses operators of its script ({named}); go on with "
            "evo_nas.resume(run_dir, toolbox=...) from that script"
        )
    if toolbox is not None and operator_names(toolbox) != facts.operators:
        raise UserError(
            f"{run.folder.path}: expected the operators that the run was made with ({facts.operators}), "
            f"got {operator_names(toolbox)}"
        )
