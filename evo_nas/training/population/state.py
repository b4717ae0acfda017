"""The numbers of members on their way into a program and out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evo_nas.training.population.arrangement import Arrangement
from evo_nas.training.population.member import Member
from evo_nas.training.population.program import Program
from evo_nas.training.population.slabs import START, Slab, State, stacked, taken_out
from evo_nas.training.population.update_rules import RULES
from evo_nas.training.rung import TrainingState


def load_untrained(program: Program, arrangement: Arrangement) -> None:
    """Put the members into their places as their training begins."""
    rule, units = RULES[program.form.rule], arrangement.units()
    for slab in program.slabs:
        values = _begun(slab, arrangement, _write_first)
        if not slab.trained:
            program.assign(slab.name, values, {})
            continue
        values /= units[: len(values)]
        slots = np.zeros_like(values)
        if rule.slot_start:
            slots = _begun(slab, arrangement, lambda slab, member, place: place.fill(rule.slot_start))
        program.assign(slab.name, values, dict.fromkeys(range(rule.num_slots), slots))


def load_states(program: Program, arrangement: Arrangement, states: Mapping[int, TrainingState]) -> None:
    """Put the members' states into their places. states: by `id` of the member."""
    placed = [states[id(member)] for member in arrangement.members]
    num_slots = RULES[program.form.rule].num_slots
    for slab in program.slabs:
        values = stacked(slab, arrangement, [slab.joined(state.weights) for state in placed])
        slots = {
            number: stacked(slab, arrangement, [slab.joined(state.slots, f":{number}") for state in placed])
            for number in range(num_slots if slab.trained else 0)
        }
        program.assign(slab.name, values, slots)


def read_states(program: Program, arrangement: Arrangement, places: Sequence[int]) -> list[TrainingState]:
    """The states of the members in some places."""
    weights, slots = _slab_arrays(program), _slot_arrays(program)
    return [
        TrainingState(_of_place(program, arrangement, weights, place), _slots_of(program, arrangement, slots, place))
        for place in places
    ]


def read_weights_of(program: Program, arrangement: Arrangement, places: Sequence[int]) -> list[State]:
    """The weights alone of the members in some places."""
    arrays = _slab_arrays(program) if places else {}
    return [_of_place(program, arrangement, arrays, place) for place in places]


def _begun(
    slab: Slab, arrangement: Arrangement, write: Callable[[Slab, Member, NDArray[np.float32]], None]
) -> NDArray[np.float32]:
    """A padded array in which each member's numbers [units, inputs] are written."""
    array = np.zeros(slab.shape(arrangement), dtype=np.float32)
    for member, place in zip(arrangement.members, array, strict=False):
        if slab.belongs_to(member):
            units, inputs = slab.size(member)
            write(slab, member, place[:units, :inputs])
    return array


def _write_first(slab: Slab, member: Member, place: NDArray[np.float32]) -> None:
    if slab.role != "kernel":
        place.fill(START[slab.role])
        return
    units, inputs = place.shape
    position = member.depth if slab.is_output else slab.layer
    initializer = str(member.genes["kernel_initializer"])
    kernel = member.streams.initial_kernel(initializer, inputs - slab.has_bias, units, position)
    place[:, int(slab.has_bias) :] = kernel.T
    place[:, : int(slab.has_bias)] = START["shift"]


def _slab_arrays(program: Program) -> dict[str, NDArray[np.float32]]:
    return {slab.name: program.read(slab.name) for slab in program.slabs}


def _slot_arrays(program: Program) -> dict[str, tuple[NDArray[np.float32], ...]]:
    return {slab.name: program.read_slots(slab.name) for slab in program.slabs if slab.trained}


def _of_place(
    program: Program, arrangement: Arrangement, arrays: Mapping[str, NDArray[np.float32]], place: int
) -> State:
    member = arrangement.members[place]
    state: dict[str, NDArray[np.float32]] = {}
    for slab in program.slabs:
        if slab.belongs_to(member):
            state |= taken_out(slab, member, arrays[slab.name], place)
    return state


def _slots_of(
    program: Program,
    arrangement: Arrangement,
    arrays: Mapping[str, tuple[NDArray[np.float32], ...]],
    place: int,
) -> State:
    member = arrangement.members[place]
    slots: dict[str, NDArray[np.float32]] = {}
    for slab in program.slabs:
        if slab.trained and slab.belongs_to(member):
            for number, array in enumerate(arrays[slab.name]):
                slots |= taken_out(slab, member, array, place, f":{number}")
    return slots
