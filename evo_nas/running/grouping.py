"""Which trainings share a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evo_nas.evaluation.cohort_cost import CohortTerms
from evo_nas.evaluation.cohorts import form_cohorts
from evo_nas.evaluation.evaluator import Job
from evo_nas.evaluation.forms import POPULATION

MOST_DEATHS = 2
"""How many children may die under a genome, over all sittings, before it is never trained again."""


def trained_together(jobs: Sequence[Job], terms: CohortTerms) -> list[Sequence[Job]]:
    """Every job in one group. The jobs of a cohort begin and end after the same epochs.

    One under which a child has died harms no mates.
    """
    alone: list[Sequence[Job]] = []
    fused: dict[tuple[int, int], list[Job]] = {}
    for job in jobs:
        if job.program == POPULATION and job.tries == MOST_DEATHS:
            fused.setdefault((job.begun or 0, job.epochs or terms.epochs), []).append(job)
        else:
            alone.append([job])
    cohorts = [
        cohort
        for (begun, epochs), group in sorted(fused.items())
        for cohort in form_cohorts(group, replace(terms, epochs=max(1, epochs - begun)))
    ]
    return [*(cohort.jobs for cohort in cohorts), *alone]
