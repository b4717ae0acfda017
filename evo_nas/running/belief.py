"""Whom a search believes to be the best, written down for readers of the folder, who have no strategy to ask."""

from __future__ import annotations

from evo_nas.history import Ledger

BELIEVED = "session:believed"
"""Derived from what the strategy was told, so it is no result of its own and in no digest."""


def believed(ledger: Ledger) -> str | None:
    """The fingerprint that the search believed in when it was last asked; None where the best search score decides."""
    noted = ledger.decisions(BELIEVED)
    return noted[-1]["fingerprint"] if noted else None


def note_belief(ledger: Ledger, fingerprint: str | None) -> None:
    """Write it down where it has changed."""
    if fingerprint != believed(ledger):
        ledger.decide(BELIEVED, {"fingerprint": fingerprint})
