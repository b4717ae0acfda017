"""Work that goes on beside the run's own thread."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Aside(Generic[T]):
    """Begins work in a thread of its own. Whoever ends without asking for the result does not wait for it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._returned: list[T] = []
        self._raised: list[BaseException] = []
        self._thread = Thread(target=self._run, name="aside", daemon=True)
        self._thread.start()

    def result(self) -> T:
        """Wait for what it returns. Raises what it raised."""
        self._thread.join()
        for error in self._raised:
            raise error
        return self._returned[0]

    def _run(self) -> None:
        try:
            self._returned.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._raised.append(error)
