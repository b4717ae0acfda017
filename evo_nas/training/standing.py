"""What is known of one fold while it is trained: its curves, the epoch that is kept, and whether it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evo_nas.config import Recipe
from evo_nas.training.divergence import all_sound, trouble_in
from evo_nas.training.early_stopping import KeptEpoch
from evo_nas.training.rung import Arrays, Snapshot, TrainingState


@dataclass(slots=True)
class Standing:
    """untrained: the loss before the first epoch. best: the weights of the kept epoch, once they have been read.
    trouble: why the fold is lost, else empty.
    """

    recipe: Recipe
    untrained: float
    kept: KeptEpoch
    curves: dict[str, list[float]] = field(default_factory=dict)
    best: Arrays = field(default_factory=dict)
    trouble: str = ""
    finished: bool = False

    @classmethod
    def begun(cls, recipe: Recipe, untrained: float) -> Standing:
        return cls(recipe, untrained, KeptEpoch(recipe.early_stopping))

    @classmethod
    def resumed(cls, recipe: Recipe, snapshot: Snapshot) -> Standing:
        """As it was when the snapshot was taken: the epochs are observed once more."""
        standing = cls.begun(recipe, snapshot.untrained)
        if snapshot.num_epochs:
            standing.observe_all(snapshot.curves)
        standing.best = snapshot.best
        return standing

    @property
    def num_epochs(self) -> int:
        return len(self.curves.get("train_loss", ()))

    def observe(self, scores: Mapping[str, float]) -> bool:
        """Take in one epoch. Returns whether its weights are the ones to keep."""
        for name, value in scores.items():
            self.curves.setdefault(name, []).append(value)
        epoch = self.num_epochs
        if trouble := trouble_in(scores, self.untrained):
            self.trouble, self.finished = f"{trouble} after epoch {epoch}", True
            return False
        improved = self.kept.observe(epoch, scores)
        self.finished = epoch == self.recipe.epochs or self.kept.stopped
        return improved

    def observe_all(self, scores: Mapping[str, Sequence[float]]) -> bool:
        """Take in epochs until it has finished: name -> a value an epoch, at least one, at most those of the recipe.

        Returns whether the weights after the last one are to be kept.
        """
        if not self.recipe.early_stopping and all_sound(scores, self.untrained):
            for name, values in scores.items():  # nothing is decided before the last: the same, with less ado
                self.curves.setdefault(name, []).extend(values[:-1])
            return self.observe({name: values[-1] for name, values in scores.items()})
        for epoch in range(len(scores["train_loss"])):
            improved = self.observe({name: values[epoch] for name, values in scores.items()})
            if self.finished:
                break
        return improved

    def snapshot(self, state: TrainingState | None) -> Snapshot:
        """state: of the program that trains it; of one that has finished it is not asked for."""
        return Snapshot(None if self.finished else state, self.best, self.curves, self.untrained)
