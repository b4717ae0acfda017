"""The bundled front end: a script and a style sheet whose names hold their hash.

`source/` is bundled by `npm ci && npm run build` there, once and by a developer; what is in `assets/` is committed and
shipped, so that users need no Node.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from evo_nas.errors import UserError


@dataclass(frozen=True, slots=True)
class Asset:
    """text: what stands between the tags. hash: as a content security policy names it."""

    text: str
    hash: str


@cache
def bundled(kind: str) -> Asset:
    """kind: "script" or "style". Raises UserError where the file is not what its manifest says."""
    folder = files("evo_nas.report.page") / "assets"
    name = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))[kind]
    text = (folder / name).read_text(encoding="utf-8")
    if hashlib.sha256(text.encode()).hexdigest()[:16] not in name:
        raise UserError(
            f"{folder / name}: is not the file that was shipped (its SHA-256 differs); install evo-nas again"
        )
    return Asset(text, policy_hash(text))


def policy_hash(text: str) -> str:
    """`sha256-...` of a script or a style sheet, for a content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
