"""A whole run as a study of Optuna's: for its dashboard, and for whoever goes on with its own tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from statistics import fmean
from typing import Any

from evo_nas.errors import UserError
from evo_nas.individual import Constraint, Evaluated, Individual, Objective, measured
from evo_nas.outcome import Outcome
from evo_nas.strategies.bayesian.distributions import shown_as
from evo_nas.strategies.bayesian.installed import check_installed
from evo_nas.strategies.bayesian.suggestions import quietly
from genomes import Encoding, Genome, GenomeError, values_of

BEGINNING = datetime(2000, 1, 1)
"""When the first trial of an exported study begins: a run records durations and no dates, and equal runs are to give
equal studies."""
LONGEST_TEXT = 1_000
"""Characters of a message that are kept."""


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What of a run its study says beside the trials. name: of the study. attributes: plain data, name by name."""

    name: str
    encoding: Encoding
    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...] = ()
    attributes: Mapping[str, Any] | None = None


def study_of(evaluated: Sequence[Evaluated], facts: StudyFacts, *, storage: Any = None) -> Any:
    """An `optuna.Study` with a trial for each individual, in order.

    Its parameters are the free genes that have an effect ("width_2": of the second layer); its values the objectives;
    its state COMPLETE, FAIL for a failure, or PRUNED where it was judged on a rung; its intermediate values those of
    the first objective an epoch, the mean over the folds, where curves were recorded. User attributes hold the rest.
    Trials follow each other in time from `BEGINNING` on, each as long as its training took.

    storage: what `optuna.create_study` takes; None keeps it in memory. Raises UserError where Optuna is missing, or the
    space has no named parameters.
    """
    check_installed("optuna", "a study of Optuna's")
    import optuna

    with quietly():
        study = optuna.create_study(
            study_name=facts.name,
            storage=storage,
            directions=["maximize" if objective.maximize else "minimize" for objective in facts.objectives],
        )
        for name, value in (facts.attributes or {}).items():
            study.set_user_attr(name, value)
        study.add_trials(_trials(evaluated, facts))
    return study


def export_study(evaluated: Sequence[Evaluated], facts: StudyFacts, file: Path, *, journal: bool) -> None:
    """Write the study to a new file, SQLite or a journal. Raises what `study_of` does, and OSError."""
    check_installed("optuna", "a study of Optuna's")
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    if journal:
        study_of(evaluated, facts, storage=JournalStorage(JournalFileBackend(str(file))))
        return
    with quietly():
        storage = RDBStorage(f"sqlite:///{file}", engine_kwargs={"connect_args": {"timeout": 100}})
    try:
        study_of(evaluated, facts, storage=storage)
    finally:
        storage.engine.dispose()


def _trials(evaluated: Sequence[Evaluated], facts: StudyFacts) -> Iterator[Any]:
    begun = BEGINNING
    for each in evaluated:
        ended = begun + timedelta(seconds=each.outcome.seconds)
        yield _trial(each, facts, begun, ended)
        begun = ended


def _trial(each: Evaluated, facts: StudyFacts, begun: datetime, ended: datetime) -> Any:
    from optuna.trial import FrozenTrial, TrialState, create_trial

    individual, outcome = each.individual, each.outcome
    whole = individual.epochs is None
    state = TrialState.FAIL if not outcome.ok else TrialState.COMPLETE if whole else TrialState.PRUNED
    known = _known(facts.encoding, individual.genome)
    made = create_trial(
        state=state,
        values=[objective.value(outcome) for objective in facts.objectives] if outcome.ok else None,
        params={parameter.name: value for parameter, value in known.items()},
        distributions={parameter.name: shown_as(parameter.values) for parameter in known},
        user_attrs=_attributes(individual, outcome),
        intermediate_values=_by_epoch(outcome, facts.objectives),
        constraints=_excess(outcome, facts.constraints),
    )
    assert isinstance(made, FrozenTrial)
    made.datetime_start, made.datetime_complete = begun, ended
    return made


def _known(encoding: Encoding, genome: Genome) -> Mapping[Any, Any]:
    try:
        return values_of(encoding, genome)
    except GenomeError as error:
        raise UserError(f"a study of Optuna's has named parameters, and {error}") from None


def _attributes(individual: Individual, outcome: Outcome) -> dict[str, Any]:
    """What else is known, as plain data."""
    return {
        "individual": individual.id,
        "generation": individual.generation,
        "parents": list(individual.parents),
        "operator": individual.operator,
        "changes": list(individual.changes),
        "fingerprint": individual.fingerprint,
        "replicate": individual.replicate,
        "rung": individual.epochs,
        "status": outcome.status.value,
        "message": outcome.message[:LONGEST_TEXT],
        "metrics": dict(outcome.metrics),
        "parameters": outcome.parameters,
        "flops": outcome.flops,
        "epochs": list(outcome.epochs),
        "seconds": outcome.seconds,
    }


def _by_epoch(outcome: Outcome, objectives: Sequence[Objective]) -> dict[int, float]:
    """Epoch, from 1 -> the first objective's mean over the folds that were still trained; of one objective only."""
    if len(objectives) > 1:
        return {}
    name = f"validation_{objectives[0].name}"
    curves = [curve[name] for curve in outcome.curves if name in curve]
    rows = [[value for value in row if value is not None] for row in zip_longest(*curves)]
    return {epoch: fmean(row) for epoch, row in enumerate(rows, start=1)}


def _excess(outcome: Outcome, constraints: Sequence[Constraint]) -> dict[str, float] | None:
    if not outcome.ok or not constraints:
        return None
    return {str(each): each.excess(measured(outcome, each.name)) for each in constraints}
