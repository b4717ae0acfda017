"""A whole run's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from evo_nas.config.data import DataSettings, Task
from evo_nas.config.evaluation import EvaluationSettings
from evo_nas.config.recipe import Recipe
from evo_nas.config.search import SearchSettings
from evo_nas.config.section import Section
from evo_nas.config.tracking import TrackingSettings


class RunFacts(Section):
    """What a run adds to its settings when it is made: who it is, on what data, with which versions and operators.

    input_shape: of one row of the data as a network takes it. num_outputs: units of a network for them.
    num_test_rows: how many of the rows came as test rows; 0 where they were divided off by `test_fraction`.
    A settings file may hold this section (a run's own config.toml does); a new run replaces it.
    """

    id: str
    data_fingerprint: str = ""
    input_shape: tuple[int, ...] | None = None
    num_outputs: int | None = None
    num_test_rows: int = 0
    task: Task | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    operators: dict[str, str] = Field(default_factory=dict)
    custom_operators: bool = False
    custom_fitness: bool = False
    started_from: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_an_older_version(cls, data: Any) -> Any:
        """Earlier versions wrote a number of inputs, since rows were those of a table."""
        if not isinstance(data, Mapping) or "num_inputs" not in data:
            return data
        facts = dict(data)
        num_inputs = facts.pop("num_inputs")
        return facts if num_inputs is None else {"input_shape": (num_inputs,), **facts}


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

        data = self.model_dump(mode="json", exclude_none=True)
        if not self.recipe.augmentation.on:
            del data["recipe"]["augmentation"]
        return tomli_w.dumps(data)
