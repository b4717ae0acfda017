"""How a saved winner decides, in a line and in pictures, for those who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.history import RunFolder
from evo_nas.insight import WinnerInsight, most_confused, read_insight
from evo_nas.report.winner_pictures.shades import source_words
from genomes.showing import visible

MOST_PAIRS = 3
"""Classes that are taken for each other, told in a line."""


def insight_of(folder: RunFolder, scores: Mapping[str, Any]) -> WinnerInsight | None:
    """What was seen of the network to which these scores belong; None where nothing is kept, as in older folders, or
    where it comes from test rows and the scores are told without those.

    Raises UserError where it is damaged.
    """
    insight = read_insight(folder.winner, str(scores.get("files", {}).get(folder.model.name)))
    hidden = insight is not None and insight.source == "test" and not scores.get("test")
    return None if hidden else insight


def decision_lines(folder: RunFolder, scores: Mapping[str, Any] | None) -> list[str]:
    """`decisions` as lines."""
    return [f"{name}: {text}" for name, text in decisions(folder, scores).items()]


def decisions(folder: RunFolder, scores: Mapping[str, Any] | None) -> dict[str, str]:
    """What is told -> the classes that are mistaken most, and where the pictures are; nothing where nothing is kept or
    may be seen.
    """
    try:
        insight = None if scores is None else insight_of(folder, scores)
    except UserError as error:
        return {"how it decides": str(error)}
    if insight is None:
        return {}
    mistakes, drawn = confusion_text(insight), [path.name for path in drawn_pictures(folder)]
    told = {"mistaken most": mistakes, "how it decides": f"{', '.join(drawn)} in {folder.winner}" if drawn else ""}
    return {name: text for name, text in told.items() if text}


def drawn_pictures(folder: RunFolder) -> list[Path]:
    """The pictures that lie in `winner/`."""
    return sorted(folder.winner.glob("*.png"))


def confusion_text(insight: WinnerInsight) -> str:
    """Such as "shirt taken for coat (61 of 83); in 800 test images"; empty where nothing is mistaken."""
    pairs = most_confused(insight.confusion, insight.classes, MOST_PAIRS) if insight.confusion.size else ()
    told = "; ".join(visible(pair) for pair in pairs)
    return f"{told}; in {source_words(insight)}" if told else ""
