"""What is known of a member while it is trained: its curves, the epoch that is kept, and whether it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evo_nas.config import Recipe
from evo_nas.training.divergence import all_finite, trouble_in
from evo_nas.training.early_stopping import KeptEpoch
from evo_nas.training.fitting import Fit, kept_scores
from evo_nas.training.fusing import update_rule
from evo_nas.training.population.extraction import keras_weights
from evo_nas.training.population.member import Member
from evo_nas.training.population.rung import Snapshot
from evo_nas.training.population.slabs import State
from evo_nas.training.population.update_rules import unit_of


@dataclass(slots=True)
class Watch:
    """untrained: the loss before the first epoch. best: the weights of the kept epoch, once they have been read."""

    member: Member
    recipe: Recipe
    untrained: float
    kept: KeptEpoch
    curves: dict[str, list[float]] = field(default_factory=dict)
    best: State = field(default_factory=dict)
    trouble: str = ""
    finished: bool = False

    @property
    def num_epochs(self) -> int:
        return len(self.curves.get("train_loss", ()))

    @classmethod
    def of(cls, member: Member, recipe: Recipe, untrained: float) -> Watch:
        return cls(member, recipe, untrained, KeptEpoch(recipe.early_stopping))

    @classmethod
    def resumed(cls, member: Member, recipe: Recipe, snapshot: Snapshot) -> Watch:
        """As it was when the snapshot was taken: the epochs are observed once more."""
        watch = cls.of(member, recipe, snapshot.untrained)
        for epoch in range(snapshot.num_epochs):
            watch.observe({name: values[epoch] for name, values in snapshot.curves.items()})
        watch.best = snapshot.best
        return watch

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
        """Take in epochs, one after the other until it has finished: name -> a value an epoch.

        Returns whether the weights after the last one are to be kept.
        """
        improved = False
        for epoch in range(len(scores["train_loss"])):
            improved = self.observe({name: values[epoch] for name, values in scores.items()})
            if self.finished:
                break
        return improved and (self.recipe.early_stopping is not False or self.finished)

    def fit(self) -> Fit:
        """What came of it."""
        if self.trouble:
            return Fit(self.curves, trouble=self.trouble)
        normalized = bool(self.member.genes.get("batch_normalization", False))
        unit = unit_of(update_rule(self.member.genes), self.member.genes)
        weights = keras_weights(self.best, unit, batch_normalization=normalized)
        if not all_finite(weights.values()):
            return Fit(self.curves, trouble=f"a weight is not finite after epoch {self.kept.epoch}")
        scores = kept_scores(self.curves, self.kept.epoch, self.recipe.metrics)
        return Fit(self.curves, weights, self.kept.epoch, scores)
