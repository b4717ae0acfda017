"""Runs of given networks: from files and dictionaries to genomes, and a run that is continued by more of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evo_nas.config import Settings, Validation, parse_record
from evo_nas.errors import UserError
from evo_nas.history.digest import settings_meaning
from evo_nas.running.preparation import ADDED, OpenRun, Plan, spanned_by
from evo_nas.strategies import LISTED
from genomes import Genome, GenomeError, MlpEncoding, genome_of

Network = Mapping[str, Any] | Genome
"""A dictionary as `genomes.genome_of` reads it, or a genome."""

_NO_SEARCH = {"strategy": LISTED, "fidelity": "full", "survival": "auto", "grid": None, "coarse_to_fine": None}


def read_networks(path: Path) -> list[Any]:
    """The networks of a JSON file: a list of them, or one. Raises UserError where it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f'{path}: no such file; write a list such as [{{"Hidden layers": [110, 110]}}]') from None
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read as JSON ({error})") from None
    return data if isinstance(data, list) else [data]


def with_folds(settings: Settings, folds: int | None) -> Settings:
    """The settings with cross-validation in so many folds; as they are where that is None. Raises UserError."""
    if folds is None:
        return settings
    validation = parse_record(Validation, {"folds": folds}, where="[recipe] validation")
    recipe = settings.recipe.model_copy(update={"validation": validation})
    return settings.model_copy(update={"recipe": recipe})


def genomes_of(networks: Network | Sequence[Network], num_inputs: int | None, *, where: str) -> tuple[Genome, ...]:
    """The genomes of one network or many, in order. num_inputs: of the data, as far as it is known.

    Raises UserError that says which network, which key, what was expected and what came.
    """
    given = [networks] if isinstance(networks, Mapping | Genome) or not isinstance(networks, Iterable) else [*networks]
    if not given:
        raise UserError(f"{where}: expected at least one network, got an empty list")
    return tuple(_genome(network, num_inputs, f"{where}: network {i}") for i, network in enumerate(given, start=1))


def as_listed(genomes: Sequence[Genome]) -> list[Genome]:
    """Genomes of any space as a list trains them: dense ones with all of their genes, and the learning rate as it is.

    Raises UserError where a gene is not legal.
    """
    return [
        _genome(genome, None, f"network {i}") if genome.encoding == MlpEncoding.name else genome
        for i, genome in enumerate(genomes, start=1)
    ]


def listed_plan(plan: Plan, genomes: Sequence[Genome]) -> Plan:
    """The plan of a run that trains these networks and no other, whatever the plan's [search] says of searching.

    The space is the one that they span where they are dense, else the plan's, beyond whose ranges they may lie. Raises
    UserError where there are none, or where some are of another encoding than the others or the plan.
    """
    if not genomes:
        raise UserError(
            f'[search] strategy = "{LISTED}" trains the networks that it is given, and there are none; '
            "`evo-nas train EXPERIMENT.toml NETWORKS.json` gives them, and so does `evo-nas run --from CHECKPOINT`"
        )
    search = plan.settings.search.model_copy(update=_NO_SEARCH)
    settings = plan.settings.model_copy(update={"search": search})
    if all(genome.encoding == MlpEncoding.name for genome in genomes):
        settings = settings.model_copy(update={"space": {"encoding": MlpEncoding.name}})
        return replace(plan, settings=settings, encoding=spanned_by(genomes))
    for i, genome in enumerate(genomes, start=1):
        if genome.encoding != plan.encoding.name:
            raise UserError(
                f"network {i}: expected one of the encoding {plan.encoding.name!r} as [space] says, got one of "
                f"{genome.encoding!r:.100}; a list holds networks of one encoding"
            )
    return replace(plan, settings=settings)


def add_networks(run: OpenRun, genomes: Sequence[Genome]) -> OpenRun:
    """The run with those networks at the end of its list that are not in it yet; written down at once.

    Raises UserError where the run is no list.
    """
    path = run.folder.path
    if run.plan.settings.search.strategy != LISTED:
        raise UserError(
            f"{path}: this run is a search, and networks can only be added to a list; give another folder: what "
            "was trained before is found in the store"
        )
    known = {run.plan.encoding.fingerprint(genome) for genome in run.first}
    new = [genome for genome in genomes if run.plan.encoding.fingerprint(genome) not in known]
    if not new:
        return run
    run.ledger.decide(ADDED, {"networks": [genome.to_json() for genome in new]})
    first = (*run.first, *new)
    encoding = spanned_by(first) if run.plan.encoding.name == MlpEncoding.name else run.plan.encoding
    return replace(run, first=first, plan=replace(run.plan, encoding=encoding))


def check_same_meaning(run: OpenRun, plan: Plan) -> None:
    """Raise UserError where a run was made with other rows or another recipe than a plan asks for."""
    asked = _compared(plan, plan.dataset.fingerprint if plan.dataset else "")
    made = _compared(run.plan, run.facts.data_fingerprint)
    for part, told in asked.items():
        if told != made[part]:
            raise UserError(
                f"{run.folder.path}: this run was made with other {part} than are asked for now; leave them as they "
                "were, or give another folder"
            )


def _compared(plan: Plan, data_fingerprint: str) -> dict[str, Any]:
    meaning = settings_meaning(plan.settings, space={}, data_fingerprint=data_fingerprint)
    return {
        "rows": (meaning["data"], meaning["split"]),
        "terms of training ([recipe])": meaning["recipe"],
        "objectives": plan.objectives,
    }


def _genome(network: Network, num_inputs: int | None, where: str) -> Genome:
    try:
        return genome_of(network.to_json() if isinstance(network, Genome) else network, num_inputs=num_inputs)
    except GenomeError as error:
        raise UserError(f"{where}: {error}") from None
