"""What networks are worth that were trained from scratch, where the search let them begin with inherited weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from evo_nas.individual import Evaluated, Individual, TrainingKey
from evo_nas.outcome import Outcome, combine


def finals_of(
    individuals: Iterable[Individual], trainings: Mapping[TrainingKey, Outcome], replicates: int
) -> list[Evaluated]:
    """Each network that was trained from scratch in the end, as its first proposal, in order of proposal.

    trainings: those of the purpose "final". replicates: how many of them make an outcome; who lacks one is left out.
    """
    names = {key.fingerprint for key in trainings}
    found: dict[str, Evaluated] = {}
    for individual in individuals:
        name = individual.fingerprint
        if name not in names or name in found:
            continue
        known = [trainings.get(TrainingKey(name, replicate)) for replicate in range(replicates)]
        complete = [outcome for outcome in known if outcome is not None]
        if len(complete) == replicates:
            found[name] = Evaluated(replace(individual, inherits=None), combine(complete))
    return list(found.values())
