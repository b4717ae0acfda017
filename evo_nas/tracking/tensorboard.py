"""A log for TensorBoard: each individual's curves in a folder of its own, and the table of hyper-parameters for all.

The log of a run is a folder below the one that was given, so that several runs stand side by side:

    <run>/                     the table's columns
    <run>/search/              best so far and hypervolume, a point a generation
    <run>/individual_0012/     its curves, scores and row of the table, and, of a ranked one, its graph
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from tensorboard.compat.proto.event_pb2 import Event

from evo_nas.curves import Curve
from evo_nas.individual import Evaluated, Objective, measured
from evo_nas.outcome import Outcome
from evo_nas.tracking import hparams
from evo_nas.tracking.event_files import FILE_NAME, GrowingEventFile, graph, is_written, scalar, write_events
from evo_nas.tracking.tracker import TrackedGeneration, TrackedRun, Tracker

EVENTS, GRAPH = f"{FILE_NAME}.1.evo-nas", f"{FILE_NAME}.2.graph"
"""An individual's files. Their names never change, so that what is there is not written again."""


class TensorBoardTracker(Tracker):
    """Writes the log of a run into a folder below `folder`. What an earlier sitting has written stays as it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run_began(self, run: TrackedRun) -> None:
        self._log = log_folder(self._folder, run)
        self._objectives = run.objectives
        self._columns = hparams.Columns(run.encoding)
        now = time.time()
        tags = score_tags(run.objectives, run.settings)
        told = hparams.experiment(self._columns, tags, description=f"evo-nas run {run.folder.name}", wall_time=now)
        write_events(self._log / EVENTS, [told], wall_time=now)
        search = self._log / "search"
        for earlier in search.glob(f"{FILE_NAME}*"):
            earlier.unlink()  # the generations are told from the first one on
        self._search = GrowingEventFile(search / f"{FILE_NAME}.{now:.6f}", wall_time=now)

    def individual_evaluated(self, evaluated: Evaluated, *, replayed: bool) -> None:
        path = individual_folder(self._log, evaluated.individual.id) / EVENTS
        if is_written(path):
            return
        ended = time.time()
        began = ended - evaluated.outcome.seconds
        values = self._columns.values(evaluated.individual.genome)
        row = hparams.session(values, ok=evaluated.outcome.ok, began=began, ended=ended)
        events = [row[0], *_curve_events(evaluated.outcome, began), *_score_events(evaluated, self._objectives, ended)]
        write_events(path, [*events, row[1]], wall_time=began)

    def generation_ended(self, generation: TrackedGeneration, *, replayed: bool) -> None:
        values = {
            f"best/{objective.name}": value
            for objective, value in zip(self._objectives, generation.best_values, strict=True)
        }
        values |= {"hypervolume": generation.hypervolume, "failed": float(generation.num_failed)}
        now = time.time()
        self._search.add(
            scalar(tag, value, step=generation.number, wall_time=now)
            for tag, value in values.items()
            if value is not None
        )


def log_folder(folder: Path, run: TrackedRun) -> Path:
    """Where the log of a run lies below the folder that was given."""
    return folder / f"{run.folder.resolve().name}-{run.id[:6]}"


def individual_folder(log: Path, number: int) -> Path:
    return log / f"individual_{number:04d}"


def write_graph(log: Path, number: int, graph_def: bytes) -> None:
    """The graph of one individual's network, in its own folder. graph_def: serialised."""
    now = time.time()
    write_events(individual_folder(log, number) / GRAPH, [graph(graph_def, wall_time=now)], wall_time=now)


def score_tags(objectives: Sequence[Objective], settings: Mapping[str, object]) -> list[str]:
    """The scalars that are columns of the table: the objectives first, then what else is measured."""
    recipe = settings.get("recipe") if settings.get("data") is not None else None
    metrics = [*recipe.get("metrics", ()), "loss", "parameters"] if isinstance(recipe, Mapping) else []
    return [f"score/{name}" for name in dict.fromkeys([*(o.name for o in objectives), *metrics])]


def _curve_events(outcome: Outcome, began: float) -> Iterator[Event]:
    """The mean over the folds of each curve, as far as all of them trained, and each fold's own if there are several.

    Spread evenly over the seconds of the training.
    """
    longest = max((len(values) for curve in outcome.curves for values in curve.values()), default=0)
    second = outcome.seconds / longest if longest else 0.0
    for tag, values in [*_means(outcome.curves), *_folds(outcome.curves)]:
        for epoch, value in enumerate(values, start=1):
            yield scalar(tag, value, step=epoch, wall_time=began + second * epoch)


def _means(curves: Sequence[Curve]) -> Iterator[tuple[str, list[float]]]:
    names = dict.fromkeys(name for curve in curves for name in curve)
    for name in names:
        columns = zip(*(curve[name] for curve in curves if name in curve), strict=False)
        yield _tag(name), [fmean(column) for column in columns]


def _folds(curves: Sequence[Curve]) -> Iterator[tuple[str, Sequence[float]]]:
    for number, curve in enumerate(curves if len(curves) > 1 else (), start=1):
        for name, values in curve.items():
            yield f"{_tag(name)}_fold_{number}", values


def _tag(curve: str) -> str:
    """Such as "loss/train", so that both curves of a metric stand side by side."""
    rows, _, metric = curve.partition("_")
    return f"{metric}/{rows}" if metric else curve


def _score_events(evaluated: Evaluated, objectives: Sequence[Objective], ended: float) -> Iterator[Event]:
    outcome = evaluated.outcome
    if not outcome.ok:
        return
    scores = dict(outcome.metrics) | {o.name: measured(outcome, o.name) for o in objectives}
    sizes = {"parameters": float(outcome.parameters)} if outcome.parameters else {}
    for name, value in (sizes | scores).items():
        yield scalar(f"score/{name}", value, step=0, wall_time=ended)
