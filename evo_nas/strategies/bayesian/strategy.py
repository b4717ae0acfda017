"""Bayesian optimisation: a model of the fitness says which genome to try next, and all of them come from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import final

from deap import base, tools

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual, Objective, measured, objective_values
from evo_nas.randomness import stream, stream_key
from evo_nas.strategies.bayesian.installed import check_sampler
from evo_nas.strategies.bayesian.shown import shown
from evo_nas.strategies.bayesian.suggestions import STARTUP, Suggestions, alone
from evo_nas.strategies.births import EXTRA_MUTATIONS, Births
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.novelty import Novelty
from evo_nas.strategies.strategy import Strategy, generational_requirement
from genomes import Encoding, Genome, GenomeError

LARGEST_SEED = 2**32
"""Optuna's samplers take a seed below it."""


@final
class BayesianSearch(Strategy):
    """Optuna's samplers on our own space: a Gaussian process with expected improvement ("gp"), or the tree-structured
    Parzen estimator ("tpe"; Bergstra et al. 2011).

    First come the encoding's default and samples, until `STARTUP` of them have succeeded. `population` proposals are
    made at once, or `batch` if it is a number: a proposal takes into account that those before it in the batch are
    pending (fantasies of their outcome under "gp", a constant liar under "tpe"). Every batch has a study and a sampler
    of its own, made from what was told: nothing is kept that a resume would not find in the ledger.

    A failure is a trial of state FAIL, of which these samplers learn nothing. What is known already is mutated until it
    is not, so that nothing is proposed twice. The Gaussian process looks at some hundred outcomes at most (`shown`).

    The "population" is the best seen so far, as in random search.
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
        check_sampler(settings)
        _check_named(encoding)
        self.settings = settings
        self.objectives = tuple(objectives)
        self.constraints = settings.parsed_constraints()
        self.births = Births(encoding, toolbox, settings, first=first, limits=limits)
        self._num_given = max(len(first), 1)
        self._starts_with_default = not first
        self._batch_size = settings.population if settings.batch == "growing" else settings.batch
        self._novelty = Novelty(settings.population)
        self._recorded: Sequence[Individual] = ()
        self._prepared: deque[Individual] = deque()
        self._told: list[DeapIndividual] = []
        self._num_succeeded = 0
        self._best: list[DeapIndividual] = []

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self._best

    def required_results(self, proposal: int) -> int:
        return generational_requirement(proposal, self._batch_size)

    def ask(self, n: int) -> list[Individual]:
        while len(self._prepared) < n:
            self._prepared.extend(self._batch())
        return [self._prepared.popleft() for _ in range(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        self._novelty.tell(evaluated)
        members = [evaluated_individual(e.individual, e.outcome, self.objectives, self.constraints) for e in evaluated]
        valid = [member for member in members if member.fitness.valid]
        self._told += members
        self._num_succeeded += len(valid)
        self._best = tools.selBest([*self._best, *valid], self.settings.population)

    def converged(self) -> str | None:
        """Where the space is used up; nothing else ends it before its budget."""
        return self._novelty.exhausted()

    def recall(self, recorded: Sequence[Individual]) -> None:
        """Whole batches are given back as they are: the model of a thousand outcomes is not asked all over again."""
        self._recorded = recorded

    def _batch(self) -> list[Individual]:
        recorded = self._recorded[self._number : self._number + self._batch_size]
        if len(recorded) == self._batch_size:
            return [self.births.recalled(each) for each in recorded]
        made: list[Individual] = []
        while len(made) < self._batch_size and not self._is_model_due():
            made.append(self._founder())
        return made + self._suggested(self._batch_size - len(made))

    def _is_model_due(self) -> bool:
        return self.births.num_born >= self._num_given and self._num_succeeded >= STARTUP

    def _founder(self) -> Individual:
        if self.births.num_born == 0 and self._starts_with_default:
            return self.births.given(self.births.encoding.default(), "default")
        return self.births.founder()

    def _suggested(self, count: int) -> list[Individual]:
        if not count:
            return []
        made: list[Individual] = []
        with alone():
            suggestions = self._suggestions()
            for _ in range(count):
                made.append(self._admitted(suggestions.next(stream(self.settings.seed, "bayesian", self._number))))
                suggestions.wait_for(made[-1].genome)
        return made

    @property
    def _number(self) -> int:
        return self.births.num_born

    def _suggestions(self) -> Suggestions:
        seed = stream_key(self.settings.seed, "bayesian batch", self._number) % LARGEST_SEED
        suggestions = Suggestions(self.births.encoding, self.settings.sampler, self.objectives, seed=seed)
        for member in shown(self._told) if self.settings.sampler == "gp" else self._told:
            if member.record is not None and member.outcome is not None:
                values = objective_values(member.outcome, self.objectives)
                suggestions.learn(member.record.genome, values, self._excess(member))
        return suggestions

    def _excess(self, member: DeapIndividual) -> Mapping[str, float]:
        """How far a success is beyond each constraint, in multiples of its bound; negative where there is room."""
        outcome = member.outcome
        if outcome is None or not outcome.ok:
            return {}
        return {str(each): each.excess(measured(outcome, each.name)) for each in self.constraints}

    def _admitted(self, genome: Genome) -> Individual:
        """The genome, or where it is known a mutant of it that is not, if one is found."""
        rng = stream(self.settings.seed, "bayesian again", self._number)
        operators: list[str] = [self.settings.sampler]
        while self.births.knows(genome) and len(operators) <= EXTRA_MUTATIONS:
            variant = self.births.encoding.mutate(genome, rng)
            genome = variant.genome
            operators.append(variant.operator)
        return self.births.given(genome, " + ".join(operators))


def _check_named(encoding: Encoding) -> None:
    """Raise UserError where the encoding cannot be searched parameter by parameter."""
    try:
        encoding.parameters(1)
    except GenomeError as error:
        raise UserError(f'[search] strategy = "bayesian" asks for named parameters, and {error}') from None
