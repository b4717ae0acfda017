"""What the Python doors have in common: how data are handed over, where outcomes are kept, what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from evo_nas.config import DataSettings, parse_record
from evo_nas.data import Dataset, dataset_from_arrays
from evo_nas.display import Display, Silent
from evo_nas.errors import UserError
from evo_nas.history import OutcomeStore, open_store
from evo_nas.running.observer import Observer
from evo_nas.running.preparation import Plan

Data = str | Path | Dataset | tuple[Any, Any] | Mapping[str, Any]
"""The name of a set, a path (of a folder: of images), a data set, `(x, y)` arrays, or a mapping as in [data]."""


def read_data(data: Data | None, further: Mapping[str, Any]) -> tuple[Dataset | None, dict[str, Any]]:
    """Rows that were handed over, if they were, and the [data] section."""
    section = dict(further)
    if isinstance(data, Dataset | tuple):
        _check_as_they_are(section)
    if isinstance(data, Dataset):
        return data, {"name": data.name, **section}
    if isinstance(data, tuple):
        task = parse_record(DataSettings, section, where="data").task
        return dataset_from_arrays(*data, task=task), {"name": "arrays", **section}
    if isinstance(data, Mapping):
        return None, {**data, **section}
    if isinstance(data, str | Path):
        if Path(data).is_dir():
            return None, {"images": str(data), **section}
        is_path = isinstance(data, Path) or Path(data).suffix in (".csv", ".npz", ".gz")
        return None, {"path" if is_path else "name": str(data), **section}
    return None, section


def _check_as_they_are(section: Mapping[str, Any]) -> None:
    for key in ("image_size", "colour", "fit", "test_images"):
        if key in section:
            raise UserError(f"data: rows from Python are taken as they are, got {key}; remove the key")


def open_observer(stack: ExitStack, display: bool) -> Observer:
    """The live display on standard error, or nothing."""
    return stack.enter_context(Display()) if display else Silent()


def open_store_within(stack: ExitStack, path: str | None, observer: Observer) -> OutcomeStore | None:
    """The store of outcomes, closed when the call ends."""
    store = open_store(path, warn=observer.message)
    if store is not None:
        stack.callback(store.close)
    return store


def data_name(plan: Plan) -> str:
    """What a run folder is named after."""
    data = plan.settings.data
    return "search" if data is None else data.name or Path(data.path or data.images or "search").name.split(".")[0]
