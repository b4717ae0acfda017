"""Whether what a sampler needs is installed: asked before anything is trained."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from evo_nas.config import Sampler, SearchSettings
from evo_nas.errors import UserError

LEAST_OPTUNA = 5
"""Its GPSampler knows pending trials and constraints; its constraints have names."""
NEEDED: dict[Sampler, tuple[str, ...]] = {"tpe": ("optuna",), "gp": ("optuna", "torch")}


def check_sampler(settings: SearchSettings) -> None:
    """Raise UserError where the settings ask for a sampler that is not installed."""
    if settings.strategy == "bayesian":
        for package in NEEDED[settings.sampler]:
            check_installed(package, f'[search] sampler = "{settings.sampler}"')


def check_installed(package: str, purpose: str) -> None:
    """Raise UserError where a package is missing, or is an Optuna older than ours."""
    try:
        found = version(package)
    except PackageNotFoundError:
        raise UserError(f'{purpose} needs {package}, which is not installed: pip install "evo-nas[bayesian]"') from None
    if package == "optuna" and int(found.partition(".")[0]) < LEAST_OPTUNA:
        raise UserError(
            f"{purpose} needs Optuna {LEAST_OPTUNA} or newer, and {found} is installed: "
            'pip install --upgrade "evo-nas[bayesian]"'
        )
