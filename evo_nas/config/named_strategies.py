"""Names of searches that are another one with some of its keys set, and what a search needs of its own settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from evo_nas.config.section import Positive, Section

NAMED: Mapping[str, Mapping[str, str]] = {
    "successive_halving": {"strategy": "random", "fidelity": "halving"},
    "hyperband": {"strategy": "random", "fidelity": "hyperband"},
    "nsga2": {"strategy": "evolution", "survival": "nsga2"},
    "nsga3": {"strategy": "evolution", "survival": "nsga3"},
}
"""A name -> the keys that it stands for. Settings hold these, so that both ways of saying it are one run."""

OPEN = {"fidelity": "full", "survival": "auto"}
"""Values of those keys that say nothing, and give way to a name."""

AS_NEEDED = 1_000_000_000
"""Generations of a grid whose settings do not say how many: it ends by itself when all of it has been trained."""


class GridSettings(Section):
    """Which points a grid has, and which of them are trained.

    points: values of each range, evenly apart on its own scale, both ends included; choices have all of their values.
    where: only points of which this condition on genes is true, such as "width * layers <= 512 and optimizer != 'sgd'".
    fraction: of these, a random part.
    """

    points: Annotated[int, Field(ge=1, le=1000)] = 3
    fraction: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    where: str = ""


class CoarseToFineSettings(Section):
    """How ranges are narrowed. round_generations: how many generations are drawn from the same ranges. keep: the next
    ranges are drawn around the best networks so far, as many as this share of a round.
    """

    round_generations: Positive = 2
    keep: Annotated[float, Field(gt=0.0, le=1.0)] = 0.2


def spelled_out(search: Mapping[str, Any]) -> dict[str, Any]:
    """A [search] section with a name of `NAMED` replaced by its keys, and with what its strategy needs.

    Raises ValueError where other keys say something else.
    """
    given = dict(search)
    name = given.get("strategy")
    for key, value in NAMED.get(str(name), {}).items():
        said = given.get(key, value)
        if key != "strategy" and said not in (value, OPEN[key]):
            raise ValueError(
                f'strategy = "{name}" stands for {_shown(NAMED[str(name)])}, got {key} = "{said}"; leave {key} out, or '
                f'say strategy = "{NAMED[str(name)]["strategy"]}"'
            )
        given[key] = value
    if given.get("strategy") == "grid":
        given["grid"] = given.get("grid") or {}
        given["generations"] = AS_NEEDED if given.get("generations") is None else given["generations"]
    if given.get("strategy") == "coarse_to_fine":
        given["coarse_to_fine"] = given.get("coarse_to_fine") or {}
    return given


def _shown(keys: Mapping[str, str]) -> str:
    return " and ".join(f'{key} = "{value}"' for key, value in keys.items())
