"""What came of a run, read from its folder; finished or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from evo_nas.running.finals import finals_in
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.running.refitting import refit, train_further
from evo_nas.running.scores import read_scores
from evo_nas.strategies import Records
from genomes import Genome

if TYPE_CHECKING:
    import networkx
    import pandas
    from numpy.typing import NDArray

    from evo_nas.report.importance import Importance
    from evo_nas.report.network_picture import NetworkPicture


class Result:
    """A run folder as Python objects. Nothing is read before it is asked for, and what was read is kept."""

    def __init__(self, run_dir: str | Path) -> None:
        self.run_dir = Path(run_dir)

    def __repr__(self) -> str:
        return f"Result({str(self.run_dir)!r})"

    def __str__(self) -> str:
        from evo_nas.result_page import result_text

        return result_text(self)

    def _repr_html_(self) -> str:
        from evo_nas.result_page import result_html

        return result_html(self)

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
        return records.from_scratch(self._finals)

    @property
    def num_finals(self) -> int:
        """How many networks that had begun with inherited weights were trained from scratch in the end."""
        return len(self._finals)

    @cached_property
    def _finals(self) -> list[Evaluated]:
        run = self._open()
        with closing(run.ledger):
            return finals_in(run, run.ledger.individuals())

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

    def draw(self, name: str | int = "best") -> NetworkPicture:
        """The network of an individual, "best" or its id, to look at or to `save` as .svg or .png.

        Raises UserError where nobody has that id, or there is no network: a fitness function instead of data.
        """
        from evo_nas.result_page import picture_of

        return picture_of(self, self.number_of(name))

    def model(self) -> Any:
        """The winner as a `keras.Model`. Its inputs are preprocessed rows; `predict` takes rows as they come."""
        return load_winner(self.run_dir / "winner").model

    def refit(self, out: str | Path | None = None) -> Any:
        """Train the winner's configuration anew on all rows, those that were kept back too, and return it, with
        `.model` and `.predict`: what should be shipped. It is saved in `refit/`, or in `out`.

        It has no score of its own: `scores.json` beside it holds those of its twin, the winner. Raises UserError where
        no winner has been saved, the run goes on, or the network diverges.
        """
        return load_winner(refit(self.run_dir, out=Path(out) if out is not None else None))

    def train_further(self, epochs: int, out: str | Path | None = None) -> Any:
        """Train the winner for so many epochs more from its weights, the optimizer anew, and return it as `refit`
        does. It is saved in `further/`, or in `out`, with its scores before and after; the winner stays as it is.
        """
        return load_winner(train_further(self.run_dir, epochs, out=Path(out) if out is not None else None))

    def predict(self, rows: pandas.DataFrame | NDArray[Any] | str | Path | Sequence[str | Path]) -> pandas.DataFrame:
        """The winner's predictions for new rows with the columns that it was trained on, as a data frame.

        Of a search on images: for images in an array [rows, height, width, channels] of 0..255, or for files: an image,
        a folder of images, or several paths.
        """
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
    def ranking(self) -> pandas.DataFrame:
        """A row a network, best first, with its rank and the columns of `individuals`: the mean of all its
        measurements. Those that stand by inherited weights come after those that were trained from scratch; those that
        break a constraint and those that failed come last.
        """
        import pandas

        from evo_nas.report.tables import individual_rows
        from evo_nas.running.chronicle import table_columns

        run = self._open()
        run.ledger.close()
        columns = table_columns(run)
        table = pandas.DataFrame(individual_rows(self._ranked, columns), columns=list(columns.header()))
        table.insert(0, "rank", range(1, len(table) + 1))
        return table

    def ranking_lines(self) -> list[str]:
        """The beginning of the ranking as an aligned table for a person: metrics, parameters, seconds."""
        from evo_nas.report.ranking import ranking_lines
        from evo_nas.running.chronicle import table_columns

        run = self._open()
        run.ledger.close()
        return ranking_lines(self._ranked, table_columns(run).metrics)

    @cached_property
    def _ranked(self) -> list[Evaluated]:
        from evo_nas.report.ranking import ranked

        finals = {each.individual.fingerprint: each for each in self._finals}
        others = [each for each in self.evaluated if each.individual.fingerprint not in finals]
        return ranked([*finals.values(), *others], self.objectives, self.constraints)

    def importance(self, objective: str | None = None) -> pandas.DataFrame:
        """Which genes mattered: a row for each objective and gene, with correlation, permutation importance and share
        of the variance, each with its interval of 95 %. What it takes from `analysis` is what importance.csv holds.
        """
        import pandas

        from evo_nas.report.importance.table import HEADER, importance_rows

        return pandas.DataFrame(importance_rows(self.analysis(objective)), columns=list(HEADER))

    def analysis(self, objective: str | None = None) -> Importance:
        """The same as records, with effects, interactions and failing values; `to_json` makes plain data of them.

        objective: one of the run's, or another metric; all of the run's if none. Raises UserError for an unknown one.
        """
        from evo_nas.report.importance import analyse
        from evo_nas.report.importance.asked import asked_objectives

        run = self._open()
        run.ledger.close()
        objectives = asked_objectives(objective, run.plan.objectives, self.evaluated)
        return analyse(self.evaluated, run.plan.encoding, objectives)

    @cached_property
    def lineage(self) -> networkx.DiGraph:
        """Parent -> child, with what made each child and what it gained in the first objective."""
        tree: networkx.DiGraph = family_tree(self.evaluated, self.objectives[0])
        return tree

    def number_of(self, name: str | int) -> int:
        """The id that "best", or a number, names. Raises UserError where nobody who was evaluated has it."""
        if name == "best":
            return self.best.individual.id
        text = str(name)
        if text.isdecimal() and text.isascii() and len(text) < 20 and int(text) in self.by_id:
            return int(text)
        known = f"0 to {max(self.by_id)}" if self.by_id else "none yet"
        raise UserError(f"{self.run_dir}: expected an individual's id ({known}) or best, got {name!r:.100}")

    @cached_property
    def by_id(self) -> Mapping[int, Evaluated]:
        """Every individual whose outcome is known."""
        return {each.individual.id: each for each in self.evaluated}

    def study(self) -> Any:
        """The whole run as an `optuna.Study` in memory, a trial an individual: parameters, values, values an epoch, and
        all else as user attributes. `evo-nas export-study` writes it for Optuna's dashboard.

        Raises UserError where Optuna is not installed.
        """
        from evo_nas.running.studies import study_of_run

        return study_of_run(self.run_dir)

    def _open(self) -> OpenRun:
        return open_run(self.run_dir, read_only=True)
