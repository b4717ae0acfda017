"""[tracking]: who else is told of a run while it goes on."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import field_validator

from evo_nas.config.section import Section
from evo_nas.errors import UserError


class TrackingSettings(Section):
    """Trackers that follow a run. They change nothing of it, and one that fails is dropped with a warning.

    tensorboard: the folder of its log, a folder for each run (`pip install evo-nas[tensorboard]`).
    mlflow: the address of a tracking server, or a store such as "sqlite:///mlflow.db" (`pip install evo-nas[mlflow]`).
    It is written into the run's settings, so it must not hold a password.
    """

    tensorboard: str | None = None
    mlflow: str | None = None

    @field_validator("mlflow")
    @classmethod
    def _without_password(cls, address: str | None) -> str | None:
        if address is not None and urlsplit(address).password:
            raise UserError(
                "[tracking] mlflow: the address holds a password, which would be written into the run's settings; "
                "give it as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in the environment instead"
            )
        return address
