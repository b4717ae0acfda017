"""The other tools, each given the same networks, rows, epochs and batches, and each timed alone.

`PEERS` is the table. A module of it has one function,

    measure(problem: Problem, num_candidates: int, seed: int) -> Timing

which trains that many candidates one after the other, and one more before the clock starts. `timing.measure_peer`
calls it in a fresh process, so that no tool meets another's threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Peer:
    """Another tool. module: its file here. requires: what must be installed. num_candidates: timed in one block.

    goal, bar: how many times as fast we want to be and must be; None where nobody asked.
    """

    name: str
    module: str
    requires: tuple[str, ...]
    num_candidates: int
    goal: float | None = None
    bar: float | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Of what it requires, what is not installed."""
        return tuple(name for name in self.requires if find_spec(name) is None)


PEERS = (
    Peer("KerasTuner", "kerastuner_peer", ("keras_tuner",), 3, goal=1000.0, bar=600.0),
    Peer("Optuna + Keras", "optuna_keras", ("optuna",), 3),
    Peer("PyTorch loop", "pytorch_loop", ("torch",), 14, goal=30.0, bar=17.0),
    Peer("scikit-learn", "sklearn_mlp", ("sklearn",), 28, goal=8.0, bar=4.5),
)
