"""What is written about a generation once it has been told: checkpoint, tables, lineage, pictures.

All of it is derived: nothing of it decides anything, and all of it can be made again from the ledger (law 5). A disk
that is full costs the picture, not the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.errors import UserError
from evo_nas.history import checkpoint_text, with_parents
from evo_nas.history.digest import settings_hash, settings_meaning
from evo_nas.individual import Evaluated, TrainingKey
from evo_nas.report.generations import Bests, Summaries, append_generation
from evo_nas.report.graphml import graphml_text
from evo_nas.report.operators import write_failures, write_operators
from evo_nas.report.tables import IndividualColumns, append_individuals
from evo_nas.running.loop import Generation
from evo_nas.running.preparation import OpenRun
from evo_nas.running.winner_decisions import insight_of
from evo_nas.strategies import LISTED, Adaptation, DeapIndividual

Warn = Callable[[str], None]
CANNOT_WRITE = (OSError, ValueError, ArithmeticError, MemoryError)
"""A full disk, and what tables and pictures make of numbers at the edge of what a float can hold."""


CURVES_SECONDS = 5.0
"""Curves, which every drawing replaces, are drawn no oftener, where generations are shorter than that."""

PICTURE_SUFFIXES = ("png", "svg")
"""Of what is drawn seldom: as dots and as lines. A generation has dots alone; lines would take half as long again."""


class Chronicle:
    """Follows a sitting generation by generation, the replayed ones included.

    found: the trainings that came from the store, a set that grows while the sitting goes on. pictures: False leaves
    them out.
    """

    def __init__(
        self, run: OpenRun, *, replicates: int, found: AbstractSet[TrainingKey], pictures: bool, warn: Warn
    ) -> None:
        self._run = run
        self._folder = run.folder
        self._objectives = run.plan.objectives
        self._pictures = pictures
        self._warn = warn
        self._columns = table_columns(run)
        self._settings = settings_hash(meaning_of(run))
        self._evaluated: dict[int, Evaluated] = {}
        self._learnt = Adaptation(run.plan.encoding, run.plan.objectives)
        self._summaries = Summaries(run.plan.objectives, replicates=replicates, found=found)
        self._curves_drawn = -CURVES_SECONDS
        self._curves_due = False

    def begin(self) -> None:
        """The tables are made again while the ledger is replayed: a kill can have torn their last line."""
        for table in (self._folder.generations, self._folder.individuals):
            with suppress(FileNotFoundError):
                table.unlink()

    def generation(self, generation: Generation, *, replayed: bool) -> None:
        """Write about one generation. Of a replayed one only what is missing is written, and no pictures."""
        self._evaluated.update((each.individual.id, each) for each in generation.evaluated)
        try:
            bests = Bests.of(generation.best, generation.best_values, generation.hypervolume)
            summary = self._summaries.add(generation.evaluated, bests)
            append_individuals(self._folder.individuals, generation.evaluated, self._columns)
            append_generation(self._folder.generations, summary, self._objectives)
            self._write_checkpoint(generation, replayed)
            self._write_lineage(generation, replayed)
            self._write_learnt(generation, replayed)
            if self._pictures and not replayed:
                self._draw(generation)
        except CANNOT_WRITE as error:
            self._warn(f"generation {generation.number}: {error}; the ledger is safe, and a resume writes this again")

    def end(self, best: DeapIndividual | None) -> str:
        """The family tree of the whole run, drawn once when a sitting ends, and the curves if they are behind.

        May be called in another thread. Returns what to warn of, or nothing.
        """
        if not self._pictures or not self._evaluated:
            return ""
        from evo_nas.report.family_picture import draw_family_tree

        record, outcome = (best.record, best.outcome) if best is not None else (None, None)
        shown, known = dict(self._evaluated), None
        if record is not None and outcome is not None and record.id in shown:
            known, shown[record.id] = record.id, Evaluated(record, outcome)
        try:
            if self._curves_due:
                self._draw_curves()
            paths = [self._folder.family_picture(suffix) for suffix in PICTURE_SUFFIXES]
            draw_family_tree(paths, shown.values(), known, self._objectives[0])
        except CANNOT_WRITE as error:
            return f"the picture of the family tree could not be written: {error}"
        return ""

    def winner(self, scores: Mapping[str, Any]) -> None:
        """How the winner with these scores decides, drawn when everybody may see what it says of the test rows."""
        if not self._pictures:
            return
        try:
            insight = insight_of(self._folder, scores)
            if insight is not None:
                from evo_nas.report.winner_pictures import draw_winner

                draw_winner(self._folder.winner, insight)
        except (*CANNOT_WRITE, UserError) as error:
            self._warn(f"the pictures of the winner could not be drawn: {error}")

    def _write_checkpoint(self, generation: Generation, replayed: bool) -> None:
        path = self._folder.checkpoint(generation.number)
        if not (replayed and path.exists()):
            write_atomically(path, checkpoint_of(self._run, generation, self._settings))

    def _write_lineage(self, generation: Generation, replayed: bool) -> None:
        path = self._folder.lineage(generation.number)
        if not (replayed and path.exists()):
            family = with_parents(generation.evaluated, self._evaluated)
            write_atomically(path, graphml_text(family, self._objectives[0]))

    def _write_learnt(self, generation: Generation, replayed: bool) -> None:
        self._learnt.tell(generation.evaluated)
        if not (replayed and self._folder.operators.exists()):
            write_operators(self._folder.operators, self._learnt)
            write_failures(self._folder.failures, self._learnt)

    def _draw(self, generation: Generation) -> None:
        from evo_nas.report.family_picture import draw_generation

        self._curves_due = True
        if time.monotonic() - self._curves_drawn >= CURVES_SECONDS:
            self._draw_curves()
        draw_generation(
            self._folder.lineage_picture(generation.number),
            generation.evaluated,
            self._evaluated,
            self._objectives[0],
        )

    def _draw_curves(self) -> None:
        from evo_nas.report.curves import draw_curve, draw_front, draw_hypervolume

        evaluated = list(self._evaluated.values())
        for index, objective in enumerate(self._objectives):
            paths = self._curve_paths(objective.name)
            draw_curve(paths, self._summaries.all, evaluated, objectives=self._objectives, index=index)
        if len(self._objectives) > 1:
            constraints = self._run.plan.constraints
            draw_front(self._curve_paths("front"), evaluated, self._objectives, constraints=constraints)
        if any(summary.hypervolume is not None for summary in self._summaries.all):
            draw_hypervolume(self._curve_paths("hypervolume"), self._summaries.all)
        self._curves_drawn, self._curves_due = time.monotonic(), False

    def _curve_paths(self, name: str) -> list[Path]:
        return [self._folder.curve(name, suffix) for suffix in PICTURE_SUFFIXES]


def checkpoint_of(run: OpenRun, generation: Generation, settings: str) -> str:
    """The text of a generation's checkpoint; settings: `settings_hash(meaning_of(run))`."""
    population = [Evaluated(m.record, m.outcome) for m in generation.population if m.record and m.outcome]
    return checkpoint_text(
        population,
        run=run.facts.id,
        generation=generation.number,
        settings=settings,
        objectives=[str(objective) for objective in run.plan.objectives],
        version=run.facts.versions.get("evo-nas"),
    )


def meaning_of(run: OpenRun) -> dict[str, Any]:
    """What the settings of a run mean, as its digest and its checkpoints see it. A list has no space but what its
    networks span, and may grow.
    """
    encoding = run.plan.encoding
    is_list = run.plan.settings.search.strategy == LISTED
    space = {"encoding": encoding.name} if is_list else encoding.describe()
    meaning: dict[str, Any] = settings_meaning(
        run.plan.settings, space=space, data_fingerprint=run.facts.data_fingerprint
    )
    return meaning


def table_columns(run: OpenRun) -> IndividualColumns:
    """The columns of individuals.csv that depend on the run."""
    plan = run.plan
    metrics = ("loss", *plan.recipe.metrics) if plan.settings.data else tuple(o.name for o in plan.objectives)
    return IndividualColumns(metrics, tuple(plan.encoding.default().genes))
