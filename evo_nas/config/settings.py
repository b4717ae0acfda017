"""A whole run's settings."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from evo_nas.config.data import DataSettings, Task
from evo_nas.config.evaluation import EvaluationSettings
from evo_nas.config.recipe import Recipe
from evo_nas.config.search import SearchSettings
from evo_nas.config.section import Section
from evo_nas.config.tracking import TrackingSettings


class RunFacts(Section):
    """What a run adds to its settings when it is made: who it is, on what data, with which versions and operators.

    num_inputs, num_outputs: units of a network for the data.
    A settings file may hold this section (a run's own config.toml does); a new run replaces it.
    """

    id: str
    data_fingerprint: str = ""
    num_inputs: int | None = None
    num_outputs: int | None = None
    task: Task | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    operators: dict[str, str] = Field(default_factory=dict)
    custom_operators: bool = False
    custom_fitness: bool = False
    started_from: str | None = None


class Settings(Section):
    """A whole run, as its settings file says it. `space` is read by the encoding that it names.

    `data` is None where the fitness is a function of the user's own (Python only).
    """

    data: DataSettings | None = None
    space: dict[str, Any]
    recipe: Recipe = Recipe()
    search: SearchSettings = SearchSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    tracking: TrackingSettings = TrackingSettings()
    run: RunFacts | None = None

    def to_toml(self) -> str:
        """The settings as a file that `read_settings` reads back to an equal record."""
        import tomli_w

        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))
