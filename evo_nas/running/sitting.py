"""One sitting of a run: from an open run folder until it is finished, stopped or interrupted.

It hands the loop its trainings, writes the chronicle after each generation, ships the winner, and gives all back.
"""

from __future__ import annotations

import time
from contextlib import ExitStack

from evo_nas.evaluation.precision import precision_warning
from evo_nas.running.belief import note_belief
from evo_nas.running.choices import INTERRUPTED, TIME_SPENT, Choices, Ending
from evo_nas.running.chronicle import Chronicle
from evo_nas.running.closing import Closing
from evo_nas.running.collection import rarer_collection
from evo_nas.running.computed import ComputedOutcomes
from evo_nas.running.context import changed_versions
from evo_nas.running.crew import Crew
from evo_nas.running.finals import records_from_scratch
from evo_nas.running.followed import Followed
from evo_nas.running.leftovers import drop_files, end_earlier_sitting
from evo_nas.running.loop import CONVERGED, Budget, Generation, Hooks, Loop
from evo_nas.running.observer import Observer, Progress
from evo_nas.running.preparation import OpenRun, with_dataset
from evo_nas.running.scores import scores_of
from evo_nas.running.stopping import note_convergence, told_to_go_on
from evo_nas.running.trainings import TrainedOutcomes
from evo_nas.strategies import (
    DeapIndividual,
    make_strategy,
    make_toolbox,
)

STOPPED_BY_TIME = "clock:stopped"
BEST_SECONDS, BEST_SHARE = 1.0, 0.01
"""How old the best may be that is shown while a generation goes on, unless finding it would take more than this share
of the time."""


