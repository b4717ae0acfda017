"""The tables of a comparison: a line a strategy with a paired test, and a line a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from evo_nas.config import METRIC_RANGES
from evo_nas.intervals import EVERYWHERE, Interval, Range, t_interval
from evo_nas.report.comparison import SCORES, Comparison, ScoreName
from evo_nas.report.paired_tests import MOST_EXACT_PAIRS, holm, paired_p, smallest_p
from evo_nas.report.tables import Cell

COSTS = ("trainings", "epochs", "seconds")


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over seeds with its 95 % interval; None where there are too few seeds for one."""

    value: float
    interval: Interval | None
    num_seeds: int

    @classmethod
    def of(cls, values: Sequence[float], within: Range = EVERYWHERE) -> Mean | None:
        """None without a value."""
        return cls(fmean(values), t_interval(values, within=within), len(values)) if values else None

    def __str__(self) -> str:
        bounds = f" [{self.interval[0]:.4f}, {self.interval[1]:.4f}]" if self.interval else ""
        return f"{self.value:.4f}{bounds}"

    @property
    def signed(self) -> str:
        """As text that shows which way it goes."""
        bounds = f" [{self.interval[0]:+.4f}, {self.interval[1]:+.4f}]" if self.interval else ""
        return f"{self.value:+.4f}{bounds}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first strategy against another one by one score. gain: positive where the first is better. p: two-sided.

    corrected_p: for all other strategies together (Holm), score by score.
    """

    gain: Mean
    p: float
    corrected_p: float


def verdicts(comparison: Comparison, name: ScoreName) -> dict[str, Verdict]:
    """Strategy -> verdict, for each that has a seed in common with the first."""
    others = [strategy for strategy in comparison.strategies[1:] if comparison.gains(strategy, name)]
    gains = [comparison.gains(strategy, name) for strategy in others]
    means = [Mean.of(each) for each in gains]
    p_values = [paired_p(each) for each in gains]
    return {
        strategy: Verdict(mean, p, corrected)
        for strategy, mean, p, corrected in zip(others, means, p_values, holm(p_values), strict=True)
        if mean is not None
    }


def table_lines(comparison: Comparison) -> list[str]:
    """For a person, in Markdown: each strategy's three scores, its cost, and the first one's gain on the test rows."""
    first, judged = comparison.strategies[0], verdicts(comparison, "test")
    header = ["strategy", *(f"{name} {comparison.objective.name}" for name in SCORES)]
    header += [*COSTS, f"{first} is better by", "p", "p (Holm)"]
    rows = [_shown_row(comparison, strategy, judged.get(strategy)) for strategy in comparison.strategies]
    lines = [" | ".join(["", *row, ""]).strip() for row in [header, ["---"] + ["--:"] * (len(header) - 1), *rows]]
    return [*lines, "", *note_lines(comparison)]


def note_lines(comparison: Comparison) -> list[str]:
    """What the numbers are, and what the test can say at all."""
    pairs = max((len(comparison.gains(other, "test")) for other in comparison.strategies[1:]), default=0)
    lines = [
        "Means over seeds with 95 % intervals (Student's t). All strategies have the same splits and seeds.",
        "A search score flatters: it is the best of many, or, where an answer was measured again, a mean over other "
        "validation rows too.",
    ]
    if pairs > MOST_EXACT_PAIRS:
        return [*lines, f"p: Wilcoxon's signed-rank test on test scores, {pairs} pairs, two-sided."]
    if pairs:
        lines.append(
            "p: exact paired permutation test on test scores, two-sided; "
            f"with {pairs} {'pair' if pairs == 1 else 'pairs'} no p can be below "
            f"{smallest_p(pairs):.4g}, nor a corrected one below "
            f"{min(1.0, (len(comparison.strategies) - 1) * smallest_p(pairs)):.4g}."
        )
    return lines


def _shown_row(comparison: Comparison, strategy: str, verdict: Verdict | None) -> list[str]:
    runs = comparison.of(strategy)
    means = [_mean_score(comparison, strategy, name) for name in SCORES]
    shown = [strategy, *("-" if mean is None else str(mean) for mean in means)]
    shown += [f"{fmean(getattr(run, cost) for run in runs):,.0f}" if runs else "-" for cost in COSTS]
    if verdict is None:
        return [*shown, "-", "-", "-"]
    return [*shown, verdict.gain.signed, f"{verdict.p:.3f}", f"{verdict.corrected_p:.3f}"]


def strategy_rows(comparison: Comparison) -> list[tuple[Cell, ...]]:
    """For a spreadsheet, the header first: a line a strategy, every number in a cell of its own."""
    return [_header(), *(_strategy_row(comparison, strategy) for strategy in comparison.strategies)]


def _header() -> tuple[str, ...]:
    scores = [f"{name}{part}" for name in SCORES for part in ("", "_low", "_high")]
    gains = [f"{name}_{part}" for name in SCORES for part in ("gain", "gain_low", "gain_high", "p", "p_holm")]
    return ("strategy", "seeds", *scores, *COSTS, *gains)


def _strategy_row(comparison: Comparison, strategy: str) -> tuple[Cell, ...]:
    runs = comparison.of(strategy)
    row: list[Cell] = [strategy, len(runs)]
    for name in SCORES:
        row += _mean_cells(_mean_score(comparison, strategy, name))
    for cost in COSTS:
        row.append(fmean(getattr(run, cost) for run in runs) if runs else None)
    for name in SCORES:
        verdict = verdicts(comparison, name).get(strategy)
        row += _mean_cells(verdict.gain if verdict else None)
        row += [verdict.p, verdict.corrected_p] if verdict else [None, None]
    return tuple(row)


def _mean_score(comparison: Comparison, strategy: str, name: ScoreName) -> Mean | None:
    within = METRIC_RANGES.get(comparison.objective.name, EVERYWHERE)
    return Mean.of(list(comparison.scores(strategy, name).values()), within)


def _mean_cells(mean: Mean | None) -> list[Cell]:
    if mean is None:
        return [None, None, None]
    return [mean.value, *(mean.interval or (None, None))]


def run_rows(comparison: Comparison) -> list[tuple[Cell, ...]]:
    """For a spreadsheet, the header first: a line a run."""
    header: tuple[Cell, ...] = ("strategy", "seed", *SCORES, "trainings", "epochs", "seconds", "ended")
    rows = [
        (
            run.strategy,
            run.seed,
            *(run.scores.get(name) for name in SCORES),
            run.trainings,
            run.epochs,
            run.seconds,
            run.reason,
        )
        for strategy in comparison.strategies
        for run in comparison.of(strategy)
    ]
    return [header, *rows]
