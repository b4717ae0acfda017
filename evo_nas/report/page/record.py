"""All that the page is made of: a run as plain records, however much of it there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evo_nas.curves import Curve
from evo_nas.data import DataFacts
from evo_nas.individual import Constraint, Evaluated, Individual, Objective, TrainingKey
from evo_nas.insight import WinnerInsight
from evo_nas.outcome import Outcome
from genomes import Encoding, Genome

Curves = Mapping[int, Sequence[Curve]]
"""By id, one mapping a fold."""


def no_curves(individuals: Sequence[Individual]) -> Curves:
    """Of a run whose curves are not there."""
    return {}


@dataclass(frozen=True)
class RunRecord:
    """What is known of a run.

    name: of its folder. settings: its sections as plain data, as far as they can be read. encoding: None where the
    space cannot be read. individuals: everybody proposed, in order of id. outcomes: id -> outcome, without curves, of
    those that came back. found: trainings that cost nothing. trainings: all of them by their purpose, without curves.
    replicates: trainings that make an outcome. epochs: of the recipe, None for a fitness function. believed: the
    fingerprint of whom the search believes to be the best, if it said so. scores: what `winner/scores.json` says.
    elapsed_seconds: of all sittings, None where nothing says so. state: how the run ended, or where it stands, a
    sentence. curves: reads those of some individuals. missing: a sentence for each thing that is not there. notes: a
    sentence for each thing worth knowing, though nothing is lost by it. insight: what was seen of the saved winner, as
    far as it may be shown. data: what is known of the rows; None where there are none, or their file cannot be read.
    """

    name: str
    settings: Mapping[str, Any]
    objectives: tuple[Objective, ...]
    individuals: Sequence[Individual]
    outcomes: Mapping[int, Outcome]
    encoding: Encoding | None = None
    constraints: tuple[Constraint, ...] = ()
    found: AbstractSet[TrainingKey] = frozenset()
    trainings: Mapping[str, Mapping[TrainingKey, Outcome]] = field(default_factory=dict)
    replicates: int = 1
    epochs: int | None = None
    believed: str | None = None
    scores: Mapping[str, Any] | None = None
    elapsed_seconds: float | None = None
    state: str = ""
    curves: Callable[[Sequence[Individual]], Curves] = no_curves
    missing: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    insight: WinnerInsight | None = None
    data: DataFacts | None = None

    @cached_property
    def evaluated(self) -> list[Evaluated]:
        """Those whose outcome is known, in order of id."""
        return [Evaluated(each, self.outcomes[each.id]) for each in self.individuals if each.id in self.outcomes]

    @cached_property
    def by_id(self) -> dict[int, Evaluated]:
        return {each.individual.id: each for each in self.evaluated}

    @cached_property
    def genomes(self) -> dict[int, Genome]:
        """id -> genome in canonical form; as it was recorded where no encoding knows it."""
        return {each.id: self._canonical(each.genome) for each in self.individuals}

    @property
    def facts(self) -> Mapping[str, Any]:
        """The section [run] of the settings: versions, fingerprint of the data, and such."""
        return self.section("run")

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the settings; empty where it is not there."""
        section = self.settings.get(name)
        return section if isinstance(section, Mapping) else {}

    def _canonical(self, genome: Genome) -> Genome:
        if self.encoding is None or genome.encoding != self.encoding.name:
            return genome
        return self.encoding.canonical(genome)
