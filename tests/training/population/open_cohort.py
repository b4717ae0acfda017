"""A cohort that can be looked into: gradients, padding, what it says. What moves inside the trainer is named here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evo_nas.training.fitting import Fit
from evo_nas.training.population.cohort import Cohort
from evo_nas.training.population.extraction import keras_weights
from evo_nas.training.population.member import Member
from evo_nas.training.population.seating import Seating
from evo_nas.training.population.slabs import taken_out
from evo_nas.training.population.update_rules import unit_of
from tests.training.population.cohorts import PLENTY, Entrant, grouped
from tests.training.training_cases import ignore_news


class OpenCohort:
    """Entrants of one form placed in a program, which can be looked into."""

    def __init__(self, entrants: Sequence[Entrant]) -> None:
        self.members = [entrant.member() for entrant in entrants]
        (key,) = grouped(entrants, self.members)
        recipe = entrants[0].request.recipe
        self.cohort = Cohort(key[0], self.members, recipe, limit_bytes=PLENTY, report=ignore_news)
        self.program = self.cohort._program

    @property
    def _seating(self) -> Seating:
        return self.cohort._seating

    def fits(self) -> list[Fit]:
        results = self.cohort.results(confirm=False)
        return [results[id(member)].fit for member in self.members]

    def gradients(self) -> dict[str, NDArray[np.float32]]:
        """Of the first batch from the weights as they are: slab -> [places, units, inputs], padding included."""
        seating, feeding = self._seating, self._seating.feeding
        feed = feeding.training(next(iter(feeding.spans(0, 1, 1))))
        genes = seating._genes.at(range(feeding.batches_an_epoch))
        slopes = self.program.gradients(seating._places, genes, feed)
        return {name: slope.numpy() for name, slope in slopes.items()}

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """As they are now: slab -> [places, units, inputs], padding included."""
        return {slab.name: self.program.read(slab.name) for slab in self.program.slabs}

    def predictions(self) -> list[NDArray[np.float64]]:
        """What each entrant says of its validation rows, readable."""
        seating, found = self._seating, {}
        (feed,) = seating.feeding.watching("validation")
        said = self.program.run(seating._places, seating._genes.lasting, feed).said
        for place, member in enumerate(seating.members):
            found[id(member)] = member.examples.readable(np.ascontiguousarray(said[0, place].T))
        return [found[id(member)] for member in self.members]

    def current(self) -> list[dict[str, NDArray[np.float32]]]:
        """The weights of each entrant as they are now, by the paths of Keras."""
        return self.by_member(self.weights(), in_units=True)

    def scatter(self, spread: float) -> None:
        """Move every trained number of every member at random, so that none is zero."""
        generator = np.random.default_rng(3)
        for slab in (slab for slab in self.program.slabs if slab.trained):
            array = self.program.read(slab.name).copy()
            for place, member in enumerate(self._seating.members):
                if slab.belongs_to(member):
                    units, inputs = slab.size(member)
                    moves = generator.normal(0.0, spread, size=(units, inputs)) / self._unit(member)
                    array[place, :units, :inputs] += moves.astype(np.float32)
            self.program.assign(slab.name, array, {})

    def by_member(
        self, arrays: Mapping[str, NDArray[np.float32]], *, in_units: bool = False
    ) -> list[dict[str, NDArray[np.float32]]]:
        """The real part of slabs for each entrant, by the paths of Keras. in_units: they are weights, not gradients."""
        found = {}
        for place, member in enumerate(self._seating.members):
            slabs = [slab for slab in self.program.slabs if slab.name in arrays and slab.belongs_to(member)]
            state = {name: part for s in slabs for name, part in taken_out(s, member, arrays[s.name], place).items()}
            normalized = bool(member.genes["batch_normalization"])
            unit = self._unit(member) if in_units else np.float32(1.0)
            found[id(member)] = dict(keras_weights(state, unit, batch_normalization=normalized))
        return [found[id(member)] for member in self.members]

    def _unit(self, member: Member) -> np.float32:
        return unit_of(self.program.form.rule, member.genes)

    def padding(self, arrays: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """What lies in slabs outside every member's own numbers: slab -> one row of numbers.

        Idle places, which are nobody's and see data all the same, count but for the output.
        """
        outside, num_members = {}, len(self._seating.members)
        for slab in (slab for slab in self.program.slabs if slab.name in arrays):
            array = arrays[slab.name][: num_members if slab.is_output else None]
            padded = np.ones(array.shape, dtype=bool)
            for place, member in enumerate(self._seating.members):
                if slab.belongs_to(member):
                    units, inputs = slab.size(member)
                    padded[place, :units, :inputs] = False
            outside[slab.name] = array[padded]
        return outside
