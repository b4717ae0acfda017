"""What each run of a comparison is run with: its strategy and its seed are its own, all the rest is equal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evo_nas.comparing.budget import Budget
from evo_nas.comparing.contestants import Contestant
from evo_nas.config import Settings, parse_settings
from evo_nas.data import Dataset
from evo_nas.errors import UserError
from evo_nas.history import RunFolder
from evo_nas.running.choices import Choices
from evo_nas.running.launch import with_limits
from evo_nas.running.preparation import Plan, make_plan, open_run
from evo_nas.strategies import check_sampler, make_strategy, make_toolbox

LIMITS = {"generations", "max_evaluations", "max_epochs", "max_minutes"}
"""What may grow when a comparison is asked for again with a larger budget."""


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One strategy on one seed, and where it is written."""

    contestant: Contestant
    seed: int
    budget: Budget
    plan: Plan
    folder: RunFolder

    @property
    def label(self) -> str:
        return f"{self.contestant.name}, seed {self.seed}"


def plan_runs(
    settings: Settings,
    contestants: Sequence[Contestant],
    *,
    seeds: int,
    budget: Budget,
    base: Path,
    run_dir: Path,
) -> list[PlannedRun]:
    """Every strategy on every seed, seed by seed, so that a machine that slows down slows all of them alike.

    Seed k is added to the settings' search seed, to their split seed and to their evaluation seed: within a seed all
    strategies see the same rows and the same noise, which is what pairs them, and over the seeds both vary. base: the
    folder that a data path is relative to.

    Raises UserError, before anything is trained, where the settings do not fit a strategy, and where `run_dir` holds
    runs of other settings.
    """
    planned: list[PlannedRun] = []
    dataset: Dataset | None = None
    for seed in range(seeds):
        for contestant in contestants:
            own = settings_of(settings, contestant, seed, budget)
            plan = _plan(contestant, own, base, dataset)
            dataset = plan.dataset
            planned.append(
                PlannedRun(contestant, seed, budget, plan, RunFolder(run_dir / contestant.folder / str(seed)))
            )
    for run in planned:
        _check(run)
    return planned


def installed(settings: Settings, contestants: Sequence[Contestant]) -> tuple[list[Contestant], list[str]]:
    """Those whose packages are there, and a sentence about each other one, which is left out.

    Raises UserError where nobody remains.
    """
    remaining, remarks = [], []
    for contestant in contestants:
        search = settings_of(settings, contestant, 0, Budget(evaluations=1)).search
        try:
            check_sampler(search)
            remaining.append(contestant)
        except UserError as error:
            remarks.append(f"{contestant.name} is left out: {error}")
    if not remaining:
        raise UserError(f"--strategies: nobody takes part; {'; '.join(remarks)}")
    return remaining, remarks


def settings_of(settings: Settings, contestant: Contestant, seed: int, budget: Budget) -> Settings:
    """The settings of one run. Only keys that were given are written down, so that a strategy's own defaults hold."""
    data: dict[str, Any] = settings.model_dump(mode="json", exclude_unset=True, exclude_none=True, exclude={"run"})
    given = {name: value for name, value in data.get("search", {}).items() if name not in LIMITS}
    data["search"] = {
        **given,
        **contestant.search,
        **budget.limits,
        "seed": settings.search.seed + seed,
        "generations": budget.generations(settings.search.population),
    }
    data["recipe"] = {**data.get("recipe", {}), "evaluation_seed": settings.recipe.evaluation_seed + seed}
    if settings.data is not None:
        data["data"] = {**data["data"], "split_seed": settings.data.split_seed + seed}
    return parse_settings(data, where=f"compare, {contestant.name}")


def _plan(contestant: Contestant, settings: Settings, base: Path, dataset: Dataset | None) -> Plan:
    try:
        return make_plan(settings, base=base, dataset=dataset)
    except UserError as error:
        raise UserError(f"{contestant.name}: {error}") from None


def _check(run: PlannedRun) -> None:
    """Raise UserError where the strategy does not take its settings, or the folder is that of something else."""
    plan, search = run.plan, run.plan.settings.search
    toolbox = make_toolbox(plan.encoding, search, plan.objectives)
    make_strategy(plan.encoding, toolbox, search, plan.objectives, epochs=plan.recipe.epochs)
    if not run.folder.holds_run():
        run.folder.check_free()
        return
    there, spent = _recorded(run.folder)
    if _meaning(there) != _meaning(plan.settings):
        raise UserError(
            f"{run.folder.path}: expected a run of this comparison, but it was made with other settings; "
            "give another --run-dir"
        )
    if not run.budget.covers(spent):
        raise UserError(
            f"{run.folder.path}: this run has a budget of {spent}, got {run.budget}; give at least as many of the "
            "same, or another --run-dir"
        )


def extension(run: PlannedRun, choices: Choices) -> Choices:
    """The choices with which a run that is there goes on: with new limits only where its own are smaller."""
    there, budget = _recorded(run.folder)
    if budget == run.budget:
        return choices
    limits = run.budget.limits
    return replace(
        choices,
        num_generations=max(run.plan.settings.search.generations, there.search.generations),
        max_evaluations=limits.get("max_evaluations"),
        max_epochs=limits.get("max_epochs"),
    )


def _recorded(folder: RunFolder) -> tuple[Settings, Budget]:
    """The settings of a run that is there, with the generations that it was last extended to, and its budget."""
    opened = open_run(folder.path, read_only=True)
    with closing(opened.ledger):
        limits = with_limits(opened, Choices())
    settings = opened.plan.settings
    search = settings.search.model_copy(update={"generations": limits.num_generations})
    return settings.model_copy(update={"search": search}), Budget(limits.max_evaluations, limits.max_epochs)


def _meaning(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude={"run": True, "evaluation": True, "search": LIMITS})
