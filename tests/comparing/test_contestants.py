"""Names on a command line."""

from __future__ import annotations

import pytest

from evo_nas.comparing.contestants import known_strategies, parse_contestants
from evo_nas.errors import UserError


def test_every_strategy_of_the_settings_may_take_part() -> None:
    contestants = parse_contestants(",".join(known_strategies()))
    assert [each.search for each in contestants] == [{"strategy": name} for name in known_strategies()]
    assert "listed" not in known_strategies()
    assert {"surrogate", "evolution", "aging", "random"} <= set(known_strategies())


def test_behind_a_colon_stands_what_the_strategy_is_made_with() -> None:
    (each,) = parse_contestants("surrogate:hyperband")
    assert each.search == {"strategy": "surrogate", "fidelity": "hyperband"}
    assert each.name == "surrogate:hyperband"
    assert each.folder == "surrogate_hyperband"
    (each,) = parse_contestants("bayesian:gp:batch=2")
    assert each.search == {"strategy": "bayesian", "sampler": "gp", "batch": 2}
    assert each.folder == "bayesian_gp_batch_2"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("surrogat,random", r"'surrogat' is no strategy; choose from surrogate, .*did you mean 'surrogate'"),
        ("random,random", "each name once"),
        ("random:strategy=aging", "names two strategies"),
        ("random:seed=3", "'random:seed=3' gives seed, which is the same for all"),
        ("random:population=4:max_evaluations=3", "gives max_evaluations, which is the same for all"),
        (" , ", "expected names such as surrogate,random"),
        ("", "expected names"),
    ],
)
def test_what_is_wrong_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        parse_contestants(text)
