"""A run in MLflow: one run of MLflow for the search, and one below it for each individual, with its curves.

Every individual is found again by its tags, so what an earlier sitting has written is not written twice.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from statistics import fmean
from typing import TypeVar

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # unless the user has chosen otherwise

from mlflow.entities import Metric, Param, Run
from mlflow.tracking import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME

from evo_nas.curves import Curve
from evo_nas.individual import Evaluated, Objective, measured
from evo_nas.outcome import Outcome
from evo_nas.tracking.tracker import TrackedEnding, TrackedGeneration, TrackedRun, Tracker
from genomes import Encoding, Value

T = TypeVar("T")

RUN, INDIVIDUAL = "evo_nas.run", "evo_nas.individual"
"""Tags by which runs of MLflow are found again: the run's id, and the individual's."""
EXPERIMENT = "evo-nas"
"""Unless the environment names another one (MLFLOW_EXPERIMENT_NAME)."""
MOST_METRICS, MOST_PARAMS = 1000, 100
"""That MLflow takes at once."""
_PAGE = 1000


class MlflowTracker(Tracker):
    """Writes a run to the tracking server, or store, at `address`."""

    def __init__(self, address: str, *, experiment: str = EXPERIMENT) -> None:
        self._address = address
        self._experiment_name = experiment

    def run_began(self, run: TrackedRun) -> None:
        self._client = MlflowClient(tracking_uri=self._address)
        self._experiment = self._experiment_id()
        self._run, self._objectives, self._encoding = run, run.objectives, run.encoding
        known = {each.data.tags.get(INDIVIDUAL, ""): each for each in self._runs()}
        parent = known.pop("", None) or self._new_run(run.folder.resolve().name, {})
        self._parent = parent.info.run_id
        self._client.update_run(self._parent, status="RUNNING")
        self._written = {number for number, each in known.items() if each.info.status != "RUNNING"}
        for number, each in known.items():
            if number not in self._written:  # an earlier sitting was cut off while it wrote this one
                self._client.delete_run(each.info.run_id)

    def individual_evaluated(self, evaluated: Evaluated, *, replayed: bool) -> None:
        number = str(evaluated.individual.id)
        if number in self._written:
            return
        tags = {INDIVIDUAL: number, MLFLOW_PARENT_RUN_ID: self._parent, "status": str(evaluated.outcome.status)}
        made = self._new_run(f"individual {number}", tags).info.run_id
        now = int(1000 * time.time())
        metrics = [
            *_curve_metrics(evaluated.outcome.curves, now),
            *(Metric(_name(f"score/{name}"), value, now, 0) for name, value in _scores(evaluated, self._objectives)),
        ]
        params = [Param(_name(name), str(value)[:500]) for name, value in _params(evaluated, self._encoding)]
        for batch in _cut(params, MOST_PARAMS):
            self._client.log_batch(made, params=batch)
        for batch in _cut(metrics, MOST_METRICS):
            self._client.log_batch(made, metrics=batch)
        self._client.set_terminated(made, "FINISHED" if evaluated.outcome.ok else "FAILED")
        self._written.add(number)

    def generation_ended(self, generation: TrackedGeneration, *, replayed: bool) -> None:
        if replayed:
            return
        now = int(1000 * time.time())
        pairs = zip(self._objectives, generation.best_values, strict=True)
        told = [(f"best/{objective.name}", value) for objective, value in pairs if value is not None]
        told += [("hypervolume", generation.hypervolume)] if generation.hypervolume is not None else []
        self._client.log_batch(
            self._parent, metrics=[Metric(_name(name), value, now, generation.number) for name, value in told]
        )

    def run_ended(self, ending: TrackedEnding) -> None:
        if ending.best is not None:
            self._client.set_tag(self._parent, "best individual", str(ending.best.individual.id))
        over = ending.reason not in ("interrupted", "time")
        self._client.set_terminated(self._parent, "FINISHED" if over else "KILLED")

    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(self._experiment_name)
        return str(found.experiment_id if found else self._client.create_experiment(self._experiment_name))

    def _runs(self) -> Iterator[Run]:
        """All of MLflow's runs that belong to this one."""
        token = None
        while True:
            page = self._client.search_runs(
                [self._experiment], f"tags.`{RUN}` = '{self._run.id}'", max_results=_PAGE, page_token=token
            )
            yield from page
            token = page.token
            if not token:
                return

    def _new_run(self, name: str, tags: dict[str, str]) -> Run:
        return self._client.create_run(
            self._experiment, tags={RUN: self._run.id, MLFLOW_RUN_NAME: name, **tags}, run_name=name
        )


def _params(evaluated: Evaluated, encoding: Encoding) -> Iterator[tuple[str, Value]]:
    genome = encoding.canonical(evaluated.individual.genome)
    yield from genome.genes.items()
    yield "layers", len(genome.layers)
    for number, layer in enumerate(genome.layers, start=1):
        yield from ((f"layer_{number}_{name}", value) for name, value in layer.items())
    yield "operator", evaluated.individual.operator
    yield "parents", " ".join(map(str, evaluated.individual.parents))


def _scores(evaluated: Evaluated, objectives: Sequence[Objective]) -> Iterator[tuple[str, float]]:
    outcome: Outcome = evaluated.outcome
    if outcome.ok:
        told = dict(outcome.metrics) | {o.name: measured(outcome, o.name) for o in objectives}
        yield from ({"parameters": float(outcome.parameters)} | told).items()


def _curve_metrics(curves: Sequence[Curve], now: int) -> Iterator[Metric]:
    """The mean over the folds that reached an epoch; what was not finite is left out, for not every store takes it."""
    for name in dict.fromkeys(name for curve in curves for name in curve):
        columns = zip_longest(*(curve[name] for curve in curves if name in curve))
        for epoch, column in enumerate(columns, start=1):
            values = [value for value in column if value is not None and math.isfinite(value)]
            if values:
                yield Metric(_name(name), fmean(values), now, epoch)


def _name(text: str) -> str:
    """A name as MLflow takes it."""
    return re.sub(r"[^\w\-. /]", "_", text)[:250]


def _cut(items: Iterable[T], most: int) -> Iterator[list[T]]:
    everything = list(items)
    yield from (everything[start : start + most] for start in range(0, len(everything), most))
