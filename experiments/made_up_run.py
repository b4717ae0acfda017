"""A run folder whose trainings are made up, for reports of any size in seconds: nothing is trained.

    python -m experiments.made_up_run runs/made_up --individuals 2000

The search is real (sample, mutate, cross, keep the better half), the fitness a formula of the genes with noise; some
networks fail, some stop early, some are measured again.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.config import DataSettings, Recipe, SearchSettings, Settings
from evo_nas.history import Training
from evo_nas.individual import Individual
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.running.preparation import OpenRun, Plan, create_run, make_plan
from evo_nas.running.scores import write_scores
from genomes import Encoding, Genome, changes_between

EPOCHS = 30
SPACE: dict[str, Any] = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 5},
    "width": {"low": 5, "high": 200, "scale": "log"},
    "activation": ["relu", "tanh", "sigmoid", "gelu"],
    "dropout": {"low": 0.0, "high": 0.5},
    "optimizer": ["adam", "sgd", "rmsprop"],
    "learning_rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
    "momentum": {"low": 0.0, "high": 0.99},
    "batch_size": [32, 64, 128, 256],
    "l2": [0.0, 1e-5, 1e-4, 1e-3],
    "preprocessing": ["standard", "minmax", "robust"],
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many individuals, in generations of how many; and of how many objectives, one or two."""

    individuals: int
    population: int
    objectives: int = 1


