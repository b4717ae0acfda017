"""Finished trials of other tools, read from their files, as genomes to begin a search with.

`trial.py` is what every reader gives; `kerastuner.py`, `talos.py` and `optuna_files.py` read, without the tool itself;
`names.py` says which gene a name means, and `translation.py` makes genomes of trials. Nothing that is read can run code
(law 7), and no score that is read is believed: the search measures these networks again.
"""

from __future__ import annotations

from pathlib import Path

from evo_nas.errors import UserError
from evo_nas.foreign.kerastuner import read_kerastuner
from evo_nas.foreign.optuna_files import read_optuna
from evo_nas.foreign.talos import read_talos
from evo_nas.foreign.translation import Translated, translate
from evo_nas.foreign.trial import ForeignTrial

__all__ = ["TOOLS", "ForeignTrial", "Translated", "read_trials", "translate"]

TOOLS = ("kerastuner", "talos", "optuna")


def read_trials(tool: str, path: Path, *, study: str | None = None) -> list[ForeignTrial]:
    """All trials of a file or folder, finished or not. study: which one, where an Optuna file holds several.

    Raises UserError, one sentence, for an unknown tool and for what is no file of it.
    """
    if tool not in TOOLS:
        raise UserError(f"expected one of {', '.join(TOOLS)}, got {tool!r:.100}")
    if study is not None and tool != "optuna":
        raise UserError(f"--study: only a file of Optuna's holds studies, and this is one of {tool}")
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; give what {tool} wrote")
    if tool == "optuna":
        return read_optuna(path, study=study)
    return read_kerastuner(path) if tool == "kerastuner" else read_talos(path)
