"""The workers of a sitting, and the winner's way out through them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from evo_nas.evaluation.devices import Slot, find_devices, share_out
from evo_nas.evaluation.evaluator import check_result
from evo_nas.evaluation.pool import WorkerPool
from evo_nas.running.choices import Choices
from evo_nas.running.context import training_terms
from evo_nas.running.observer import Observer
from evo_nas.running.preparation import OpenRun
from evo_nas.running.shipping import Shipping
from evo_nas.running.workers import Workers


class Crew:
    """Open from the start; closed with the stack.

    run: with its rows. slots: a worker each. terms: of the trainings on their kind of device.
    """

    def __init__(self, run: OpenRun, choices: Choices, observer: Observer, stack: ExitStack) -> None:
        self._run, self._choices, self._observer, self._stack = run, choices, observer, stack
        self.slots = self._shared_out(choices.workers)
        self.terms = training_terms(run, self.slots[0].device.name)
        self._open(self.slots)

    def reopen_for_the_winner(self) -> None:
        """Trainings under way are dropped (they are made again at resume); one fresh worker saves the winner."""
        self.workers.close()
        self._open(self._shared_out(1)[:1])

    def wait(self, *, stop: Callable[[], bool], tick: Callable[[], None]) -> None:
        """Until all is done; or, once somebody asks to stop, until the winner is saved."""
        self.workers.wait(stop=lambda: stop() and not self.shipping.busy, tick=tick)

    def _shared_out(self, num_workers: int | None) -> tuple[Slot, ...]:
        settings = self._run.plan.settings.evaluation
        asked = settings if num_workers is None else settings.model_copy(update={"workers": num_workers})
        return share_out(find_devices(), asked)

    def _open(self, slots: tuple[Slot, ...]) -> None:
        plan = self._run.plan
        check = partial(check_result, metrics=("loss", *plan.recipe.metrics))
        pool = WorkerPool(slots, plan.settings.evaluation, handlers=self._choices.handlers, check=check)
        self.workers = Workers(pool, self._run.ledger, self._observer)
        self._stack.callback(self.workers.close)
        self.shipping = Shipping(
            self.workers, self._run.folder, plan.encoding, self.terms.context, self._observer.message
        )
