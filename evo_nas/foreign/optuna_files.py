"""A study of Optuna's, from its SQLite file or its journal, read as plain data: neither Optuna nor what it would do to
the file when it opens it is needed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.foreign.trial import ForeignTrial, json_object, text_of

SQLITE_BEGINS = b"SQLite format 3\x00"
CREATE_STUDY, CREATE_TRIAL, SET_PARAMETER, SET_STATE = 0, 4, 5, 6
"""Operations of the journal."""
STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
COMPLETE = "COMPLETE"
DAMAGED = (sqlite3.Error, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError)

_TRIALS = "SELECT trial_id, number, state FROM trials WHERE study_id = ? ORDER BY number"
_PARAMETERS = (
    "SELECT p.trial_id, param_name, param_value, distribution_json FROM trial_params p "
    "JOIN trials t ON t.trial_id = p.trial_id WHERE study_id = ? ORDER BY param_id"
)

Studies = dict[str, list[ForeignTrial]]


def read_optuna(file: Path, *, study: str | None = None) -> list[ForeignTrial]:
    """The trials of a study, by number. study: its name; None where the file holds one only.

    Raises UserError where the file holds no study, none of that name, or several and none is named.
    """
    try:
        with file.open("rb") as opened:
            is_database = opened.read(len(SQLITE_BEGINS)) == SQLITE_BEGINS
        studies = _from_database(file) if is_database else _from_journal(file)
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error})") from None
    except DAMAGED as error:
        raise UserError(f"{file}: is no study of Optuna's, or a damaged one ({error!r:.100})") from None
    return _named(studies, study, file)


def _named(studies: Studies, study: str | None, file: Path) -> list[ForeignTrial]:
    if not studies:
        raise UserError(f"{file}: expected a study of Optuna's (a SQLite file or a journal), and it holds none")
    names = ", ".join(f"{name!r:.100}" for name in studies)
    if study is None and len(studies) > 1:
        raise UserError(f"{file}: holds several studies, {names}; choose one with --study")
    if study is not None and study not in studies:
        raise UserError(f"{file}: holds no study {study!r:.100}; it holds {names}")
    return studies[study] if study is not None else next(iter(studies.values()))


def _from_database(file: Path) -> Studies:
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        names = connection.execute("SELECT study_id, study_name FROM studies ORDER BY study_id").fetchall()
        return {str(name): _trials_of(connection, number) for number, name in names}


def _trials_of(connection: sqlite3.Connection, study: int) -> list[ForeignTrial]:
    values: dict[int, dict[str, Any]] = {}
    for trial, name, value, distribution in connection.execute(_PARAMETERS, (study,)):
        values.setdefault(trial, {})[str(name)] = _value(value, distribution)
    rows = connection.execute(_TRIALS, (study,)).fetchall()
    return [_trial(number, values.get(trial, {}), str(state)) for trial, number, state in rows]


def _from_journal(file: Path) -> Studies:
    names: list[str] = []
    studies: list[int] = []
    values: list[dict[str, Any]] = []
    states: list[str] = []
    for line in _operations(file):
        operation = line["op_code"]
        if operation == CREATE_STUDY:
            names.append(str(line["study_name"]))
        elif operation == CREATE_TRIAL:
            studies.append(int(line["study_id"]))
            kinds = line.get("distributions") or {}
            values.append({name: _value(value, kinds[name]) for name, value in (line.get("params") or {}).items()})
            states.append(STATES[line.get("state", 0)])
        elif operation == SET_PARAMETER:
            values[line["trial_id"]][line["param_name"]] = _value(line["param_value_internal"], line["distribution"])
        elif operation == SET_STATE:
            states[line["trial_id"]] = STATES[line["state"]]
    found: Studies = {name: [] for name in names}
    for study, known, state in zip(studies, values, states, strict=True):
        trials = found[names[study]]
        trials.append(_trial(len(trials), known, state))
    return found


def _operations(file: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of a journal. A last one that a kill has torn is left out."""
    lines = text_of(file).splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            yield json_object(line, f"{file}, line {number}")
        except UserError:
            if number == 1 or number < len(lines):
                raise


def _trial(number: int, values: Mapping[str, Any], state: str) -> ForeignTrial:
    unfinished = "" if state == COMPLETE else f"{state:.50}".lower().replace("fail", "failed")
    return ForeignTrial(f"trial {number}", values, unfinished)


def _value(internal: float, distribution: str) -> Any:
    """What Optuna keeps as a number, by the kind of its distribution, those of old versions included."""
    described = json.loads(distribution)
    kind = described["name"]
    if kind.startswith("Categorical"):
        return described["attributes"]["choices"][int(internal)]
    return int(internal) if kind.startswith("Int") else float(internal)
