"""The training of one cohort: calls of a program, and after each epoch what came of every member.

Members that are lost or have stopped leave; where many have left, those who stay are arranged anew (law 4 makes that
invisible in the results).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.config import Recipe
from evo_nas.training.fitting import Scores
from evo_nas.training.fold_results import FoldResult
from evo_nas.training.metrics import measure_many
from evo_nas.training.population.arrangement import Arrangement
from evo_nas.training.population.feeding import MOST_EPOCHS, Feeding, Span
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member
from evo_nas.training.population.program import program_of
from evo_nas.training.population.rung import Snapshot
from evo_nas.training.population.state import (
    MemberState,
    load_states,
    read_states,
    read_weights_of,
    untrained_state,
)
from evo_nas.training.population.tensors import Genes, Heard, Places
from evo_nas.training.population.update_rules import RULES, coefficient_table
from evo_nas.training.population.watch import Watch

LEAVE_SHARE = 0.25
"""The share of the places that must be free before the rest is arranged anew."""

Report = Callable[[dict[str, Any]], None]


class Cohort:
    """Trains members that share a `Form`, a size of batches and a number of rows.

    recipe: of all. limit_bytes: of data and noise on the device. report: called about once an epoch. snapshots: by
    `id` of the member, where trainings are taken up that were handed back after the same epoch.
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
        self._program = program_of(form)
        self._recipe = recipe
        self._limit_bytes = limit_bytes
        self._report = report
        self.watches: dict[int, Watch] = {}
        if snapshots is None:
            self._begin(members)
        else:
            self._take_up(members, snapshots)

    def train(self, stop_epoch: int) -> None:
        """Go on until so many epochs are over for every member that has not finished before."""
        while self._epoch < stop_epoch and self._active():
            self._make_room()
            self._train_on(stop_epoch)

    def snapshots(self) -> dict[int, Snapshot]:
        """By `id` of the member, all that it needs to go on."""
        active = {id(member) for member in self._active()}
        states = self._states() if active else {}
        return {
            key: Snapshot(states[key] if key in active else None, watch.best, watch.curves, watch.untrained)
            for key, watch in self.watches.items()
        }

    def _begin(self, members: Sequence[Member]) -> None:
        self._epoch = 0
        rule = self._program.form.rule
        self._place(members, {id(member): untrained_state(member, self._program.slabs, rule) for member in members})
        untrained = dict(zip(map(id, self._arrangement.members), self._untrained_losses(), strict=False))
        self.watches = {id(member): Watch.of(member, self._recipe, untrained[id(member)]) for member in members}

    def _take_up(self, members: Sequence[Member], snapshots: Mapping[int, Snapshot]) -> None:
        self._epoch = max(snapshots[id(member)].num_epochs for member in members)
        self.watches = {id(m): Watch.resumed(m, self._recipe, snapshots[id(m)]) for m in members}
        active = [member for member in members if not self.watches[id(member)].finished]
        states = {key: snapshot.state for key, snapshot in snapshots.items() if snapshot.state}
        self._place(active or members[:1], states if active else {id(members[0]): MemberState({})})

    def results(self, *, confirm: bool) -> dict[int, FoldResult]:
        """What came of each member, by its `id`. confirm: score those that are sound on confirmation rows too."""
        fits = {key: watch.fit() for key, watch in self.watches.items()}
        sound = [watch for key, watch in self.watches.items() if not fits[key].trouble]
        confirmed = self._confirmed(sound) if confirm else {}
        return {key: FoldResult(fit, confirmed.get(key, {})) for key, fit in fits.items()}

    def _confirmed(self, sound: Sequence[Watch]) -> dict[int, Scores]:
        """The scores of the kept weights on confirmation rows, where there are any."""
        if not sound or not len(sound[0].member.examples.confirmation):
            return {}
        self._place([watch.member for watch in sound], {id(watch.member): MemberState(watch.best) for watch in sound})
        losses, said = self._look("confirmation")
        values = {"loss": _sums(losses).T / losses.shape[-1], **self._measured("confirmation", said)}
        return {
            id(member): {name: float(scores[place, 0]) for name, scores in values.items()}
            for place, member in enumerate(self._arrangement.members)
        }

    def _states(self) -> dict[int, MemberState]:
        """Of the members that are still placed."""
        members = self._arrangement.members
        read = read_states(self._program, self._arrangement, range(len(members)))
        return {id(member): state for member, state in zip(members, read, strict=True)}

    def _place(self, members: Sequence[Member], states: Mapping[int, MemberState]) -> None:
        self._arrangement = Arrangement.of(self._program.form, members)
        self._feeding = Feeding(self._arrangement, self._limit_bytes)
        self._places = _places(self._arrangement)
        self._genes = _Genes.of(self._arrangement)
        load_states(self._program, self._arrangement, states)

    def _active(self) -> list[Member]:
        return [member for member in self._arrangement.members if not self.watches[id(member)].finished]

    def _make_room(self) -> None:
        active = self._active()
        if len(active) <= (1.0 - LEAVE_SHARE) * len(self._arrangement.members):
            self._place(active, self._states())

    def _train_on(self, stop_epoch: int) -> None:
        """The calls until an epoch after which somebody may have left."""
        stopping = self._recipe.early_stopping is not False
        spans = self._feeding.spans(self._epoch, stop_epoch, 1 if stopping else MOST_EPOCHS)
        batch_losses: list[NDArray[np.float32]] = []
        for span in spans:
            heard = self._call(span)
            batch_losses.append(heard.batch_losses)
            if span.last:
                self._hear(span, batch_losses, heard)
                self._epoch = span.epoch + span.num_epochs
                return

    def _call(self, span: Span) -> Heard:
        first = span.epoch * self._feeding.batches_an_epoch + span.batches.start
        steps = range(first, first + span.num_epochs * len(span.batches))
        return self._program.run(self._places, self._genes.at(steps), self._feeding.training(span))

    def _hear(self, span: Span, batch_losses: Sequence[NDArray[np.float32]], heard: Heard) -> None:
        losses = np.concatenate(batch_losses).reshape(span.num_epochs, -1, self._arrangement.num_places)
        scores = {"train_loss": _sums(losses.transpose(2, 0, 1)) / self._feeding.num_rows, **self._watched(heard)}
        by_place = {name: values.tolist() for name, values in scores.items()}
        improved = []
        for place, member in enumerate(self._arrangement.members):
            watch = self.watches[id(member)]
            if not watch.finished and watch.observe_all({name: rows[place] for name, rows in by_place.items()}):
                improved.append(place)
        self._keep(improved)
        self._tell(span.epoch + span.num_epochs)

    def _keep(self, places: Sequence[int]) -> None:
        for place, state in zip(places, read_weights_of(self._program, self._arrangement, places), strict=True):
            self.watches[id(self._arrangement.members[place])].best = state

    def _watched(self, heard: Heard) -> dict[str, NDArray[np.float64]]:
        """ "validation_loss" and metrics of each place and epoch, float64 [places, epochs]; none without such rows."""
        if not len(self._arrangement.members[0].examples.validation):
            return {}
        losses, said = heard.losses, heard.said
        if not self._feeding.resident:
            losses, said = self._look("validation")
        values = {"validation_loss": _sums(losses).T / losses.shape[-1]}
        measured = self._measured("validation", said)
        return values | {f"validation_{name}": scores for name, scores in measured.items()}

    def _measured(self, part: str, said: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
        """The metrics of what was said [epochs, places, outputs, rows], by name: [places, epochs]."""
        num_epochs, names = len(said), self._recipe.metrics
        values = {name: np.full((said.shape[1], num_epochs), math.nan) for name in names}
        for stream, member in enumerate(self._feeding.streams):
            places = self._feeding.places_of(stream)
            examples = getattr(member.examples, part)
            rows = said[:, places].transpose(0, 1, 3, 2)
            flat = np.ascontiguousarray(rows).reshape(-1, rows.shape[3])
            readable = member.examples.readable(flat)
            predictions = readable.reshape(num_epochs * len(places), len(examples), *readable.shape[1:])
            measured = measure_many(names, examples.truth, predictions, member.examples.task)
            for name in names:
                values[name][places] = measured[name].reshape(num_epochs, len(places)).T
        return values

    def _look(self, part: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Losses [1, places, rows] and what is said [1, places, outputs, rows] of some rows, nothing trained."""
        genes = self._genes.at(range(0))
        heard = [self._program.run(self._places, genes, feed) for feed in self._feeding.watching(part)]
        losses = np.concatenate([one.losses for one in heard], axis=-1)
        return losses, np.concatenate([one.said for one in heard], axis=-1)

    def _untrained_losses(self) -> list[float]:
        examples = self._arrangement.members[0].examples
        losses, _ = self._look("validation" if len(examples.validation) else "train")
        means: list[float] = (_sums(losses[0]) / losses.shape[-1]).tolist()
        return means

    def _tell(self, epoch: int) -> None:
        seen = [watch.curves.get("validation_loss", [math.nan])[-1] for watch in self.watches.values()]
        best = min((value for value in seen if math.isfinite(value)), default=math.nan)
        news = {"members": len(self._active()), "epoch": epoch, "epochs": self._recipe.epochs}
        self._report({**news, "validation_loss": best})


def _places(arrangement: Arrangement) -> Places:
    return Places(
        kinds=tf.constant(arrangement.kinds()),
        only_kinds=tf.constant(arrangement.only_kinds()),
        mask=tf.constant(arrangement.mask()),
        real=tf.constant(arrangement.real, dtype=tf.int32),
        computed=tf.constant(arrangement.computed, dtype=tf.int32),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Genes:
    """The numbers of the members: those that stay, and the table of those that change from step to step."""

    arrangement: Arrangement
    lasting: Genes

    @classmethod
    def of(cls, arrangement: Arrangement) -> _Genes:
        lasting = Genes(
            keep=tf.constant(arrangement.keep()),
            lift=tf.constant(arrangement.lift()),
            input_keep=tf.constant(1.0 - arrangement.by_member("input_dropout")),
            l1=tf.constant(arrangement.by_member("l1")),
            l2=tf.constant(arrangement.by_member("l2")),
            max_norm=tf.constant(arrangement.by_member("max_norm")),
            unit=tf.constant(arrangement.units()),
            coefficients=tf.zeros((0, RULES[arrangement.form.rule].num_coefficients, arrangement.num_places)),
        )
        return cls(arrangement, lasting)

    def at(self, steps: range) -> Genes:
        """With the coefficients of some steps of the training."""
        if not steps:
            return self.lasting
        members = [member.genes for member in self.arrangement.members]
        members += members[:1] * (self.arrangement.num_places - len(members))
        table = coefficient_table(RULES[self.arrangement.form.rule], members, steps)
        return replace(self.lasting, coefficients=tf.constant(table))


def _sums(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Over the last axis, in 64 bits, each row alone."""
    sums: NDArray[np.float64] = np.ascontiguousarray(values, dtype=np.float64).sum(axis=-1)
    return sums
