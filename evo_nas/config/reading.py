"""Settings from files and plain data, and the one sentence for each way in which they can be wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from evo_nas.config.section import nearest
from evo_nas.config.settings import Settings
from evo_nas.errors import UserError


def read_settings(path: Path) -> Settings:
    """Read a settings file. Raises UserError with one sentence for whatever is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such settings file; `evo-nas init DATA.csv --target COLUMN` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a settings file ({error})") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not valid TOML: {error}") from None
    return parse_settings(data, where=str(path))


def parse_settings(data: Mapping[str, Any], *, where: str) -> Settings:
    """Settings from plain data. Raises UserError: where, which key, what was expected, and the nearest known key."""
    for section in ("data", "space"):
        if section not in data:
            raise UserError(f"{where}: the section [{section}] is missing")
    try:
        return Settings.model_validate(dict(data))
    except ValidationError as error:
        raise UserError(f"{where}: {_sentence(error)}") from None


def parse_record(record: type[BaseModel], values: Mapping[str, Any], *, where: str) -> Any:
    """One record from keyword values, with the same sentences as a settings file."""
    try:
        return record.model_validate(dict(values))
    except ValidationError as error:
        raise UserError(f"{where}: {_sentence(error, record)}") from None


def _sentence(error: ValidationError, root: type[BaseModel] = Settings) -> str:
    first = max(error.errors(include_url=False), key=lambda one: len(one["loc"]))
    # Where a key may hold this or that, pydantic adds the name of the type it tried.
    path = [str(part) for part in first["loc"] if not _is_type(str(part))]
    place = f"[{path[0]}] {'.'.join(path[1:])}" if root is Settings and len(path) > 1 else ".".join(path)
    if first["type"] == "extra_forbidden":
        known = _known_keys(root, path[:-1])
        return f"unknown key {place}{nearest(path[-1], known)}; known keys: {', '.join(known)}"
    message = EXPECTED.get(first["type"], first["msg"].removeprefix("Value error, "))
    given = first.get("input")
    shown = "" if isinstance(given, Mapping | BaseModel) else f", got {given!r:.100}"
    if first["type"] == "literal_error":
        message = f"expected {first['ctx']['expected']}"
        shown += nearest(str(given).lower(), re.findall("'([^']+)'", message))
    return f"{place}: {message[:1].lower()}{message[1:]}{shown}" if place else message


EXPECTED = {
    "tuple_type": 'expected a list, such as ["one", "two"]',
    "model_type": "expected a table, such as { key = value }",
    "dict_type": "expected a table, such as { key = value }",
}
"""What pydantic says in the words of Python types, in those of a settings file."""


def _is_type(part: str) -> bool:
    return part[:1].isupper() or "[" in part or part in ("bool", "int", "float", "str", "constrained-int")


def _known_keys(root: type[BaseModel], path: list[str]) -> list[str]:
    model: Any = root
    for part in path:
        if part not in model.model_fields:
            continue  # pydantic names the branch of a union here
        annotation = model.model_fields[part].annotation
        branches = [b for b in (annotation, *getattr(annotation, "__args__", ())) if hasattr(b, "model_fields")]
        model = branches[0] if branches else model
    return list(model.model_fields)
