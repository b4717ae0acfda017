"""What a tracker is, and what it is told. Write one of your own by overriding what you need.

A tracker is told of a run from its beginning, in every sitting and in the same order: the individuals of a generation
in order of proposal, then their generation. What the ledger held before the sitting began is marked `replayed`: an
earlier sitting has told of it, unless it was cut off just then. So a tracker that only wants what is new leaves out
what is replayed, and one that must miss nothing and write nothing twice writes under (run id, individual id).

It is called in a thread of its own, after the ledger's commit, and never waited for while a run goes on. One that
raises is dropped, with one warning; the run does not notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.individual import Constraint, Evaluated, Objective
from genomes import Encoding


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """A run that begins or goes on.

    id: unique, the same in every sitting. folder: where it is written. encoding: of its genomes; `canonical` leaves out
    genes without effect. settings: as a settings file would hold them. num_recorded: individuals proposed before.
    """

    id: str
    folder: Path
    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...]
    encoding: Encoding
    settings: Mapping[str, Any]
    num_recorded: int = 0


@dataclass(frozen=True, slots=True)
class TrackedGeneration:
    """A generation that is complete.

    best: of the run so far, None before there is one; best_values: the best value of each objective so far.
    hypervolume: of the Pareto front; None with one objective.
    """

    number: int
    num_evaluated: int
    num_failed: int
    best: Evaluated | None
    best_values: tuple[float | None, ...]
    hypervolume: float | None = None


@dataclass(frozen=True, slots=True)
class TrackedEnding:
    """How a sitting ended: "finished", "evaluations", "converged", or, of one that may go on, "interrupted" or "time".

    scores: search, confirmation and test score of the saved winner, see `Result.scores`; None where none is saved.
    ranked: the best networks, the best first, without curves.
    """

    reason: str
    best: Evaluated | None
    scores: Mapping[str, Any] | None
    ranked: tuple[Evaluated, ...]
    elapsed_seconds: float


class Tracker:
    """Follows a run. Every method does nothing until it is overridden."""

    def run_began(self, run: TrackedRun) -> None:
        """A sitting begins. Called first, once."""

    def individual_evaluated(self, evaluated: Evaluated, *, replayed: bool) -> None:
        """An individual's outcome is known, with its curves: a mapping for each fold of each replicate."""

    def generation_ended(self, generation: TrackedGeneration, *, replayed: bool) -> None:
        """All individuals of a generation have been told."""

    def run_ended(self, ending: TrackedEnding) -> None:
        """The sitting is over. Called last, once; not where the process was killed."""
