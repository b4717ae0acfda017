"""One HTML file that holds everything: words and tables, a picture, the data, the script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from evo_nas.report.page.assets import bundled
from evo_nas.report.page.decisions import decisions
from evo_nas.report.page.gains import gains
from evo_nas.report.page.glossary import glossary
from evo_nas.report.page.headline import headline
from evo_nas.report.page.measured import listed_networks
from evo_nas.report.page.packing import deflated
from evo_nas.report.page.payload import attempt, payload
from evo_nas.report.page.progress import Progress, follow
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.static_picture import tree_picture
from evo_nas.report.page.words import cut, duration, shown

MOST_GENERATIONS_LISTED = 60


def page(record: RunRecord, *, importance: Callable[[], Any] = lambda: None, watched: str = "") -> str:
    """The report of a run as HTML that needs nothing else.

    importance: see `payload`; without it its panel is left out. watched: the address, relative to the page's own, that
    says whether the run has gone on; empty for a file.
    """
    missing = [cut(sentence) for sentence in record.missing]
    progress = follow(record)
    content = payload(record, progress, missing, importance)
    decided = attempt("how the winner decides", lambda: decisions(record.insight), missing)
    script, style = bundled("script"), bundled("style")
    html: str = _template().render(
        record=record,
        name=cut(record.name),
        head=headline(record, progress),
        gains=gains(record, progress.best),
        decisions=decided,
        takes_images=len(record.facts.get("input_shape") or ()) == 3,
        objectives=[cut(objective.name) for objective in record.objectives],
        generations=_listed_generations(record, progress),
        individuals=listed_networks(record, progress.best),
        notes=[cut(sentence) for sentence in record.notes],
        glossary=glossary(record),
        picture=tree_picture(record, content["tree"]),
        missing=missing,
        data=deflated(content),
        script=script,
        style=style,
        watched=watched,
    )
    return html


@cache
def _template() -> Any:
    """The page's template. It escapes everything but the bundled script and style."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("evo_nas.report.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja")


def _listed_generations(record: RunRecord, progress: Progress) -> list[list[str]]:
    """A row a generation: its number, trainings, failures, the best and the median of each objective, seconds. The last
    `MOST_GENERATIONS_LISTED` of them."""
    return [
        [
            str(each.generation),
            f"{each.evaluations:,}",
            f"{each.failed:,}",
            *[shown(value) for spread in each.spreads for value in (spread.best, spread.median)],
            duration(each.seconds),
        ]
        for each in progress.generations[-MOST_GENERATIONS_LISTED:]
    ]
