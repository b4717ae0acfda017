"""What is trained and saved once the loop has ended: finalists, the winner, and its confirmation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evo_nas.running.aside import Aside
from evo_nas.running.choices import INTERRUPTED, TIME_SPENT
from evo_nas.running.chronicle import Chronicle, Warn
from evo_nas.running.crew import Crew
from evo_nas.running.finals import finalists, records_from_scratch, train_finalists
from evo_nas.running.loop import Loop
from evo_nas.running.preparation import OpenRun
from evo_nas.running.shipping import Confirmation
from evo_nas.running.trainings import TrainedOutcomes
from evo_nas.strategies import DeapIndividual, Records

CUT_SHORT = (INTERRUPTED, TIME_SPENT)
"""Reasons after which only what there is gets saved."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a run with workers. wait: until they are done, see `Crew.wait`. warn: of pictures that failed.

    Each step takes the reason why the sitting ends, and returns it as it is then. What is still to be written about the
    generations is written while the workers train.
    """

    run: OpenRun
    loop: Loop
    chronicle: Chronicle
    trainings: TrainedOutcomes
    crew: Crew
    wait: Callable[[], None]
    warn: Warn

    def settle(self, records: Records, reason: str) -> tuple[Records, str]:
        """Where weights are inherited, train the finalists from scratch; the records are then those of what was."""
        settings = self.run.plan.settings.search
        if settings.inherit == "none":
            return records, reason
        if reason not in CUT_SHORT:
            train_finalists(self.run, self.trainings, finalists(records, settings.finalists))
            self.loop.announce()
            reason = self._waited(reason)
        return records_from_scratch(self.run, records, self.loop.individuals), reason

    def finish(self, best: DeapIndividual, reason: str) -> str:
        """Save the winner, and confirm it where the run has come to its end."""
        if reason in CUT_SHORT:
            self.crew.reopen_for_the_winner()
            self.crew.shipping.ship(best)
            self.wait()  # somebody may be about to end it at once: the winner comes before all that can be made again
            self.loop.announce()
            self.crew.workers.dismiss()
            self._say(self.chronicle.end(best))
            return reason
        self.crew.shipping.ship(best)
        confirmation = Confirmation(self.trainings, self.run.ledger, self.run.folder)
        first = self._next_replicate(best)
        confirmation.start(best, range(first, first + self.run.plan.settings.search.confirmation_replicates))
        self.loop.announce()
        self.crew.shipping.ship(best)  # what was announced may have wished for another of equals
        drawing = Aside(lambda: self.chronicle.end(best))
        reason = self._waited(reason)
        self.crew.workers.dismiss()  # it takes a fifth of a second to give back the memory of two
        confirmation.write(best)
        self._say(drawing.result())
        return reason

    def _say(self, trouble: str) -> None:
        if trouble:
            self.warn(trouble)

    def _waited(self, reason: str) -> str:
        self.wait()
        return INTERRUPTED if self.crew.workers.num_open else reason

    def _next_replicate(self, best: DeapIndividual) -> int:
        """The first that no search score rests on."""
        asked = {
            key.replicate for key in self.loop.requested if best.record and key.fingerprint == best.record.fingerprint
        }
        return max(asked, default=self.run.replicates - 1) + 1
