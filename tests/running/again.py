"""A search that measures its leader again, judges half of its samples on a rung, and promotes the best of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any, final

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.randomness import stream
from evo_nas.running import sitting, verification
from evo_nas.strategies import DeapIndividual, Strategy, evaluated_individual
from genomes import Encoding

RUNG = 2


@final
class Again(Strategy):
    """Generational. Place 0 measures the best mean again, place 1 promotes, every other of the rest is on the rung.

    The answer is the best mean of those that were measured twice or more often.
    """

    def __init__(self, encoding: Encoding, settings: SearchSettings, objectives: Sequence[Objective]) -> None:
        self.encoding = encoding
        self.settings = settings
        self.objectives = tuple(objectives)
        self.num_born = 0
        self.whole: dict[str, list[Evaluated]] = {}
        self.on_rung: dict[str, Evaluated] = {}

    @property
    def population(self) -> Sequence[DeapIndividual]:
        leaders = sorted((told[0] for told in self.whole.values() if told[0].outcome.ok), key=self._mean, reverse=True)
        return [evaluated_individual(e.individual, e.outcome, self.objectives) for e in leaders[:3]]

    def required_results(self, proposal: int) -> int:
        return proposal // self.settings.population * self.settings.population

    def ask(self, n: int) -> list[Individual]:
        return [self._propose() for _ in range(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        for each in evaluated:
            if each.individual.epochs is None:
                self.whole.setdefault(each.individual.fingerprint, []).append(each)
            elif each.outcome.ok:
                self.on_rung[each.individual.fingerprint] = each

    def answer(self, waiting: Sequence[Evaluated] = ()) -> Individual | None:
        """By what it was told alone."""
        told_twice = [told[-1] for told in self.whole.values() if len(told) > 1 and all(e.outcome.ok for e in told)]
        return max(told_twice, key=self._mean).individual if told_twice else None

    def _propose(self) -> Individual:
        place, number = self.num_born % self.settings.population, self.num_born
        leaders = [told for told in self.whole.values() if all(each.outcome.ok for each in told)]
        waiting = [each for name, each in self.on_rung.items() if name not in self.whole]
        if place == 0 and leaders:
            told = max(leaders, key=lambda told: self._mean(told[0]))
            return self._again(told[0].individual, "measure_again", replicate=len(told))
        if place == 1 and waiting:
            best = max(waiting, key=lambda each: self.objectives[0].weight * self.objectives[0].value(each.outcome))
            return self._again(best.individual, "promote", epochs=None)
        self.num_born += 1
        genome = self.encoding.sample(stream(self.settings.seed, "sample", number))
        generation, fingerprint = number // self.settings.population, self.encoding.fingerprint(genome)
        rung = RUNG if place % 2 and fingerprint not in self.whole else None
        return Individual(number, generation, genome, fingerprint, epochs=rung)

    def _again(self, parent: Individual, operator: str, **changes: Any) -> Individual:
        number = self.num_born
        self.num_born += 1
        generation = number // self.settings.population
        made = replace(parent, id=number, generation=generation, parents=(parent.id,), operator=operator, changes=())
        return replace(made, **changes)

    def _mean(self, each: Evaluated) -> float:
        objective, told = self.objectives[0], self.whole[each.individual.fingerprint]
        return fmean(objective.weight * objective.value(t.outcome) for t in told if t.outcome.ok)


def use(set_attribute: Callable[[Any, str, Any], None] = setattr) -> None:
    """Let every run and every check of this process search so. set_attribute: such as `monkeypatch.setattr`."""

    def make(encoding: Encoding, toolbox: Any, settings: SearchSettings, objectives: Any, **further: Any) -> Strategy:
        return Again(encoding, settings, objectives)

    for module in (sitting, verification):
        set_attribute(module, "make_strategy", make)
