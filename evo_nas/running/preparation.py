"""From settings to a run folder, and from a run folder back. Everything is checked before anything is written."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.config import Recipe, RunFacts, Settings, Task, parse_settings
from evo_nas.data import Dataset, check_splits, load_data, load_dataset, save_dataset
from evo_nas.errors import UserError
from evo_nas.evaluation.forms import check_trainer
from evo_nas.evaluation.inheriting import check_inheritance, trained_by_itself
from evo_nas.history import Ledger, RunFolder
from evo_nas.history.versions import numeric_versions
from evo_nas.individual import Constraint, Objective, fitness_names, parse_objective
from evo_nas.running.augmenting import check_augmentation, without_company
from evo_nas.running.completing import completed_space, with_absolute_paths
from evo_nas.strategies import LISTED, Records, SizeLimits, check_fidelity, check_sampler, most_proposals, size_limits
from genomes import Encoding, Genome, GenomeError, MlpEncoding, Shape, encoding_from, spanning_space

ADDED = "session:listed"
"""The kind of decision that holds networks which a list was continued by."""
INJECTION = "inject"
"""The kind of decision that holds a network which was put into the run, and the number of its proposal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides a run. recipe: the settings' recipe with metrics and loss filled in for the data's task."""

    settings: Settings
    encoding: Encoding
    objectives: tuple[Objective, ...]
    recipe: Recipe
    dataset: Dataset | None = None

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        return self.settings.search.parsed_constraints()


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run folder that this process alone may write to. first: the genomes that it was started from, if any."""

    plan: Plan
    folder: RunFolder
    ledger: Ledger
    first: tuple[Genome, ...] = ()

    @property
    def replicates(self) -> int:
        """How many trainings make an individual's outcome; a fitness function is called once."""
        return self.plan.recipe.replicates if self.plan.settings.data is not None else 1

    @property
    def epochs(self) -> int | None:
        """Of the recipe; None for a fitness function."""
        return self.plan.recipe.epochs if self.plan.settings.data is not None else None

    @property
    def injected(self) -> Mapping[int, Genome]:
        """The networks that were put into the run, by the number of the proposal that may be theirs."""
        decisions = self.ledger.decisions(INJECTION)
        return {each["proposal"]: Genome.from_json(each["genome"]) for each in decisions}

    def num_proposals(self, num_generations: int) -> int:
        """How many proposals so many generations are. A list has its own number, whatever the settings say, and a grid
        has no more than its points.
        """
        search = self.plan.settings.search
        if search.strategy == LISTED:
            return len(self.first)
        most = most_proposals(self.plan.encoding, search, len(self.first))
        planned = num_generations * search.population
        return planned if most is None else min(planned, most)

    @property
    def limits(self) -> SizeLimits | None:
        """What no network may exceed, as far as that is known before it is trained."""
        facts = self.facts
        return size_limits(self.plan.encoding, self.plan.constraints, facts.input_shape, facts.num_outputs)

    def new_records(self) -> Records:
        """Records that nothing has been told yet."""
        plan = self.plan
        hall_of_fame = plan.settings.search.hall_of_fame
        return Records(plan.objectives, hall_of_fame=hall_of_fame, constraints=plan.constraints)

    @property
    def facts(self) -> RunFacts:
        facts = self.plan.settings.run
        assert facts is not None, "a run folder's settings always hold its facts"
        return facts