class Sitting:
    """Conducts one sitting. Call `conduct` once."""

    def __init__(self, run: OpenRun, choices: Choices, observer: Observer) -> None:
        self.run = run
        self.choices = choices
        self.observer = observer
        self.settings = run.plan.settings.search
        self._elapsed_before = run.ledger.elapsed_seconds()
        self._began = time.monotonic()
        self._last_progress = 0.0
        self._best_due = 0.0
        self._said_so = False
        self._num_remarks = 0
        plan = run.plan
        self.toolbox = choices.toolbox or make_toolbox(plan.encoding, self.settings, plan.objectives)
        self.strategy = make_strategy(
            plan.encoding,
            self.toolbox,
            self.settings,
            plan.objectives,
            first=run.first,
            limits=run.limits,
            epochs=run.epochs,
            injected=run.injected,
        )
        self.records = run.new_records()
        self.trainings: TrainedOutcomes | ComputedOutcomes
        self.crew: Crew | None = None
        self._num_trained_before = 0
        self._best_known: tuple[tuple[int, int] | None, DeapIndividual | None] = None, None
        self._recorded = run.ledger.individuals()
        self.strategy.recall(self._recorded)

    @property
    def elapsed_seconds(self) -> float:
        return self._elapsed_before + self.sitting_seconds

    @property
    def sitting_seconds(self) -> float:
        return time.monotonic() - self._began

    def conduct(self) -> Ending:
        """Run until there is a reason to stop; finish with the best so far. Never leaves a process behind."""
        with ExitStack() as stack, rarer_collection():
            num_workers = self._open_trainings(stack)
            self.observer.sitting_began(self.run, num_recorded=len(self._recorded), num_workers=num_workers)
            self.loop = self._make_loop()
            stack.push(self.followed.abandon)
            self._say_remarks(replayed=bool(self._recorded))
            reason = self.loop.run()
            why = (self.loop.why_converged or "") if reason == CONVERGED else ""
            if why:
                note_convergence(self.run.ledger, self.loop.num_told, why)
            if reason == TIME_SPENT:
                self.run.ledger.decide(STOPPED_BY_TIME, {"told": self.loop.num_told})
            self.records.update(self.loop.unrecorded())
            self._note_belief(self.strategy.believed(self.loop.waiting()))
            best, reason = self._close(reason)
            if self.loop.num_asked > len(self._recorded):  # a look at a finished run takes no time
                self.run.ledger.record([], elapsed_seconds=self.sitting_seconds)
            record = best.record if best is not None else None
            scores = scores_of(self.run.folder, record.fingerprint) if record is not None else None
            if scores is not None and reason != INTERRUPTED:
                self.chronicle.winner(scores)
        ending = Ending(
            reason,
            best,
            scores,
            self.trainings.counts,
            self.loop.num_asked,
            self.elapsed_seconds,
            why=why,
            num_planned=self.loop.budget.num_proposals,
        )
        self.followed.ended(ending, self.records)
        return ending

    def _open_trainings(self, stack: ExitStack) -> int:
        plan, ledger = self.run.plan, self.run.ledger
        if plan.settings.data is None:
            self.trainings = ComputedOutcomes(
                self.toolbox.evaluate,
                self.toolbox.map,
                plan.objectives,
                ledger,
                elapsed=lambda: self.sitting_seconds,
                constraints=plan.constraints,
            )
            return 0
        self.run = with_dataset(self.run)
        if changed := changed_versions(self.run):
            self.observer.message(f"warning: {changed}; what is trained from here on may differ in its last digits")
        end_earlier_sitting(self.run.folder, ledger)
        self.crew = Crew(self.run, self.choices, self.observer, stack)
        warning = precision_warning(plan.recipe.precision, self.crew.slots[0].device)
        if warning and not self._recorded:
            self.observer.message(f"warning: {warning}")
        self.trainings = TrainedOutcomes(
            self.crew.workers,
            plan.encoding,
            self.crew.terms,
            ledger,
            store=self.choices.store,
            elapsed=lambda: self.sitting_seconds,
        )
        self._num_trained_before = self.trainings.counts.finished - self.trainings.counts.found
        return len(self.crew.slots)

    def _make_loop(self) -> Loop:
        replicates = self.run.replicates
        self.chronicle = Chronicle(
            self.run,
            replicates=replicates,
            found=self.trainings.found,
            pictures=self.choices.pictures,
            warn=self.observer.message,
        )
        self.chronicle.begin()
        self.num_generations = self.choices.num_generations or self.settings.generations
        budget = Budget(
            num_proposals=self.run.num_proposals(self.num_generations),
            population=self.settings.population,
            replicates=replicates,
            max_evaluations=self.choices.max_evaluations,
            max_epochs=self.choices.max_epochs,
            stop_when_converged=self.settings.stop_when_converged and not told_to_go_on(self.run.ledger),
        )
        outcomes = self.run.ledger.trainings()
        self.followed = Followed(self.run, self.choices.trackers, frozenset(outcomes), self.observer.message)
        self.followed.began(num_recorded=len(self._recorded))
        hooks = Hooks(propose=self.run.ledger.propose, told=self._told, stop=self._reason_to_stop, tick=self._tick)
        return Loop(
            self.strategy,
            self.records,
            budget,
            trainings=self.trainings,
            recorded=self._recorded,
            outcomes=outcomes,
            hooks=hooks,
        )

    def _told(self, generation: Generation) -> None:
        replayed = self.loop.num_asked < len(self._recorded)
        self.chronicle.generation(generation, replayed=replayed)
        self.followed.told(generation)
        self._say_remarks(replayed)
        if replayed:
            return
        self._note_belief(self.strategy.believed())
        self._best_due = 0.0  # the line of a generation shows nobody of a moment ago
        best = self._best_to_ship()
        if self.crew is not None:
            if best is not None:
                self.crew.shipping.ship_meanwhile(best)
            self._drop_files()
        self.observer.generation_ended(generation, self._progress())

    def _best_to_ship(self) -> DeapIndividual | None:
        if self.settings.inherit == "none":
            return self._best_so_far()
        return records_from_scratch(self.run, self.records, self.loop.individuals).best

    def _note_belief(self, believed: str | None) -> None:
        self.records.believe(believed)
        note_belief(self.run.ledger, believed)

    def _drop_files(self) -> None:
        """The rungs of the last two generations, and of whatever is open, are kept."""
        asked, told = self.loop.individuals, self.loop.num_told
        drop_files(
            self.run.folder,
            winners=[*self.records.kept(), *self.strategy.population],
            unfinished=asked[told:],
            recent=asked[max(0, told - 2 * self.settings.population) :],
            finished=self.loop.outcomes.keys(),
        )

    def _say_remarks(self, replayed: bool) -> None:
        """What the search has decided about itself since the last generation; of a replay it was said before."""
        remarks = self.strategy.remarks()
        for remark in () if replayed else remarks[self._num_remarks :]:
            self.observer.message(remark)
        self._num_remarks = len(remarks)

    def _asked_to_stop(self) -> bool:
        if self.choices.stop() and not self._said_so:
            self._said_so = True
            self.observer.message("stopping: saving the best so far; once more ends at once")
        return self._said_so

    def _reason_to_stop(self) -> str | None:
        if self._asked_to_stop():
            return INTERRUPTED
        minutes = self.choices.max_minutes
        if minutes is not None and self.elapsed_seconds >= 60.0 * minutes:
            return TIME_SPENT
        return None

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._last_progress > 0.2:
            self._last_progress = now
            self.observer.progress(self._progress())

    def _progress(self) -> Progress:
        total = self.loop.budget.num_proposals * self.loop.budget.replicates
        done = len(self.loop.requested) - self.loop.num_pending
        trained = self.trainings.counts.finished - self.trainings.counts.found - self._num_trained_before
        return Progress(
            generation=self.loop.num_told // self.settings.population,
            num_generations=self.num_generations,
            counts=self.trainings.counts,
            num_told=self.loop.num_told,
            num_proposals=self.loop.budget.num_proposals,
            best=self._best_to_show(),
            elapsed_seconds=self.elapsed_seconds,
            remaining_seconds=self.sitting_seconds / trained * (total - done) if trained > 0 else None,
        )

    def _best_to_show(self) -> DeapIndividual | None:
        """The best so far, or that of a moment ago: it takes a look at all that has come back."""
        began = time.monotonic()
        if began < self._best_due:
            return self._best_known[1]
        best = self._best_so_far()
        self._best_due = began + max(BEST_SECONDS, (time.monotonic() - began) / BEST_SHARE)
        return best

    def _best_so_far(self) -> DeapIndividual | None:
        """The best of all that has come back, also of a generation that is not complete: the winner if it ended now."""
        known = len(self.loop.outcomes), self.loop.num_told
        if known != self._best_known[0]:
            believed = self.strategy.believed(self.loop.waiting())
            self._best_known = known, self.records.best_with(self.loop.unrecorded(), believed=believed)
        return self._best_known[1]

    def _close(self, reason: str) -> tuple[DeapIndividual | None, str]:
        """Train and save what is left to be; the best, and the reason why the sitting ends."""
        crew = self.crew
        if crew is not None and isinstance(self.trainings, TrainedOutcomes):
            closing = Closing(
                self.run,
                self.loop,
                self.chronicle,
                self.trainings,
                crew,
                wait=lambda: crew.wait(stop=self._asked_to_stop, tick=self._tick),
                warn=self.observer.message,
            )
            self.records, reason = closing.settle(self.records, reason)
            if self.records.best is not None:
                return self.records.best, closing.finish(self.records.best, reason)
        self.loop.announce()
        if trouble := self.chronicle.end(self.records.best):
            self.observer.message(trouble)
        return self.records.best, reason
