"""A list of requests becomes a list of outcomes, trained together: the population's side of `train_candidate`."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import tensorflow as tf

from evo_nas.config import BYTES_PER_MB
from evo_nas.errors import UserError, described
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.training.examples import check_class_weights
from evo_nas.training.fold_results import FoldResult, combined, memory_refusal
from evo_nas.training.fusing import POPULATION, refusal
from evo_nas.training.news import Alive, Report, alive_by
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.places import places_for
from evo_nas.training.population.alone import Seen, member_of
from evo_nas.training.population.cohort import Cohort
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member
from evo_nas.training.request import TrainingRequest
from evo_nas.training.rung import Rung, Snapshot, load_snapshots, save_snapshots, training_name


def train_cohort(
    requests: Sequence[TrainingRequest],
    report: Report,
    *,
    confirm: bool,
    memory_mb: int,
    rungs: Sequence[Rung | None] | None = None,
) -> list[Outcome]:
    """Train genomes on every fold of their replicates, all together.

    The requests share data and recipe; their order and company change no bit of an outcome (law 4). confirm: score
    the kept weights on the confirmation rows too. memory_mb: bound on the data and noise held on the device. rungs:
    one for each request, where only a part of the epochs is wanted; the outcome is then that of the epochs so far.

    A single request is total as `train_candidate` is (law 1). Of several, what goes wrong with one member alone is
    its outcome; what stops the program for all (memory that ran out) is raised: who asked tries again with fewer.
    """
    started, wanted = time.monotonic(), rungs or [None] * len(requests)
    seen: Seen = {}
    try:
        candidates = [
            _candidate(request, rung, seen, alive_by(report)) for request, rung in zip(requests, wanted, strict=True)
        ]
        outcomes = _train(candidates, report, confirm=confirm, limit_bytes=memory_mb * BYTES_PER_MB)
    except Exception as error:
        if len(requests) > 1:
            raise
        out_of_memory = isinstance(error, MemoryError | tf.errors.ResourceExhaustedError)
        outcomes = [failure(Status.OUT_OF_MEMORY if out_of_memory else Status.CRASHED, described(error))]
    seconds = (time.monotonic() - started) / max(1, len(outcomes))
    return [replace(outcome, seconds=seconds) for outcome in outcomes]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """members: one for each fold; none where the outcome is known before anything is trained.

    snapshots: of the members, where they are taken up; else none.
    """

    training: OpenTraining
    rung: Rung
    outcome: Outcome
    members: tuple[Member, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()

    @property
    def request(self) -> TrainingRequest:
        return self.training.request


@dataclass(frozen=True, slots=True)
class _Group:
    """What members must share to be trained by one cohort. first_epoch: None for those that have finished."""

    form: Form
    batch_size: int
    num_training: int
    num_validation: int
    first_epoch: int | None
    last_epoch: int


def _train(candidates: Sequence[_Candidate], report: Report, *, confirm: bool, limit_bytes: int) -> list[Outcome]:
    results: dict[int, FoldResult] = {}
    snapshots: dict[int, Snapshot] = {}
    before = {id(m): s for one in candidates for m, s in zip(one.members, one.snapshots, strict=False)}
    for group, members in _groups(candidates).items():
        recipe = candidates[0].request.recipe
        taken_up = None if group.first_epoch == 0 else before
        cohort = Cohort(group.form, members, recipe, limit_bytes=limit_bytes, report=report, snapshots=taken_up)
        cohort.train(group.last_epoch)
        if any(candidate.rung.after for candidate in candidates):
            snapshots |= cohort.snapshots()
        results |= cohort.results(confirm=confirm)
        cohort.release()
    _hand_back(candidates, snapshots)
    return [_outcome(candidate, results) for candidate in candidates]


def _outcome(candidate: _Candidate, results: Mapping[int, FoldResult]) -> Outcome:
    if not candidate.members:
        return candidate.outcome
    return combined(candidate.outcome, [results[id(member)] for member in candidate.members])


def _hand_back(candidates: Sequence[_Candidate], snapshots: Mapping[int, Snapshot]) -> None:
    for candidate in candidates:
        if candidate.rung.after and candidate.members:
            own = [snapshots[id(member)] for member in candidate.members]
            save_snapshots(own, candidate.rung.after, name=training_name(candidate.training))


def _candidate(request: TrainingRequest, rung: Rung | None, seen: Seen, alive: Alive) -> _Candidate:
    training, rung = OpenTraining.of(request, alive), rung or Rung(request.recipe.epochs)
    dataset = training.data.dataset
    size = request.encoding.size(request.genome, dataset.input_shape, dataset.num_outputs)
    sized = Outcome(Status.OK, parameters=size.parameters, flops=size.flops)
    places = int(places_for(len(training.folds), num_members=len(training.folds)))
    together = replace(size, training_bytes=size.training_bytes * places)
    if reason := memory_refusal(together, request.recipe.memory_limit_mb) or _why_invalid(training):
        return _Candidate(training, rung, replace(sized, status=Status.INVALID, message=reason))
    try:
        snapshots = _taken_up(training, rung)
    except UserError as error:
        return _Candidate(training, rung, replace(sized, status=Status.CRASHED, message=str(error)))
    members = tuple(member_of(training, fold, number, seen) for number, fold in enumerate(training.folds))
    return _Candidate(training, rung, sized, members, snapshots)


def _taken_up(training: OpenTraining, rung: Rung) -> tuple[Snapshot, ...]:
    """One for each fold; none where the training begins here, or its file is gone: it then comes to the same bits."""
    if rung.before is None or not rung.before.exists():
        return ()
    snapshots = load_snapshots(rung.before, len(training.folds), name=training_name(training))
    if len(snapshots) < len(training.folds):
        raise UserError(f"{rung.before}: this training was begun with fewer folds")
    return tuple(snapshots)


def _why_invalid(training: OpenTraining) -> str:
    request = training.request
    if reason := refusal(request.genome, POPULATION):
        return reason
    try:
        check_class_weights(request.recipe.class_weights, training.data.dataset.classes)
    except UserError as error:
        return str(error)
    return ""


def _groups(candidates: Sequence[_Candidate]) -> Mapping[_Group, list[Member]]:
    groups: defaultdict[_Group, list[Member]] = defaultdict(list)
    for candidate in candidates:
        for number, member in enumerate(candidate.members):
            snapshot = candidate.snapshots[number] if candidate.snapshots else None
            groups[_group(candidate, member, snapshot)].append(member)
    return groups


def _group(candidate: _Candidate, member: Member, snapshot: Snapshot | None) -> _Group:
    request = candidate.request
    first_epoch = 0 if snapshot is None else snapshot.num_epochs if snapshot.state else None
    return _Group(
        form=Form.of(request.genome, request.encoding, request.recipe, member.num_inputs),
        batch_size=int(member.genes["batch_size"]),
        num_training=len(member.examples.train),
        num_validation=len(member.examples.validation),
        first_epoch=first_epoch,
        last_epoch=min(candidate.rung.epochs, request.recipe.epochs),
    )
