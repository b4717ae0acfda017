"""A thread for each tracker, so that a slow or broken one neither holds up nor ends a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from evo_nas.history import Ledger
from evo_nas.individual import Evaluated, training_keys
from evo_nas.tracking.tracker import TrackedEnding, TrackedGeneration, TrackedRun, Tracker

PATIENCE_SECONDS = 60.0
"""How long the end of a run waits for a tracker that still writes."""


@dataclass(frozen=True, slots=True)
class Told:
    """An individual that was told, its outcome without curves yet."""

    evaluated: Evaluated
    replayed: bool


@dataclass(frozen=True, slots=True)
class GenerationTold:
    """A generation that was told."""

    generation: TrackedGeneration
    replayed: bool


News = TrackedRun | Told | GenerationTold | TrackedEnding


class Follower:
    """Hands news to one tracker, in order, in a thread of its own. Curves are read there, from the ledger's file.

    ledger: its path. replicates: trainings of an individual.
    """

    def __init__(self, tracker: Tracker, ledger: Path, replicates: int) -> None:
        self.name = type(tracker).__name__
        self.trouble = ""
        self._tracker = tracker
        self._path = ledger
        self._replicates = replicates
        self._news: SimpleQueue[News | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._follow, name=f"tracker {self.name}", daemon=True)
        self._thread.start()

    def tell(self, news: News) -> None:
        """Returns at once. Nothing is kept for a tracker that has failed."""
        if not self.trouble:
            self._news.put(news)

    def finish(self) -> None:
        """There is no more news."""
        self._news.put(None)

    def has_finished(self, timeout_seconds: float) -> bool:
        """Wait so long at most; a tracker that takes longer is left to itself."""
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _follow(self) -> None:
        try:
            with self._reading() as hand_on:
                while (news := self._news.get()) is not None:
                    hand_on(news)
        except BaseException as error:  # noqa: BLE001 - whatever a tracker raises concerns nobody but itself
            self.trouble = f"{type(error).__name__}: {error}"

    @contextmanager
    def _reading(self) -> Iterator[Callable[[News], None]]:
        with Ledger.read_only(self._path) as ledger:
            yield lambda news: self._hand_on(news, ledger)

    def _hand_on(self, news: News, ledger: Ledger) -> None:
        match news:
            case TrackedRun():
                self._tracker.run_began(news)
            case Told():
                evaluated = with_curves(news.evaluated, ledger, self._replicates)
                self._tracker.individual_evaluated(evaluated, replayed=news.replayed)
            case GenerationTold():
                self._tracker.generation_ended(news.generation, replayed=news.replayed)
            case TrackedEnding():
                self._tracker.run_ended(news)


class Followers:
    """All trackers of a sitting. warn: told once of each tracker that is dropped, in the caller's thread."""

    def __init__(self, followers: tuple[Follower, ...], warn: Callable[[str], None]) -> None:
        self._followers = list(followers)
        self._warn = warn

    def __bool__(self) -> bool:
        return bool(self._followers)

    def tell(self, news: News) -> None:
        for follower in self._followers:
            follower.tell(news)
        self._drop_failed()

    def close(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for all of them together, no longer than that."""
        deadline = time.monotonic() + patience_seconds
        for follower in self._followers:
            follower.finish()
        for follower in self._followers:
            if not follower.has_finished(max(0.0, deadline - time.monotonic())) and not follower.trouble:
                follower.trouble = f"it was still writing {patience_seconds:g} seconds after the end"
        self._drop_failed()

    def _drop_failed(self) -> None:
        for follower in [follower for follower in self._followers if follower.trouble]:
            self._warn(f"warning: the tracker {follower.name} is dropped ({follower.trouble:.300}); the run goes on")
            self._followers.remove(follower)


def with_curves(evaluated: Evaluated, ledger: Ledger, replicates: int) -> Evaluated:
    """The individual with the curves of all its trainings, as far as the ledger has them."""
    keys = training_keys(evaluated.individual, replicates)
    curves = tuple(curve for key in keys for curve in ledger.curves(key))
    return Evaluated(evaluated.individual, replace(evaluated.outcome, curves=curves))
