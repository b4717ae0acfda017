"""What DEAP keeps of a run: hall of fame, Pareto front, statistics, logbook. Rebuilt from the ledger at resume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from deap import tools
from numpy.typing import NDArray

from evo_nas.individual import Constraint, Evaluated, Objective, add_measurement, is_feasible, mean_of
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.hypervolume import has_hypervolume, hypervolume, minimised, reference_point

OBJECTIVE_STATISTICS = {"mean": np.mean, "std": np.std, "min": np.min, "median": np.median, "max": np.max}


class Records:
    """front: the Pareto front, with two objectives or more. logbook: one row a generation, an array with a value for
    each objective under each statistic's name.

    A network that was measured several times stands once, as its first proposal, with the mean of all measurements:
    nobody becomes the best by a lucky second one. What was judged on a rung is in no record, nor what breaks a
    constraint. reference: the point against which the hypervolume of the front is told, see `reference_point`; fixed by
    the first outcomes told that hold a success, feasible or not, so that the numbers of a run compare with each other.
    """

    def __init__(
        self, objectives: Sequence[Objective], *, hall_of_fame: int, constraints: Sequence[Constraint] = ()
    ) -> None:
        self.objectives = tuple(objectives)
        self.constraints = tuple(constraints)
        self.reference: NDArray[np.float64] | None = None
        self.front = tools.ParetoFront(similar=_same_network)
        self.statistics = tools.Statistics(key=self._values)
        for name, function in OBJECTIVE_STATISTICS.items():
            self.statistics.register(name, function, axis=0)
        self.logbook = tools.Logbook()
        self._hall = tools.HallOfFame(hall_of_fame, similar=_same_network)
        self._measured: dict[str, list[Evaluated]] = {}
        self._best: DeapIndividual | None = None
        self._believed: DeapIndividual | None = None

    @property
    def best(self) -> DeapIndividual | None:
        """Whom the search believes to be the best, else the best search score; of equal ones the older."""
        return self._best if self._believed is None else self._believed

    @property
    def hall_of_fame(self) -> tools.HallOfFame:
        """The best distinct networks by the first objective; before them whom the search believes to be the best."""
        believed = self._believed
        if believed is None or (len(self._hall) and _same_network(believed, self._hall[0])):
            return self._hall
        hall = tools.HallOfFame(self._hall.maxsize, similar=_same_network)
        others = [member for member in self._hall if not _same_network(believed, member)]
        hall.items = [believed, *others][: hall.maxsize]
        hall.keys = [member.fitness for member in reversed(hall.items)]
        return hall

    def update(self, evaluated: Sequence[Evaluated], *, generation: int | None = None) -> None:
        """Take in outcomes in order of proposal; with `generation`, also write its row into the logbook."""
        whole = [each for each in evaluated if each.individual.epochs is None]
        self._fix_reference(whole)
        names = [each.individual.fingerprint for each in whole]
        known = {name for name in names if name in self._measured}
        again = {
            name
            for name, each in zip(names, whole, strict=True)
            if add_measurement(self._measured.setdefault(name, []), each) and name in known
        }
        self._admit([name for name in dict.fromkeys(names) if name not in known])
        for name in dict.fromkeys(name for name in names if name in again):
            self._amend(name)
        if self._believed is not None:
            self.believe(_name(self._believed))
        if generation is not None:
            self._log(generation, evaluated, whole)

    def believe(self, fingerprint: str | None) -> None:
        """Let this network be the best, whatever the scores say. None, or one without a success: the scores decide."""
        measured = self._measured.get(fingerprint) if fingerprint is not None else None
        self._believed = self._success(measured) if measured else None

    def from_scratch(self, finals: Sequence[Evaluated]) -> Records:
        """Records of the same run in which nobody stands by inherited weights; these ones where nobody inherited any.

        finals: networks that were trained from scratch in the end, which stand by that. The logbook and the reference
        point are those of the search.
        """
        told = {name: measured for name, measured in self._measured.items() if measured[0].individual.inherits is None}
        if len(told) == len(self._measured):
            return self
        told |= {each.individual.fingerprint: [each] for each in finals}
        hall_of_fame = self._hall.maxsize
        records = Records(self.objectives, hall_of_fame=hall_of_fame, constraints=self.constraints)
        records.reference, records.logbook = self.reference, self.logbook
        records._measured = dict(sorted(told.items(), key=lambda item: item[1][0].individual.id))
        records._rebuild()
        return records

    def best_with(self, evaluated: Sequence[Evaluated], *, believed: str | None) -> DeapIndividual | None:
        """Who would be the best with these outcomes and this belief, see `believe`. Changes nothing."""
        waiting: dict[str, list[Evaluated]] = {}
        for each in evaluated:
            if each.individual.epochs is None:
                name = each.individual.fingerprint
                add_measurement(waiting.setdefault(name, list(self._measured.get(name, ()))), each)
        measured = (waiting.get(believed) or self._measured.get(believed)) if believed is not None else None
        if measured and (best := self._success(measured)) is not None:
            return best
        known = [] if self._best is None else [self._best, *self._hall]
        others = [member for member in known if _name(member) not in waiting]
        new = [member for measured in waiting.values() if (member := self._success(measured)) is not None]
        return max([*others, *new], key=lambda member: member.fitness, default=None)

    def best_values(self) -> tuple[float | None, ...]:
        """The best value of each objective so far, None before there is one; of the first, that of the best."""
        first = self.best.outcome if self.best is not None else None
        front = [member.outcome for member in self.front]
        bests = [first] + [
            max(front, key=lambda outcome: objective.weight * objective.value(outcome), default=None)
            for objective in self.objectives[1:]
        ]
        return tuple(o.value(best) if best else None for o, best in zip(self.objectives, bests, strict=True))

    @property
    def hypervolume(self) -> float | None:
        """Of the front, larger is better; None with one objective, too many, or before the first success."""
        if self.reference is None:
            return None
        return hypervolume(minimised([member.outcome for member in self.front], self.objectives), self.reference)

    def kept(self) -> list[DeapIndividual]:
        """Whose weights are worth keeping (law 5): the best, the hall of fame and the front."""
        best = [] if self.best is None else [self.best]
        return [*best, *self.hall_of_fame, *self.front]

    def _fix_reference(self, whole: Sequence[Evaluated]) -> None:
        valid = [each.outcome for each in whole if each.outcome.ok]
        if self.reference is None and valid and has_hypervolume(self.objectives):
            self.reference = reference_point(minimised(valid, self.objectives))

    def _admit(self, names: Sequence[str]) -> None:
        """Networks that stand in no record yet, in order of proposal."""
        measured = [mean_of(self._measured[name]) for name in names]
        members = [self._member(each) for each in measured if self._may_win(each) and self._may_enter(each)]
        for member in members:
            if self._best is None or member.fitness > self._best.fitness:
                self._best = member
        self._enter(members)

    def _amend(self, name: str) -> None:
        """A network was measured again: it now stands where the mean puts it, and who stood behind it may rise."""
        member = self._success(self._measured[name])
        place = next((n for n, other in enumerate(self._hall) if _name(other) == name), None)
        if place is not None:
            self._hall.remove(place)
        led = self._best is not None and _name(self._best) == name
        stays = member is not None and len(self._hall) and member.fitness >= self._hall[-1].fitness
        if ((led or place is not None) and not stays) or any(_name(other) == name for other in self.front):
            self._rebuild()
        elif member is not None:
            self._enter([member])
            sound = [*self._hall, member] if led or self._best is None else [*self._hall, member, self._best]
            self._best = _oldest_of_the_best(sound)

    def _rebuild(self) -> None:
        self._best = None
        self._hall.clear()
        self.front.clear()
        self._admit(list(self._measured))

    def _enter(self, members: Sequence[DeapIndividual]) -> None:
        self._hall.update(members)
        if len(self.objectives) > 1:
            self.front.update(members)

    def _log(self, generation: int, evaluated: Sequence[Evaluated], whole: Sequence[Evaluated]) -> None:
        valid = [each for each in whole if each.outcome.ok]
        statistics = self.statistics.compile(valid) if valid else {}
        failed = sum(not each.outcome.ok for each in evaluated)
        self.logbook.record(generation=generation, evaluated=len(evaluated), failed=failed, **statistics)

    def _values(self, each: Evaluated) -> tuple[float, ...]:
        return tuple(objective.value(each.outcome) for objective in self.objectives)

    def _success(self, measured: Sequence[Evaluated]) -> DeapIndividual | None:
        each = mean_of(measured)
        return self._member(each) if self._may_win(each) else None

    def _member(self, each: Evaluated) -> DeapIndividual:
        return evaluated_individual(each.individual, each.outcome, self.objectives)

    def _may_win(self, each: Evaluated) -> bool:
        return is_feasible(each.outcome, self.constraints)

    def _may_enter(self, each: Evaluated) -> bool:
        """Whether it is worth a look; of ten thousand individuals nearly none is."""
        if len(self.objectives) > 1 or len(self._hall) < self._hall.maxsize:
            return True
        (objective,) = self.objectives
        worst: float = self._hall[-1].fitness.wvalues[0]
        return objective.weight * objective.value(each.outcome) > worst


def _oldest_of_the_best(members: Sequence[DeapIndividual]) -> DeapIndividual:
    best = max(member.fitness for member in members)
    return min((m for m in members if m.fitness == best), key=lambda m: m.record.id if m.record else 0)


def _name(member: DeapIndividual) -> str:
    return member.record.fingerprint if member.record is not None else ""


def _same_network(first: DeapIndividual, second: DeapIndividual) -> bool:
    return _name(first) == _name(second) != ""
