"""Grid search: every combination of the genes' values, a random part of them, or those that a condition admits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from deap import base

from evo_nas.config import AS_NEEDED, GridSettings, SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.randomness import permuted
from evo_nas.strategies.best_seen import BestSeen
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.strategy import Strategy, generational_requirement
from genomes import Encoding, Genome, GenomeError
from genomes.grid import Grid

GRID = "grid"
"""The operator's name of a point."""

MOST_POINTS = 10_000_000
"""Points beyond which a grid is only trained in part, as far as a budget goes."""

LEAST_OPEN = 256
"""Proposals that may be open at once, at least: no point waits for another one's result, so that cohorts are full
whatever the size of a generation, and yet a large grid is not written into the ledger before its first training."""


def grid_of(encoding: Encoding, settings: SearchSettings) -> Grid:
    """The grid over a space. Raises UserError where the settings ask for none that can be trained."""
    asked = settings.grid or GridSettings()
    try:
        grid = Grid(encoding.outline(), points=asked.points, where=asked.where)
    except GenomeError as error:
        raise UserError(f"[search] grid: {error}") from None
    _check_size(num_points(grid, settings), settings)
    return grid


def num_points(grid: Grid, settings: SearchSettings) -> int:
    """How many points of the grid the settings ask for; at least one."""
    fraction = (settings.grid or GridSettings()).fraction
    return grid.size if fraction == 1.0 else max(1, min(grid.size, round(grid.size * fraction)))


def with_needed_generations(encoding: Encoding, settings: SearchSettings, num_first: int) -> SearchSettings:
    """The settings of a search that is about to begin: those of a grid with no more generations than it has. So they
    need not be given. num_first, raised: as of `most_proposals`.
    """
    most = most_proposals(encoding, settings, num_first)
    if most is None:
        return settings
    needed = -(-most // settings.population)
    return settings.model_copy(update={"generations": min(settings.generations, needed)})


def most_proposals(encoding: Encoding, settings: SearchSettings, num_first: int) -> int | None:
    """After how many proposals nothing is left to propose; None where a search could go on for ever.

    num_first: genomes that are proposed before anything else. Raises what `grid_of` does.
    """
    if settings.strategy != "grid":
        return None
    return num_first + num_points(grid_of(encoding, settings), settings)


@final
class GridSearch(Strategy):
    """Each point of the grid once (`genomes.grid.Grid`), with equal layers where layers could differ.

    They are proposed in a random order, so that a run that ends early has seen a fair part of the grid, and a fraction
    is the beginning of that order: what a grid costs and random search does not is that nothing is looked at between
    its values (Bergstra and Bengio 2012).
    After the last one the search is over; who asks on is given the same points again, which costs nothing.

    Points that break a limit on size are proposed and refused: no other network takes their place.
    """

    def __init__(
        self,
        encoding: Encoding,
        toolbox: base.Toolbox,
        settings: SearchSettings,
        objectives: Sequence[Objective],
        *,
        first: Sequence[Genome] = (),
        limits: SizeLimits | None = None,
    ) -> None:
        self.encoding = encoding
        self.settings = settings
        self.grid = grid_of(encoding, settings)
        self.num_points = num_points(self.grid, settings)
        self.births = Births(encoding, toolbox, settings, first=first)
        self._best = BestSeen(settings, objectives)
        self._num_first = len(first)
        self._num_told = 0
        self._open = -(-LEAST_OPEN // settings.population) * settings.population

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self._best.members

    def required_results(self, proposal: int) -> int:
        """As many generations at once as `LEAST_OPEN` needs; what comes after the last point waits for all of them."""
        if proposal < self._num_proposals:
            return generational_requirement(proposal, self._open)
        again = generational_requirement(proposal - self._num_proposals, self.settings.population)
        return self._num_proposals + again

    def ask(self, n: int) -> list[Individual]:
        return [self._propose() for _ in range(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        self._num_told += len(evaluated)
        self._best.tell(evaluated)

    def converged(self) -> str | None:
        if self._num_told < self._num_proposals:
            return None
        if self.num_points < self.grid.size:
            return f"all {self.num_points:,} points that were drawn from the grid have been trained"
        return "every point of the grid has been trained"

    def remarks(self) -> Sequence[str]:
        """What the grid is, before anything is trained; and that it is used up."""
        ending = self.converged()
        return [self._described(), *([ending] if ending else [])]

    @property
    def _num_proposals(self) -> int:
        return self._num_first + self.num_points

    def _propose(self) -> Individual:
        if self.births.num_born < self._num_first:
            return self.births.founder()
        number = (self.births.num_born - self._num_first) % self.num_points
        point = permuted(number, self.grid.size, self.settings.seed, "grid")
        return self.births.given(self.encoding.assembled(self.grid.at(point)), GRID)

    def _described(self) -> str:
        counts = ", ".join(f"{number} of {name}" for name, number in self.grid.varied.items())
        described = f"the grid has {_points(self.grid.size)}" + (f" ({counts})" if counts else "")
        if self.num_points < self.grid.size:
            described += f", of which {self.num_points:,} are drawn"
        budget = _budget(self.settings)
        if budget is None or budget >= self.num_points:
            return described
        return f"{described}; the budget is for {budget:,} of them, taken at random"


def _points(number: int) -> str:
    return "one point" if number == 1 else f"{number:,} points"


def _budget(settings: SearchSettings) -> int | None:
    """The networks that the settings pay for, where they say so."""
    planned = None if settings.generations == AS_NEEDED else settings.generations * settings.population
    return min((limit for limit in (planned, settings.max_evaluations) if limit is not None), default=None)


def _check_size(number: int, settings: SearchSettings) -> None:
    if number > MOST_POINTS and _budget(settings) is None:
        raise UserError(
            f"[search] grid: it has {number:,} points, and more than {MOST_POINTS:,} are not trained; fix genes, give "
            "fewer points, a fraction or a condition (where), or say by generations or max_evaluations how many of "
            "them to draw"
        )
