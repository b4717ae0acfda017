"""Which of many candidates are worth a training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evo_nas.strategies.surrogate.embedding import Embedding
from evo_nas.strategies.surrogate.judgement import Judgement
from evo_nas.strategies.surrogate.offspring import Candidate, Nursery

CLIMBS, CLIMBERS, NEIGHBOURS = 3, 5, 12
"""The best candidates climb so many times: from so many of them, so many neighbours each are looked at."""
Place = Sequence[float]


def screened(
    pool: list[Candidate],
    count: int,
    *,
    nursery: Nursery,
    judgement: Judgement,
    embedding: Embedding,
    open_places: Sequence[Place],
) -> list[Candidate]:
    """So many of a pool and of the neighbours of its best, in the order of choice; fewer where there are not so many.

    open_places: the coordinates of what is in training. Draws from Python's `random`, to which a keyed stream must be
    lent.
    """
    if not pool or not count:
        return []
    promises = judgement.promises(_points(pool, embedding))
    for _ in range(CLIMBS):
        best = np.argsort(-promises, kind="stable")[:CLIMBERS]
        near = [neighbour for i in best for neighbour in nursery.neighbours(pool[i], NEIGHBOURS)]
        if not near:
            break
        pool = pool + near
        promises = np.concatenate([promises, judgement.promises(_points(near, embedding))])
    points = embedding.points_of([*open_places, *(candidate.place for candidate in pool)])
    chosen = judgement.chosen(points, count, num_open=len(open_places))
    return [pool[index - len(open_places)] for index in chosen]


def _points(candidates: Sequence[Candidate], embedding: Embedding) -> np.ndarray:
    return embedding.points_of([candidate.place for candidate in candidates])
