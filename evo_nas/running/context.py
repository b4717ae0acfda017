"""What all trainings of a run have in common."""

from __future__ import annotations

from math import ceil

from evo_nas.data import numbers_kept_back
from evo_nas.evaluation.cohort_cost import CohortTerms
from evo_nas.evaluation.evaluator import TrainingContext
from evo_nas.evaluation.forms import FORMS, is_branched
from evo_nas.history import Conditions
from evo_nas.history.versions import numeric_versions
from evo_nas.individual import fitness_names
from evo_nas.running.preparation import OpenRun, Plan
from evo_nas.running.trainings import Terms
from genomes import Shape, TransferEncoding

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
        rungs=None if _is_timed(plan) else str(run.folder.rungs.resolve()),
        image_memory_mb=plan.settings.evaluation.image_memory_mb,
    )


def _is_timed(plan: Plan) -> bool:
    """Whether seconds decide: they are then those of a whole training, which goes on from no rung."""
    return "seconds" in fitness_names(plan.objectives, plan.constraints)


def training_terms(run: OpenRun, device: str) -> Terms:
    """What the trainings of this run have in common, on a kind of device."""
    plan = run.plan
    return Terms(
        context=training_context(run),
        trainer=plan.recipe.trainer,
        conditions={program: training_conditions(run, program, device) for program in FORMS},
        cohorts=cohort_terms(run),
        limits=run.limits,
        time_limit_seconds=plan.settings.evaluation.time_limit_seconds,
        inherits=plan.settings.search.inherit != "none",
    )


def training_conditions(run: OpenRun, program: str, device: str) -> str:
    """The part of an outcome's key that is the same for all trainings of a run by programs of one form."""
    plan = run.plan
    assert plan.settings.data is not None
    return Conditions(
        data_fingerprint=run.facts.data_fingerprint,
        split=plan.settings.data,
        recipe=plan.recipe,
        program=program,
        threads=THREADS,
        device=device,
    ).digest()


def cohort_terms(run: OpenRun) -> CohortTerms:
    """What the cost of a cohort depends on besides its members: the shape of the data, the recipe and the settings."""
    plan = run.plan
    assert plan.settings.data is not None
    assert plan.dataset is not None
    rows, split, validation = plan.dataset.num_rows, plan.settings.data, plan.recipe.validation
    num_search = rows - sum(numbers_kept_back(plan.dataset, split))
    fraction = validation.fraction
    num_held_out = num_search // validation.folds if validation.folds else ceil((fraction or 0.0) * num_search)
    return CohortTerms(
        training_rows=num_search - num_held_out,
        search_rows=num_search,
        input_shape=_fused_shape(plan),
        num_outputs=plan.dataset.num_outputs,
        folds=validation.folds or 1,
        epochs=plan.recipe.epochs,
        memory_mb=plan.settings.evaluation.cohort_memory_mb,
        branched=is_branched(plan.encoding),
    )


def _fused_shape(plan: Plan) -> Shape:
    """Of the rows that members of cohorts are fed: those of the data, or the features of a frozen backbone."""
    assert plan.dataset is not None
    features = plan.encoding.num_features if isinstance(plan.encoding, TransferEncoding) else None
    return plan.dataset.input_shape if features is None else (features,)


def changed_versions(run: OpenRun) -> str:
    """What is installed in another version than the run was made with, as a sentence; empty if nothing is."""
    made_with = run.facts.versions
    changes = [
        f"{name} {made_with[name]} -> {now}" for name, now in numeric_versions() if made_with.get(name, now) != now
    ]
    return f"the run was made with other versions ({', '.join(changes)})" if changes else ""
