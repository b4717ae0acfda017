"""Is the winner better than scikit-learn's multi-layer perceptron on rows that nobody saw?

    python -m experiments.against_sklearn credit_default      # about ten minutes on two cores
    python -m experiments.against_sklearn california          # about twenty

For each of five splits (20 % test rows, `train_test_split` with that `random_state`, stratified for classes) the
experiment is run as its settings file says, and scikit-learn's network is trained on the same rows. Bars: on average
over the splits at least 0.003 more test ROC AUC than `MLPClassifier(early_stopping=True)`, at least 0.01 more test R2
than `MLPRegressor(hidden_layer_sizes=(128, 64), early_stopping=True)`; each run under 15 minutes. Where the perceptron
was measured before, its better figure counts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from evo_nas.cli import errors_for_people
from evo_nas.data import Dataset, split_rows
from evo_nas.display import Display
from evo_nas.errors import UserError
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.loop import FINISHED
from evo_nas.running.preparation import Plan, make_plan
from experiments.bars import Bar, report
from experiments.running import SMOKE, changed, settings_of

MOST_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared: a metric, by how much it must be better, and what was measured of the peer before."""

    metric: str
    margin: float
    known: Mapping[int, float]


QUESTIONS = {
    "credit_default": Question("roc_auc", 0.003, {0: 0.769, 1: 0.776, 2: 0.770, 3: 0.761, 4: 0.763}),
    "california": Question("r2", 0.01, {0: 0.788}),
}


def peer_score(dataset: Dataset, plan: Plan) -> float:
    """The test score of scikit-learn's perceptron: one-hot categories, the rest imputed and standardised.

    A regression is given its target as it is and standardised, which helps it; the better of the two counts.
    """
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.metrics import r2_score, roc_auc_score
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    assert plan.settings.data is not None
    rows = split_rows(dataset, plan.settings.data)
    inputs = peer_inputs(dataset, rows.search)
    target = dataset.target
    if dataset.task == "regression":
        plain = MLPRegressor(hidden_layer_sizes=(128, 64), early_stopping=True, random_state=0)
        scaled = TransformedTargetRegressor(plain, transformer=StandardScaler())
        fitted = [each.fit(inputs[rows.search], target[rows.search]) for each in (plain, scaled)]
        return max(float(r2_score(target[rows.test], each.predict(inputs[rows.test]))) for each in fitted)
    peer = MLPClassifier(early_stopping=True, random_state=0).fit(inputs[rows.search], target[rows.search])
    return float(roc_auc_score(target[rows.test], peer.predict_proba(inputs[rows.test])[:, 1]))


def peer_inputs(dataset: Dataset, fitted_on: Any) -> Any:
    """Every row as scikit-learn's own transformers make it, fitted on the given rows."""
    import numpy as np
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(dataset.numeric[fitted_on])
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(dataset.categorical[fitted_on])
    return np.hstack([numeric.transform(dataset.numeric), encoder.transform(dataset.categorical)])


def winner_score(plan: Plan, folder: Path, metric: str, workers: int | None) -> tuple[float, float]:
    """The test score of the winner of one run, and the run's seconds."""
    began = time.monotonic()
    with Display() as display:
        ending = launch.start(plan, folder, Choices(workers=workers), display)
    if ending.reason != FINISHED or ending.scores is None:
        raise UserError(f"{folder}: the run ended before its time ({ending.reason}), so there is nothing to compare")
    return float(ending.scores["test"][metric]), time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.against_sklearn", description=__doc__)
    parser.add_argument("experiment", choices=list(QUESTIONS))
    parser.add_argument("--splits", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--run-dir", type=Path, default=None, help="where the runs are written; a temporary folder")
    parser.add_argument("--seed", type=int, default=0, help="seed of the search")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    asked = parser.parse_args()
    with errors_for_people(), tempfile.TemporaryDirectory() as temporary:
        sys.exit(compare(asked, asked.run_dir or Path(temporary)))


def compare(asked: argparse.Namespace, folder: Path) -> int:
    """Run every split, print a line each, then the bars."""
    question = QUESTIONS[asked.experiment]
    settings = changed(settings_of(asked.experiment), {"search": {"seed": asked.seed}})
    settings = changed(settings, SMOKE) if asked.smoke else settings
    ours, theirs, seconds = [], [], []
    print(f"split   ours {question.metric}   scikit-learn   known   seconds", flush=True)
    for split in asked.splits:
        plan = make_plan(changed(settings, {"data": {"split_seed": split}}), base=Path.cwd())
        assert plan.dataset is not None
        peer = peer_score(plan.dataset, plan)
        known = question.known.get(split, peer)
        score, took = winner_score(plan, folder / f"split_{split}", question.metric, asked.workers)
        print(f"{split:5d}   {score:12.4f}   {peer:12.4f}   {known:5.3f}   {took:7.0f}", flush=True)
        ours.append(score)
        theirs.append(max(peer, known))
        seconds.append(took)
    return report(
        [
            Bar(f"mean gain in test {question.metric}", fmean(ours) - fmean(theirs), question.margin, "at least"),
            Bar("seconds of the longest run", max(seconds), MOST_SECONDS, "at most"),
        ]
    )


if __name__ == "__main__":
    main()
