"""Individuals and outcomes as a search would make them, for the tests of history and report."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from genomes import Genome, canonical_json

ROC_AUC = Objective("roc_auc", maximize=True)
LOSS = Objective("loss", maximize=False)

TRAINING_GENES = {
    "optimizer": "adam", "learning_rate": 1e-3, "decay": 1.0, "decay_steps": 1000, "momentum": 0.0, "nesterov": False,
    "rho": 0.9, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "weight_decay": 0.004, "batch_size": 256, "l1": 0.0,
    "l2": 0.0, "max_norm": 0.0, "input_dropout": 0.0, "batch_normalization": False,
    "kernel_initializer": "glorot_uniform", "preprocessing": "standard",
}  # fmt: skip


def made_genome(rng: random.Random) -> Genome:
    layers = tuple(
        {"width": rng.randrange(5, 50), "activation": rng.choice(["relu", "tanh"]), "dropout": rng.random() / 2}
        for _ in range(rng.randrange(1, 6))
    )
    return Genome("mlp", {**TRAINING_GENES, "learning_rate": 10 ** rng.uniform(-3, -1)}, layers)


def made_individual(
    number: int, generation: int, genome: Genome, parents: tuple[int, ...] = (), operator: str = "sample"
) -> Individual:
    fingerprint = hashlib.blake2b(canonical_json(genome.to_json()).encode(), digest_size=16).hexdigest()
    changes = ("learning_rate 0.01 -> 0.0214", "layer 1 width 16 -> 20") if parents else ()
    return Individual(number, generation, genome, fingerprint, parents, operator, changes)


def made_outcome(rng: random.Random, level: float = 0.5) -> Outcome:
    score = min(0.999, max(0.001, rng.gauss(level, 0.05)))
    return Outcome(
        Status.OK,
        metrics={"loss": 1.0 - score, "roc_auc": score},
        parameters=rng.randrange(100, 5000),
        flops=rng.randrange(200, 10_000),
        epochs=(50,),
        best_epochs=(rng.randrange(1, 51),),
        seconds=rng.random(),
    )


def made_run(num_generations: int, population: int, *, seed: int = 0, failure_rate: float = 0.1) -> list[Evaluated]:
    """A search that gets better: parents are drawn from the better half of all earlier generations."""
    rng = random.Random(seed)
    run: list[Evaluated] = []
    for generation in range(num_generations):
        better = sorted((each for each in run if each.outcome.ok), key=lambda each: -each.outcome.metrics["roc_auc"])
        parents = better[: max(2, population // 3)]
        for _ in range(population):
            run.append(_made_member(rng, len(run), generation, parents, failure_rate))
    return run


def _made_member(
    rng: random.Random, number: int, generation: int, parents: Sequence[Evaluated], failure_rate: float
) -> Evaluated:
    chosen = (
        tuple(each.individual.id for each in rng.sample(list(parents), rng.randrange(1, min(2, len(parents)) + 1)))
        if parents
        else ()
    )
    operator = "sample" if not chosen else "crossover" if len(chosen) == 2 else "change_gene:learning_rate"
    individual = made_individual(number, generation, made_genome(rng), chosen, operator)
    if rng.random() < failure_rate:
        return Evaluated(individual, failure(Status.DIVERGED, "the loss of epoch 3 is NaN", seconds=0.1))
    return Evaluated(individual, made_outcome(rng, 0.6 + 0.3 * (1 - 0.7**generation)))
