"""What more than one folder of tests needs."""

from __future__ import annotations

import warnings

import pytest


@pytest.fixture(scope="session")
def prepared_tensorflow() -> None:
    """For tests that use TensorFlow in this process: prepared as a child is, once, since it cannot be done twice."""
    from evo_nas.training import tasks

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tasks.prepare({"kind": "cpu", "threads": 1})
