"""What came of a run, read from its folder; finished or not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo_nas.errors import UserError
from evo_nas.evaluation import load_winner
from evo_nas.history import family_tree
from evo_nas.individual import Constraint, Evaluated, Objective, measured, total_violation
from evo_nas.running.belief import believed
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.running.scores import read_scores
from evo_nas.strategies import Records
from genomes import Genome

if TYPE_CHECKING:
    import networkx
    import pandas


class Result:
    """A run folder as Python objects. Nothing is read before it is asked for, and what was read is kept."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir

    def __repr__(self) -> str:
        return f"Result({str(self.run_dir)!r})"

    @cached_property
    def evaluated(self) -> list[Evaluated]:
        """Every individual whose outcome is known, in order of id."""
        run = self._open()
        with closing(run.ledger):
            return list(run.ledger.evaluated(run.replicates))

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        run = self._open()
        run.ledger.close()
        return run.plan.objectives

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        run = self._open()
        run.ledger.close()
        return run.plan.constraints

    def why_no_best(self) -> str:
        """Where there is no best individual, what is missing: a success, or one that keeps the constraints."""
        whole = [each for each in self.evaluated if each.outcome.ok and each.individual.epochs is None]
        if not whole:
            on_rungs = any(each.outcome.ok for each in self.evaluated)
            return "no training has succeeded yet" + (" with the whole recipe" if on_rungs else "")
        nearest = min(whole, key=lambda each: total_violation(each.outcome, self.constraints))
        told = ", ".join(f"{c.name} {measured(nearest.outcome, c.name):.6g}" for c in self.constraints)
        asked = ", ".join(str(constraint) for constraint in self.constraints)
        return f"nobody keeps the constraints ({asked}); nearest is individual {nearest.individual.id} with {told}"

    @cached_property
    def best(self) -> Evaluated:
        """Whom the search believes to be the best, else the individual with the best first objective (ties: the next
        objectives, then the older one). Its outcome is the mean over all measurements of its network.

        Raises UserError where no training of the whole recipe has succeeded, or none that keeps the constraints.
        """
        best = self.records.best
        if best is None or best.record is None or best.outcome is None:
            raise UserError(f"{self.run_dir}: {self.why_no_best()}, so there is no best individual")
        return Evaluated(best.record, best.outcome)

    @cached_property
    def records(self) -> Records:
        """DEAP's `hall_of_fame`, Pareto `front`, and `logbook` with a row a generation."""
        run = self._open()
        with closing(run.ledger):
            fingerprint = believed(run.ledger)
        records = run.new_records()
        for number, members in groupby(self.evaluated, key=lambda each: each.individual.generation):
            records.update(list(members), generation=number)
        records.believe(fingerprint)
        return records

    @cached_property
    def front(self) -> list[Evaluated]:
        """The Pareto front, best first objective first; the best alone where there is one objective."""
        best = self.records.best
        members = list(self.records.front) if len(self.objectives) > 1 else [best]
        return [Evaluated(m.record, m.outcome) for m in members if m is not None and m.record and m.outcome]

    def canonical(self, evaluated: Evaluated) -> Genome:
        """The genome of an individual without the genes that have no effect in it."""
        run = self._open()
        run.ledger.close()
        return run.plan.encoding.canonical(evaluated.individual.genome)

    @property
    def scores(self) -> Mapping[str, Any]:
        """The winner's search, confirmation and test scores as they stand in `winner/scores.json`.

        Raises UserError where no winner has been saved yet.
        """
        run = self._open()
        run.ledger.close()
        if run.plan.settings.data is None:
            raise UserError(f"{self.run_dir}: a run with a fitness function of its own trains no network to score")
        scores = read_scores(run.folder)
        if scores is None:
            raise UserError(f"{self.run_dir}: no winner has been saved yet; `evo-nas resume {self.run_dir}` goes on")
        return scores

    def model(self) -> Any:
        """The winner as a `keras.Model`. Its inputs are preprocessed rows; `predict` takes rows as they come."""
        return load_winner(self.run_dir / "winner").model

    def predict(self, rows: pandas.DataFrame) -> pandas.DataFrame:
        """The winner's predictions for new rows with the columns that it was trained on."""
        predictions: pandas.DataFrame = load_winner(self.run_dir / "winner").predict(rows)
        return predictions

    @cached_property
    def individuals(self) -> pandas.DataFrame:
        """A row an individual: genes, parents, operator, status, each metric, parameters, seconds."""
        import pandas

        from evo_nas.report.tables import individual_rows
        from evo_nas.running.chronicle import table_columns

        run = self._open()
        run.ledger.close()
        columns = table_columns(run)
        return pandas.DataFrame(individual_rows(self.evaluated, columns), columns=list(columns.header()))

    @cached_property
    def lineage(self) -> networkx.DiGraph:
        """Parent -> child, with what made each child and what it gained in the first objective."""
        tree: networkx.DiGraph = family_tree(self.evaluated, self.objectives[0])
        return tree

    def _open(self) -> OpenRun:
        return open_run(self.run_dir, read_only=True)
