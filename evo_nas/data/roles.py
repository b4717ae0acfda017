"""Which column is what: the target, the labels, the numbers, and those that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from evo_nas.config import DataSettings
from evo_nas.data.columns import Column, check_names, nearest
from evo_nas.data.csv_files import Kind
from evo_nas.data.in_memory import check_known, column_from_array
from evo_nas.errors import UserError


@dataclass(frozen=True, slots=True)
class Roles:
    """target: a column. categorical: columns of labels. drop: columns that are not read."""

    target: str
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    def kinds(self, names: Sequence[str]) -> dict[str, Kind]:
        """How each column of a file is read, the target (as text) included, in the order of `names`."""
        as_text = {self.target, *self.categorical}
        return {name: "text" if name in as_text else "numeric" for name in names if name not in self.drop}


def settle_roles(names: Sequence[str], settings: DataSettings, usual: Roles | None, *, where: str) -> Roles:
    """The roles that settings give to the columns of a file; where they are silent, the usual ones of a named set.

    Raises UserError, with the nearest name: no target given, a target that is not there or is dropped, an unknown
    column in categorical or drop.
    """
    target = settings.target or (usual.target if usual else None)
    if target is None:
        raise UserError(
            f"{where}: [data] target is missing; name the column to predict, one of {', '.join(names[:20])}"
        )
    if target not in names:
        raise UserError(
            f"{where}: there is no column {target!r} to predict{nearest(target, names)}; [data] target is one of "
            f"{', '.join(names[:20])}"
        )
    if target in settings.drop:
        raise UserError(f"{where}: the column {target!r} is both target and drop in [data]; remove it from drop")
    check_known(settings.categorical, names, where=where)
    check_known(settings.drop, names, where=where, key="drop")
    if usual is None:
        return Roles(target, settings.categorical, settings.drop)
    dropped = (*settings.drop, *(name for name in usual.drop if name != target))
    return Roles(target, settings.categorical or usual.categorical, dropped)


def check_target(settings: DataSettings, target: str, *, where: str) -> None:
    """Raise UserError where settings name a target for data that has its own."""
    if settings.target not in (None, target):
        raise UserError(f"{where}: the target here is {target!r}, got {settings.target!r}; remove target from [data]")


def array_features(table: NDArray[Any], names: Sequence[str], settings: DataSettings, *, where: str) -> list[Column]:
    """The columns of an array [rows, columns] that are not dropped. Raises UserError for text and unknown names."""
    check_names(names, where=where)
    check_known(settings.categorical, names, where=where)
    check_known(settings.drop, names, where=where, key="drop")
    return [
        column_from_array(table[:, i], name, is_categorical=name in settings.categorical, where=where)
        for i, name in enumerate(names)
        if name not in settings.drop
    ]
