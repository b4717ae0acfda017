"""Members trained together or alone, and their results as bits: what the proofs of the population's trainer share.

What these tests need of the trainer's insides is imported here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import DataSettings, Recipe
from evo_nas.config import Task as LearningTask
from evo_nas.evaluation import Job, Task, TrainingContext, cohort_task
from evo_nas.outcome import Outcome
from evo_nas.training import tasks
from evo_nas.training.examples import FoldExamples
from evo_nas.training.fitting import Fit
from evo_nas.training.fusing import POPULATION
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.population.alone import member_of
from evo_nas.training.population.cohort import Cohort
from evo_nas.training.population.extraction import keras_weights
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member
from evo_nas.training.population.slabs import taken_out
from evo_nas.training.population.update_rules import unit_of
from evo_nas.training.request import TrainingRequest
from evo_nas.training.streams import TrainingStreams
from genomes import Encoding, Genome, Value, encoding_from
from genomes.mlp_genes import ACTIVATIONS
from tests.training.training_cases import ignore_news, recipe_of

PLENTY = 2**30
"""Bytes within which nothing of these tests is fed in pieces."""

SPLIT = DataSettings(path="rows.csv", target="y")
HOSTILE = {"learning_rate": 1e12}
"""The largest that a space allows."""

MIXED_SPACE: dict[str, Any] = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 5},
    "width": {"low": 3, "high": 70},
    "activation": list(ACTIVATIONS),
    "dropout": {"low": 0.0, "high": 0.5},
    "input_dropout": [0.0, 0.2],
    "learning_rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
    "decay": [1.0, 0.9],
    "decay_steps": 10,
    "momentum": {"low": 0.0, "high": 0.9},
    "nesterov": [True, False],
    "l1": [0.0, 1e-4],
    "l2": [0.0, 1e-3],
    "max_norm": [0.0, 1.0],
    "batch_size": [16, 37],
    "batch_normalization": [True, False],
    "kernel_initializer": ["glorot_uniform", "he_normal"],
    "preprocessing": ["standard", "minmax"],
}
"""Everything that the members of a cohort may differ in, and what they may not."""


@dataclass(frozen=True, slots=True, eq=False)
class Entrant:
    """A request on one of its folds."""

    request: TrainingRequest
    fold: int = 0

    @property
    def genome(self) -> Genome:
        return self.request.genome

    @property
    def examples(self) -> FoldExamples:
        training = OpenTraining.of(self.request)
        return training.examples(training.folds[self.fold])

    @property
    def streams(self) -> TrainingStreams:
        return self.request.streams(self.fold)

    def member(self) -> Member:
        training = OpenTraining.of(self.request)
        return member_of(training, training.folds[self.fold], self.fold)


def sampled(encoding: Encoding, count: int, seed: int = 0, **genes: Value) -> list[Genome]:
    """Canonical genomes of a space, some of their training genes replaced."""
    rng = random.Random(seed)
    drawn = [encoding.sample(rng) for _ in range(count)]
    return [encoding.canonical(replace(genome, genes={**genome.genes, **genes})) for genome in drawn]


def changed(genome: Genome, **genes: Value) -> Genome:
    return replace(genome, genes={**genome.genes, **genes})


def entrant_of(
    data: Path, genome: Genome, encoding: Encoding, recipe: Recipe, *, replicate: int = 0, fold: int = 0
) -> Entrant:
    """genome: canonical; it need not be of the space that the encoding describes."""
    request = TrainingRequest(genome, encoding, encoding.fingerprint(genome), recipe, data, SPLIT, replicate)
    return Entrant(request, fold)


def fixed_entrant(data: Path, task: LearningTask, recipe: Mapping[str, Any] | None = None, **genes: Any) -> Entrant:
    """Of a space in which every gene is fixed: two layers of 8, batches of 32, unless the genes say otherwise."""
    space = {"encoding": "mlp", "layers": 2, "width": 8, "batch_size": 32, "learning_rate": 0.01, **genes}
    encoding = encoding_from(space)
    genome = encoding.canonical(encoding.default())
    return entrant_of(data, genome, encoding, recipe_of(task, **(recipe or {})))


def form_of(entrant: Entrant, member: Member, encoding: Encoding | None = None) -> Form:
    request = entrant.request
    return Form.of(request.genome, encoding or request.encoding, request.recipe, member.num_inputs)


def trained_together(
    entrants: Sequence[Entrant], *, encoding: Encoding | None = None, limit_bytes: int = PLENTY
) -> list[Fit]:
    """One fit for each entrant, in as few cohorts as there can be. encoding: as if they came from its space."""
    members = [entrant.member() for entrant in entrants]
    fits: dict[int, Fit] = {}
    for form, mates in grouped(entrants, members, encoding).items():
        cohort = Cohort(form[0], mates, entrants[0].request.recipe, limit_bytes=limit_bytes, report=ignore_news)
        cohort.train(entrants[0].request.recipe.epochs)
        results = cohort.results(confirm=False)
        fits |= {key: result.fit for key, result in results.items()}
    return [fits[id(member)] for member in members]


def trained_alone(entrants: Sequence[Entrant], *, encoding: Encoding | None = None) -> list[Fit]:
    """One fit for each entrant, with nobody else."""
    return [trained_together([entrant], encoding=encoding)[0] for entrant in entrants]


def in_portions(entrants: Sequence[Entrant], size: int, order: Sequence[int]) -> list[Fit]:
    """Train in cohorts of so many, taken in some order; the fits are in that of the entrants."""
    fits: dict[int, Fit] = {}
    for start in range(0, len(order), size):
        portion = order[start : start + size]
        fits |= dict(zip(portion, trained_together([entrants[number] for number in portion]), strict=True))
    return [fits[number] for number in range(len(entrants))]


def grouped(
    entrants: Sequence[Entrant], members: Sequence[Member], encoding: Encoding | None = None
) -> dict[tuple[Form, int, int, int], list[Member]]:
    """Members that can share a program and its batches."""
    groups: defaultdict[tuple[Form, int, int, int], list[Member]] = defaultdict(list)
    for entrant, member in zip(entrants, members, strict=True):
        rows = len(member.examples.train), len(member.examples.validation)
        groups[form_of(entrant, member, encoding), int(member.genes["batch_size"]), *rows].append(member)
    return dict(groups)


def bits(fit: Fit) -> str:
    """A digest of every number of a fit; `repr` of a float says all of its bits."""
    curves = {name: [repr(value) for value in values] for name, values in sorted(fit.curves.items())}
    digest = hashlib.blake2b(json.dumps([curves, fit.trouble, fit.best_epoch, sorted(fit.scores.items())]).encode())
    for name in sorted(fit.weights):
        digest.update(f"{name}{fit.weights[name].shape}".encode() + fit.weights[name].tobytes())
    return digest.hexdigest()


def unlike(found: Sequence[Fit], expected: Sequence[Fit]) -> list[int]:
    """Where two lists of fits are not the same bits."""
    assert len(found) == len(expected)
    return [number for number, pair in enumerate(zip(found, expected, strict=True)) if bits(pair[0]) != bits(pair[1])]


def distance(a: NDArray[Any], b: NDArray[Any]) -> float:
    """||a - b|| / (||a|| + ||b||) in 64 bits; 0 where both are nothing."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    norms = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / norms) if norms > 0.0 else 0.0


