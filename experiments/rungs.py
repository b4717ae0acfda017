"""How much training does it save to judge networks after a part of their epochs first?

    python -m experiments.rungs                               # breast cancer, some four minutes on two quiet cores
    python -m experiments.rungs --sets credit_default --seeds 1 --strategy evolution

The searches of `quickstart.toml` (breast cancer, log loss in five folds) and `credit_default.toml` (ROC AUC on a
hold-out), four generations of them: once with the whole recipe for every network, and once on rungs in each way that
`[search] fidelity` knows. The population's trainer goes on from a rung where it stopped. Each way is given about as
many epochs as "full" takes, by the number of its generations; what it trained beyond that (a surrogate's measurements
of its leaders, which have the whole recipe, come on top) is left out of the search score. An epoch of a fold is an
epoch.

For each way: the median over the seeds of the best search score at equal epochs, that of the winner's confirmation (on
new seeds, three replicates; there it counts what was trained beyond), and in how many times fewer epochs it came to the
score that "full" ended with (0 where it never did; "full" itself often comes to it before its end). The best of many
search scores flatters whoever looked at most networks: where it and the confirmation differ, believe the latter. Data
sets other than breast cancer are looked for in EVO_NAS_DATA.
Bar: on every set the best way needs no more epochs than "full".
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, get_args

from evo_nas.cli import errors_for_people
from evo_nas.config import Fidelity, SearchSettings, Settings
from evo_nas.display import Silent
from evo_nas.individual import Evaluated
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import make_plan
from evo_nas.strategies.fidelity.rungs import bracket_sizes, ladder, num_promoted
from experiments.bars import Bar, report
from experiments.running import SMOKE, changed, settings_of

SETS = {"breast_cancer": "quickstart", "credit_default": "credit_default"}
"""Name of a set -> the settings file that searches it."""
FULL, *EARLY = get_args(Fidelity)
GENERATIONS = 4
SEEDS = 3


@dataclass(frozen=True, slots=True)
class Trace:
    """What a search came to. steps: after so many epochs, the best score of the whole recipe so far, larger is better.

    confirmation: the winner's, in the metric's own direction.
    """

    steps: tuple[tuple[int, float], ...]
    confirmation: float

    @property
    def epochs(self) -> int:
        return self.steps[-1][0]

    def best_after(self, epochs: int) -> float:
        return max((score for spent, score in self.steps if spent <= epochs), default=-math.inf)

    def epochs_to(self, score: float) -> float:
        """How many it took to come to a score; infinite where it never did."""
        return next((spent for spent, best in self.steps if best >= score), math.inf)


def traced(settings: Settings, *, workers: int) -> Trace:
    """Run a search in a temporary folder, without a store."""
    with tempfile.TemporaryDirectory() as folder:
        plan = make_plan(settings, base=Path.cwd())
        choices = Choices(workers=workers, pictures=False)
        launch.start(plan, Path(folder) / "run", choices, Silent())
        result = Result(Path(folder) / "run")
        objective = result.objectives[0]
        assert result.scores is not None, "a run that came to its end has confirmed its winner"
        confirmation = result.scores["confirmation"]["mean"][objective.name]
        return Trace(tuple(_steps(result.evaluated, objective)), confirmation)


def _steps(evaluated: Sequence[Evaluated], objective: Any) -> list[tuple[int, float]]:
    """One a proposal. An epoch is counted once, however many rungs it led to."""
    reached: dict[tuple[str, int], int] = {}
    spent, best, steps = 0, -math.inf, []
    for each in evaluated:
        key = each.individual.fingerprint, each.individual.replicate
        trained = max(reached.get(key, 0), sum(each.outcome.epochs))
        spent += trained - reached.get(key, 0)
        reached[key] = trained
        if each.outcome.ok and each.individual.epochs is None and not each.individual.replicate:
            best = max(best, objective.weight * objective.value(each.outcome))
        steps.append((spent, best))
    return steps


def generations_for(settings: Settings, fidelity: str) -> int:
    """How many take about as many epochs as "full" does; "pasha" is given those of "halving", and may take fewer."""
    search = SearchSettings.model_validate({**settings.search.model_dump(), "fidelity": fidelity})
    rungs = [epochs or settings.recipe.epochs for epochs in ladder(search, settings.recipe.epochs)]
    sizes = bracket_sizes(len(rungs), search.eta) if fidelity == "hyperband" else (1,)
    brackets = [(round(search.population * size / sum(sizes)), lowest) for lowest, size in enumerate(sizes)]
    costs = [_cost(n, rungs[lowest:], search.eta) for n, lowest in brackets if n]
    proposals, epochs = sum(cost[0] for cost in costs), sum(cost[1] for cost in costs)
    batches = search.generations * search.population * settings.recipe.epochs / epochs
    return math.ceil(batches * proposals / search.population)


def _cost(num_members: int, rungs: Sequence[int], eta: int) -> tuple[int, int]:
    """Proposals and epochs of a bracket."""
    proposals = epochs = before = 0
    for rung in rungs:
        proposals += num_members
        epochs += num_members * (rung - before)
        num_members, before = num_promoted(num_members, eta), rung
    return proposals, epochs


def compare(name: str, asked: argparse.Namespace) -> dict[str, list[Trace]]:
    """Way -> a trace a seed."""
    given: Mapping[str, Any] = {
        "strategy": asked.strategy,
        "generations": GENERATIONS,
        "stop_when_converged": False,
        "confirmation_replicates": 3,
    }
    settings = changed(settings_of(SETS[name]), {"search": given, "recipe": {"trainer": "population"}})
    if asked.smoke:
        settings = changed(settings, {**SMOKE, "recipe": {"epochs": 4}})
    traces: dict[str, list[Trace]] = {way: [] for way in (FULL, *EARLY)}
    for seed in range(1 if asked.smoke else asked.seeds):
        for way, found in traces.items():
            generations = settings.search.generations if way == FULL else generations_for(settings, way)
            search = {"seed": seed, "fidelity": way, "generations": generations}
            found.append(traced(changed(settings, {"search": search}), workers=asked.workers))
    return traces


def savings(way: Sequence[Trace], full: Sequence[Trace]) -> float:
    """How many times fewer epochs it takes to come to the score that "full" ended with: the median of the seeds."""
    targets = [trace.best_after(trace.epochs) for trace in full]
    pairs = zip(way, full, targets, strict=True)
    return median(other.epochs_to(target) / trace.epochs_to(target) for trace, other, target in pairs)


def lines(name: str, traces: Mapping[str, Sequence[Trace]]) -> list[str]:
    """A line a way. Scores are shown in the metric's own direction."""
    full = traces[FULL]
    weight = settings_of(SETS[name]).search.parsed_objectives(settings_of(SETS[name]).recipe)[0].weight
    return [
        f"{name}, {way}: search score {median(map(_at, found, full)) * weight:.5f}, confirmation "
        f"{median(each.confirmation for each in found):.5f}, {savings(found, full):.3g} times fewer epochs "
        f"({median(each.epochs for each in found):,.0f} trained)"
        for way, found in traces.items()
    ]


def _at(trace: Trace, full: Trace) -> float:
    return trace.best_after(full.epochs)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.rungs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=["breast_cancer"])
    parser.add_argument("--strategy", choices=["surrogate", "evolution", "aging", "random"], default="surrogate")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    with errors_for_people():
        sys.exit(answer(parser.parse_args(arguments)))


def answer(asked: argparse.Namespace) -> int:
    """Measure set by set and print; then the bars."""
    bars = []
    for name in asked.sets:
        traces = compare(name, asked)
        print("\n".join(lines(name, traces)), flush=True)
        best = max(savings(traces[way], traces[FULL]) for way in EARLY)
        bars.append(Bar(f"times fewer epochs than the whole recipe for all on {name}", best, 1.0, "at least"))
    return report(bars)


if __name__ == "__main__":
    main()
