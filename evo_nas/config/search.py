"""[search]: how offspring are made, and when to stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from evo_nas.config.metrics import METRICS
from evo_nas.config.named_strategies import CoarseToFineSettings, GridSettings, spelled_out
from evo_nas.config.recipe import Recipe
from evo_nas.config.section import Positive, Section, nearest
from evo_nas.errors import UserError
from evo_nas.individual import SIZES, Constraint, Objective, parse_constraint, parse_objective

Survival = Literal["auto", "best", "nsga2", "nsga3"]
Fidelity = Literal["full", "halving", "hyperband", "pasha"]
Sampler = Literal["gp", "tpe"]
Inherit = Literal["none", "weights"]
StrategyName = Literal[
    "surrogate",
    "evolution",
    "aging",
    "random",
    "grid",
    "coarse_to_fine",
    "bayesian",
    "listed",
    "successive_halving",
    "hyperband",
    "nsga2",
    "nsga3",
]


class SearchSettings(Section):
    """How offspring are made and when to stop. Generations count the first population: 12 x 6 is at most 72.

    strategy: "grid" trains every combination of the genes' values, or those that `grid` says, and then ends;
    "coarse_to_fine" draws at random from ranges that narrow around the best, as `coarse_to_fine` says. "hyperband",
    "successive_halving", "nsga2" and "nsga3" are names for random search and evolution with one more key set, see
    `named_strategies`. "listed" trains the networks that it is given and no other (`evo-nas train`).
    crossover_rate, mutation_rate: probabilities that a child is made by crossover, and that it is then mutated (a
    child of neither would be a copy, so it is mutated). elites: the best that survive whatever happens.
    in_flight: how many proposals may be open at once in a steady-state search (law 3); a setting, never the machine.
    sampler: under bayesian, Optuna's Gaussian process with expected improvement ("gp"), or its tree-structured Parzen
    estimator ("tpe"), which needs no torch. Both propose a population at once, or `batch` if that is a number.
    batch: under surrogate, how many proposals are made at once, at most the population. "growing" is an eighth of those
    made before: early, every outcome teaches much, and later larger batches train faster.
    steady_state: under surrogate, a proposal waits for no more results than `in_flight` asks for; for many workers.
    constraints: bounds that the winner keeps, such as "parameters <= 100000" or "accuracy >= 0.9".
    survival: who lives on under evolution: the "best", or the fronts of "nsga2" or "nsga3" (two objectives or more).
    "auto" is the first with one objective, the second with two, the third with three or more.
    adapt: odds of the mutations, and of genes that fail, are learnt from the outcomes (evolution and aging).
    fidelity: "full" trains every network with the whole recipe. The others judge it after a part of the epochs first,
    on rungs: epochs / eta, epochs / eta^2, ... down to least_epochs (None: three rungs at most). "halving" begins every
    child on the lowest and promotes the best 1/eta from rung to rung; "hyperband" begins some of them higher, where an
    early judgement may mislead; "pasha" climbs no higher than it takes to rank them, and then trains those that lead.
    A promotion counts as a proposal: of about n (1 + 1/eta + ...) proposals n are networks. What was trained on a rung
    is not trained again.
    inherit: "weights" lets a child begin with the trained weights of its first parent, as far as they fit (Chen,
    Goodfellow and Shlens 2016, Net2Net), under evolution and aging. It is then judged by what it has learnt after its
    own epochs and those inherited, as in Real et al. 2017. finalists: so many of the best of them are trained from
    scratch in the end, for the recipe's epochs; the winner is chosen among these and all others that were.
    restarts: of a converged population in a row that bring nothing better before more trainings are not worth it; 0
    never restarts. stop_when_converged: the run then ends, whatever is left of its generations.
    max_evaluations: distinct (genome, replicate) that a run may have trained, however long each was. max_epochs: epochs
    of them all, over all folds, after which nothing more is proposed; what is in training then is trained to its end,
    so that a run goes beyond it by a generation, or by what is in flight, at the most.
    """

    strategy: StrategyName = "surrogate"
    objectives: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    survival: Survival = "auto"
    population: Annotated[int, Field(ge=1, le=10_000_000)] = 12
    generations: Annotated[int, Field(ge=1, le=1_000_000_000)] = 6
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    elites: Annotated[int, Field(ge=0)] = 1
    tournament_size: Positive = 3
    crossover_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    mutation_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.8
    in_flight: Positive = 32
    sampler: Sampler = "gp"
    batch: Positive | Literal["growing"] = "growing"
    steady_state: bool = False
    fidelity: Fidelity = "full"
    eta: Annotated[int, Field(ge=2, le=10)] = 3
    least_epochs: Positive | None = None
    inherit: Inherit = "none"
    finalists: Annotated[int, Field(ge=1, le=1000)] = 3
    adapt: bool = True
    restarts: Annotated[int, Field(ge=0, le=1000)] = 3
    stop_when_converged: bool = True
    hall_of_fame: Positive = 10
    confirmation_replicates: Annotated[int, Field(ge=0, le=1000)] = 3
    max_evaluations: Positive | None = None
    max_epochs: Positive | None = None
    max_minutes: Annotated[float, Field(gt=0.0)] | None = None
    grid: GridSettings | None = None
    coarse_to_fine: CoarseToFineSettings | None = None

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, data: Any) -> Any:
        return spelled_out(data) if isinstance(data, Mapping) else data

    @model_validator(mode="after")
    def _grid_in_full(self) -> SearchSettings:
        if self.strategy == "grid" and self.fidelity != "full":
            raise ValueError(
                f'strategy = "grid" trains every point with the whole recipe, got fidelity = "{self.fidelity}"; leave '
                'fidelity out, or say strategy = "random"'
            )
        return self

    @model_validator(mode="after")
    def _inherit_from_parents(self) -> SearchSettings:
        if self.inherit == "none":
            return self
        if self.strategy not in ("evolution", "aging"):
            raise ValueError(
                'inherit = "weights" needs a search whose children have parents and are measured once, strategy = '
                f'"evolution" or "aging", got strategy = "{self.strategy}"'
            )
        if self.fidelity != "full":
            raise ValueError(
                'inherit = "weights" trains every child with the whole recipe, got '
                f'fidelity = "{self.fidelity}"; leave one of them out'
            )
        return self

    def parsed_objectives(self, recipe: Recipe) -> tuple[Objective, ...]:
        """The objectives, or the recipe's first metric in its own direction. Raises UserError for unknown names."""
        if not self.objectives:
            first = recipe.metrics[0]
            return (Objective(first, METRICS[first]),)
        objectives = tuple(parse_objective(text) for text in self.objectives)
        for objective in objectives:
            _check_measured(objective.name, recipe, key="objectives")
        if len({objective.name for objective in objectives}) < len(objectives):
            raise UserError(f"[search] objectives: each name once, got {', '.join(self.objectives)}")
        return objectives

    def parsed_constraints(self, recipe: Recipe | None = None) -> tuple[Constraint, ...]:
        """The constraints. recipe: whose metrics they may name, besides sizes; None allows any name.

        Raises UserError for unknown names, and for what nobody can keep.
        """
        constraints = tuple(parse_constraint(text) for text in self.constraints)
        if recipe is not None:
            for constraint in constraints:
                _check_measured(constraint.name, recipe, key="constraints")
        _check_together(constraints)
        return constraints

    def survivors_by(self, num_objectives: int) -> Literal["best", "nsga2", "nsga3"]:
        """What `survival` means for that many objectives. Raises UserError where it means nothing."""
        if self.survival == "auto":
            return "best" if num_objectives == 1 else "nsga2" if num_objectives == 2 else "nsga3"
        if self.survival != "best" and num_objectives == 1:
            raise UserError(
                f'[search] survival = "{self.survival}" is for two objectives or more, and there is one; use "auto"'
            )
        return self.survival


def _check_measured(name: str, recipe: Recipe, *, key: str) -> None:
    known = (*recipe.metrics, "loss", *SIZES)
    if name not in known:
        hint = "; add it to [recipe] metrics" if name in METRICS else nearest(name, known)
        raise UserError(
            f"[search] {key}: {name!r} is not measured by this recipe, which knows {', '.join(known)}{hint}"
        )


def _check_together(constraints: Sequence[Constraint]) -> None:
    """Each bound once, and room between a lower and an upper one."""
    for position, one in enumerate(constraints):
        for other in constraints[:position]:
            if one.name != other.name:
                continue
            if one.at_most == other.at_most:
                raise UserError(f"[search] constraints: {other} and {one}: give one of them")
            if one.violation(other.bound) > 0:
                raise UserError(f"[search] constraints: nothing can keep both {other} and {one}")
