"""A search in which the truth is planted: one change gives all of the gain."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from evo_nas.individual import Evaluated, Individual, Objective, TrainingKey
from evo_nas.outcome import Outcome, Status
from genomes import FlatEncoding, Genome, changes_between

SCORE = Objective("score", maximize=True)
SPACE = FlatEncoding.from_space(
    {
        "encoding": "flat",
        "key": ["a", "b", "c", "d", "e", "gold"],
        "rate": {"low": 1e-4, "high": 1.0, "scale": "log"},
        "width": {"low": 1, "high": 64},
        "kind": ["one", "two", "three"],
        "depth": {"low": 1, "high": 9},
    }
)
GOLD = 1.0


@dataclass
class PlantedRun:
    """`(mu + lambda)` evolution over a flat space; a training is worth 1 with the gold key and 0 without, and noise."""

    seed: int
    noise: float = 0.2
    individuals: dict[int, Individual] = field(default_factory=dict)
    trainings: dict[TrainingKey, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        while len(self.individuals) < 6:
            genome = SPACE.sample(self.rng)
            if genome.genes["key"] != "gold":
                self.add(genome, (), "sample", 0)
        generation = 0
        while not (generation > 12 and self.best().genome.genes["key"] == "gold"):
            generation += 1
            for _ in range(6):
                parent = self.best(among=4)
                child = SPACE.mutate(parent.genome, self.rng)
                for _ in range(self.rng.randrange(3)):  # several changes at once, now and then
                    child = SPACE.mutate(child.genome, self.rng)
                self.add(child.genome, (parent.id,), child.operator, generation)
            self.train(self.best(), len(self.of(self.best().fingerprint)))

    def value(self, genome: Genome) -> float:
        return GOLD * (genome.genes["key"] == "gold") + self.rng.gauss(0.0, self.noise)

    def of(self, fingerprint: str) -> list[float]:
        return [outcome.metrics["score"] for key, outcome in self.trainings.items() if key.fingerprint == fingerprint]

    def train(self, individual: Individual, replicate: int) -> None:
        outcome = Outcome(Status.OK, {"score": self.value(individual.genome)}, parameters=10)
        self.trainings[TrainingKey(individual.fingerprint, replicate)] = outcome

    def add(self, genome: Genome, parents: tuple[int, ...], operator: str, generation: int) -> None:
        fingerprint = SPACE.fingerprint(genome)
        if any(each.fingerprint == fingerprint for each in self.individuals.values()):
            return
        before = SPACE.canonical(self.individuals[parents[0]].genome) if parents else None
        changes = changes_between(before, SPACE.canonical(genome)) if before else ()
        number = len(self.individuals)
        self.individuals[number] = Individual(number, generation, genome, fingerprint, parents, operator, changes)
        self.train(self.individuals[number], 0)

    def mean(self, individual: Individual) -> float:
        values = self.of(individual.fingerprint)
        return sum(values) / len(values)

    def best(self, among: int = 1) -> Individual:
        ranked = sorted(self.individuals.values(), key=self.mean, reverse=True)
        return self.rng.choice(ranked[:among]) if among > 1 else ranked[0]

    @property
    def evaluated(self) -> dict[int, Evaluated]:
        return {
            each.id: Evaluated(each, self.trainings[TrainingKey(each.fingerprint, 0)])
            for each in self.individuals.values()
        }
