"""Who lies where: the members of a cohort in the places of a program, the deepest first.

Since places are sorted by depth, layer l concerns the first so many places and none of the others: networks of every
depth lie in one program and none pays for layers that it has not.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.training.places import biased_columns, padded_width, places_for
from evo_nas.training.population.activations import FROM_NOTHING
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member
from evo_nas.training.population.update_rules import unit_of

Array = NDArray[Any]
ENDS_FROM = 2
"""The place of `Cuts.ends_from`, a beginning among sizes."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """members: in order of place; `num_places` may be more, the last ones idle.

    width: padded, of every hidden layer. real: for each layer, how many places have it; computed: for how many it is
    computed, see `places_for`.
    """

    form: Form
    members: tuple[Member, ...]
    width: int
    real: tuple[int, ...]
    computed: tuple[int, ...]

    @classmethod
    def of(cls, form: Form, members: Sequence[Member]) -> Arrangement:
        """Deepest first, otherwise in the order given. members: at least one, none deeper than the form."""
        placed = tuple(sorted(members, key=lambda member: -member.depth))
        real = [sum(member.depth > layer for member in placed) for layer in range(form.depth)]
        computed = places_for(np.array(real), num_members=len(placed)).tolist()
        alike = len({layer["activation"] for member in placed for layer in member.genome.layers}) == 1
        widest = max(max(member.widths) for member in placed)
        width = int(padded_width(widest, num_members=len(placed), alike=alike))
        return cls(form, placed, width, tuple(real), tuple(computed))

    @property
    def num_places(self) -> int:
        return self.computed[0]

    def num_inputs(self, layer: int) -> int:
        """Of a hidden layer, counted from 0: columns of the data, or padded units."""
        if layer:
            return self.width
        given = self.members[0].num_inputs
        return biased_columns(given) if self.form.biased_inputs else given

    def kinds(self) -> NDArray[np.int32]:
        """Index of the activation of each layer and place among the form's, int32 [depth, places].

        Places without the layer, whose values go nowhere, have the index of the first one.
        """
        index = {name: number for number, name in enumerate(self.form.activations)}
        kinds = np.zeros((self.form.depth, self.num_places), dtype=np.int32)
        for layer, count in enumerate(self.real):
            named = [index[str(member.genome.layers[layer]["activation"])] for member in self.members[:count]]
            kinds[layer] = [*named, *named[:1] * (self.num_places - count)] if named else 0
        return kinds

    def cuts(self) -> NDArray[np.int32]:
        """For each layer what `Cuts` says, in its order: int32 [depth, 5, 3]. Idle places end with the first layer."""
        deeper = np.array([*self.real[1:], 0], dtype=np.int32)
        last = np.array([self.num_places, *self.real[1:]], dtype=np.int32)
        computed = np.array(self.computed, dtype=np.int32)
        cuts = np.full((self.form.depth, 5, 3), -1, dtype=np.int32)
        cuts[:, ENDS_FROM] = 0
        cuts[:, :, 0] = np.stack([computed, deeper, deeper, last - deeper, computed - last], axis=1)
        return cuts

    def mask(self) -> NDArray[np.float32]:
        """1 for a real unit, 0 for padding: float32 [depth, places, width, 1]."""
        mask = np.zeros((self.form.depth, self.num_places, self.width, 1), dtype=np.float32)
        for place, member in enumerate(self.members):
            for layer, width in enumerate(member.widths):
                mask[layer, place, :width] = 1.0
        return mask

    def keep(self) -> NDArray[np.float32]:
        """The probability that dropout keeps a unit: float32 [depth, places, 1, 1]."""
        keep = np.ones((self.form.depth, self.num_places, 1, 1), dtype=np.float32)
        for place, member in enumerate(self.members):
            for layer, genes in enumerate(member.genome.layers):
                keep[layer, place] = 1.0 - float(genes["dropout"])
        return keep

    def lift(self) -> NDArray[np.float32]:
        """What makes up for the units that dropout takes away before each kernel, float32 [depth + 1, places, 1, 1].

        1 / keep of the layer before; the last entry is the output's, whose layer before is each member's own last.
        """
        lift = np.ones((self.form.depth + 1, self.num_places, 1, 1), dtype=np.float32)
        for place, member in enumerate(self.members):
            for layer, genes in enumerate(member.genome.layers, start=1):
                lift[self._after(member, layer), place] = 1.0 / (1.0 - float(genes["dropout"]))
        return lift

    def pull(self) -> NDArray[np.float32]:
        """What each kernel's gradient is multiplied by, float32 [depth + 1, places, 1, 1 or width].

        Its lift; and 0 for the padding of its inputs where activations make something of that.
        """
        if not FROM_NOTHING & set(self.form.activations):
            return self.lift()
        real = np.zeros((self.form.depth + 1, self.num_places, 1, self.width), dtype=np.float32)
        for place, member in enumerate(self.members):
            for layer, width in enumerate(member.widths, start=1):
                real[self._after(member, layer), place, :, :width] = 1.0
        return self.lift() * real

    def _after(self, member: Member, layer: int) -> int:
        """Which kernel follows a member's hidden layer, counted from 1."""
        return layer if layer < member.depth else self.form.depth

    def units(self) -> NDArray[np.float32]:
        """The unit of each member's trained weights, float32 [places, 1, 1]."""
        units = np.ones((self.num_places, 1, 1), dtype=np.float32)
        units[: len(self.members), 0, 0] = [unit_of(self.form.rule, member.genes) for member in self.members]
        return units

    def by_member(self, gene: str, idle: float = 0.0) -> NDArray[np.float32]:
        """A number of each member, float32 [places, 1, 1]."""
        values = np.full((self.num_places, 1, 1), idle, dtype=np.float32)
        values[: len(self.members), 0, 0] = [float(member.genes[gene]) for member in self.members]
        return values

    def sharing(self, keys: Sequence[Hashable]) -> tuple[list[int], NDArray[np.int32]]:
        """Which members are the first of each distinct key (one key a member), and the number of each place's key.

        One key for all gives a single number, not one a place: the tensors that it picks are then broadcast.
        """
        numbers: dict[Hashable, int] = {}
        places = [numbers.setdefault(key, len(numbers)) for key in keys]
        firsts = [places.index(number) for number in range(len(numbers))]
        if len(numbers) == 1:
            return firsts, np.zeros(1, dtype=np.int32)
        idle = [0] * (self.num_places - len(places))
        return firsts, np.array(places + idle, dtype=np.int32)
