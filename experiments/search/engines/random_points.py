"""Random search: every point as likely as any other, points seen before included."""

from __future__ import annotations

from evo_nas.randomness import stream
from experiments.search.engines.moves import lengths_of, random_point
from experiments.search.trial import Trial


def search(trial: Trial, variant: str) -> None:
    """Measure random points. There is one variant."""
    lengths, rng = lengths_of(trial.problem), stream("random", trial.seed)
    while True:
        trial.measure(random_point(lengths, rng))
