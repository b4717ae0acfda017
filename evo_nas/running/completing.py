"""A space that does not say all yet: what is missing is asked of training, once, before anything else is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evo_nas.config import EvaluationSettings
from evo_nas.evaluation.evaluator import space_task
from evo_nas.running.one_task import TRAINING_HANDLERS, result_of
from genomes import Shape, TransferEncoding

PATHS = ("backbone", "weights")
"""Keys of a space that may be the path of a file, relative to the folder of the settings."""


def with_absolute_paths(space: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """So that a run's own config.toml can be run again from anywhere. What is no file is no path."""
    if space.get("encoding") != TransferEncoding.name:
        return dict(space)
    found = {key: base / space[key] for key in PATHS if isinstance(space.get(key), str)}
    return {**space, **{key: str(path.resolve()) for key, path in found.items() if path.is_file()}}


def completed_space(
    space: Mapping[str, Any], input_shape: Shape, settings: EvaluationSettings, *, handlers: str = TRAINING_HANDLERS
) -> dict[str, Any]:
    """The section with all that it lacked for rows of a shape. Raises UserError with what training says against it."""
    return {**space, **result_of(space_task(space, input_shape, task_id=0), settings, handlers=handlers)["keys"]}
