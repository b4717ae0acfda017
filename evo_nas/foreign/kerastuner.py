"""KerasTuner's project folder: `trial_<id>/trial.json` for every trial."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evo_nas.errors import UserError
from evo_nas.foreign.trial import ForeignTrial, json_object, text_of

BOOKKEEPING = "tuner/"
"""What the names of Hyperband's own entries begin with."""
FINISHED = "COMPLETED"


def read_kerastuner(folder: Path) -> list[ForeignTrial]:
    """The trials of a project folder, by their ids. Raises UserError where there is none, or a file is no trial."""
    files = sorted(folder.glob("trial_*/trial.json"), key=lambda file: (len(file.parent.name), file.parent.name))
    if not files:
        raise UserError(
            f"{folder}: expected a project folder of KerasTuner's, which holds trial_*/trial.json; "
            "it is directory/project_name of the tuner"
        )
    return [_trial(file) for file in files]


def _trial(file: Path) -> ForeignTrial:
    data = json_object(text_of(file), str(file))
    parameters = data.get("hyperparameters")
    values = parameters.get("values") if isinstance(parameters, Mapping) else None
    if not isinstance(values, Mapping):
        raise UserError(f'{file}: is no trial of KerasTuner\'s, which has "hyperparameters" with "values"')
    status = str(data.get("status"))
    unfinished = "" if status == FINISHED else f"{status:.50}".lower()
    known = {str(name): value for name, value in values.items() if not str(name).startswith(BOOKKEEPING)}
    return ForeignTrial(f"trial {data.get('trial_id', file.parent.name)!s:.50}", known, unfinished)
