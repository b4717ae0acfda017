"""Which genes mattered: correlation, permutation importance and functional ANOVA, their effects, and what fails.

Read `records.py` (what is found), `gene_table.py` (networks as rows), then `analysis.py`, which asks in this order
`correlation.py`, `forest.py` with `permutation.py`, `variance_shares.py` (functional ANOVA) and
`partial_dependence.py`. `failures.py` stands beside. `table.py` and the `*_picture.py` show what was found; only they
load matplotlib, when they draw. Nothing is trained but trees of genes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from evo_nas.individual import Evaluated, Objective, networks
from evo_nas.report.importance.analysis import Question, answer
from evo_nas.report.importance.failures import failure_shares
from evo_nas.report.importance.gene_table import GeneTable, gene_table
from evo_nas.report.importance.records import (
    Axis,
    Effect,
    Estimate,
    FailureShare,
    GeneImportance,
    Importance,
    Interaction,
    ObjectiveImportance,
    Surface,
)
from genomes import Encoding

__all__ = [
    "Axis",
    "Effect",
    "Estimate",
    "FailureShare",
    "GeneImportance",
    "Importance",
    "Interaction",
    "ObjectiveImportance",
    "Surface",
    "analyse",
]


def analyse(
    evaluated: Iterable[Evaluated], encoding: Encoding, objectives: Sequence[Objective], seed: int = 0
) -> Importance:
    """Which genes mattered for each objective, and which of their values cause failures.

    evaluated: all individuals of a run, of any strategy, in any order of proposal. Replicates of a network are averaged
    first; a network judged on a rung only, and one of which a training failed, has no value. The same for the same
    arguments. Never raises for what a run can hold: what cannot be told is None, and a note says why.
    """
    individuals = list(evaluated)
    whole = networks(individuals)
    succeeded = [each for each in whole if each.outcome.ok]
    measured = Counter(fingerprint for fingerprint, _ in _measurements(individuals))
    num_measurements = sum(measured[each.individual.fingerprint] for each in succeeded)
    table = _table(succeeded, encoding)
    answers = [
        answer(
            Question(
                objective.name,
                objective.maximize,
                num_measurements,
                table,
                np.array([objective.value(each.outcome) for each in succeeded], dtype=np.float64),
                ("importance", seed, objective.name),
            )
        )
        for objective in objectives
    ]
    return _with_failures(individuals, encoding, tuple(answers), num_on_rungs=_num_only_on_rungs(individuals))


def _measurements(individuals: Sequence[Evaluated]) -> set[tuple[str, int]]:
    """Those with the whole recipe."""
    records = (each.individual for each in individuals if each.individual.epochs is None)
    return {(record.fingerprint, record.replicate) for record in records}


def _num_only_on_rungs(individuals: Sequence[Evaluated]) -> int:
    all_of_them = {each.individual.fingerprint for each in individuals if each.outcome.ok}
    return len(all_of_them - {fingerprint for fingerprint, _ in _measurements(individuals)})


def _with_failures(
    individuals: Sequence[Evaluated], encoding: Encoding, answers: tuple[ObjectiveImportance, ...], *, num_on_rungs: int
) -> Importance:
    """A network has failed if any of its trainings has, on a rung or not."""
    status: dict[str, Evaluated] = {}
    for each in individuals:
        known = status.get(each.individual.fingerprint)
        if known is None or known.outcome.ok:
            status[each.individual.fingerprint] = each
    failed = Counter(str(each.outcome.status) for each in status.values() if not each.outcome.ok)
    shares = failure_shares(
        _table(list(status.values()), encoding), np.array([not each.outcome.ok for each in status.values()], dtype=bool)
    )
    return Importance(answers, shares, len(status), dict(failed), _notes(failed, len(status), num_on_rungs))


def _notes(failed: Counter[str], num_networks: int, num_on_rungs: int) -> tuple[str, ...]:
    notes = []
    if failed:
        kinds = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in sorted(failed.items()))
        notes.append(
            f"of {num_networks} networks {failed.total()} failed ({kinds}); they are in no objective's numbers"
        )
    if num_on_rungs:
        notes.append(f"judged on a rung only, and in no objective's numbers: {num_on_rungs} networks")
    return tuple(notes)


def _table(members: Sequence[Evaluated], encoding: Encoding) -> GeneTable:
    return gene_table([each.individual.genome for each in members], encoding)
