"""Everything that the page's script draws, as one piece of plain data."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from evo_nas.errors import UserError
from evo_nas.individual import Objective
from evo_nas.report.page.columns import gene_columns, individual_columns
from evo_nas.report.page.curves import thinned_curves
from evo_nas.report.page.family import tree
from evo_nas.report.page.networks import network_rows
from evo_nas.report.page.paid import what_paid
from evo_nas.report.page.progress import Progress
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.spending import where_time_went
from evo_nas.report.page.words import cut

FORMAT = 1
CANNOT = (UserError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What a panel makes of records that are incomplete, or of numbers at the edge of what a float can hold."""


def payload(
    record: RunRecord, progress: Progress, missing: list[str], importance: Callable[[], Any] = lambda: None
) -> dict[str, Any]:
    """Plain data for the script. What cannot be made is null, and a sentence about it is added to `missing`.

    importance: of the genes, as `report.importance.Importance.to_json` tells it and "of", how many networks there are;
    asked for last.
    """
    best_id = progress.best.individual.id if progress.best else None
    family = tree(record, best_id)
    shown = {*family["line"], *progress.front}
    return {
        "format": FORMAT,
        "objectives": [_objective(objective) for objective in record.objectives],
        "constrained": bool(record.constraints),
        "inputs": _num_inputs(record),
        "outputs": record.facts.get("num_outputs"),
        "task": record.facts.get("task"),
        "recipe_epochs": record.epochs,
        "has_folds": _has_folds(record),
        "best": best_id,
        "front": list(progress.front),
        "reference": list(progress.reference) if progress.reference else None,
        "individuals": individual_columns(record),
        "genome": gene_columns(record),
        "tree": family,
        "generations": progress.rows(record),
        "networks": attempt("the networks", lambda: network_rows(record, shown), missing),
        "curves": attempt("the learning curves", lambda: thinned_curves(record, family["line"]), missing),
        "paid": attempt("the gains of operators and genes", lambda: what_paid(record), missing),
        "time": attempt("where the time went", lambda: where_time_went(record, progress.best), missing),
        "importance": attempt("the importance of genes", importance, missing),
    }


def attempt(what: str, make: Callable[[], Any], missing: list[str]) -> Any:
    """What `make` returns; None, and a sentence in `missing`, where it fails."""
    try:
        return make()
    except CANNOT as error:
        missing.append(cut(f"The panel on {what} could not be made: {error}"))
        return None


def _objective(objective: Objective) -> dict[str, Any]:
    return {"name": cut(objective.name), "maximize": objective.maximize}


def _has_folds(record: RunRecord) -> bool:
    """Whether the epochs of a training are those of several networks."""
    validation = record.section("recipe").get("validation")
    return record.replicates > 1 or bool(isinstance(validation, dict) and validation.get("folds"))


def _num_inputs(record: RunRecord) -> int | None:
    shape = record.facts.get("input_shape")
    return prod(shape) if shape else None
