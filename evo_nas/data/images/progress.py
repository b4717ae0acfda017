"""Who is told how far the reading of many images has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

Item = TypeVar("Item")

MANY = 500
"""Fewer images are read before a person looks up."""


class Watcher(Protocol):
    """Told by the reading of images: steps of it, and what a person should know when it is over."""

    def follow(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        """The same items, counted as they pass. what: such as "decoding train"."""

    def message(self, text: str) -> None: ...


class Unwatched:
    """Nobody looks."""

    def follow(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        yield from items

    def message(self, text: str) -> None: ...


class Console:
    """A bar on standard error where that is a terminal, while there are many images; messages in any case."""

    def __init__(self, console: RichConsole | None = None) -> None:
        from rich.console import Console as RichConsole

        self._console = console or RichConsole(stderr=True)

    def follow(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        from rich.progress import track

        quiet = total < MANY or not self._console.is_terminal
        yield from track(items, what, total, console=self._console, transient=True, disable=quiet)

    def message(self, text: str) -> None:
        from rich.text import Text

        self._console.print(Text(text), soft_wrap=True)