def payload_of(
    entrants: Sequence[Entrant], *, confirm: bool = False, memory_mb: int = 1024
) -> dict[str, Any]:
    """What a child is asked for the requests of entrants, which share a space: plain data through JSON."""
    return json.loads(json.dumps(task_of(entrants, confirm=confirm, memory_mb=memory_mb).payload, allow_nan=False))


def task_of(entrants: Sequence[Entrant], *, confirm: bool = False, memory_mb: int = 1024, task_id: int = 0) -> Task:
    first = entrants[0].request
    context = TrainingContext(
        space=first.encoding.describe(),
        recipe=first.recipe.model_dump(mode="json"),
        data=str(first.data),
        split=SPLIT.model_dump(mode="json"),
    )
    requests = [entrant.request for entrant in entrants]
    jobs = [Job(one.genome, one.fingerprint, one.replicate, confirm=confirm, program=POPULATION) for one in requests]
    return cohort_task(jobs, context, task_id=task_id, time_limit_seconds=None, memory_mb=memory_mb)


def answered(payload: dict[str, Any]) -> list[Outcome]:
    """The outcomes that the handler answers, after a journey through JSON."""
    answer = tasks.HANDLERS["train_cohort"](payload, ignore_news)
    return [Outcome.from_json(one) for one in json.loads(json.dumps(answer, allow_nan=False))["outcomes"]]


