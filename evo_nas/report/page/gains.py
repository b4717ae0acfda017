"""Which changes of the winner's line paid, as far as the run itself and its ablations say: two short tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from evo_nas.individual import Evaluated, Individual, Objective, TrainingKey
from evo_nas.outcome import Outcome
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut
from evo_nas.report.questions.ablation import Ablated, ablated, planned
from evo_nas.report.questions.blame import Blamed, blame
from evo_nas.report.questions.measurements import Measurements
from evo_nas.report.questions.taking_back import variants
from genomes import Encoding, GenomeError

MOST_LISTED = 12
MOST_NETWORKS = 150
"""That the shares of a step are told from: a page is made at once."""


@dataclass(frozen=True, slots=True)
class Paid:
    """change: in words, made in individual `child`. gain: in the objective's unit, with a sign. certainty: a standard
    deviation, or an interval. together: how many changes the step made at once, or how many seeds were compared.
    """

    change: str
    child: int
    gain: str
    certainty: str
    together: int


@dataclass(frozen=True, slots=True)
class Gains:
    """blamed: from the run's own trainings, the first of `num_blamed`. ablated: from trainings without each change,
    empty where nobody asked for them. drowned: no gain that was blamed is twice its standard deviation, so that none
    can be told from noise.
    """

    blamed: tuple[Paid, ...] = ()
    ablated: tuple[Paid, ...] = ()
    num_blamed: int = 0
    drowned: bool = False


def gains(record: RunRecord, best: Evaluated | None) -> Gains:
    """Of the winner, in the first objective; nothing where there is none, or its encoding is not known."""
    if best is None or record.encoding is None or not record.objectives:
        return Gains()
    individuals = {each.id: each for each in record.individuals}
    objective, number = record.objectives[0], best.individual.id
    try:
        measurements = Measurements.of(record.trainings.values(), objective)
        found = blame(individuals, number, measurements, record.encoding, most_networks=MOST_NETWORKS)
        without = _ablated(record, individuals, best.individual, objective, record.encoding)
    except (GenomeError, KeyError, ValueError):
        return Gains()  # individuals of another space, or a line that was cut short
    known = [each for each in found if each.gain is not None]
    return Gains(
        tuple(map(_blamed, known[:MOST_LISTED])),
        tuple(map(_measured, without[:MOST_LISTED])),
        num_blamed=len(known),
        drowned=bool(known) and not any(map(_stands_out, known)),
    )


def _ablated(
    record: RunRecord,
    individuals: Mapping[int, Individual],
    individual: Individual,
    objective: Objective,
    encoding: Encoding,
) -> list[Ablated]:
    """What the ledger holds of an ablation of the winner."""
    trainings: Mapping[TrainingKey, Outcome] = record.trainings.get("ablation", {})
    seeds = sorted({key.replicate for key in trainings if key.fingerprint == individual.fingerprint})
    if not seeds:
        return []
    found = variants(individuals, individual.id, encoding)
    names = {n: encoding.fingerprint(each.genome) for n, each in enumerate(found) if each.genome is not None}
    plan = planned(individual, found, names, seeds)
    return [each for each in ablated(plan, individual, trainings, objective) if each.gain is not None]


def _stands_out(each: Blamed) -> bool:
    """Beyond two standard deviations of its own; without any, nothing says that it is noise."""
    return each.error is None or math.isnan(each.error) or (each.gain or 0.0) > 2.0 * each.error


def _blamed(each: Blamed) -> Paid:
    certainty = "–" if each.error is None else f"± {each.error:.2g}"
    return Paid(cut(each.change), each.child, f"{each.gain or 0.0:+.3g}", certainty, each.together)


def _measured(each: Ablated) -> Paid:
    certainty = "–" if each.interval is None else f"{each.interval[0]:+.3g} to {each.interval[1]:+.3g}"
    return Paid(cut(each.variant.change), each.variant.child, f"{each.gain or 0.0:+.3g}", certainty, each.pairs)