def make_run(path: Path, size: Size, *, seed: int = 0, finished: bool = True) -> Path:
    """Make the folder. finished: with a winner; else the last individuals have not come back."""
    search = SearchSettings(
        strategy="evolution",
        population=size.population,
        generations=-(-size.individuals // size.population),
        objectives=tuple(["maximize roc_auc", "minimize parameters"][: size.objectives]),
        seed=seed,
    )
    settings = Settings(
        data=DataSettings(name="breast_cancer"), space=SPACE, recipe=Recipe(epochs=EPOCHS), search=search
    )
    plan = make_plan(settings, base=Path.cwd())
    run = create_run(plan, path, facts={})
    with run.ledger:
        best = _Search(plan, seed).fill(run, size.individuals, num_waiting=0 if finished else size.population // 3)
        if finished:
            _save_winner(run, best)
    return path


class _Search:
    """Truncation selection over everybody so far."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._rng = random.Random(seed)
        self._standing: list[tuple[float, Individual]] = []
        self._outcomes: dict[str, Outcome] = {}

    def fill(self, run: OpenRun, num_individuals: int, *, num_waiting: int) -> tuple[Individual, Outcome]:
        """Propose and record generation by generation; the best with its outcome."""
        population = self._plan.settings.search.population
        for first in range(0, num_individuals, population):
            count = min(population, num_individuals - first)
            members = [self._born(number, first // population) for number in range(first, first + count)]
            run.ledger.propose(members, elapsed_seconds=0.4 * first)
            known = len(members) - (num_waiting if first + count == num_individuals else 0)
            run.ledger.record([t for each in members[:known] for t in self._trained(each)], elapsed_seconds=0.4 * first)
            self._standing = sorted(self._standing, key=lambda pair: -pair[0])[: 2 * population]
        best = self._standing[0][1]
        return best, self._outcomes[best.fingerprint]

    def _born(self, number: int, generation: int) -> Individual:
        rng, encoding = self._rng, self._plan.encoding
        better = self._standing[: max(2, len(self._standing) // 4)]
        if not better or rng.random() < 0.05:
            genome = encoding.sample(rng)
            return Individual(number, generation, genome, encoding.fingerprint(genome))
        first = rng.choice(better)[1]
        if rng.random() < 0.06:
            again = {"parents": (first.id,), "operator": "measure_again", "replicate": first.replicate + 1}
            return Individual(number, generation, first.genome, first.fingerprint, **again)  # type: ignore[arg-type]
        return self._child(number, generation, first, rng.choice(better)[1])

    def _child(self, number: int, generation: int, first: Individual, second: Individual) -> Individual:
        rng, encoding = self._rng, self._plan.encoding
        if rng.random() < 0.35 and first.id != second.id:
            genome, operator = _crossed(encoding, first, second, rng), "crossover"
            parents: tuple[int, ...] = (first.id, second.id)
        else:
            variant = encoding.mutate(first.genome, rng)
            genome, operator, parents = variant.genome, variant.operator, (first.id,)
        changes = changes_between(encoding.canonical(first.genome), encoding.canonical(genome))
        return Individual(number, generation, genome, encoding.fingerprint(genome), parents, operator, changes)

    def _trained(self, individual: Individual) -> Sequence[Training]:
        outcome = self._outcome(individual)
        self._outcomes.setdefault(individual.fingerprint, outcome)
        if outcome.ok and individual.replicate == 0:
            self._standing.append((outcome.metrics["roc_auc"], individual))
        found = self._rng.random() < 0.03
        return [Training(individual.fingerprint, individual.replicate, outcome, found=found)]

    def _outcome(self, individual: Individual) -> Outcome:
        rng, genome = self._rng, individual.genome
        size = self._plan.encoding.size(genome, (30,), 1)
        rate = float(genome.genes["learning_rate"])
        if rate > 0.04 and rng.random() < 0.6:
            return failure(Status.DIVERGED, f"the loss of epoch {rng.randrange(1, 9)} is NaN", seconds=rng.random() / 9)
        if rng.random() < 0.01:
            return failure(Status.TIMED_OUT, "no answer for 300 s; its worker was ended", seconds=3.0)
        score = min(0.9999, max(0.4, _quality(genome) + rng.gauss(0.0, 0.008)))
        epochs = EPOCHS if rng.random() < 0.6 else rng.randrange(8, EPOCHS)
        return Outcome(
            Status.OK,
            metrics={"loss": 1.3 - 1.2 * score, "roc_auc": score, "accuracy": 0.5 + 0.48 * score**2},
            parameters=size.parameters,
            flops=size.flops,
            epochs=(epochs,),
            best_epochs=(max(1, epochs - 5),),
            seconds=0.1 + size.parameters / 4e4 * rng.uniform(0.8, 1.2),
            curves=(_curve(score, epochs, rng),),
        )


def _crossed(encoding: Encoding, first: Individual, second: Individual, rng: random.Random) -> Genome:
    return encoding.crossover(first.genome, second.genome, rng)[0]


def _quality(genome: Genome) -> float:
    """Best at a learning rate of 0.004, three layers of some width, with gelu or tanh and adam."""
    genes, layers = genome.genes, genome.layers
    rate = abs(math.log10(float(genes["learning_rate"])) + 2.4)
    units = sum(float(layer["width"]) for layer in layers)
    shape = 0.03 * abs(len(layers) - 3) + 0.02 * abs(math.log10(units) - 2.2)
    taste = {"gelu": 0.0, "tanh": 0.01, "relu": 0.02, "sigmoid": 0.06}
    shape += sum(taste[str(layer["activation"])] + 0.05 * float(layer["dropout"]) for layer in layers) / len(layers)
    return 0.997 - 0.05 * rate - shape - {"adam": 0.0, "rmsprop": 0.01, "sgd": 0.04}[str(genes["optimizer"])]


def _curve(score: float, epochs: int, rng: random.Random) -> dict[str, tuple[float, ...]]:
    loss = [0.7 * math.exp(-4.0 * epoch / epochs) + 0.9 * (1.05 - score) for epoch in range(1, epochs + 1)]
    return {
        "train_loss": tuple(0.9 * value for value in loss),
        "validation_loss": tuple(value + rng.gauss(0.0, 0.01) for value in loss),
        "validation_roc_auc": tuple(score - 0.4 * (value - loss[-1]) for value in loss),
    }


def _save_winner(run: OpenRun, best: tuple[Individual, Outcome]) -> None:
    individual, outcome = best
    for path in (run.folder.model, run.folder.preprocessing, run.folder.winner_genome):
        path.write_text("{}", encoding="utf-8")
    metrics = {name: value for name, value in outcome.metrics.items() if name != "loss"}
    write_scores(
        run.folder,
        {
            "individual": individual.id,
            "fingerprint": individual.fingerprint,
            "search": dict(outcome.metrics),
            "confirmation": {
                "on": "new seeds only, no rows were kept back",
                "trainings": 3,
                "failed": 0,
                "mean": {name: value - 0.004 for name, value in metrics.items()},
                "std": dict.fromkeys(metrics, 0.003),
                "interval": {"of": {name: [value - 0.01, value] for name, value in metrics.items()}, "how": "made up"},
            },
            "test_interval": {
                "level": 0.95,
                "of": {name: [value - 0.02, value] for name, value in metrics.items()},
                "missing": {},
                "how": "made up",
            },
            "test": {name: value - 0.006 for name, value in metrics.items()},
            "parameters": outcome.parameters,
            "fitted_on": "341 rows",
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.made_up_run", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--individuals", type=int, default=2_000)
    parser.add_argument("--population", type=int, default=100)
    parser.add_argument("--objectives", type=int, choices=(1, 2), default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    size = Size(asked.individuals, asked.population, asked.objectives)
    print(f"{make_run(asked.folder, size, seed=asked.seed)} made")


if __name__ == "__main__":
    main()
