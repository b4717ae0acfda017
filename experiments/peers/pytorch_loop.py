"""A plain PyTorch loop: tensors in memory, mini-batches by index, loss and accuracy on validation after every epoch."""

from __future__ import annotations

from typing import Any

from experiments.peers.problem import Candidate, Problem
from experiments.peers.timing import ONE_AFTER_THE_OTHER, Timing
from experiments.peers.ways import TWO_PROCESSES, one_after_the_other, two_processes


def measure(problem: Problem, num_candidates: int, seed: int) -> Timing:
    """With PyTorch's own number of threads, with one, and in two processes of one."""
    import torch

    candidates = problem.ranges.samples(num_candidates, seed)
    many_threads = one_after_the_other(train, problem, candidates, seed)
    torch.set_num_threads(1)
    return Timing(
        {
            ONE_AFTER_THE_OTHER: many_threads,
            "one after the other in one thread": one_after_the_other(train, problem, candidates, seed),
            TWO_PROCESSES: two_processes(train, problem, candidates, seed),
        }
    )


def train(problem: Problem, candidate: Candidate, seed: int) -> None:
    """Train a candidate and forget it."""
    import torch

    torch.manual_seed(seed)
    network = _network(problem.inputs.shape[1], candidate)
    loss = torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=candidate.learning_rate)
    inputs, targets = torch.from_numpy(problem.inputs), torch.from_numpy(problem.targets)[:, None]
    for _ in range(problem.epochs):
        network.train()
        for rows in torch.randperm(len(inputs)).split(problem.batch_size):
            optimizer.zero_grad()
            loss(network(inputs[rows]), targets[rows]).backward()
            optimizer.step()
        _validate(network, loss, problem)


def _validate(network: Any, loss: Any, problem: Problem) -> tuple[float, float]:
    """Loss and accuracy on the validation rows."""
    import torch

    network.eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(problem.validation_inputs))
        targets = torch.from_numpy(problem.validation_targets)[:, None]
        accuracy = ((logits > 0) == (targets > 0.5)).float().mean()
        return float(loss(logits, targets)), float(accuracy)


def _network(num_inputs: int, candidate: Candidate) -> Any:
    from torch import nn

    activation = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[candidate.activation]
    layers: list[Any] = []
    for width_before in [num_inputs] + [candidate.width] * (candidate.depth - 1):
        layers += [nn.Linear(width_before, candidate.width), activation(), nn.Dropout(candidate.dropout)]
    return nn.Sequential(*layers, nn.Linear(candidate.width, 1))
