"""What the trackers of a sitting are told: the loop's news as plain records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from types import TracebackType

from evo_nas.individual import Evaluated, TrainingKey, training_keys
from evo_nas.running.choices import INTERRUPTED, Ending
from evo_nas.running.loop import Generation
from evo_nas.running.preparation import OpenRun
from evo_nas.strategies import DeapIndividual, Records
from evo_nas.tracking import TrackedEnding, TrackedGeneration, TrackedRun, Tracker
from evo_nas.tracking.follower import Follower, Followers, GenerationTold, Told

SHORT_PATIENCE_SECONDS = 5.0
"""Somebody has asked to stop."""


class Followed:
    """The trackers of a sitting. known: the trainings that the ledger held when it began."""

    def __init__(
        self, run: OpenRun, trackers: Sequence[Tracker], known: AbstractSet[TrainingKey], warn: Callable[[str], None]
    ) -> None:
        self._run = run
        self._known = known
        ledger = run.folder.ledger
        self._followers = Followers(tuple(Follower(each, ledger, run.replicates) for each in trackers), warn)

    def began(self, *, num_recorded: int) -> None:
        self._followers.tell(tracked_run(self._run, num_recorded=num_recorded))

    def told(self, generation: Generation) -> None:
        """A generation, after it has been written about."""
        if not self._followers:
            return
        told = [Told(each, self._is_replayed(each)) for each in generation.evaluated]
        for each in told:
            self._followers.tell(each)
        tracked = TrackedGeneration(
            number=generation.number,
            num_evaluated=len(told),
            num_failed=sum(not each.evaluated.outcome.ok for each in told),
            best=evaluated_of(generation.best),
            best_values=generation.best_values,
            hypervolume=generation.hypervolume,
        )
        self._followers.tell(GenerationTold(tracked, all(each.replayed for each in told)))

    def ended(self, ending: Ending, records: Records) -> None:
        """The sitting; waits for the trackers, though not for ever."""
        ranked = tuple(each for each in map(evaluated_of, records.hall_of_fame) if each is not None)
        best = evaluated_of(ending.best)
        self._followers.tell(TrackedEnding(ending.reason, best, ending.scores, ranked, ending.elapsed_seconds))
        if ending.reason == INTERRUPTED:
            self._followers.close(SHORT_PATIENCE_SECONDS)
        else:
            self._followers.close()

    def abandon(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As the end of a context: where it ends in an exception, the trackers are told nothing more."""
        if kind is not None:
            self._followers.close(0.0)

    def _is_replayed(self, evaluated: Evaluated) -> bool:
        return all(key in self._known for key in training_keys(evaluated.individual, self._run.replicates))


def tracked_run(run: OpenRun, *, num_recorded: int = 0) -> TrackedRun:
    """What trackers are told of a run. The recipe has its metrics and its loss filled in."""
    plan = run.plan
    return TrackedRun(
        id=run.facts.id,
        folder=run.folder.path,
        objectives=plan.objectives,
        constraints=plan.constraints,
        encoding=plan.encoding,
        settings=plan.settings.model_dump(mode="json") | {"recipe": plan.recipe.model_dump(mode="json")},
        num_recorded=num_recorded,
    )


def evaluated_of(member: DeapIndividual | None) -> Evaluated | None:
    """A member of DEAP's records as a plain record; None where it stands for nobody."""
    if member is None or member.record is None or member.outcome is None:
        return None
    return Evaluated(member.record, member.outcome)
