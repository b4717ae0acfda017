"""[data]: the rows of a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from evo_nas.config.section import Fraction, Section

Task = Literal["binary", "multiclass", "regression"]


class DataSettings(Section):
    """Where the rows come from and which of them no choice may see.

    Either `path` (CSV or npz) with `target`, or `name` of a bundled or public set. `source` is "memory" where the
    rows were handed over in Python; such a run keeps them in its folder.

    cache: where prepared rows are found again: in each worker's "memory", on "disk" too (`EVO_NAS_CACHE`, by default
    the user's cache folder), for other workers and runs, or nowhere ("none"). It changes the time, never a result.
    """

    path: str | None = None
    name: str | None = None
    target: str | None = None
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    task: Task | None = None
    test_fraction: Fraction = 0.2
    confirmation_fraction: Fraction = 0.0
    split_seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    cache: Literal["memory", "disk", "none"] = "memory"

    @model_validator(mode="after")
    def _fractions_leave_rows(self) -> DataSettings:
        if self.test_fraction + self.confirmation_fraction >= 1.0:
            raise ValueError("test_fraction and confirmation_fraction together must leave rows to search on (below 1)")
        if self.path is not None and self.name is not None:
            raise ValueError('give either path = "rows.csv" or name = "breast_cancer", not both')
        return self

    def in_key(self) -> dict[str, Any]:
        """What of it is in the key of a training: how rows are divided, not where they came from."""
        return self.model_dump(mode="json", include={"test_fraction", "confirmation_fraction", "split_seed"})
