"""A member, and what is known of it while it is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evo_nas.training.divergence import all_finite
from evo_nas.training.fitting import Fit, kept_scores
from evo_nas.training.fusing import update_rule
from evo_nas.training.population.extraction import keras_weights
from evo_nas.training.population.member import Member
from evo_nas.training.population.update_rules import unit_of
from evo_nas.training.standing import Standing


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    member: Member
    standing: Standing

    def observe_all(self, scores: Mapping[str, Sequence[float]]) -> bool:
        """See `Standing.observe_all`. The last weights of all are kept once, at the end, without early stopping."""
        improved = self.standing.observe_all(scores)
        return improved and (self.standing.recipe.early_stopping is not False or self.standing.finished)

    def fit(self) -> Fit:
        """What came of it."""
        standing = self.standing
        if standing.trouble:
            return Fit(standing.curves, trouble=standing.trouble)
        normalized = bool(self.member.genes.get("batch_normalization", False))
        unit = unit_of(update_rule(self.member.genes), self.member.genes)
        weights = keras_weights(standing.best, unit, batch_normalization=normalized)
        if not all_finite(weights.values()):
            return Fit(standing.curves, trouble=f"a weight is not finite after epoch {standing.kept.epoch}")
        scores = kept_scores(standing.curves, standing.kept.epoch, standing.recipe.metrics)
        return Fit(standing.curves, weights, standing.kept.epoch, scores)
