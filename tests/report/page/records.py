"""Records of made-up runs, without a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.page import RunRecord
from genomes import FlatEncoding, Genome
from tests.history.made_up import ROC_AUC

FLAT = FlatEncoding.from_space({"rate": {"low": 0.0, "high": 1.0}, "kind": ["a", "b", "c"]})
SCORE = Objective("score", maximize=True)


def record_of(
    evaluated: Sequence[Evaluated], objectives: Sequence[Objective] = (ROC_AUC,), **further: Any
) -> RunRecord:
    """Of individuals that have all come back."""
    return RunRecord(
        name="made up",
        settings={},
        objectives=tuple(objectives),
        individuals=[each.individual for each in evaluated],
        outcomes={each.individual.id: each.outcome for each in evaluated},
        **further,
    )


def born(
    number: int, genes: dict[str, Any], parents: tuple[int, ...] = (), *, generation: int = 0, operator: str = "sample"
) -> Individual:
    genome = Genome("flat", genes)
    return Individual(number, generation, genome, FLAT.fingerprint(genome), parents, operator)


def scored(individual: Individual, score: float | None, seconds: float = 1.0) -> Evaluated:
    """None is a failure."""
    if score is None:
        return Evaluated(individual, failure(Status.DIVERGED, "the loss is NaN", seconds=seconds))
    return Evaluated(individual, Outcome(Status.OK, {"score": score}, seconds=seconds))
