"""What takes long and has no news says that it is alive, and not so often that it drowns the news."""

from __future__ import annotations

from typing import Any

import pytest

from evo_nas.training import news
from evo_nas.training.news import ALIVE_SECONDS, alive_by


def test_it_speaks_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = [100.0], list[dict[str, Any]]()
    monkeypatch.setattr(news.time, "monotonic", lambda: now[0])
    alive = alive_by(said.append)
    told = []
    for share in (0.0, 0.9, 1.0, 1.5, 1.9, 2.0, 7.5):
        now[0] = 100.0 + share * ALIVE_SECONDS
        alive()
        told.append(len(said))
    assert told == [0, 0, 1, 1, 1, 2, 3]
    assert said == [{}, {}, {}]
