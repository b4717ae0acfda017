"""Ways of training candidates, each measured after a warm-up of its own; the fastest speaks for a peer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from experiments.peers.problem import Candidate, Problem

Train = Callable[[Problem, Candidate, int], None]
"""Trains a candidate from a seed. It stands at the top of a module, so that another process finds it."""

TWO_PROCESSES = "in two processes"


def one_after_the_other(train: Train, problem: Problem, candidates: Sequence[Candidate], seed: int) -> float:
    """Mean seconds of a candidate in this process."""
    train(problem, candidates[0], seed)
    began = time.perf_counter()
    for candidate in candidates:
        train(problem, candidate, seed)
    return (time.perf_counter() - began) / len(candidates)


def two_processes(train: Train, problem: Problem, candidates: Sequence[Candidate], seed: int) -> float:
    """Mean seconds of a candidate in two processes of one thread each, which take the next one when they are free."""
    from joblib import Parallel, delayed, parallel_config

    with parallel_config("loky", inner_max_num_threads=1), Parallel(n_jobs=2, batch_size=1) as processes:
        processes(delayed(train)(problem, candidates[0], seed) for _ in range(4))
        began = time.perf_counter()
        processes(delayed(train)(problem, candidate, seed) for candidate in candidates)
        return (time.perf_counter() - began) / len(candidates)
