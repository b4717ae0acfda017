"""Where networks begin, and who of them goes on to the next rung: halving, Hyperband and PASHA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import final

from evo_nas.config import SearchSettings
from evo_nas.individual import Individual, Objective
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.fidelity.deal import Deal
from evo_nas.strategies.fidelity.pasha import Ceiling
from evo_nas.strategies.fidelity.ranking import best_of, is_led
from evo_nas.strategies.fidelity.rungs import bracket_sizes, num_promoted
from evo_nas.strategies.fidelity.standing import Bracket, Standing


@final
class Climbing:
    """The rules of [search] fidelity. Rungs are numbered from 0, the last is the whole recipe.

    "halving": one bracket, which begins on rung 0. "hyperband": a bracket for each lowest rung, dealt to by
    `bracket_sizes`; the last of them trains its members with the whole recipe at once. "pasha": one bracket that climbs
    to the `Ceiling`; whom nobody has led there so far is then given the whole recipe, so that a run has a winner.
    """

    def __init__(self, settings: SearchSettings, objectives: Sequence[Objective], *, num_rungs: int) -> None:
        self.last = num_rungs - 1
        self._eta = settings.eta
        self._objectives = tuple(objectives)
        self._constraints = settings.parsed_constraints()
        self._deal = Deal(bracket_sizes(num_rungs, settings.eta) if settings.fidelity == "hyperband" else (1,))
        self._ceiling = Ceiling(self.last, objectives) if settings.fidelity == "pasha" else None

    def new_standing(self, child: Individual) -> Standing:
        """Of a child whose genome was not measured so before."""
        return Standing(self.last if child.replicate else self._deal.next())

    def brackets(self, standings: Iterable[Standing]) -> list[Bracket]:
        """Distinct networks on their lowest rungs."""
        by_rung: dict[int, list[Standing]] = {}
        for standing in standings:
            by_rung.setdefault(standing.lowest, []).append(standing)
        return [Bracket(rung, tuple(members)) for rung, members in sorted(by_rung.items())]

    def climb(self, brackets: Iterable[Bracket]) -> list[Bracket]:
        """Each with those of its members that go on, one rung higher; without those that have come to their end."""
        climbed = [self._next(bracket) for bracket in brackets if bracket.rung < self.last]
        return [bracket for bracket in climbed if bracket.members]

    def member(self, standing: Standing, rung: int) -> DeapIndividual:
        """A network as it stands on a rung, to be compared with others there."""
        each = standing.told[rung]
        return evaluated_individual(each.individual, each.outcome, self._objectives, self._constraints)

    def _next(self, bracket: Bracket) -> Bracket:
        rung = bracket.rung
        if self._ceiling is not None and rung == self._ceiling.top:
            self._ceiling.note(bracket.members)
            if rung == self._ceiling.top:
                return Bracket(self.last, self._leaders(bracket))
        return Bracket(rung + 1, tuple(each for each in self._promoted(bracket) if self._may_learn(each, rung + 1)))

    def _may_learn(self, standing: Standing, rung: int) -> bool:
        """Not of whom was given the whole recipe past this rung, which is in use since."""
        return rung in standing.told or self.last not in standing.told

    def _promoted(self, bracket: Bracket) -> tuple[Standing, ...]:
        members = [self.member(standing, bracket.rung) for standing in bracket.members]
        return tuple(bracket.members[place] for place in best_of(members, num_promoted(len(members), self._eta)))

    def _leaders(self, bracket: Bracket) -> tuple[Standing, ...]:
        """Those who would be promoted, if nobody on the top is better than they are."""
        assert self._ceiling is not None
        on_top = [self.member(standing, bracket.rung) for standing in self._ceiling.on_top()]
        promoted = self._promoted(bracket)
        return tuple(each for each in promoted if not is_led(self.member(each, bracket.rung), on_top))
