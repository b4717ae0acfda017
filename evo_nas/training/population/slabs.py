"""The stacked tensors of a program, and where in them the numbers of one member lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evo_nas.training.places import tiled
from evo_nas.training.population.arrangement import Arrangement
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member

Role = Literal["kernel", "shift", "scale", "mean", "variance"]
State = Mapping[str, NDArray[np.float32]]
"""The numbers of one member by slab, without padding."""

OUTPUT = "output"
START: Mapping[str, float] = {"shift": 0.0, "scale": 1.0, "mean": 0.0, "variance": 1.0}
"""What everything but a kernel begins with."""


@dataclass(frozen=True, slots=True)
class Slab:
    """One stacked tensor [places, units, inputs]; all but kernels have a single input.

    layer: counted from 0; the form's depth for the output. A kernel lies transposed, [outputs, inputs], so that the
    rows of a batch are the last axis of whatever flows through the network. shift: the bias, or the offset of batch
    normalisation, beside which there is none. mean, variance: its moving statistics, which no gradient changes.
    has_bias: of a kernel, whether its first column is the bias (see `Form.biased_inputs`); a `State` has it by itself.
    """

    role: Role
    layer: int
    is_output: bool
    has_bias: bool = False

    @property
    def name(self) -> str:
        return f"{self._layer_name}/{self.role}"

    @property
    def _layer_name(self) -> str:
        return OUTPUT if self.is_output else f"hidden_{self.layer + 1}"

    @property
    def _names(self) -> tuple[str, ...]:
        """Of what a state has of it."""
        return (f"{self._layer_name}/shift", self.name) if self.has_bias else (self.name,)

    @property
    def trained(self) -> bool:
        return self.role in ("kernel", "shift", "scale")

    @property
    def follows_hidden(self) -> bool:
        """A kernel whose inputs are the units of a hidden layer."""
        return self.role == "kernel" and self.layer > 0

    def belongs_to(self, member: Member) -> bool:
        return self.is_output or self.layer < member.depth

    def shape(self, arrangement: Arrangement) -> tuple[int, int, int]:
        """[places, units, inputs], padded."""
        if not self.is_output:
            inputs = arrangement.num_inputs(self.layer) if self.role == "kernel" else 1
            return arrangement.computed[self.layer], arrangement.width, inputs
        outputs = arrangement.members[0].num_outputs
        if self.role == "kernel":
            return arrangement.num_places, outputs, arrangement.width
        return arrangement.num_places, tiled(outputs), 1

    def size(self, member: Member) -> tuple[int, int]:
        """[units, inputs] of a member, without padding."""
        units = member.num_outputs if self.is_output else member.widths[self.layer]
        if self.role != "kernel":
            return units, 1
        before = member.widths[-1] if self.is_output else (member.num_inputs, *member.widths)[self.layer]
        return units, before + self.has_bias

    def parts(self, values: NDArray[np.float32], suffix: str = "") -> dict[str, NDArray[np.float32]]:
        """A member's numbers [units, inputs] as a state has them, by name and suffix."""
        parts = [values[:, :1], values[:, 1:]] if self.has_bias else [values]
        return {name + suffix: part.copy() for name, part in zip(self._names, parts, strict=True)}

    def joined(self, state: State, suffix: str = "") -> NDArray[np.float32] | None:
        """What `parts` took apart; None where the state has none of it."""
        parts = [state[name + suffix] for name in self._names if name + suffix in state]
        return np.concatenate(parts, axis=1) if parts else None


def slabs_of(form: Form) -> tuple[Slab, ...]:
    """All slabs of a program, in the order of the layers."""
    normalized: tuple[Role, ...] = ("scale", "mean", "variance") if form.batch_normalization else ()
    roles: tuple[Role, ...] = ("kernel", "shift", *normalized)
    hidden = [Slab(role, layer, is_output=False) for layer in range(form.depth) for role in roles]
    if form.biased_inputs:
        hidden[:2] = [Slab("kernel", 0, is_output=False, has_bias=True)]
    output = [Slab(role, form.depth, is_output=True) for role in ("kernel", "shift")]
    return (*hidden, *output)


def stacked(slab: Slab, arrangement: Arrangement, values: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32]:
    """The members' numbers in one padded array; zeros where a member has none. values: in order of place."""
    array = np.zeros(slab.shape(arrangement), dtype=np.float32)
    for place, value in enumerate(values):
        if value is not None:
            array[place, : value.shape[0], : value.shape[1]] = value
    return array


def taken_out(slab: Slab, member: Member, array: NDArray[np.float32], place: int, suffix: str = "") -> State:
    """A copy of one member's numbers."""
    units, inputs = slab.size(member)
    return slab.parts(array[place, :units, :inputs], suffix)
