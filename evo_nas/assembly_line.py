"""The assembly line: networks that a person wrote down, trained and ranked like those that a search finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from math import prod
from pathlib import Path
from typing import Any

from evo_nas.config import Recipe, Settings, parse_record
from evo_nas.errors import UserError
from evo_nas.estimator import load_run
from evo_nas.python_arguments import Data, data_name, open_observer, open_store_within, read_data
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.listed import Network, genomes_of
from evo_nas.running.preparation import Plan, default_folder, make_plan, open_run
from evo_nas.strategies import LISTED
from evo_nas.tracking import Tracker

NO_SEARCH = {"strategy": LISTED, "confirmation_replicates": 0}


def train(
    networks: Network | Sequence[Network],
    data: Data | None = None,
    *,
    recipe: Mapping[str, Any] | Recipe | None = None,
    objectives: Sequence[str] = (),
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    run_dir: str | Path | None = None,
    workers: int | None = None,
    store: str | None = None,
    trackers: Sequence[Tracker] = (),
    display: bool = True,
) -> Result:
    """Train these networks and no other, and return what came of it: `result.ranking` is the table, best first.

    networks: dictionaries (`genomes.genome_of` says which keys), genomes, or one of them. run_dir: where a run of an
    earlier call lies, they are added at the end of its list, but those that it has already; data and recipe may then be
    left out, and must otherwise be the same. data, recipe, objectives, settings, workers, store, trackers, display: as
    in `search`. Nothing confirms the winner on new seeds unless `settings={"search": {"confirmation_replicates": 3}}`.

    Raises UserError, before anything is written, for whatever is wrong with any of these; it names network and key.
    """
    plan = None if data is None else _plan(data, recipe, objectives, settings or {})
    if plan is None and (run_dir is None or recipe is not None or objectives or settings):
        raise UserError("train: expected data to train on, or the run_dir alone of a list that is to be continued")
    path = Path(run_dir) if run_dir is not None else default_folder(data_name(plan) if plan else "networks")
    genomes = genomes_of(networks, _num_inputs(plan, path), where="train")
    with ExitStack() as stack:
        observer = open_observer(stack, display)
        choices = Choices(workers=workers, store=open_store_within(stack, store, observer), trackers=tuple(trackers))
        launch.train_networks(plan, path, choices, observer, networks=genomes)
    return load_run(path)


def _plan(
    data: Data,
    recipe: Mapping[str, Any] | Recipe | None,
    objectives: Sequence[str],
    settings: Mapping[str, Mapping[str, Any]],
) -> Plan:
    sections: dict[str, Any] = {section: dict(values) for section, values in settings.items()}
    sections["search"] = {**NO_SEARCH, "objectives": tuple(objectives), **sections.get("search", {})}
    dataset, sections["data"] = read_data(data, sections.get("data", {}))
    sections["space"] = {"encoding": "mlp"}
    sections["recipe"] = recipe.model_dump() if isinstance(recipe, Recipe) else dict(recipe or {})
    return make_plan(parse_record(Settings, sections, where="train"), base=Path.cwd(), dataset=dataset)


def _num_inputs(plan: Plan | None, path: Path) -> int | None:
    if plan is not None and plan.dataset is not None:
        return plan.dataset.num_inputs
    run = open_run(path, read_only=True)
    run.ledger.close()
    return prod(run.facts.input_shape) if run.facts.input_shape else None
