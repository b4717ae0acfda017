"""The second epoch of `keras.Model.fit`: building and tracing are behind it.

    python -m experiments.peers.keras_epoch --width 128 --batch-size 32

Prints its seconds as JSON: the median of three networks with one hidden layer on Fashion-MNIST.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from statistics import median
from typing import Any

import numpy as np

from experiments.fashion_population import LEARNING_RATES, Cell, fashion_rows


def second_epoch_seconds(cell: Cell, *, smoke: bool) -> float:
    """Measured in a fresh process, which has the whole machine."""
    command = [sys.executable, "-m", "experiments.peers.keras_epoch", "--width", str(cell.width)]
    command += ["--batch-size", str(cell.batch_size), *(["--smoke"] if smoke else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"Keras failed with exit code {done.returncode}: {done.stderr[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def fit(cell: Cell, learning_rate: float, rows: Any) -> float:
    """Seconds of the second of two epochs, the validation rows included, as a callback sees it."""
    import keras

    moments: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: moments.append(time.perf_counter()),
        on_epoch_end=lambda epoch, logs: moments.append(time.perf_counter()),
    )
    inputs, targets, *validation = rows
    hidden = keras.layers.Dense(cell.width, activation="relu")
    output = keras.layers.Dense(10, activation="softmax")
    network = keras.Sequential([keras.Input(shape=(784,)), hidden, output])
    optimizer = keras.optimizers.Adam(learning_rate=learning_rate)
    network.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    network.fit(
        inputs,
        targets,
        validation_data=tuple(validation),
        batch_size=cell.batch_size,
        epochs=2,
        verbose=0,
        callbacks=[clock],
    )
    return moments[3] - moments[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.peers.keras_epoch", description=__doc__)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--smoke", "--quick", action="store_true")
    asked = parser.parse_args()
    cell = Cell(asked.width, asked.batch_size)
    dataset, train, validation = fashion_rows(smoke=asked.smoke)
    inputs, targets = dataset.numeric.astype(np.float32), np.eye(10, dtype=np.float32)[dataset.target.astype(int)]
    rows = (inputs[train], targets[train], inputs[validation], targets[validation])
    print(json.dumps(median(fit(cell, rate, rows) for rate in LEARNING_RATES)))


if __name__ == "__main__":
    main()
