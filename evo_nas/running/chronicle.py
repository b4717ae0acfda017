"""What is written about a generation once it has been told: checkpoint, tables, lineage, pictures.

All of it is derived: nothing of it decides anything, and all of it can be made again from the ledger (law 5). A disk
that is full costs the picture, not the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.history import checkpoint_text, with_parents
from evo_nas.history.digest import settings_hash, settings_meaning
from evo_nas.individual import Evaluated
from evo_nas.report.generations import GenerationSummary, append_generation, summarize
from evo_nas.report.graphml import graphml_text
from evo_nas.report.tables import IndividualColumns, append_individuals
from evo_nas.running.loop import Generation, TrainingKey
from evo_nas.running.preparation import OpenRun
from evo_nas.strategies import DeapIndividual

Warn = Callable[[str], None]
CANNOT_WRITE = (OSError, ValueError, ArithmeticError, MemoryError)
"""A full disk, and what tables and pictures make of numbers at the edge of what a float can hold."""


CURVES_SECONDS = 5.0
"""Curves, which every drawing replaces, are drawn no oftener, where generations are shorter than that."""


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
        self._replicates = replicates
        self._pictures = pictures
        self._warn = warn
        self._columns = table_columns(run)
        self._settings = settings_hash(meaning_of(run))
        self._found = found
        self._evaluated: dict[int, Evaluated] = {}
        self._fingerprints: set[str] = set()
        self._summaries: list[GenerationSummary] = []
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
            summary = self._summarize(generation)
            self._summaries.append(summary)
            append_individuals(self._folder.individuals, generation.evaluated, self._columns)
            append_generation(self._folder.generations, summary, self._objectives)
            self._write_checkpoint(generation, replayed)
            self._write_lineage(generation, replayed)
            if self._pictures and not replayed:
                self._draw(generation)
        except CANNOT_WRITE as error:
            self._warn(f"generation {generation.number}: {error}; the ledger is safe, and a resume writes this again")

    def end(self, best: DeapIndividual | None) -> None:
        """The family tree of the whole run, drawn once when a sitting ends, and the curves if they are behind."""
        if not self._pictures or not self._evaluated:
            return
        from evo_nas.report.family_picture import draw_family_tree

        known = best.record.id if best and best.record and best.record.id in self._evaluated else None
        try:
            if self._curves_due:
                self._draw_curves()
            draw_family_tree(self._folder.family_picture, self._evaluated.values(), known, self._objectives[0])
        except CANNOT_WRITE as error:
            self._warn(f"the picture of the family tree could not be written: {error}")

    def _summarize(self, generation: Generation) -> GenerationSummary:
        new = {each.individual.fingerprint for each in generation.evaluated} - self._fingerprints
        self._fingerprints |= new
        return summarize(
            generation.evaluated,
            self._objectives,
            previous=self._summaries[-1] if self._summaries else None,
            evaluations=len(new) * self._replicates,
            found=sum((fingerprint, r) in self._found for fingerprint in new for r in range(self._replicates)),
        )

    def _write_checkpoint(self, generation: Generation, replayed: bool) -> None:
        path = self._folder.checkpoint(generation.number)
        if not (replayed and path.exists()):
            write_atomically(path, checkpoint_of(self._run, generation, self._settings))

    def _write_lineage(self, generation: Generation, replayed: bool) -> None:
        path = self._folder.lineage(generation.number)
        if not (replayed and path.exists()):
            family = with_parents(generation.evaluated, self._evaluated)
            write_atomically(path, graphml_text(family, self._objectives[0]))

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
        from evo_nas.report.curves import draw_curve, draw_front

        evaluated = list(self._evaluated.values())
        for index, objective in enumerate(self._objectives):
            paths = [self._folder.curve(objective.name, suffix) for suffix in ("png", "svg")]
            draw_curve(paths, self._summaries, evaluated, objectives=self._objectives, index=index)
        if len(self._objectives) > 1:
            draw_front([self._folder.curve("front", suffix) for suffix in ("png", "svg")], evaluated, self._objectives)
        self._curves_drawn, self._curves_due = time.monotonic(), False


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
    """What the settings of a run mean, as its digest and its checkpoints see it."""
    space = run.plan.encoding.describe()
    meaning: dict[str, Any] = settings_meaning(
        run.plan.settings, space=space, data_fingerprint=run.facts.data_fingerprint
    )
    return meaning


def table_columns(run: OpenRun) -> IndividualColumns:
    """The columns of individuals.csv that depend on the run."""
    plan = run.plan
    metrics = ("loss", *plan.recipe.metrics) if plan.settings.data else tuple(o.name for o in plan.objectives)
    return IndividualColumns(metrics, tuple(plan.encoding.default().genes))
