"""A search driven by a script of the user's own: it asks what to try and tells what came of it. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, final

from deap import base

from evo_nas.config import SearchSettings, parse_record
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual, Objective, fitness_names, parse_objective
from evo_nas.outcome import Outcome, combine
from evo_nas.strategies import Records, make_strategy, make_toolbox
from evo_nas.strategies.repeated_values import RepeatedValues
from evo_nas.strategies.told_values import Told, outcome_of_value
from genomes import Encoding, FlatEncoding, GenomeError, encoding_from


@final
class AskTell:
    """A strategy over a space, asked for proposals and told their values in any order.

        search = AskTell({"rate": {"low": 1e-5, "high": 1e-1, "scale": "log"}, "units": [16, 32, 64]}, "minimize loss")
        for proposal in search.ask():
            search.tell(proposal, loss(**proposal.genome.genes))

    It proposes what `evo_nas.search` would with the same settings and values: values are handed on in the order of
    proposal, exactly as many as the next proposal requires (law 3), so the order of telling changes nothing.

    space: a plain dictionary of genes (see `FlatEncoding.from_space`), one with the key "encoding" as in a settings
        file, or an encoding. objectives: "minimize loss", ...; `tell` takes a value for each.
    strategy, population: as in [search], its defaults if None. settings: further keys of [search]; those that end a run
        (generations, max_evaluations, max_minutes) end nothing here.
    toolbox: DEAP operators of your own, made from `evo_nas.toolbox`.
    Raises UserError for whatever is wrong with any of these.
    """

    def __init__(
        self,
        space: Mapping[str, Any] | Encoding,
        objectives: str | Sequence[str],
        *,
        strategy: str | None = None,
        population: int | None = None,
        seed: int = 0,
        settings: Mapping[str, Any] | None = None,
        toolbox: base.Toolbox | None = None,
    ) -> None:
        self.encoding = _read_space(space)
        self.objectives = _read_objectives(objectives)
        given = {"strategy": strategy, "population": population, "seed": seed}
        asked = {name: value for name, value in given.items() if value is not None} | dict(settings or {})
        search: SearchSettings = parse_record(SearchSettings, asked, where="AskTell")
        toolbox = toolbox or make_toolbox(self.encoding, search, self.objectives)
        self._strategy = make_strategy(self.encoding, toolbox, search, self.objectives)
        self.constraints = search.parsed_constraints()
        self._stops = search.stop_when_converged
        self._population = search.population
        self._proposals: list[Individual] = []
        self._outcomes: dict[int, Outcome] = {}
        self._repeated = RepeatedValues()
        self._num_handed_on = 0

    @property
    def history(self) -> list[Evaluated]:
        """All that was told so far, in the order of proposal."""
        return [Evaluated(self._proposals[number], self._outcomes[number]) for number in sorted(self._outcomes)]

    @property
    def converged(self) -> str | None:
        """Why the strategy holds more evaluations not worth it, or None."""
        return self._strategy.converged()

    @property
    def best(self) -> Individual:
        """Whom the strategy believes best, by the values handed on to it; where it believes nothing, the genome whose
        values have the best mean by the first objective, none of them a failure.

        Raises UserError while no proposal has succeeded.
        """
        answer = self._strategy.answer()
        return answer if answer is not None else self._successes()[0]

    @property
    def front(self) -> list[Individual]:
        """With several objectives: a proposal of every genome whose means no other dominates, best by the first one
        first. With one: `best` alone. Raises UserError while no proposal has succeeded.
        """
        return [self.best] if len(self.objectives) == 1 else self._successes()[1:]

    @property
    def best_value(self) -> float | tuple[float, ...]:
        """The mean of the values told for the genome of `best`, in their own direction: a tuple for several objectives.

        Raises UserError while no proposal has succeeded.
        """
        told = self._told_of_genomes()[self.best.fingerprint]
        mean = combine([each.outcome for each in told if each.outcome.ok])
        values = tuple(objective.value(mean) for objective in self.objectives)
        return values[0] if len(values) == 1 else values

    def ask(self) -> list[Individual]:
        """All proposals that the values told so far allow; each has its genes in `genome.genes`.

        Empty in two cases only: values of earlier proposals are missing, or the strategy has converged (`converged`
        says why) and may stop ([search] stop_when_converged). Raises UserError where an operator of the user's own
        fails.
        """
        start = len(self._proposals)
        while (count := self._num_askable()) and not (self._stops and self.converged):
            batch = self._strategy.ask(count)
            if len(batch) != count:
                raise UserError(f"the strategy was asked for {count} proposals and gave {len(batch)}; it must give all")
            self._proposals.extend(batch)
            self._hand_on()
        return self._proposals[start:]

    def tell(self, proposal: Individual, value: Told) -> None:
        """What came of a proposal, in any order.

        value: a number, or a tuple: one for each objective, then one for each name that is constrained and no
            objective. None, NaN, infinite or beyond 1e100 is a failure of that proposal, which can never win.
        Raises UserError for a proposal that was never made or was told before, and for what is no such value.
        """
        number = self._number(proposal)
        self._outcomes[number] = outcome_of_value(value, fitness_names(self.objectives, self.constraints), number)
        self._hand_on()

    def _num_askable(self) -> int:
        count, required = 0, self._strategy.required_results
        while required(len(self._proposals) + count) == self._num_handed_on:
            count += 1
        return count

    def _hand_on(self) -> None:
        """To the strategy: the values that its next proposal requires, once all of them are there."""
        end = self._strategy.required_results(len(self._proposals))
        numbers = range(self._num_handed_on, end)
        if numbers and all(number in self._outcomes for number in numbers):
            told = [Evaluated(self._proposals[n], self._outcomes[n]) for n in numbers]
            numbered = [self._repeated.numbered(each) for each in told]
            # a generation at a time, as a run does: what is decided at its end depends on nothing later
            for _, generation in groupby(numbered, key=lambda each: each.individual.id // self._population):
                self._strategy.tell(list(generation))
            self._num_handed_on = end

    def _number(self, proposal: Individual) -> int:
        number = proposal.id if isinstance(proposal, Individual) else -1
        if not 0 <= number < len(self._proposals) or self._proposals[number] != proposal:
            raise UserError(
                f"tell: expected a proposal that this search has made, as ask() gave it, got {proposal!r:.200}"
            )
        if number in self._outcomes:
            raise UserError(f"tell: proposal {number} was told before; a proposal has one outcome")
        return number

    def _told_of_genomes(self) -> dict[str, list[Evaluated]]:
        """Fingerprint -> what was told of the whole recipe, in the order of proposal."""
        told: dict[str, list[Evaluated]] = {}
        for each in self.history:
            if each.individual.epochs is None:
                told.setdefault(each.individual.fingerprint, []).append(each)
        return told

    def _successes(self) -> list[Individual]:
        """The best, and the Pareto front where there are several objectives, by the means of each genome's values."""
        records = Records(self.objectives, hall_of_fame=1, constraints=self.constraints)
        for told in self._told_of_genomes().values():
            mean = combine([each.outcome for each in told])
            records.update([Evaluated(told[0].individual, mean)])
        found = [member.record for member in (records.best, *records.front) if member is not None and member.record]
        if not found:
            kept = f" and kept {', '.join(map(str, self.constraints))}" if self.constraints else ""
            raise UserError(f"best: no proposal that was told so far has succeeded{kept}; ask and tell further")
        return found


def _read_space(space: Mapping[str, Any] | Encoding) -> Encoding:
    if isinstance(space, Encoding):
        return space
    if not isinstance(space, Mapping):
        raise UserError(f"AskTell: expected a dictionary of genes or an encoding as its space, got {space!r:.100}")
    try:
        return encoding_from(space) if "encoding" in space else FlatEncoding.from_space(space)
    except GenomeError as error:
        raise UserError(str(error)) from None


def _read_objectives(objectives: str | Sequence[str]) -> tuple[Objective, ...]:
    texts = [objectives] if isinstance(objectives, str) else list(objectives)
    parsed = tuple(parse_objective(str(text)) for text in texts)
    if not parsed or len({objective.name for objective in parsed}) < len(parsed):
        raise UserError(
            f'AskTell: expected one objective or more, such as "minimize loss", each name once, got {texts}'
        )
    return parsed
