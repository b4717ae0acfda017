"""What a person sees while a run goes on: one live panel on a terminal, a plain line a generation elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from evo_nas.individual import Objective
from evo_nas.running.loop import Generation
from evo_nas.running.observer import Progress
from evo_nas.running.preparation import OpenRun

MOST_SHOWN_TASKS = 8


class Silent:
    """Nobody watches."""

    def task_started(self, label: str) -> None: ...
    def task_progress(self, label: str, data: Mapping[str, Any]) -> None: ...
    def task_ended(self, label: str) -> None: ...
    def sitting_began(self, run: OpenRun, *, num_recorded: int, num_workers: int) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def generation_ended(self, generation: Generation, progress: Progress) -> None: ...
    def message(self, text: str) -> None: ...


class PatientConsole(Console):
    """A console whose reader may go away. Rich ends the program then; a run has better things to do."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Display:
    """Shows a run on a console. Use it as a context manager, so that the terminal is given back."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or PatientConsole(stderr=True)
        self._objectives: Sequence[Objective] = ()
        self._title = ""
        self._tasks: dict[str, str] = {}
        self._progress: Progress | None = None
        self._best_since: tuple[int, int] | None = None
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live = Live(self._panel(), console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def sitting_began(self, run: OpenRun, *, num_recorded: int, num_workers: int) -> None:
        self._objectives = run.plan.objectives
        self._title = str(run.folder.path)
        again = f", {num_recorded} individuals recorded" if num_recorded else ""
        workers = f", {num_workers} worker{'s' if num_workers != 1 else ''}" if num_workers else ""
        self.message(f"run folder {self._title}{again}{workers}")

    def task_started(self, label: str) -> None:
        self._tasks[label] = ""
        self._refresh()

    def task_progress(self, label: str, data: Mapping[str, Any]) -> None:
        self._tasks[label] = describe_progress(data) or self._tasks.get(label, "")
        self._refresh()

    def task_ended(self, label: str) -> None:
        self._tasks.pop(label, None)
        self._refresh()

    def progress(self, progress: Progress) -> None:
        self._progress = progress
        if progress.best is not None and progress.best.record is not None:
            number = progress.best.record.id
            if self._best_since is None or self._best_since[0] != number:
                self._best_since = (number, progress.counts.finished)
        self._refresh()

    def generation_ended(self, generation: Generation, progress: Progress) -> None:
        self.progress(progress)
        if self._live is None:
            self.message(self._generation_line(generation, progress))

    def message(self, text: str) -> None:
        try:
            self.console.print(Text(text), soft_wrap=True)
        except OSError:  # whoever read has gone; the run goes on
            self.console = Console(quiet=True)

    def _generation_line(self, generation: Generation, progress: Progress) -> str:
        return (
            f"generation {generation.number + 1}/{progress.num_generations}  "
            f"evaluations {progress.counts.finished} (found {progress.counts.found}, failed {progress.counts.failed})  "
            f"best {describe_best(progress, self._objectives)}  "
            f"{_hypervolume(generation)}elapsed {describe_seconds(progress.elapsed_seconds)}"
        )

    def _refresh(self) -> None:
        if self._live is not None:
            self._live.update(self._panel())

    def _panel(self) -> RenderableType:
        progress = self._progress
        if progress is None:
            return Text(f"{self._title}  starting ({len(self._tasks)} in training)")
        facts = Table.grid(padding=(0, 2))
        facts.add_row(
            "generation", f"{min(progress.generation + 1, progress.num_generations)}/{progress.num_generations}"
        )
        facts.add_row(
            "evaluations",
            f"{progress.counts.finished} done, {progress.counts.found} found in the store, "
            f"{progress.counts.failed} failed",
        )
        when = f", after {self._best_since[1]} evaluations" if self._best_since else ""
        facts.add_row("best so far", describe_best(progress, self._objectives) + when)
        facts.add_row("training", self._shown_tasks())
        facts.add_row("elapsed", _time_line(progress))
        return Group(facts, ProgressBar(total=progress.num_proposals, completed=progress.num_told, width=60))

    def _shown_tasks(self) -> str:
        lines = [f"{label} {state}".strip() for label, state in list(self._tasks.items())[:MOST_SHOWN_TASKS]]
        more = len(self._tasks) - len(lines)
        return "\n".join(lines + ([f"and {more} more"] if more > 0 else [])) or "nothing"


def _hypervolume(generation: Generation) -> str:
    return "" if generation.hypervolume is None else f"hypervolume {generation.hypervolume:.6g}  "


def describe_progress(data: Mapping[str, Any]) -> str:
    """A child's report as a few words: "fold 1, epoch 12/50", or of a cohort "epoch 12/50, 7 still in training"."""
    if "epoch" not in data or "epochs" not in data:
        return ""
    fold = f"fold {data['fold'] + 1}, " if data.get("fold") else ""
    members = f", {data['members']} still in training" if "members" in data else ""
    loss = data.get("validation_loss") if "members" in data else None
    best = f", best validation loss {loss:.4g}" if isinstance(loss, float) else ""
    return f"{fold}epoch {data['epoch']}/{data['epochs']}{members}{best}"


def describe_best(progress: Progress, objectives: Sequence[Objective]) -> str:
    """The objectives of the best so far, with its id."""
    best = progress.best
    if best is None or best.outcome is None or best.record is None:
        return "none yet"
    values = ", ".join(f"{objective.name} {objective.value(best.outcome):.6g}" for objective in objectives)
    return f"{values} (individual {best.record.id})"


def describe_seconds(seconds: float) -> str:
    """1:02:03 or 2:03."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _time_line(progress: Progress) -> str:
    if progress.remaining_seconds is None:
        return describe_seconds(progress.elapsed_seconds)
    remaining = describe_seconds(progress.remaining_seconds)
    return f"{describe_seconds(progress.elapsed_seconds)}, about {remaining} remaining"
