"""What each change of a line is worth: the individual against itself with the change taken back, on the same seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from evo_nas.individual import Individual, Objective, TrainingKey
from evo_nas.intervals import Interval, t_interval
from evo_nas.outcome import Outcome
from evo_nas.report.questions.taking_back import Variant
from genomes import Genome


@dataclass(frozen=True, slots=True)
class Ablated:
    """A change, and what the individual scores more with it than without it.

    gain: mean over the pairs of seeds, in the objective's unit, positive where the change pays; None where it was not
    trained, or failed without it. error: standard deviation of that mean; interval: 95 %, of Student; None for fewer
    than two pairs. pairs: seeds on which both succeeded. why_not: a sentence where there is no gain.
    """

    variant: Variant
    gain: float | None
    error: float | None
    interval: Interval | None
    pairs: int
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an ablation trains. members: the individual, then each network without a change once, by fingerprint; none
    at all where no change can be taken back. fingerprints: of each variant, None where it cannot be taken back.
    replicates: those that no score rests on.
    """

    variants: tuple[Variant, ...]
    fingerprints: tuple[str | None, ...]
    members: Mapping[str, Individual]
    replicates: tuple[int, ...]

    @property
    def keys(self) -> list[TrainingKey]:
        """Every training, seed by seed, so that an ablation that is cut short has whole pairs."""
        return [TrainingKey(name, replicate) for replicate in self.replicates for name in self.members]


def planned(
    individual: Individual, found: Sequence[Variant], fingerprint: Mapping[int, str], replicates: Sequence[int]
) -> Plan:
    """fingerprint: position of a variant -> that of its network, for those that have one."""
    members = {individual.fingerprint: individual}
    for position, name in fingerprint.items():
        genome = found[position].genome
        assert genome is not None, "who has a fingerprint has a genome"
        members.setdefault(name, _stand_in(individual, genome, name))
    names = tuple(fingerprint.get(position) for position in range(len(found)))
    return Plan(tuple(found), names, members if len(members) > 1 else {}, tuple(replicates))


def _stand_in(individual: Individual, genome: Genome, fingerprint: str) -> Individual:
    """Who stands for a network that is no individual of the run."""
    return Individual(individual.id, individual.generation, genome, fingerprint, (individual.id,), "ablation")


def ablated(
    plan: Plan, individual: Individual, outcomes: Mapping[TrainingKey, Outcome], objective: Objective
) -> list[Ablated]:
    """The changes, those that pay most first, those without a number last."""
    found = [
        _ablated(variant, name, plan, individual, outcomes, objective)
        for variant, name in zip(plan.variants, plan.fingerprints, strict=True)
    ]
    return sorted(found, key=lambda each: (each.gain is None, -(each.gain or 0.0), each.variant.child))


def _ablated(
    variant: Variant,
    name: str | None,
    plan: Plan,
    individual: Individual,
    outcomes: Mapping[TrainingKey, Outcome],
    objective: Objective,
) -> Ablated:
    if name is None:
        return Ablated(variant, None, None, None, 0, variant.why_not)
    known = [
        (outcomes.get(TrainingKey(individual.fingerprint, seed)), outcomes.get(TrainingKey(name, seed)))
        for seed in plan.replicates
    ]
    pairs = [(whole, without) for whole, without in known if whole is not None and without is not None]
    gains = [
        objective.weight * (objective.value(whole) - objective.value(without))
        for whole, without in pairs
        if whole.ok and without.ok
    ]
    if not gains:
        return Ablated(variant, None, None, None, 0, _why(pairs))
    error = stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else None
    return Ablated(variant, fmean(gains), error, t_interval(gains), len(gains))


def _why(pairs: Sequence[tuple[Outcome, Outcome]]) -> str:
    """Why no pair of outcomes, with and without a change, gives a difference."""
    for whole, without in pairs:
        if whole.ok and not without.ok:
            return f"without it the training fails: {without.status}: {without.message}"
    for whole, _ in pairs:
        if not whole.ok:
            return f"the individual itself fails on these seeds: {whole.status}: {whole.message}"
    return "not trained yet"
