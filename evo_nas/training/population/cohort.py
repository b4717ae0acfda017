"""The training of one cohort: calls of a program, and after each epoch what came of every member.

Members that are lost or have stopped leave; where many have left, those who stay are seated anew (law 4 makes that
invisible in the results).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from evo_nas.config import Recipe
from evo_nas.training.fitting import Scores
from evo_nas.training.fold_results import FoldResult
from evo_nas.training.news import Report
from evo_nas.training.population.feeding import EPOCHS_AT_ONCE, Span
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member
from evo_nas.training.population.program import program_of
from evo_nas.training.population.seating import Seating
from evo_nas.training.population.tensors import Heard
from evo_nas.training.population.watch import Watch
from evo_nas.training.rung import Snapshot, TrainingState
from evo_nas.training.standing import Standing

LEAVE_SHARE = 0.25
"""The share of the places that must be free before the rest is seated anew."""


class Cohort:
    """Trains members that share a `Form`, a size of batches and a number of rows.

    recipe: of all. limit_bytes: of data and noise on the device. report: called after every call of the program.
    snapshots: by `id` of the member, where trainings are taken up that were handed back after the same epoch.

    A program holds one cohort at a time: be done with one before the next of the same form is made.
    """

    def __init__(
        self,
        form: Form,
        members: Sequence[Member],
        recipe: Recipe,
        *,
        limit_bytes: int,
        report: Report,
        snapshots: Mapping[int, Snapshot] | None = None,
    ) -> None:
        self._program = program_of(form.of_cohort([member.genome for member in members]))
        self._recipe = recipe
        self._limit_bytes = limit_bytes
        self._report = report
        self._epoch = 0
        self.watches: dict[int, Watch] = {}
        if snapshots is None:
            self._begin(members)
        else:
            self._take_up(members, snapshots)

    def train(self, stop_epoch: int) -> None:
        """Go on until so many epochs are over for every member that has not finished before."""
        while self._epoch < stop_epoch and (active := self._active()):
            if len(active) <= (1.0 - LEAVE_SHARE) * len(self._seating.members):
                self._seat(active, self._seating.states())
            self._train_on(stop_epoch)
        if not self._recipe.early_stopping:
            self._keep([place for place, member in enumerate(self._seating.members) if not self._finished(member)])

    def release(self) -> None:
        """Give back the memory of weights and slots; the program itself is worth keeping."""
        self._program.release()

    def snapshots(self) -> dict[int, Snapshot]:
        """By `id` of the member, all that it needs to go on."""
        active = {id(member) for member in self._active()}
        states = self._seating.states() if active else {}
        return {
            key: watch.standing.snapshot(states[key] if key in active else None) for key, watch in self.watches.items()
        }

    def results(self, *, confirm: bool) -> dict[int, FoldResult]:
        """What came of each member, by its `id`. confirm: score those that are sound on confirmation rows too."""
        fits = {key: watch.fit() for key, watch in self.watches.items()}
        sound = [watch for key, watch in self.watches.items() if not fits[key].trouble]
        confirmed = self._confirmed(sound) if confirm else {}
        return {key: FoldResult(fit, confirmed.get(key, {})) for key, fit in fits.items()}

    def _begin(self, members: Sequence[Member]) -> None:
        self._seat(members, None)
        losses = self._seating.scores("validation" if len(members[0].examples.validation) else "train", ())["loss"]
        for place, member in enumerate(self._seating.members):
            standing = Standing.begun(self._recipe, float(losses[place, 0]))
            self.watches[id(member)] = Watch(member, standing)

    def _take_up(self, members: Sequence[Member], snapshots: Mapping[int, Snapshot]) -> None:
        self._epoch = max(snapshots[id(member)].num_epochs for member in members)
        self.watches = {id(m): Watch(m, Standing.resumed(self._recipe, snapshots[id(m)])) for m in members}
        active = [member for member in members if not self._finished(member)]
        states = {key: snapshot.state for key, snapshot in snapshots.items() if snapshot.state}
        self._seat(active or members[:1], states if active else {id(members[0]): TrainingState({})})

    def _seat(self, members: Sequence[Member], states: Mapping[int, TrainingState] | None) -> None:
        self._seating = Seating(self._program, members, states, limit_bytes=self._limit_bytes)

    def _active(self) -> list[Member]:
        return [member for member in self._seating.members if not self._finished(member)]

    def _train_on(self, stop_epoch: int) -> None:
        """The calls until an epoch after which somebody may have left."""
        most_epochs = 1 if self._recipe.early_stopping else EPOCHS_AT_ONCE[0]
        heard = []
        for span in self._seating.feeding.spans(self._epoch, stop_epoch, most_epochs):
            heard.append(self._seating.train(span))
            if span.last:
                self._hear(span, heard)
                self._epoch = span.epoch + span.num_epochs
            self._tell(span.epoch + span.num_epochs)
            if span.last:
                return

    def _hear(self, span: Span, heard: Sequence[Heard]) -> None:
        scores = self._seating.validation_scores(heard[-1], self._recipe.metrics)
        tables = {f"validation_{name}": table.tolist() for name, table in scores.items()}
        tables = {"train_loss": self._seating.training_losses(span, heard).tolist(), **tables}
        improved = []
        for place, member in enumerate(self._seating.members):
            watch = self.watches[id(member)]
            if not self._finished(member) and watch.observe_all({name: rows[place] for name, rows in tables.items()}):
                improved.append(place)
        self._keep(improved)

    def _keep(self, places: Sequence[int]) -> None:
        for place, weights in zip(places, self._seating.weights_of(places), strict=True):
            self.watches[id(self._seating.members[place])].standing.best = weights

    def _finished(self, member: Member) -> bool:
        return self.watches[id(member)].standing.finished

    def _confirmed(self, sound: Sequence[Watch]) -> dict[int, Scores]:
        """The scores of the kept weights on confirmation rows, where there are any."""
        if not sound or not len(sound[0].member.examples.confirmation):
            return {}
        best = {id(watch.member): TrainingState(watch.standing.best) for watch in sound}
        self._seat([watch.member for watch in sound], best)
        scores = self._seating.scores("confirmation", self._recipe.metrics)
        return {
            id(member): {name: float(table[place, 0]) for name, table in scores.items()}
            for place, member in enumerate(self._seating.members)
        }

    def _tell(self, epoch: int) -> None:
        seen = [watch.standing.curves.get("validation_loss", [math.nan])[-1] for watch in self.watches.values()]
        best = min((value for value in seen if math.isfinite(value)), default=math.nan)
        news = {"members": len(self._active()), "epoch": epoch, "epochs": self._recipe.epochs}
        self._report({**news, "validation_loss": best})
