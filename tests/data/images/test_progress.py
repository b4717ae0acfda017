"""What a person sees while images are read."""

from __future__ import annotations

from io import StringIO

from rich.console import Console as RichConsole

from evo_nas.data.images.in_threads import in_threads
from evo_nas.data.images.progress import MANY, Console


def seen(number: int, *, terminal: bool) -> str:
    shown = StringIO()
    watcher = Console(RichConsole(file=shown, force_terminal=terminal, width=80))
    assert list(watcher.follow(range(number), number, "reading train")) == list(range(number))
    watcher.message("train: [2] images left out")
    return shown.getvalue()


def test_a_bar_for_many_images_on_a_terminal_and_messages_anywhere() -> None:
    assert "reading train" in seen(MANY, terminal=True)
    assert "reading train" not in seen(MANY - 1, terminal=True)
    assert seen(MANY, terminal=False) == "train: [2] images left out\n"


def test_threads_keep_the_order_and_stay_a_little_ahead() -> None:
    begun: list[int] = []

    def items() -> object:
        for number in range(100):
            begun.append(number)
            yield number

    results = in_threads(lambda number: number**2, items())  # type: ignore[arg-type, var-annotated]
    assert next(results) == 0
    assert len(begun) < 20
    assert list(results) == [number**2 for number in range(1, 100)]
