"""What all trainings of a run have in common."""

from __future__ import annotations

from evo_nas.evaluation.evaluator import TrainingContext
from evo_nas.history import Conditions
from evo_nas.history.versions import numeric_versions
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
        data=str(run.folder.data.resolve()),
        split=plan.settings.data.model_dump(mode="json"),
        weights=str(run.folder.weights.resolve()) if plan.recipe.validation.fraction is not None else None,
    )


def training_conditions(run: OpenRun, device: str) -> str:
    """The part of an outcome's key that is the same for all trainings of a run."""
    plan = run.plan
    assert plan.settings.data is not None
    return Conditions(
        data_fingerprint=run.facts.data_fingerprint,
        split=plan.settings.data,
        recipe=plan.recipe,
        program=PROGRAM_FORM,
        threads=THREADS,
        device=device,
    ).digest()


def changed_versions(run: OpenRun) -> str:
    """What is installed in another version than the run was made with, as a sentence; empty if nothing is."""
    made_with = run.facts.versions
    changes = [
        f"{name} {made_with[name]} -> {now}" for name, now in numeric_versions() if made_with.get(name, now) != now
    ]
    return f"the run was made with other versions ({', '.join(changes)})" if changes else ""
