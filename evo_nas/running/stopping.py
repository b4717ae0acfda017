"""A run that ends since its search has converged, and one that is told to go on all the same."""

from __future__ import annotations

from typing import Any

from evo_nas.history import Ledger

EXTENDED = "session:extended"
CONVERGED_AT = "session:converged"


def note_convergence(ledger: Ledger, num_told: int, why: str) -> None:
    """Record that the run ended so, once however often somebody looks."""
    note = {"told": num_told, "why": why}
    if last_convergence(ledger) != note:
        ledger.decide(CONVERGED_AT, note)


def last_convergence(ledger: Ledger) -> dict[str, Any] | None:
    """{"told": outcomes, "why": a sentence} where the run ended since it had converged, and nobody told it to go on."""
    note = None
    for kind, data in ledger.all_decisions():
        if kind == CONVERGED_AT:
            note = data
        elif kind == EXTENDED:
            note = None
    return note


def told_to_go_on(ledger: Ledger) -> bool:
    """Whether the run was given new limits after it had converged: from then on it goes as far as they say."""
    kinds = [kind for kind, _ in ledger.all_decisions()]
    return CONVERGED_AT in kinds and EXTENDED in kinds[kinds.index(CONVERGED_AT) :]
