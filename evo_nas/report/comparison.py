"""What is known of the runs of a comparison, and how it becomes curves over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Literal

from evo_nas.individual import Objective

ScoreName = Literal["search", "confirmation", "test"]
SCORES: tuple[ScoreName, ...] = ("search", "confirmation", "test")


@dataclass(frozen=True, slots=True)
class Step:
    """What a run would have answered after so much work.

    trainings: distinct (genome, replicate). epochs: trained so far, over all folds. seconds: of the clock, over all
    sittings; None where nobody noted them. score: of the answer by its first measurement, which is on the same rows for
    all strategies of a seed; None before the first success.
    """

    trainings: int
    epochs: int
    seconds: float | None
    score: float | None


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One strategy on one seed. reason: how it ended. scores: name -> value of the first objective, as far as known."""

    strategy: str
    seed: int
    reason: str
    trainings: int
    epochs: int
    seconds: float
    scores: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        names = ("strategy", "seed", "reason", "trainings", "epochs", "seconds")
        data: dict[str, Any] = {name: getattr(self, name) for name in names}
        steps = [[step.trainings, step.epochs, step.seconds, step.score] for step in self.steps]
        return {**data, "scores": dict(self.scores), "steps": steps}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ComparedRun:
        """The inverse of `to_json`. Raises KeyError, TypeError or ValueError where the data is no such run."""
        steps = tuple(Step(int(trainings), int(epochs), *rest) for trainings, epochs, *rest in data["steps"])
        return cls(**{**data, "steps": steps})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs of several strategies on the same seeds. strategies: in the order asked for; the first is compared with
    each other one."""

    strategies: tuple[str, ...]
    objective: Objective
    runs: tuple[ComparedRun, ...]

    def of(self, strategy: str) -> list[ComparedRun]:
        """Its runs in order of seed."""
        return sorted((run for run in self.runs if run.strategy == strategy), key=lambda run: run.seed)

    def scores(self, strategy: str, name: ScoreName) -> dict[int, float]:
        """Seed -> score, where it is known."""
        return {run.seed: run.scores[name] for run in self.of(strategy) if name in run.scores}

    def gains(self, other: str, name: ScoreName) -> list[float]:
        """By how much the first strategy is better than another one, for each seed that both have; in the objective's
        own unit, positive is better in either direction."""
        ours, theirs = self.scores(self.strategies[0], name), self.scores(other, name)
        return [self.objective.weight * (ours[seed] - theirs[seed]) for seed in sorted(ours.keys() & theirs.keys())]

    def seed_effects(self) -> dict[int, float]:
        """What a seed (its split, its noise) does to the last answer of all strategies alike: its mean less the mean
        of all, over the seeds that every strategy has; 0 for the others."""
        last: dict[int, list[float]] = {}
        for run in self.runs:
            if run.steps and (score := run.steps[-1].score) is not None:
                last.setdefault(run.seed, []).append(score)
        shared = {seed: fmean(scores) for seed, scores in last.items() if len(scores) == len(self.strategies)}
        middle = fmean(shared.values()) if shared else 0.0
        return {seed: shared[seed] - middle if seed in shared else 0.0 for seed in last}


Against = Literal["trainings", "epochs", "seconds"]


def score_at(steps: Sequence[Step], against: Against, place: float) -> float | None:
    """The score of the answer when so much work was done; None before the first."""
    score = None
    for step in steps:
        done = getattr(step, against)
        if done is None or done > place:
            break
        score = step.score
    return score


def places(runs: Iterable[ComparedRun], against: Against, most: int = 400) -> list[float]:
    """Where the curves of runs are looked at: wherever one of them has a step, thinned evenly to so many."""
    known = {getattr(step, against) for run in runs for step in run.steps}
    ordered = sorted(float(place) for place in known if place is not None)
    stride = -(-len(ordered) // most) if ordered else 1
    return [*ordered[:-1:stride], *ordered[-1:]]