def answered_plainly(payload: dict[str, Any]) -> list[Outcome]:
    """What the handler "train" makes of each member."""
    asked = [{**payload, **member, "weights": None} for member in payload["members"]]
    return [Outcome.from_json(tasks.HANDLERS["train"](one, ignore_news)) for one in asked]


def timeless(outcome: Outcome) -> str:
    """Every number of an outcome, but for its seconds."""
    return json.dumps({**outcome.to_json(), "seconds": 0}, sort_keys=True)


class OpenCohort:
    """Entrants of one form placed in a program, which can be looked into."""

    def __init__(self, entrants: Sequence[Entrant]) -> None:
        self.members = [entrant.member() for entrant in entrants]
        (key,) = grouped(entrants, self.members)
        recipe = entrants[0].request.recipe
        self.cohort = Cohort(key[0], self.members, recipe, limit_bytes=PLENTY, report=ignore_news)
        self.program = self.cohort._program

    def fits(self) -> list[Fit]:
        results = self.cohort.results(confirm=False)
        return [results[id(member)].fit for member in self.members]

    def gradients(self) -> dict[str, NDArray[np.float32]]:
        """Of the first batch from the weights as they are: slab -> [places, units, inputs], padding included."""
        feeding = self.cohort._feeding
        feed = feeding.training(next(iter(feeding.spans(0, 1, 1))))
        genes = self.cohort._genes.at(range(feeding.batches_an_epoch))
        slopes = self.program.gradients(self.cohort._places, genes, feed)
        return {name: slope.numpy() for name, slope in slopes.items()}

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """As they are now: slab -> [places, units, inputs], padding included."""
        return {slab.name: self.program.read(slab.name) for slab in self.program.slabs}

    def predictions(self) -> list[NDArray[np.float64]]:
        """What each entrant says of its validation rows, readable."""
        _, said = self.cohort._look("validation")
        places = self.cohort._arrangement.members
        found = {id(m): m.examples.readable(np.ascontiguousarray(said[0, n].T)) for n, m in enumerate(places)}
        return [found[id(member)] for member in self.members]

    def current(self) -> list[dict[str, NDArray[np.float32]]]:
        """The weights of each entrant as they are now, by the paths of Keras."""
        return self.by_member(self.weights(), in_units=True)

    def scatter(self, spread: float) -> None:
        """Move every trained number of every member at random, so that none is zero."""
        generator = np.random.default_rng(3)
        arrangement = self.cohort._arrangement
        for slab in (slab for slab in self.program.slabs if slab.trained):
            array = self.program.read(slab.name).copy()
            for place, member in enumerate(arrangement.members):
                if slab.belongs_to(member):
                    units, inputs = slab.size(member)
                    moves = generator.normal(0.0, spread, size=(units, inputs)) / self._unit(member)
                    array[place, :units, :inputs] += moves.astype(np.float32)
            self.program.assign(slab.name, array, {})

    def by_member(
        self, arrays: Mapping[str, NDArray[np.float32]], *, in_units: bool = False
    ) -> list[dict[str, NDArray[np.float32]]]:
        """The real part of slabs for each entrant, by the paths of Keras. in_units: they are weights, not gradients."""
        found = {}
        for place, member in enumerate(self.cohort._arrangement.members):
            slabs = [slab for slab in self.program.slabs if slab.name in arrays and slab.belongs_to(member)]
            state = {slab.name: taken_out(slab, member, arrays[slab.name], place) for slab in slabs}
            normalized = bool(member.genes["batch_normalization"])
            unit = self._unit(member) if in_units else np.float32(1.0)
            found[id(member)] = dict(keras_weights(state, unit, batch_normalization=normalized))
        return [found[id(member)] for member in self.members]

    def _unit(self, member: Member) -> np.float32:
        return unit_of(self.program.form.rule, member.genes)

    def padding(self, arrays: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """What lies in slabs outside every member's own numbers: slab -> one row of numbers."""
        outside = {}
        for slab in (slab for slab in self.program.slabs if slab.name in arrays):
            array = arrays[slab.name]
            padded = np.ones(array.shape, dtype=bool)
            for place, member in enumerate(self.cohort._arrangement.members):
                if slab.belongs_to(member):
                    units, inputs = slab.size(member)
                    padded[place, :units, :inputs] = False
            outside[slab.name] = array[padded]
        return outside