def make_plan(settings: Settings, *, base: Path, dataset: Dataset | None = None) -> Plan:
    """Read the space, load the data, and see that everything fits. Raises UserError where it does not.

    base: the folder that a relative data path is relative to. dataset: rows that were handed over in Python.
    """
    check_sampler(settings.search)
    encoding = read_space(settings.space)
    settings = _with_absolute_path(settings, base)
    if dataset is None and settings.data is not None:
        dataset = load_data(settings.data, base=base)
    if dataset is None:
        objectives = tuple(parse_objective(text) for text in settings.search.objectives)
        if not objectives:
            raise UserError('a fitness function needs objectives, for example objectives=["maximize score"]')
        settings.search.parsed_constraints()
        settings.search.survivors_by(len(objectives))
        check_fidelity(settings.search, None)
        check_inheritance(settings.search, None, encoding)
        return Plan(settings, encoding, objectives, settings.recipe)
    encoding = fitted_space(encoding, dataset.input_shape, dataset.num_outputs)
    if not encoding.is_complete:
        space = completed_space(settings.space, dataset.input_shape, settings.evaluation)
        settings = settings.model_copy(update={"space": space})
        encoding = fitted_space(read_space(space), dataset.input_shape, dataset.num_outputs)
    recipe, objectives = _meant(settings, dataset.task)
    check_trainer(recipe.trainer, encoding)
    check_inheritance(settings.search, recipe, encoding)
    _check_class_weights(recipe, dataset)
    check_augmentation(recipe, encoding, dataset)
    assert settings.data is not None, "rows come with data settings"
    check_splits(dataset, settings.data, recipe)
    return Plan(settings, encoding, objectives, recipe, dataset)


def _meant(settings: Settings, task: Task) -> tuple[Recipe, tuple[Objective, ...]]:
    """Recipe and objectives for a task. Where seconds are an objective or a constraint, or weights are inherited, every
    network has its trainer to itself.

    Raises UserError where they do not fit.
    """
    recipe = settings.recipe.for_task(task)
    objectives = settings.search.parsed_objectives(recipe)
    settings.search.survivors_by(len(objectives))
    check_fidelity(settings.search, recipe.epochs)
    if settings.search.inherit != "none":
        recipe = trained_by_itself(recipe)
    if recipe.augmentation.on:
        recipe = without_company(recipe)
    if "seconds" not in fitness_names(objectives, settings.search.parsed_constraints(recipe)):
        return recipe, objectives
    if recipe.trainer == "population":
        raise UserError(
            '[recipe] trainer = "population": networks that are trained together have no seconds of their own, and '
            'seconds are an objective or a constraint; use "auto" or "plain"'
        )
    return recipe.model_copy(update={"trainer": "plain"}), objectives


def _check_class_weights(recipe: Recipe, dataset: Dataset) -> None:
    weights = recipe.class_weights
    if not isinstance(weights, Mapping):
        return
    for name, weight in weights.items():
        if name not in dataset.classes or weight < 0:
            raise UserError(
                f"[recipe] class_weights: expected a weight of 0 or more for a class of {dataset.name} "
                f"({', '.join(dataset.classes)}), got {name} = {weight:g}"
            )


def _with_absolute_path(settings: Settings, base: Path) -> Settings:
    """So that a run's own config.toml can be run again from anywhere."""
    data, tracking, changed = settings.data, settings.tracking, dict[str, Any]()
    changed["space"] = with_absolute_paths(settings.space, base)
    if data is not None:
        given = {key: value for key in ("path", "images", "test_images") if (value := getattr(data, key)) is not None}
        changed["data"] = data.model_copy(update={key: str((base / value).resolve()) for key, value in given.items()})
    if tracking.tensorboard is not None:
        folder = str((base / tracking.tensorboard).resolve())
        changed["tracking"] = tracking.model_copy(update={"tensorboard": folder})
    return settings.model_copy(update=changed)


def read_space(space: Mapping[str, Any]) -> Encoding:
    """The encoding that a [space] section describes, with GenomeError turned into UserError."""
    try:
        return encoding_from(space)
    except GenomeError as error:
        raise UserError(str(error)) from None


def fitted_space(encoding: Encoding, input_shape: Shape, num_outputs: int) -> Encoding:
    """The space for the data. Raises UserError where its networks cannot take such rows."""
    try:
        return encoding.for_data(input_shape, num_outputs)
    except GenomeError as error:
        said = str(error)
        raise UserError(said if said.startswith("[space]") else f"[space]: {said}") from None


def spanned_by(networks: Sequence[Genome]) -> Encoding:
    """The smallest space in which dense networks lie, at least one: that of a list."""
    return MlpEncoding.from_space(spanning_space(networks))


def default_folder(experiment: str) -> Path:
    """`runs/<experiment>-<date>-<random>`, relative to the working directory."""
    return Path("runs") / f"{experiment}-{date.today():%Y%m%d}-{secrets.token_hex(3)}"


