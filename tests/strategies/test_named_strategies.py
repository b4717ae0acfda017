"""Names that stand for a strategy and one more key: the same settings, and so the same run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evo_nas
from evo_nas import UserError
from evo_nas.config import SearchSettings, parse_record
from evo_nas.config.named_strategies import NAMED
from evo_nas.summary import run_digest
from tests.strategies.searching import SPACE

SPELLED_OUT = {
    "successive_halving": {"strategy": "random", "fidelity": "halving"},
    "hyperband": {"strategy": "random", "fidelity": "hyperband"},
    "nsga2": {"strategy": "evolution", "survival": "nsga2"},
    "nsga3": {"strategy": "evolution", "survival": "nsga3"},
}


def parsed(**search: Any) -> SearchSettings:
    settings: SearchSettings = parse_record(SearchSettings, search, where="test")
    return settings


def test_all_names_are_here() -> None:
    assert NAMED == SPELLED_OUT


@pytest.mark.parametrize("name", SPELLED_OUT)
def test_a_name_is_what_it_stands_for(name: str) -> None:
    assert parsed(strategy=name, seed=3) == parsed(seed=3, **SPELLED_OUT[name])
    assert parsed(strategy=name, **{k: v for k, v in SPELLED_OUT[name].items() if k != "strategy"}) == parsed(
        **SPELLED_OUT[name]
    )
    assert parsed(**parsed(strategy=name).model_dump()) == parsed(strategy=name)


@pytest.mark.parametrize("name", ["nsga2", "nsga3"])
def test_equal_digests(tmp_path: Path, name: str) -> None:
    def run(path: Path, **search: Any) -> str:
        objectives = ["maximize score", "minimize cost"]
        settings = {"search": {"population": 6, "generations": 4, "objectives": objectives, **search}}
        evo_nas.search(SPACE, evaluate=fitness, settings=settings, run_dir=path, display=False)
        return run_digest(path).hash

    def fitness(individual: Any) -> tuple[float, float]:
        return float(individual.genes["learning_rate"]), float(len(individual))

    assert run(tmp_path / "named", strategy=name) == run(tmp_path / "spelt", **SPELLED_OUT[name])


@pytest.mark.parametrize(
    ("search", "message"),
    [
        (
            {"strategy": "hyperband", "fidelity": "pasha"},
            'strategy = "hyperband" stands for strategy = "random" and fidelity = "hyperband", got fidelity = "pasha"; '
            'leave fidelity out, or say strategy = "random"',
        ),
        (
            {"strategy": "nsga2", "survival": "best"},
            'strategy = "nsga2" stands for strategy = "evolution" and survival = "nsga2", got survival = "best"; '
            'leave survival out, or say strategy = "evolution"',
        ),
        (
            {"strategy": "grid", "fidelity": "halving"},
            'strategy = "grid" trains every point with the whole recipe, got fidelity = "halving"; leave fidelity out, '
            'or say strategy = "random"',
        ),
    ],
)
def test_contradictions_get_one_sentence(search: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as error:
        parsed(**search)
    assert message in str(error.value)


def test_a_name_that_is_nearly_one() -> None:
    with pytest.raises(UserError, match=r"strategy: .*'hyperband'.*got 'hyperbend' \(did you mean 'hyperband'\?\)"):
        parsed(strategy="hyperbend")


def test_settings_of_a_strategy_are_there_under_it_alone() -> None:
    assert parsed(strategy="grid").grid is not None
    assert parsed(strategy="grid").coarse_to_fine is None
    assert parsed(strategy="coarse_to_fine").coarse_to_fine is not None
    assert parsed().grid is None
    assert parsed(strategy="grid").generations > parsed().generations == 6
