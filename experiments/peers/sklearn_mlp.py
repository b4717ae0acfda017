"""scikit-learn's MLPClassifier. It knows no dropout, and the validation rows are scored once, at the end."""

from __future__ import annotations

import warnings

from experiments.peers.problem import Candidate, Problem
from experiments.peers.timing import ONE_AFTER_THE_OTHER, Timing
from experiments.peers.ways import TWO_PROCESSES, one_after_the_other, two_processes


def measure(problem: Problem, num_candidates: int, seed: int) -> Timing:
    """One after the other with the whole machine, and in two processes of one thread."""
    candidates = problem.ranges.samples(num_candidates, seed)
    return Timing(
        {
            ONE_AFTER_THE_OTHER: one_after_the_other(train, problem, candidates, seed),
            TWO_PROCESSES: two_processes(train, problem, candidates, seed),
        }
    )


def train(problem: Problem, candidate: Candidate, seed: int) -> None:
    """Train a candidate, score it and forget it."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        hidden_layer_sizes=(candidate.width,) * candidate.depth,
        activation={"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}[candidate.activation],
        solver="adam",
        learning_rate_init=candidate.learning_rate,
        batch_size=problem.batch_size,
        max_iter=problem.epochs,
        early_stopping=False,
        n_iter_no_change=problem.epochs,
        tol=0.0,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is told to train so many epochs and no more
        network.fit(problem.inputs, problem.targets)
    network.score(problem.validation_inputs, problem.validation_targets)
