"""A study of Optuna's that lives for one batch: it is shown what is known, and suggests genomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, final

from threadpoolctl import ThreadpoolController

from evo_nas.config import Sampler
from evo_nas.individual import Objective
from evo_nas.strategies.bayesian.distributions import sampled_from, searched_as, value_from
from genomes import Encoding, Genome, Parameter, Rng, Value, values_of

MOST_LAYERS = 6
"""Layers whose genes the Gaussian process models; of those beyond, genes are drawn at random."""
STARTUP = 10
"""Successes that a sampler waits for, as in Optuna; until then proposals are samples."""


@final
class Suggestions:
    """Made anew for every batch from all that was told, so that a proposal is a function of that and of its seed: no
    state of a sampler outlives it (laws 2 and 6).

    "tpe" is asked gene by gene, for those that have an effect (define by run). "gp" sees every genome as one row of all
    the genes that there may be, one without effect at its first or lowest value, so that equal networks lie at one
    place (imputation as in Lévesque et al. 2017, "Bayesian optimization for conditional hyperparameter spaces").
    """

    def __init__(self, encoding: Encoding, sampler: Sampler, objectives: Sequence[Objective], *, seed: int) -> None:
        import optuna

        self._encoding = encoding
        self._rows = encoding.parameters(MOST_LAYERS) if sampler == "gp" else ()
        self._distributions = {each.name: searched_as(each.values) for each in self._rows}
        self._study = optuna.create_study(
            sampler=_sampler(sampler, seed),
            directions=["maximize" if objective.maximize else "minimize" for objective in objectives],
        )

    def learn(self, genome: Genome, values: Sequence[float] | None, excess: Mapping[str, float]) -> None:
        """What came of a genome: a value for each objective, or None for a failure, a trial whose state is FAIL.

        excess: of each constraint, how far the genome is beyond it, 0 or less where it is kept.
        """
        from optuna.trial import TrialState

        state = TrialState.FAIL if values is None else TrialState.COMPLETE
        self._add(genome, state, values=values, constraints=None if values is None else dict(excess))

    def wait_for(self, genome: Genome) -> None:
        """It was proposed, and nothing is known of it yet."""
        from optuna.trial import TrialState

        self._add(genome, TrialState.RUNNING)

    def next(self, rng: Rng) -> Genome:
        """What the sampler suggests. rng: for genes that it does not model. `wait_for` follows, for what becomes of it.

        Cost: some 10 ms under "tpe"; for "gp" see `shown.MOST_SHOWN`.
        """
        from optuna.trial import TrialState

        trial = self._study.ask(self._distributions)
        genome = self._composed(trial, rng)
        self._study.tell(trial, state=TrialState.FAIL)  # what was made of it is added by itself
        return genome

    def _composed(self, trial: Any, rng: Rng) -> Genome:
        def choose(parameter: Parameter) -> Value:
            if parameter.name in self._distributions:
                return value_from(parameter.values, trial.params[parameter.name])
            if self._rows:
                return parameter.values.sample(rng)
            return value_from(parameter.values, _asked(trial, parameter))

        return self._encoding.compose(choose)

    def _add(self, genome: Genome, state: Any, **told: Any) -> None:
        from optuna.trial import create_trial

        known = values_of(self._encoding, genome)
        named = {each.name: each for each in (*known, *self._rows)}
        params = {n: sampled_from(p.values, known.get(p, p.values.clip(None))) for n, p in named.items()}
        distributions = {name: self._distribution(each) for name, each in named.items()}
        self._study.add_trial(create_trial(state=state, params=params, distributions=distributions, **told))

    def _distribution(self, parameter: Parameter) -> Any:
        return self._distributions.get(parameter.name) or searched_as(parameter.values)


def _sampler(sampler: Sampler, seed: int) -> Any:
    from optuna.samplers import GPSampler, TPESampler

    if sampler == "tpe":
        return TPESampler(seed=seed, n_startup_trials=STARTUP)
    return GPSampler(seed=seed, n_startup_trials=STARTUP, warn_independent_sampling=False)


def _asked(trial: Any, parameter: Parameter) -> Any:
    """A parameter's value, by the one of Optuna's three questions that its distribution answers."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    distribution = searched_as(parameter.values)
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(parameter.name, distribution.choices)
    suggest = trial.suggest_int if isinstance(distribution, IntDistribution) else trial.suggest_float
    return suggest(parameter.name, distribution.low, distribution.high, log=distribution.log)


@contextmanager
def alone() -> Iterator[None]:
    """Optuna without its messages, and everything below it with one thread: more would round differently, and take
    cores from the trainings.
    """
    with quietly(), _one_torch_thread(), ThreadpoolController().limit(limits=1):
        yield


@contextmanager
def quietly() -> Iterator[None]:
    """Without Optuna's messages. What a user set is given back."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


@contextmanager
def _one_torch_thread() -> Iterator[None]:
    """Without torch there is nothing to limit."""
    try:
        import torch
    except ImportError:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
