"""A training is a pure function of its request: the same bits whatever was trained before, in whichever process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from evo_nas.outcome import Outcome
from tests.training.training_cases import payload_of, trained

GENES = {"dropout": 0.3, "input_dropout": 0.1, "batch_normalization": True, "activation": "tanh", "layers": 3}

FRESH_PROCESS = """
import json, sys
from evo_nas.training import tasks
tasks.prepare({"kind": "cpu", "threads": 1})
answer = tasks.HANDLERS["train"](json.loads(sys.argv[1]), lambda news: None)
print(json.dumps(answer))
"""


def bits(outcome: Any) -> str:
    """Every number of an outcome, but for its seconds."""
    return json.dumps({**outcome.to_json(), "seconds": 0})


def first(data: Path, **recipe: Any) -> dict[str, Any]:
    return payload_of(data, "binary", {"epochs": 5, **recipe}, **GENES)


def test_what_was_trained_before_is_of_no_consequence(binary_data: Path, multiclass_data: Path) -> None:
    before = bits(trained(first(binary_data)))
    trained(payload_of(multiclass_data, "multiclass", {"validation": {"folds": 2}}, dropout=0.5, width=40))
    assert bits(trained(first(binary_data))) == before


def test_a_fresh_process_trains_the_same(binary_data: Path) -> None:
    command = [sys.executable, "-c", FRESH_PROCESS, json.dumps(first(binary_data))]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert bits(Outcome.from_json(answer)) == bits(trained(first(binary_data)))


def test_the_weights_kept_are_the_same_file(binary_data: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        trained({**first(binary_data), "weights": str(tmp_path / name)})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_everything_in_the_key_counts(binary_data: Path) -> None:
    payload = first(binary_data)
    others = [
        first(binary_data, evaluation_seed=1),
        {**payload, "replicate": 1},
        {**payload, "fingerprint": "b" * 32},
    ]
    assert len({bits(trained(request)) for request in (payload, *others)}) == 4


def test_more_epochs_begin_with_fewer(binary_data: Path) -> None:
    (short,), (long,) = trained(first(binary_data)).curves, trained(first(binary_data, epochs=8)).curves
    assert {name: values[:5] for name, values in long.items()} == short
