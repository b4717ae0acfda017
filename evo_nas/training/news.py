"""How a training says that it is alive. Nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Report = Callable[[dict[str, Any]], None]
"""Is called with plain data ("epoch", "epochs", "validation_loss", ...) while a task goes on. Silence for too long is
taken for death."""
