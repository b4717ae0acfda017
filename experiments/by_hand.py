"""What does a person's own configuration score beside a search's, and does training it further help?

    python -m experiments.by_hand

A minute on two quiet cores. By hand: search score, ROC AUC 1.000; test score 0.987 [0.963, 1.000]; trained further
0.986: there was nothing left to learn. Four of the search's twelve networks were found in the store, and nobody beats
the first: the held-out rows are too few and too easy to tell the best apart.

One network written down as a dictionary is trained on breast cancer by itself; then three that a person would try next,
into the same run, so that all four stand in one table. Then a search of twelve networks that begins with these four,
with the same recipe and the same store: what was trained by hand is found there, not trained again, and all are
compared by their search scores. At last the winner of the list is trained further for 20 epochs. Bars: a test ROC AUC
of at least 0.97 by hand; after further training it has not lost more than 0.01 of it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import evo_nas
from evo_nas.cli import errors_for_people
from evo_nas.running.preparation import default_folder
from evo_nas.running.refitting import refit_scores, train_further
from experiments.bars import Bar, report

LEAST_SCORE = 0.97
MOST_LOST = 0.01

FIRST: dict[str, Any] = {
    "Hidden layers": [16, 8],
    "Input size": 30,
    "Activations": ["relu", "relu"],
    "Optimization": "Adam",
    "Learning rate": 0.01,
    "Batch size": 32,
    "Preprocessing": "Standard",
}
NEXT: list[dict[str, Any]] = [
    FIRST | {"Dropout": [0.3, 0.3]},
    FIRST | {"Regularization": "l2", "Reg param": 0.001},
    FIRST | {"Optimization": "SGD", "Learning rate": 0.1, "Momentum": 0.9, "Nesterov": True},
]
SPACE: dict[str, Any] = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 3},
    "width": {"low": 4, "high": 64, "scale": "log"},
    "learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
    "dropout": {"low": 0.0, "high": 0.4},
    "optimizer": ["adam", "sgd"],
    "momentum": [0.0, 0.9],
    "nesterov": [False, True],
    "l2": [0.0, 0.001],
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.by_hand", description=__doc__)
    parser.add_argument("--run-dir", type=Path, default=None, help="where both runs are written")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    asked = parser.parse_args()
    with errors_for_people():
        sys.exit(run(asked.run_dir or default_folder("by_hand"), smoke=asked.smoke, workers=asked.workers))


def run(folder: Path, *, smoke: bool, workers: int | None) -> int:
    """By hand, searched, trained further; 0 if both bars are met."""
    recipe = {"epochs": 4 if smoke else 40, "metrics": ["roc_auc", "accuracy"]}
    told: dict[str, Any] = {"workers": workers, "store": str(folder / "store.db")}
    folder.mkdir(parents=True, exist_ok=True)
    evo_nas.train(FIRST, "breast_cancer", recipe=recipe, run_dir=folder / "by_hand", **told)
    listed = evo_nas.train(NEXT, run_dir=folder / "by_hand", **told)
    print("by hand", *listed.ranking_lines(), sep="\n")
    checkpoint = folder / "by_hand" / "checkpoints" / "generation_0000.json"
    searched = evo_nas.search(
        SPACE,
        "breast_cancer",
        recipe=recipe,
        population=4 if smoke else 6,
        generations=1 if smoke else 2,
        settings={"search": {"confirmation_replicates": 0}},
        start_from=checkpoint,
        run_dir=folder / "searched",
        **told,
    )
    print("searched", *searched.ranking_lines(), sep="\n")
    further = train_further(folder / "by_hand", 2 if smoke else 20)
    return compare(listed, refit_scores(further)["test"])


def compare(listed: evo_nas.Result, test: dict[str, dict[str, float]]) -> int:
    """Print search and test score of the network by hand, before and after it was trained further, and the bars."""
    scores = listed.scores
    before, after = test["before"]["roc_auc"], test["after"]["roc_auc"]
    low, high = scores["test_interval"]["of"]["roc_auc"]
    print(f"by hand: search score, ROC AUC {scores['search']['roc_auc']:.4f}")
    print(f"by hand: test score, ROC AUC {before:.4f} [{low:.4f}, {high:.4f}]; trained further: {after:.4f}")
    return report(
        [
            Bar("test ROC AUC by hand", before, LEAST_SCORE, "at least"),
            Bar("test ROC AUC lost by further training", before - after, MOST_LOST, "at most"),
        ]
    )


if __name__ == "__main__":
    main()
