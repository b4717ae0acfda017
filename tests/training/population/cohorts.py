"""Members trained together or alone, and their results as bits: what the proofs of the population's trainer share.

What these tests need of the trainer's insides is imported here and in `open_cohort.py`, and nowhere else.
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

from evo_nas.config import DataSettings, Recipe, Task
from evo_nas.training.examples import FoldExamples
from evo_nas.training.fitting import Fit
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.population.alone import member_of
from evo_nas.training.population.cohort import Cohort
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member
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


def fixed_entrant(data: Path, task: Task, recipe: Mapping[str, Any] | None = None, **genes: Any) -> Entrant:
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
