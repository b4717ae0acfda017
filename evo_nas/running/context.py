"""What all trainings of a run have in common."""

from __future__ import annotations

from evo_nas.evaluation.evaluator import TrainingContext
from evo_nas.history import Conditions
from evo_nas.running.preparation import OpenRun

PROGRAM_FORM = "plain"
THREADS = 1


def training_context(run: OpenRun) -> TrainingContext:
    """What every task of this run has in common."""
    plan = run.plan
    assert plan.settings.data is not None
    return TrainingContext(
        space=plan.encoding.describe(),
        recipe=plan.recipe.model_dump(mode="json"),
        data=str(run.folder.data),
        split=plan.settings.data.model_dump(mode="json"),
        weights=str(run.folder.weights) if plan.recipe.validation.fraction is not None else None,
    )


def training_conditions(run: OpenRun, device_kind: str) -> str:
    """The part of an outcome's key that is the same for all trainings of a run."""
    plan = run.plan
    assert plan.settings.data is not None
    return Conditions(
        data_fingerprint=run.facts.data_fingerprint,
        split=plan.settings.data,
        recipe=plan.recipe,
        program=PROGRAM_FORM,
        threads=THREADS,
        device=device_kind,
    ).digest()
