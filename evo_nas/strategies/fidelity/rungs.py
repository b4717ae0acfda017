"""After how many epochs networks are judged, how many of them go on, and how many begin where."""

from __future__ import annotations

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError

USUAL_RUNGS = 3
"""Below the whole recipe, where `least_epochs` does not say otherwise."""
WHOLE = None
"""The epochs of the highest rung: all that the recipe has."""

Ladder = tuple[int | None, ...]


def check_fidelity(settings: SearchSettings, epochs: int | None) -> None:
    """Raise UserError where there is no room for a rung. epochs: of the recipe; None where nothing is trained."""
    ladder(settings, epochs)


def ladder(settings: SearchSettings, epochs: int | None) -> Ladder:
    """The epochs of every rung, fewest first; the last is `WHOLE`. With `fidelity = "full"` there is no other.

    As in Hyperband they are epochs / eta^k, rounded up: the whole recipe has a place in the series however long it is.
    Raises what `check_fidelity` does.
    """
    if settings.fidelity == "full":
        return (WHOLE,)
    if epochs is None:
        raise UserError(
            f'[search] fidelity = "{settings.fidelity}" judges networks after a part of their epochs, and a fitness '
            'function or a script of your own has none; use "full"'
        )
    least, most = settings.least_epochs or 1, None if settings.least_epochs else USUAL_RUNGS
    powers = _powers_within(epochs, settings.eta, least)[:most]
    if not powers:
        raise UserError(
            f'[search] fidelity = "{settings.fidelity}": a recipe of {epochs} epochs has no rung at a part of them, '
            f"{epochs}/{settings.eta} (eta = {settings.eta}) being less than {least} (least_epochs); "
            'lengthen [recipe] epochs, or use "full"'
        )
    return (*(-(-epochs // power) for power in reversed(powers)), WHOLE)


def _powers_within(epochs: int, eta: int, least: int) -> list[int]:
    """eta, eta^2, ... while a recipe divided by them has so many epochs."""
    powers = []
    power = eta
    while power * least <= epochs:
        powers.append(power)
        power *= eta
    return powers


def num_promoted(num_members: int, eta: int) -> int:
    """How many of a rung's members go on at most: those that failed are members of it, but never do."""
    return max(1, num_members // eta)


def bracket_sizes(num_rungs: int, eta: int) -> tuple[int, ...]:
    """The sizes of Hyperband's brackets (Li et al. 2018, algorithm 1), by their lowest rung, the lowest of all first.

    ceil((s_max + 1) / (s + 1) * eta^s) with s the number of rungs above the lowest: for eta = 3 and three rungs below
    the whole recipe 27, 12, 6 and 4. Every bracket then trains about as many epochs.
    """
    return tuple(-(-num_rungs * eta**s // (s + 1)) for s in reversed(range(num_rungs)))
