"""Images that cannot be learnt from, each with its reason: refused or left out, as the user chooses, never unnamed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from evo_nas.errors import UserError

MOST_LISTED = 10


class UnreadableImage(Exception):  # noqa: N818 - a reason that is caught and kept, not an error of the program
    """Why a file is no image that can be learnt from; its text ends the sentence "photo.jpg ..."."""


@dataclass(frozen=True, slots=True)
class BadImage:
    """path: as it is shown, see `shown`. reason: ends the sentence that the path begins."""

    path: str
    reason: str


def shown(path: str | os.PathLike[str]) -> str:
    """A path that can be printed on one line: what no text can hold, and line ends, as escapes."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def listed(bad: Sequence[BadImage]) -> str:
    """The first ten, separated by semicolons, and how many more there are."""
    text = "; ".join(f"{each.path} {each.reason}" for each in bad[:MOST_LISTED])
    more = len(bad) - MOST_LISTED
    return f"{text}; and {more:,} more" if more > 0 else text


def refusal(bad: Sequence[BadImage], *, where: str, remedy: str) -> UserError:
    """The sentence that names bad images. remedy: what to do."""
    return UserError(f"{where}: {count(len(bad))} cannot be taken: {listed(bad)}; {remedy}")


def count(number: int) -> str:
    return "1 image" if number == 1 else f"{number:,} images"
