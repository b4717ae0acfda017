"""What was searched, on what, and what was found: the first sentences of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from evo_nas.data import DataFacts
from evo_nas.individual import Evaluated
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.settings_tables import budget_text, set_text
from evo_nas.report.page.words import cut

MOST_CLASSES_NAMED = 4
_NETWORKS = {
    "mlp": "Dense networks",
    "cnn": "Convolutional networks",
    "transfer": "Networks on a pretrained backbone",
    "flat": "Settings",
}


def subject_name(record: RunRecord) -> str:
    """Of the data; of the folder where a function is searched or the settings cannot be read."""
    data = record.section("data")
    return _data_name(data) if data else record.name


def subject(record: RunRecord, best: Evaluated | None) -> tuple[str, ...]:
    """Sentences: what was searched, how, and who was found."""
    told = [_searched(record), _method(record), _found(record, best)]
    return tuple(cut(sentence) for sentence in told if sentence)


def data_text(data: DataFacts | None) -> str:
    """Such as "30,000 rows of 23 columns; two classes, 0 with 78 % of the rows and 1 with 22 %"."""
    if data is None:
        return ""
    size = " x ".join(map(str, data.image_shape or ()))
    rows = f"{data.num_rows:,} images of {size}" if size else f"{data.num_rows:,} rows of {data.num_columns:,} columns"
    return f"{rows}; {_classes_text(data.class_counts)}" if data.class_counts else f"{rows}, to predict a number"


def _classes_text(counts: Sequence[tuple[str, int]]) -> str:
    total = sum(count for _, count in counts) or 1
    shares = [(name, 100 * count / total) for name, count in counts]
    if len(shares) <= MOST_CLASSES_NAMED:
        parts = [f"{cut(name)} with {share:.3g} %" for name, share in shares]
        return f"{len(shares)} classes, {', '.join(parts[:-1])} and {parts[-1]} of the rows"
    least, most = (choose(share for _, share in shares) for choose in (min, max))
    each = f"each with {most:.3g} %" if most - least < 0.05 else f"from {least:.3g} % to {most:.3g} %"
    return f"{len(shares)} classes, {each} of the rows"


def _data_name(data: Mapping[str, Any]) -> str:
    """Without the folders of a path."""
    text = set_text(data)
    return PurePath(text).name or text


def _searched(record: RunRecord) -> str:
    encoding = record.section("space").get("encoding")
    what = _NETWORKS.get(str(encoding), "Networks") if encoding else "Networks"
    data = record.section("data")
    if not data:
        return (
            f"{what} were searched for a function of the user\N{RIGHT SINGLE QUOTATION MARK}s own." if encoding else ""
        )
    rows = data_text(record.data)
    about = f" ({rows})" if rows else ""
    return f"{what} were searched for {_data_name(data)}{about}."


def _method(record: RunRecord) -> str:
    search = record.section("search")
    budget = budget_text(search)
    if not search.get("strategy"):
        return ""
    objectives = " and to ".join(map(str, record.objectives))
    return f"The search was to {objectives} by the strategy {search['strategy']}{f', with {budget}' if budget else ''}."


def _found(record: RunRecord, best: Evaluated | None) -> str:
    if best is None:
        return ""
    individual, parameters = best.individual, best.outcome.parameters
    size = f", {parameters:,} parameters" if parameters else ""
    return f"Found: individual {individual.id} of generation {individual.generation}{size}."
