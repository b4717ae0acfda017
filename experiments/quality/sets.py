"""The sets on which quality is timed, with the question asked of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evo_nas.config import Settings, read_settings
from experiments.running import changed


@dataclass(frozen=True, slots=True)
class QualitySet:
    """A data set, known by its name in [data]. metric: of a network, smaller is better.

    share: the part of a peer's minutes after which ours must be as good, at most. fidelity: of our search, which trains
    every child on rungs of 4, 13 and 40 epochs where an epoch takes long, the best third of them from rung to rung.
    """

    name: str
    metric: str
    share: float
    fidelity: str = "halving"

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")


SETS = (
    QualitySet("breast_cancer", "log_loss", 1 / 50, fidelity="full"),
    QualitySet("credit_default", "log_loss", 1 / 10),
    QualitySet("california_housing", "rmse", 1 / 10),
    QualitySet("adult", "log_loss", 1 / 10),
)


def set_named(name: str) -> QualitySet:
    """The set of that name in the table."""
    (found,) = (each for each in SETS if each.name == name)
    return found


def settings_of(quality_set: QualitySet) -> Settings:
    """The settings file beside this one, for one of the sets."""
    return changed(
        read_settings(Path(__file__).with_name("settings.toml")),
        {
            "data": {"name": quality_set.name},
            "recipe": {"metrics": [quality_set.metric]},
            "search": {"objectives": [f"minimize {quality_set.metric}"], "fidelity": quality_set.fidelity},
        },
    )
