"""Members that sit in the places of a program: what they are trained on, and what is heard of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.metrics import measure_many
from evo_nas.training.population.arrangement import Arrangement
from evo_nas.training.population.feeding import Feeding, Span
from evo_nas.training.population.member import Member
from evo_nas.training.population.program import Program
from evo_nas.training.population.slabs import State
from evo_nas.training.population.state import load_states, load_untrained, read_states, read_weights_of
from evo_nas.training.population.tensors import Genes, Heard, Places
from evo_nas.training.population.update_rules import RULES, coefficient_table
from evo_nas.training.rung import TrainingState

Table = NDArray[np.float64]
"""Values of places and epochs, float64 [places, epochs]."""


class Seating:
    """Puts members into the places of a program.

    states: by `id` of the member; None where all begin. limit_bytes: of data and noise.
    """

    def __init__(
        self,
        program: Program,
        members: Sequence[Member],
        states: Mapping[int, TrainingState] | None,
        *,
        limit_bytes: int,
    ) -> None:
        self._program = program
        self._arrangement = Arrangement.of(program.form, members)
        self.feeding = Feeding(self._arrangement, limit_bytes)
        self._places = _places(self._arrangement)
        self._genes = _Numbers.of(self._arrangement)
        if states is None:
            load_untrained(program, self._arrangement)
        else:
            load_states(program, self._arrangement, states)

    @property
    def members(self) -> tuple[Member, ...]:
        """In order of place."""
        return self._arrangement.members

    def train(self, span: Span) -> Heard:
        """Train all places on a span."""
        first = span.epoch * self.feeding.batches_an_epoch + span.batches.start
        steps = range(first, first + span.num_epochs * len(span.batches))
        return self._program.run(self._places, self._genes.at(steps), self.feeding.training(span))

    def training_losses(self, span: Span, heard: Sequence[Heard]) -> Table:
        """The mean loss of an epoch as it was trained. heard: of the spans that make up the epochs."""
        losses = np.concatenate([one.batch_losses for one in heard])
        by_epoch = losses.reshape(span.num_epochs, -1, self._arrangement.num_places)
        return _sums(by_epoch.transpose(2, 0, 1)) / self.feeding.num_rows

    def validation_scores(self, heard: Heard, metrics: Sequence[str]) -> dict[str, Table]:
        """ "loss" and metrics after each epoch of a span; none where there are no such rows."""
        if not len(self.members[0].examples.validation):
            return {}
        if not self.feeding.resident:
            return self.scores("validation", metrics)
        return self._scores("validation", heard.losses, heard.said, metrics)

    def scores(self, part: str, metrics: Sequence[str]) -> dict[str, Table]:
        """ "loss" and metrics of "train", "validation" or "confirmation" rows as the weights are, [places, 1]."""
        heard = [self._program.run(self._places, self._genes.lasting, feed) for feed in self.feeding.watching(part)]
        losses = np.concatenate([one.losses for one in heard], axis=-1)
        said = np.concatenate([one.said for one in heard], axis=-1)
        return self._scores(part, losses, said, metrics)

    def states(self) -> dict[int, TrainingState]:
        """By `id` of the member."""
        states = read_states(self._program, self._arrangement, range(len(self.members)))
        return {id(member): state for member, state in zip(self.members, states, strict=True)}

    def weights_of(self, places: Sequence[int]) -> list[State]:
        """The weights of the members in some places."""
        return read_weights_of(self._program, self._arrangement, places)

    def _scores(
        self, part: str, losses: NDArray[np.float32], said: NDArray[np.float32], metrics: Sequence[str]
    ) -> dict[str, Table]:
        """losses: [epochs, places, rows]. said: [epochs, places, outputs, rows]."""
        scores = {name: np.full((said.shape[1], len(said)), math.nan) for name in metrics}
        for stream, member in enumerate(self.feeding.streams if metrics else ()):
            places = self.feeding.places_of(stream)
            measured = _measured(member, part, said[:, places], metrics)
            for name in metrics:
                scores[name][places] = measured[name]
        return {"loss": _sums(losses).T / losses.shape[-1], **scores}


def _measured(member: Member, part: str, said: NDArray[np.float32], metrics: Sequence[str]) -> dict[str, Table]:
    """The metrics of what members say who see the same rows as this one, [epochs, members, outputs, rows]."""
    num_epochs, num_members, num_outputs, num_rows = said.shape
    rows = np.ascontiguousarray(said.transpose(0, 1, 3, 2)).reshape(-1, num_outputs)
    readable = member.examples.readable(rows)
    predictions = readable.reshape(num_epochs * num_members, num_rows, *readable.shape[1:])
    truth = getattr(member.examples, part).truth
    measured = measure_many(metrics, truth, predictions, member.examples.task)
    return {name: values.reshape(num_epochs, num_members).T for name, values in measured.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Numbers:
    """The numbers of the members. lasting: those that stay, with no coefficients."""

    arrangement: Arrangement
    lasting: Genes

    @classmethod
    def of(cls, arrangement: Arrangement) -> _Numbers:
        lasting = Genes(
            keep=tf.constant(arrangement.keep()),
            lift=tf.constant(arrangement.lift()),
            pull=tf.constant(arrangement.pull()),
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
        members = [member.genes for member in self.arrangement.members]
        members += members[:1] * (self.arrangement.num_places - len(members))
        table = coefficient_table(RULES[self.arrangement.form.rule], members, steps)
        return replace(self.lasting, coefficients=tf.constant(table))


def _places(arrangement: Arrangement) -> Places:
    return Places(
        kinds=tf.constant(arrangement.kinds()),
        mask=tf.constant(arrangement.mask()),
        computed=tf.constant(arrangement.computed, dtype=tf.int32),
        cuts=tf.constant(arrangement.cuts()),
    )


def _sums(values: NDArray[np.float32]) -> Table:
    """Over the last axis, in 64 bits, each row alone."""
    sums: Table = np.ascontiguousarray(values, dtype=np.float64).sum(axis=-1)
    return sums
