"""Multi-fidelity around any search: its children are judged after a few epochs, and the best of them after more."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import final

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.fidelity.climbing import Climbing
from evo_nas.strategies.fidelity.inner import Inner
from evo_nas.strategies.fidelity.rungs import ladder
from evo_nas.strategies.fidelity.standing import Bracket, Standing
from evo_nas.strategies.strategy import Strategy

PROMOTED = "promote"


@dataclass(slots=True)
class Batch:
    """Children that the inner search made together, each with its standing, and the brackets that still climb.

    firsts: of the children of one standing the first, in their order.
    """

    children: Sequence[tuple[Individual, Standing]] = ()
    firsts: Mapping[Standing, Individual] = field(default_factory=dict)
    brackets: Sequence[Bracket] = ()
    num_proposed: int = 0


@dataclass(slots=True)
class Step:
    """Proposals that are made together, from number `start` on, since they wait for the same results.

    rungs: of whom each is, and where. unasked: those that were not asked for yet.
    """

    start: int = 0
    rungs: Sequence[tuple[Standing, int]] = ()
    unasked: deque[Individual] = field(default_factory=deque)
    num_told: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.rungs)

    @property
    def is_told(self) -> bool:
        return self.num_told == len(self.rungs)


@final
class MultiFidelity(Strategy):
    """Successive halving (Jamieson and Talwalkar 2016) of each batch of children that an inner search makes.

    All that the inner search may propose now is proposed on the lowest rung, the best 1/eta of that (at least one, no
    failure) on the next, and so on to the whole recipe; each step waits for the one before (law 3). Then the inner
    search is told every child once, with the outcome of the highest rung that it reached and `epochs` to say which,
    and makes the next batch. A search that does not look at `epochs` takes it for the child's fitness.

    Proposals are numbered anew; the inner search is told the numbers under which the ledger knows its children, so
    that whom it names as a parent, or in a sentence, is known to everybody. A child's parent is the parent's proposal
    on the same rung where there is one, so that both can be compared.

    A genome that is proposed once more competes with what is known of it, has each rung once, and may yet climb. A
    batch in which nothing is new is proposed on the rungs where it stands: that costs nothing, and lets a search of an
    exhausted space come to its end. What is measured again goes straight to the whole recipe.
    """

    def __init__(
        self, inner: Strategy, settings: SearchSettings, objectives: Sequence[Objective], *, epochs: int | None
    ) -> None:
        self._population = settings.population
        self._ladder = ladder(settings, epochs)
        self._climbing = Climbing(settings, objectives, num_rungs=len(self._ladder))
        self._inner = Inner(inner)
        self._known: dict[tuple[str, int], Standing] = {}
        self._proposals: list[Individual] = []
        self._standings: list[Standing] = []
        self._batch = Batch()
        self._step = Step()

    @property
    def population(self) -> Sequence[DeapIndividual]:
        """That of the inner search; before it has one, those of its first children that have succeeded so far."""
        members = self._inner.strategy.population
        if members:
            return [self._as_proposed(member) for member in members]
        told = [standing for standing in self._batch.firsts if standing.told]
        return [self._climbing.member(each, max(each.told)) for each in told if not each.has_failed]

    def required_results(self, proposal: int) -> int:
        if proposal > self._step.end and self._step.is_told:
            self._begin_batch()
        return self._step.start if proposal < self._step.end else self._step.end

    def ask(self, n: int) -> list[Individual]:
        if self._step.is_told:
            self._begin_batch()
        return [self._step.unasked.popleft() for _ in range(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        for each in evaluated:
            standing, rung = self._step.rungs[self._step.num_told]
            standing.told[rung] = each
            self._step.num_told += 1
        if evaluated and self._step.is_told:
            self._climb()

    def answer(self, waiting: Sequence[Evaluated] = ()) -> Individual | None:
        """Whom the inner search believes in, if it has had the whole recipe; it hears of those that have had it and
        have not been told yet, since others of their batch still climb.
        """
        climbing = self._batch.firsts if self._batch.brackets else ()
        last = self._climbing.last
        whole = [standing.told[last] for standing in climbing if last in standing.told]
        whole += [each for each in waiting if each.individual.epochs is None]
        answer = self._inner.answer(whole)
        if answer is None:
            return None
        told = self._standings[answer.id].told.get(last)
        return told.individual if told else next((each.individual for each in whole if each.individual is answer), None)

    def converged(self) -> str | None:
        return self._inner.strategy.converged()

    def remarks(self) -> Sequence[str]:
        return self._inner.strategy.remarks()

    def _begin_batch(self) -> None:
        children = [(child, self._standing(child)) for child in self._inner.children()]
        firsts: dict[Standing, Individual] = {}
        for child, standing in children:
            firsts.setdefault(standing, child)
        self._batch = Batch(children, firsts, self._climbing.brackets(firsts))
        if not self._propose_missing():
            self._climb()

    def _standing(self, child: Individual) -> Standing:
        key = child.fingerprint, child.replicate
        if key not in self._known:
            self._known[key] = self._climbing.new_standing(child)
        return self._known[key]

    def _climb(self) -> None:
        """On to the next rung of which something is not known, or to the end of the batch."""
        while self._batch.brackets:
            self._batch.brackets = self._climbing.climb(self._batch.brackets)
            if self._propose_missing():
                return
        if self._batch.num_proposed:
            self._inner.tell([_as_told(child, standing) for child, standing in self._batch.children])
        else:
            self._propose([(standing, max(standing.told)) for standing in self._batch.firsts])

    def _propose_missing(self) -> bool:
        """Whether anything is not known of the networks on their rungs: it is proposed."""
        brackets = self._batch.brackets
        places = [(standing, bracket.rung) for bracket in brackets for standing in bracket.members]
        missing = [(standing, rung) for standing, rung in places if rung not in standing.told]
        if missing:
            self._propose(missing)
        return bool(missing)

    def _propose(self, rungs: Sequence[tuple[Standing, int]]) -> None:
        start = self._step.end
        made = [self._proposal(standing, rung, start + place) for place, (standing, rung) in enumerate(rungs)]
        self._proposals += made
        self._standings += [standing for standing, _ in rungs]
        self._batch.num_proposed += len(made)
        self._step = Step(start, rungs, deque(made))

    def _proposal(self, standing: Standing, rung: int, number: int) -> Individual:
        if standing.told and rung not in standing.told:
            before = standing.highest.individual
            made = replace(before, parents=(before.id,), operator=PROMOTED, changes=())
        else:
            made = self._batch.firsts[standing]
            parents = [self._standings[parent].proposal(rung).id for parent in made.parents]
            made = replace(made, parents=tuple(dict.fromkeys(parents)))
        return replace(made, id=number, generation=number // self._population, epochs=self._ladder[rung])

    def _as_proposed(self, member: DeapIndividual) -> DeapIndividual:
        """A copy of a member of the inner population, with its record as the ledger has it."""
        copy = deepcopy(member)
        assert member.record is not None
        copy.record = self._proposals[member.record.id]
        return copy


def _as_told(child: Individual, standing: Standing) -> Evaluated:
    """A child as the inner search made it, under the number and on the rung where it came to stand."""
    known, outcome = standing.highest.individual, standing.highest.outcome
    return Evaluated(replace(child, id=known.id, generation=known.generation, epochs=known.epochs), outcome)
