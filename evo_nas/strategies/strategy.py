"""What the loop knows of a search: it asks for proposals and tells what came of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from evo_nas.individual import Evaluated, Individual
from evo_nas.strategies.deap_individual import DeapIndividual


class Strategy(ABC):
    """A search. Subclasses are final.

    Proposals are numbered 0, 1, 2, ... in the order in which they are asked for. A proposal is a pure function of the
    seed and of the outcomes told before it, so that a run can be replayed from its ledger: nothing else is saved.
    """

    @abstractmethod
    def required_results(self, proposal: int) -> int:
        """How many results, in order of proposal, must have been told before this proposal is asked for (law 3).

        Never decreases, never exceeds the proposal's own number. The loop tells exactly so many, whatever else has
        finished.
        """

    @abstractmethod
    def ask(self, n: int) -> list[Individual]:
        """The next n proposals."""

    @abstractmethod
    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        """The outcomes of the next proposals in order."""

    def recall(self, recorded: Sequence[Individual]) -> None:
        """What the ledger holds of the proposals, from the first on; told before anything is asked for.

        A search whose proposals cost much gives these back when it is asked for them, and makes only further ones;
        others make them again, which proves that they are what they were.
        """
        return

    @property
    @abstractmethod
    def population(self) -> Sequence[DeapIndividual]:
        """Who could become a parent now."""

    def answer(self, waiting: Sequence[Evaluated] = ()) -> Individual | None:
        """Whom the search believes to be the best, by all that it was told: any proposal of that genome. Changes
        nothing.

        waiting: of proposals that have not been told, since others have not come back; it believes as if they had.
        None: it believes nothing of its own, and the best search score decides.
        """
        return None

    def converged(self) -> str | None:
        """Why more trainings are not worth it, a sentence; None while they are."""
        return None

    def remarks(self) -> Sequence[str]:
        """What the search decided about itself so far, a sentence each, oldest first: that it began anew, and why."""
        return ()

    def believed(self, waiting: Sequence[Evaluated] = ()) -> str | None:
        """The fingerprint of the answer."""
        answer = self.answer(waiting)
        return None if answer is None else answer.fingerprint


def generational_requirement(proposal: int, population: int) -> int:
    """A generation is made from all earlier generations: the proposals of one may all be asked for at once."""
    return proposal // population * population


def steady_state_requirement(proposal: int, in_flight: int) -> int:
    """Proposal n (from 1) is made from the results of 1 to n - L: at most L are ever open."""
    return max(0, proposal + 1 - in_flight)
