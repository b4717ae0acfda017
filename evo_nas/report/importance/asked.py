"""Which objective a person asked about: one of the run's, or any other number that was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evo_nas.config.metrics import METRICS
from evo_nas.errors import UserError
from evo_nas.individual import SIZES, Evaluated, Objective


def asked_objectives(
    name: str | None, objectives: Sequence[Objective], evaluated: Iterable[Evaluated]
) -> tuple[Objective, ...]:
    """The objective of that name, the run's own direction first; all of the run's where no name is given.

    Raises UserError for a name that nothing measured has.
    """
    if name is None:
        return tuple(objectives)
    own = {objective.name: objective for objective in objectives}
    measured = {metric for each in evaluated if each.outcome.ok for metric in each.outcome.metrics}
    other = {metric: Objective(metric, METRICS.get(metric, False)) for metric in (*sorted(measured), *SIZES)}
    known = {**other, **own}
    if name not in known:
        raise UserError(f"--objective: expected one of {', '.join(sorted(known))}, got {name!r:.100}")
    return (known[name],)
