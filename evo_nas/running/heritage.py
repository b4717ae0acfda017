"""Who begins with whose weights, and how many epochs are behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from evo_nas.evaluation.evaluator import Ancestor, Job
from evo_nas.individual import Individual, TrainingKey
from evo_nas.outcome import Outcome
from genomes import Encoding


@dataclass(slots=True)
class Heritage:
    """What is known of a run's networks. A network begins as the first of its proposals says."""

    encoding: Encoding
    _first: dict[str, Individual] = field(default_factory=dict)
    _epochs: dict[tuple[str, int], int] = field(default_factory=dict)

    def note(self, individuals: Iterable[Individual]) -> None:
        """Take in proposals, in order."""
        for individual in individuals:
            self._first.setdefault(individual.fingerprint, individual)

    def note_outcomes(self, outcomes: Mapping[TrainingKey, Outcome]) -> None:
        """Take in outcomes of the search."""
        for key, outcome in outcomes.items():
            if outcome.ok and len(outcome.best_epochs) == 1:
                self._epochs[key[:2]] = outcome.best_epochs[0] + sum(outcome.inherited_epochs)

    def ancestors(self, individual: Individual) -> tuple[Ancestor, ...]:
        """Those from whom weights came down to a network, the oldest first; each was proposed before its child."""
        line: list[Ancestor] = []
        name = self._first.get(individual.fingerprint, individual).inherits
        while name is not None:
            parent = self._first[name]
            line.append((self.encoding.canonical(parent.genome), name))
            name = parent.inherits
        return tuple(line[::-1])

    def counted(self, job: Job, outcome: Outcome) -> Outcome:
        """The outcome with the epochs behind the weights that the job began with."""
        if not job.ancestors or not outcome.epochs:
            return outcome
        behind = self._epochs.get((job.ancestors[-1][1], job.replicate), 0)
        return replace(outcome, inherited_epochs=(behind,))
