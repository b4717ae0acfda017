"""Every combination of a space's values, each reached by its number; nothing is listed, however many there are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import final

from genomes.cutting import cut
from genomes.genome import GenomeError, Value
from genomes.predicates import Predicate
from genomes.space import SearchSpace

MOST_BRANCHES = 1_000_000
"""What is kept for all genes together: a few numbers for each combination that a later gene or `where` looks at."""

ABSENT = None
"""The value of a gene without effect."""

State = tuple[Value | None, ...]
Branch = tuple[Value | None, State]


@final
class Grid:
    """The points of a grid over a space, numbered from 0 to `size` - 1. The last gene varies fastest.

    A gene stands for the values of `cut`. Where it has no effect it has no value either, so that no two points are the
    same in canonical form: under adam a grid does not ask twice for two values of momentum. where: only points that
    a `Predicate` admits; "" is all.

    Points are counted gene by gene, in states: the values so far that something later looks at. So the cost is that of
    the largest number of states, a handful for most spaces, and not that of the points.

    Raises GenomeError where the predicate cannot be read, no point is left, or there are too many states.
    """

    def __init__(self, space: SearchSpace, *, points: int = 3, where: str = "") -> None:
        self.values = {name: cut(gene, points) for name, gene in space.genes.items()}
        self._space = space
        self._names = tuple(self.values)
        self._predicate = Predicate(where, self.values) if where.strip() else None
        self._carried = [self._names_carried_to(place) for place in range(len(self._names) + 1)]
        self._branches = self._all_branches()
        self._cumulative = self._all_cumulative()
        if not self.size:
            raise GenomeError(f"where = {where!r:.100} admits no point of the grid")

    @property
    def varied(self) -> dict[str, int]:
        """The number of values of each gene that has several, and an effect at some point."""
        effective = {
            name
            for name, level in zip(self._names, self._branches, strict=True)
            if any(value is not ABSENT for branches in level.values() for value, _ in branches)
        }
        return {name: len(values) for name, values in self.values.items() if name in effective and len(values) > 1}

    @property
    def size(self) -> int:
        """How many points there are."""
        return self._cumulative[0][()][-1]

    def at(self, number: int) -> dict[str, Value]:
        """The values of the genes that have an effect at a point. Raises IndexError for a number that is none."""
        if not 0 <= number < self.size:
            raise IndexError(number)
        values: dict[str, Value] = {}
        state: State = ()
        for name, branches, cumulative in zip(self._names, self._branches, self._cumulative, strict=True):
            chosen = bisect_right(cumulative[state], number)
            number -= cumulative[state][chosen - 1] if chosen else 0
            value, state = branches[state][chosen]
            if value is not ABSENT:
                values[name] = value
        return values

    def _names_carried_to(self, place: int) -> tuple[str, ...]:
        """Of the genes before a place those that a gene from there on depends on, or a predicate not yet decided."""
        wanted = {condition.on for name in self._names[place:] for condition in self._space.conditions.get(name, ())}
        if self._predicate is not None and self._names.index(self._predicate.names[-1]) >= place:
            wanted |= set(self._predicate.names)
        return tuple(name for name in self._names[:place] if name in wanted)

    def _all_branches(self) -> list[dict[State, list[Branch]]]:
        """For each gene, from each state: its values and the states that they lead to."""
        levels: list[dict[State, list[Branch]]] = []
        states: dict[State, None] = {(): None}
        num_branches = 0
        for place in range(len(self._names)):
            level = {}
            for state in states:
                level[state] = self._branches_from(place, state)
                num_branches += len(level[state])
                if num_branches > MOST_BRANCHES:
                    raise GenomeError(
                        f"the grid: more than {MOST_BRANCHES:,} combinations of what `where` and conditions look at; "
                        "look at fewer genes, or cut them into fewer points"
                    )
            levels.append(level)
            states = dict.fromkeys(after for branches in level.values() for _, after in branches)
        return levels

    def _branches_from(self, place: int, state: State) -> list[Branch]:
        name, known = self._names[place], dict(zip(self._carried[place], state, strict=True))
        branches: list[Branch] = []
        for value in self.values[name] if self._has_effect(name, known) else (ABSENT,):
            reached = {**known, name: value}
            if self._admits(name, reached):
                branches.append((value, tuple(reached[carried] for carried in self._carried[place + 1])))
        return branches

    def _has_effect(self, name: str, known: Mapping[str, Value | None]) -> bool:
        return all(
            known[each.on] is not ABSENT and (known[each.on] in each.values) is not each.unless
            for each in self._space.conditions.get(name, ())
        )

    def _admits(self, name: str, reached: Mapping[str, Value | None]) -> bool:
        if self._predicate is None or name != self._predicate.names[-1]:
            return True
        return self._predicate.admits({name: value for name, value in reached.items() if value is not ABSENT})

    def _all_cumulative(self) -> list[dict[State, list[int]]]:
        """For each gene, from each state: the points under its first branches, so many of them; 0 where none is."""
        counts: dict[State, int] = {(): 1}
        levels: list[dict[State, list[int]]] = []
        for level in reversed(self._branches):
            numbered = {
                state: list(accumulate(counts[after] for _, after in branches)) or [0]
                for state, branches in level.items()
            }
            counts = {state: cumulative[-1] for state, cumulative in numbered.items()}
            levels.append(numbered)
        return levels[::-1]
