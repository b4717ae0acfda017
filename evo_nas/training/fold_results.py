"""The folds of a training make one outcome, on both paths by the same code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from evo_nas.config import BYTES_PER_MB
from evo_nas.outcome import Outcome, Status
from evo_nas.training.fitting import Fit, Scores
from genomes import Size


@dataclass(frozen=True, slots=True, eq=False)
class FoldResult:
    """confirmation: scores on confirmation rows, empty where they were not asked for."""

    fit: Fit
    confirmation: Scores


def combined(sized: Outcome, results: Sequence[FoldResult]) -> Outcome:
    """The outcome of all folds in their order; the first that is lost ends it. sized: parameters and FLOPs."""
    lost = next((number for number, result in enumerate(results) if result.fit.trouble), len(results) - 1)
    fits = [result.fit for result in results[: lost + 1]]
    trained = replace(sized, epochs=tuple(fit.num_epochs for fit in fits), curves=tuple(fit.curves for fit in fits))
    if trouble := fits[-1].trouble:
        return replace(trained, status=Status.DIVERGED, message=f"fold {len(fits)}: {trouble}")
    return replace(
        trained,
        metrics=_mean([fit.scores for fit in fits]),
        best_epochs=tuple(fit.best_epoch for fit in fits),
        confirmation=_mean([result.confirmation for result in results]),
    )


def memory_refusal(size: Size, limit_mb: int) -> str:
    """Why a training is refused before anything is built, or nothing."""
    if size.training_bytes <= limit_mb * BYTES_PER_MB:
        return ""
    predicted = size.training_bytes / BYTES_PER_MB
    return f"its training is predicted to need {predicted:,.0f} MB, over [recipe] memory_limit_mb = {limit_mb:,}"


def _mean(rows: Sequence[Scores]) -> dict[str, float]:
    return {name: fmean(row[name] for row in rows) for name in rows[0]}