def create_run(plan: Plan, path: Path, *, facts: Mapping[str, Any], first: Sequence[Genome] = ()) -> OpenRun:
    """Make the run folder: settings, data and an empty ledger. Raises UserError where the folder holds something."""
    folder = RunFolder(path)
    folder.create()
    run = RunFacts(
        id=secrets.token_hex(8),
        data_fingerprint=plan.dataset.fingerprint if plan.dataset else "",
        input_shape=plan.dataset.input_shape if plan.dataset else None,
        num_outputs=plan.dataset.num_outputs if plan.dataset else None,
        num_test_rows=plan.dataset.num_test if plan.dataset else 0,
        task=plan.dataset.task if plan.dataset else None,
        versions=dict(numeric_versions()),
        **facts,
    )
    settings = plan.settings.model_copy(update={"run": run})
    try:
        if plan.dataset is not None:
            save_dataset(plan.dataset, folder.data)
        write_atomically(folder.config, settings.to_toml())
    except OSError as error:
        raise UserError(f"{path}: the run cannot be written ({error}); free the disk and run it again") from None
    meta = {
        "settings": settings.model_dump_json(),
        "first": json.dumps([genome.to_json() for genome in first], allow_nan=False),
    }
    ledger = Ledger.create(folder.ledger, meta)
    return OpenRun(
        Plan(settings, plan.encoding, plan.objectives, plan.recipe, plan.dataset), folder, ledger, tuple(first)
    )


def open_run(path: Path, *, read_only: bool = False) -> OpenRun:
    """Open a run folder as it was made. Raises UserError where it is none, is damaged, or another version's."""
    folder = RunFolder(path)
    folder.require()
    ledger = Ledger.read_only(folder.ledger) if read_only else Ledger.open(folder.ledger)
    try:
        return _opened(folder, ledger)
    except BaseException:
        ledger.close()
        raise


def _opened(folder: RunFolder, ledger: Ledger) -> OpenRun:
    settings = recorded_settings(json.loads(ledger.meta("settings")), where=str(folder.ledger))
    added = [data for decision in ledger.decisions(ADDED) for data in decision["networks"]]
    first = tuple(Genome.from_json(data) for data in [*json.loads(ledger.meta("first")), *added])
    encoding = read_space(settings.space)
    if settings.search.strategy == LISTED and encoding.name == MlpEncoding.name and first:
        encoding = spanned_by(first)
    if settings.data is None:
        objectives = tuple(parse_objective(text) for text in settings.search.objectives)
        return OpenRun(Plan(settings, encoding, objectives, settings.recipe), folder, ledger, first)
    facts = settings.run
    assert facts is not None
    assert facts.task is not None
    recipe, objectives = _meant(settings, facts.task)
    if facts.input_shape is not None and facts.num_outputs is not None:
        encoding = fitted_space(encoding, facts.input_shape, facts.num_outputs)
    return OpenRun(Plan(settings, encoding, objectives, recipe), folder, ledger, first)


def recorded_settings(recorded: dict[str, Any], *, where: str) -> Settings:
    """The settings of a run as it wrote them. What a version did not know, it did as it says here.

    Raises UserError, KeyError or AttributeError where they are none.
    """
    recorded["recipe"].setdefault("trainer", "plain")
    for name, value in (("adapt", False), ("restarts", 0), ("stop_when_converged", False)):
        recorded["search"].setdefault(name, value)
    if len(recorded["search"].get("objectives", ())) > 2:
        recorded["search"].setdefault("survival", "nsga2")
    return parse_settings(recorded, where=where)


def with_dataset(run: OpenRun) -> OpenRun:
    """The run with its rows, from the copy in its folder. Raises UserError where they are missing or changed."""
    facts = run.facts
    if run.plan.dataset is not None or not facts.data_fingerprint:
        return run
    dataset = load_dataset(run.folder.data)
    if dataset.fingerprint != facts.data_fingerprint:
        raise UserError(f"{run.folder.data}: these are not the rows that the run was made with; restore the file")
    plan = Plan(run.plan.settings, run.plan.encoding, run.plan.objectives, run.plan.recipe, dataset)
    return OpenRun(plan, run.folder, run.ledger, run.first)
