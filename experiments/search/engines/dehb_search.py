"""DEHB (Awad et al. 2021) where every training is a whole one: its differential evolution, with its own settings.

DEHB needs several fidelities and the tables have one, so what is left of it is the DE of its inner loop: rand/1/bin,
mutation factor 0.5, crossover 0.5, population 20. A place is the unit interval cut into equal parts, as DEHB does it.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dehb import DE

from experiments.search.engines.moves import lengths_of
from experiments.search.trial import Trial


def search(trial: Trial, variant: str) -> None:
    """Evolve. There is one variant."""
    logging.getLogger("distributed").setLevel(logging.ERROR)
    lengths = lengths_of(trial.problem)

    def fitness(vector: Sequence[float]) -> dict[str, float]:
        places = (min(int(number * length), length - 1) for number, length in zip(vector, lengths, strict=True))
        return {"fitness": trial.measure(tuple(places)), "cost": 1.0}

    with tempfile.TemporaryDirectory() as folder:
        evolution = DE(
            f=fitness,
            dimensions=len(lengths),
            pop_size=20,
            mutation_factor=0.5,
            crossover_prob=0.5,
            strategy="rand1_bin",
            seed=trial.seed,
            output_path=Path(folder),
        )
        evolution.run(generations=trial.num_evaluations)
