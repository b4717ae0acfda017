"""The runs of a comparison one after the other: what is finished is not run again, what stopped goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evo_nas.atomic import write_atomically
from evo_nas.comparing.answers import steps_of
from evo_nas.comparing.clock import CLOCK_FILE, Timekeeper
from evo_nas.comparing.planned import PlannedRun, extension
from evo_nas.report.comparison import ComparedRun, Comparison
from evo_nas.report.comparison_picture import draw_comparison
from evo_nas.report.comparison_table import run_rows, strategy_rows
from evo_nas.report.tables import csv_text
from evo_nas.running import launch
from evo_nas.running.choices import INTERRUPTED, Choices, Ending
from evo_nas.running.interrupts import interruptible
from evo_nas.running.observer import Observer

MARK = "compared.json"
"""In the folder of a finished run: what the comparison read from it. Without it the run is looked at again."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has come to its end. repeated: it had done so before, and nothing was trained."""

    planned: PlannedRun
    run: ComparedRun
    repeated: bool


def conduct(planned: Sequence[PlannedRun], choices: Choices, observer: Observer) -> Iterator[Finished]:
    """Run what is not finished, and yield each run as it is; ends early where somebody asks to stop (Ctrl-C)."""
    with interruptible() as interrupted:
        for each in planned:
            known = _marked(each)
            run = known or (None if interrupted() else _conducted(each, choices, observer))
            if run is None:
                return
            yield Finished(each, run, repeated=known is not None)


def _conducted(planned: PlannedRun, choices: Choices, observer: Observer) -> ComparedRun | None:
    """One run to its end; None where it was interrupted."""
    path = planned.folder.path
    if planned.folder.holds_run():
        ending = launch.resume(path, extension(planned, choices), Timekeeper(observer, path / CLOCK_FILE))
    else:
        path.mkdir(parents=True, exist_ok=True)
        ending = launch.start(planned.plan, path, choices, Timekeeper(observer, path / CLOCK_FILE))
    if ending.reason == INTERRUPTED:
        return None
    run = _read(planned, ending)
    mark = {"budget": planned.budget.limits, "run": run.to_json()}
    write_atomically(path / MARK, json.dumps(mark, allow_nan=False))
    return run


def _marked(planned: PlannedRun) -> ComparedRun | None:
    """What was read from a run when it had come to its end, with the same budget as now."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        mark = json.loads((planned.folder.path / MARK).read_text(encoding="utf-8"))
        if mark["budget"] == planned.budget.limits and planned.folder.holds_run():
            return ComparedRun.from_json(mark["run"])
    return None


def _read(planned: PlannedRun, ending: Ending) -> ComparedRun:
    path = planned.folder.path
    steps = steps_of(path)
    last = steps[-1] if steps else None
    return ComparedRun(
        strategy=planned.contestant.name,
        seed=planned.seed,
        reason=ending.reason,
        trainings=last.trainings if last else 0,
        epochs=last.epochs if last else 0,
        seconds=last.seconds if last and last.seconds is not None else ending.elapsed_seconds,
        scores=_scores(planned, ending),
        steps=tuple(steps),
    )


def _scores(planned: PlannedRun, ending: Ending) -> dict[str, float]:
    """The first objective of the answer by each of the three names, as far as it has them."""
    best, scores = ending.best, ending.scores
    if best is None or best.outcome is None:
        return {}
    objective = planned.plan.objectives[0]
    found: dict[str, float] = {"search": objective.value(best.outcome)}
    confirmed: Mapping[str, float] = ((scores or {}).get("confirmation") or {}).get("mean", {})
    tested: Mapping[str, float] = (scores or {}).get("test") or {}
    for name, values in (("confirmation", confirmed), ("test", tested)):
        if objective.name in values:
            found[name] = values[objective.name]
    return found


def comparison_of(planned: Sequence[PlannedRun], finished: Sequence[Finished]) -> Comparison:
    """What is known so far, with the strategies in the order asked for."""
    names = tuple(dict.fromkeys(each.contestant.name for each in planned))
    return Comparison(names, planned[0].plan.objectives[0], tuple(each.run for each in finished))


def write_comparison(folder: Path, comparison: Comparison) -> list[Path]:
    """strategies.csv, runs.csv and the picture as PNG and SVG; returns their paths. Raises OSError."""
    tables = {"strategies.csv": strategy_rows(comparison), "runs.csv": run_rows(comparison)}
    for name, rows in tables.items():
        write_atomically(folder / name, csv_text(rows))
    pictures = [folder / f"comparison.{suffix}" for suffix in ("png", "svg")]
    draw_comparison(pictures, comparison)
    return [*(folder / name for name in tables), *pictures]
