"""What may follow a run: its best network fitted on all rows, and its winner trained further.

Both lie beside the run and change nothing of it: neither its ledger, nor its digest, nor `winner/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.errors import UserError
from evo_nas.evaluation.evaluator import Job, further_task, refit_task
from evo_nas.history import hold
from evo_nas.individual import Individual
from evo_nas.running.choices import TRAINING_HANDLERS
from evo_nas.running.context import training_context
from evo_nas.running.one_task import result_of
from evo_nas.running.preparation import OpenRun, open_run, with_dataset
from evo_nas.running.scores import read_scores, saved_winner

_OURS = {"model.keras", "preprocessing.json", "genome.json", "scores.json"}
_TWIN = ("fitted_on", "search", "confirmation", "test", "test_interval")

NO_SCORE = (
    "no rows were kept back, so this network has no score of its own; these are those of its twin in winner/, which "
    "was fitted on fewer rows"
)
SEEN_BEFORE = (
    "the test rows were looked at before; whoever chooses between the two by their test scores has none that is honest"
)


@dataclass(frozen=True, slots=True)
class Twin:
    """The winner as it was recorded. best_epochs: of every fold of every training of its network with success."""

    individual: Individual
    scores: Mapping[str, Any]
    best_epochs: Sequence[int]

    @property
    def epochs(self) -> int:
        """The median of its best epochs, as an export with folds takes it."""
        return max(1, round(median(self.best_epochs)))


def refit(path: Path, *, out: Path | None = None, handlers: str = TRAINING_HANDLERS) -> Path:
    """Train the winner's configuration anew on all rows, those that were kept back too; the folder it is saved in.

    out: a new folder, or one that an earlier call wrote; `refit/` of the run if none. It trains for the median of the
    epochs that its trainings in the search found best, and stops by nothing.

    Raises UserError where the folder holds no run, or none with a winner, or is in use, and where the network diverges.
    """
    with _finished_run(path) as run:
        twin, folder = _twin(run), _taken(out or run.folder.refit)
        job, context = _job(run, twin), training_context(run)
        task = refit_task(job, context, task_id=0, epochs=twin.epochs, folder=folder.resolve())
        result = result_of(task, run.plan.settings.evaluation, handlers=handlers)
        how = f"all {result['rows']:,} rows, {twin.epochs} epochs (median of the best of its trainings in the search)"
        scores = {
            "fitted_on": how,
            "epochs": twin.epochs,
            **_described(result),
            "note": NO_SCORE,
            "twin": {name: twin.scores.get(name) for name in _TWIN},
        }
        _write(folder, twin, scores)
    return folder


def train_further(path: Path, epochs: int, *, out: Path | None = None, handlers: str = TRAINING_HANDLERS) -> Path:
    """Train the saved winner for so many epochs more on the rows that it was fitted on; the folder it is saved in.

    It begins with the winner's weights, however often it is called; the optimizer's state is new. out: as in `refit`;
    `further/` of the run if none. Raises UserError as `refit` does, and where epochs is not above 0.
    """
    if epochs < 1:
        raise UserError(f"epochs: expected 1 or more to train further, got {epochs}")
    with _finished_run(path) as run:
        twin, folder = _twin(run), _taken(out or run.folder.further)
        task = further_task(
            _job(run, twin),
            training_context(run),
            task_id=0,
            epochs=epochs,
            winner=run.folder.winner.resolve(),
            folder=folder.resolve(),
        )
        result = result_of(task, run.plan.settings.evaluation, handlers=handlers)
        how = f"{epochs} epochs more on {result['rows']:,} rows, from the winner's weights; the optimizer began anew"
        scores = {
            "fitted_on": how,
            "epochs": epochs,
            **_described(result),
            **{name: result[name] for name in ("validation", "test", "curves")},
            "note": SEEN_BEFORE,
        }
        _write(folder, twin, scores)
    return folder


def refit_scores(folder: Path) -> dict[str, Any]:
    """What `refit` and `train_further` recorded beside a network. Raises UserError where nothing can be read."""
    try:
        scores: dict[str, Any] = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
        return scores
    except (OSError, ValueError) as error:
        raise UserError(f"{folder}: no scores can be read here ({error})") from None


@contextmanager
def _finished_run(path: Path) -> Iterator[OpenRun]:
    """A run that nobody is running, with its rows."""
    run = open_run(path, read_only=True)
    with closing(run.ledger), hold(run.folder):
        if run.plan.settings.data is None:
            raise UserError(f"{path}: a run with a fitness function of its own has no network to train again")
        yield with_dataset(run)


def _twin(run: OpenRun) -> Twin:
    scores = read_scores(run.folder)
    if scores is None or saved_winner(run.folder) is None:
        raise UserError(
            f"{run.folder.path}: there is no winner, or a file of winner/ is damaged; `evo-nas resume "
            f"{run.folder.path}` saves it"
        )
    (individual,) = (one for one in run.ledger.individuals() if one.id == scores["individual"])
    trainings = run.ledger.trainings("search" if individual.inherits is None else "final")
    epochs = [
        epoch
        for key, outcome in trainings.items()
        if key.fingerprint == individual.fingerprint and key.epochs is None and outcome.ok
        for epoch in outcome.best_epochs
    ]
    return Twin(individual, scores, epochs)


def _job(run: OpenRun, twin: Twin) -> Job:
    return Job(run.plan.encoding.canonical(twin.individual.genome), twin.individual.fingerprint, 0)


def _taken(folder: Path) -> Path:
    """The folder, made where it is not there. Raises UserError where it holds anything else than a network of ours."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = sorted(entry.name for entry in folder.iterdir() if entry.name not in _OURS)
    except OSError as error:
        raise UserError(f"{folder}: expected a folder that can be written ({error.strerror}); give another") from None
    if foreign:
        raise UserError(f"{folder} holds something else ({foreign[0]!r}); give a new or an empty folder with --out")
    (folder / "scores.json").unlink(missing_ok=True)  # written last: what has it is whole
    return folder


def _described(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in ("rows", "parameters", "model_sha256")}


def _write(folder: Path, twin: Twin, scores: Mapping[str, Any]) -> None:
    named = {"individual": twin.individual.id, "fingerprint": twin.individual.fingerprint}
    genome = {**named, "genome": twin.individual.genome.to_json()}
    try:
        write_atomically(folder / "genome.json", json.dumps(genome, indent=1, allow_nan=False))
        write_atomically(folder / "scores.json", json.dumps({**named, **scores}, indent=1, allow_nan=False))
    except OSError as error:
        raise UserError(f"{folder}: the scores cannot be written ({error})") from None
