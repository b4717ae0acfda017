"""The number to believe stands first, each "best" says what it is, and what is noise is called so."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from evo_nas.data.data_facts import DataFacts
from evo_nas.individual import Individual
from evo_nas.report.page import RunRecord, page
from evo_nas.report.page.gains import gains
from evo_nas.report.page.glossary import glossary
from evo_nas.report.page.headline import headline
from evo_nas.report.page.measured import listed_networks, num_measurements
from evo_nas.report.page.progress import follow
from evo_nas.report.page.subject import data_text, subject
from tests.report.page.records import SCORE, born, record_of, scored
from tests.report.page.test_gains import RECORD as PLANTED
from tests.report.page.test_gains import WINNER as PLANTED_WINNER

LUCKY = born(0, {"rate": 0.1, "kind": "a"})
STEADY = born(1, {"rate": 0.2, "kind": "b"})
FAMILY = [
    scored(LUCKY, 0.79),
    scored(STEADY, 0.77),
    scored(replace(STEADY, id=2, replicate=1, operator="measure_again"), 0.79),
    scored(replace(STEADY, id=3, replicate=1, operator="measure_again"), 0.79),
    scored(replace(LUCKY, id=4, epochs=2), 0.99),
]
TABLE = {"data": {"name": "loans"}, "space": {"encoding": "mlp"}, "search": {"strategy": "random", "generations": 2}}


def told(believed: Individual = STEADY, **scores: Any) -> RunRecord:
    kept = {"fingerprint": believed.fingerprint, **scores} if scores else None
    record = record_of(FAMILY, [SCORE], believed=believed.fingerprint, scores=kept)
    return replace(record, settings=TABLE)


CONFIRMED = {"trainings": 3, "on": "new seeds", "mean": {"score": 0.74}, "interval": {"of": {"score": [0.73, 0.75]}}}


@pytest.mark.parametrize(
    ("scores", "title"),
    [
        ({}, "has score\N{NO-BREAK SPACE}0.7800 in the search, which flatters"),
        (
            {"confirmation": CONFIRMED},
            "has score\N{NO-BREAK SPACE}0.7400 when it is trained again (95 %: 0.7300–0.7500)",
        ),
        (
            {"confirmation": CONFIRMED, "test": {"score": 0.76}, "test_interval": {"of": {"score": [0.7, 0.8]}}},
            "has score\N{NO-BREAK SPACE}0.7600 on the test rows (95 %: 0.7000–0.8000)",
        ),
        ({"test": {"score": 0.76}}, "has score\N{NO-BREAK SPACE}0.7600 on the test rows"),
    ],
)  # fmt: skip
def test_the_title_has_the_number_to_believe(scores: dict[str, Any], title: str) -> None:
    record = told(**scores)
    head = headline(record, follow(record))
    assert head.title == f"The best of 2 networks {title}"
    assert [tile.label for tile in head.tiles[:1]] == [
        next(f"{name} score, score" for name in ("test", "confirmation", "search") if name in (*scores, "search"))
    ]
    search = next(tile for tile in head.tiles if tile.label.startswith("search"))
    assert (search.value, search.note) == ("0.7800", "mean of 2 trainings")


@pytest.mark.parametrize(("tested", "is_told"), [(0.76, True), (0.72, True), (0.74, False), (0.75, False)])
def test_a_test_score_outside_the_confirmation_is_explained(tested: float, is_told: bool) -> None:
    record = told(confirmation=CONFIRMED, test={"score": tested})
    assert ("covers only what new seeds" in headline(record, follow(record)).remark) == is_told


def test_the_table_has_each_network_once_with_its_mean_and_marks_the_winner() -> None:
    record = told()
    best = follow(record).best
    assert num_measurements(record, best) == 2
    rows = listed_networks(record, best)
    assert [(row.rank, row.id, row.values, row.num_measured, row.is_winner) for row in rows] == [
        (1, 0, ("0.79",), 1, False),
        (2, 1, ("0.78",), 2, True),
    ]


def test_a_winner_far_down_is_listed_all_the_same() -> None:
    others = [scored(born(number, {"rate": number / 100, "kind": "a"}), 0.8) for number in range(30, 70)]
    record = replace(record_of([*FAMILY, *others], [SCORE]), believed=STEADY.fingerprint)
    rows = listed_networks(record, follow(record).best)
    assert len(rows) == 26
    assert (rows[-1].rank, rows[-1].is_winner) == (42, True)


def test_the_subject_says_what_was_searched_on_what_and_what_was_found() -> None:
    record = replace(told(), data=DataFacts(2_000, 7, None, "late", (("no", 1500), ("yes", 500))))
    assert subject(record, follow(record).best) == (
        "Dense networks were searched for loans (2,000 rows of 7 columns; 2 classes, no with 75 % and yes with 25 % of"
        " the rows).",
        "The search was to maximize score by the strategy random.",
        "Found: individual 1 of generation 0.",
    )
    assert subject(record_of([]), None) == ()


def test_data_in_words() -> None:
    many = tuple((f"class {number}", 10 + number) for number in range(10))
    assert data_text(None) == ""
    assert data_text(DataFacts(9, 2, None, "y")) == "9 rows of 2 columns, to predict a number"
    even = tuple((name, 10) for name, _ in many)
    assert data_text(DataFacts(100, 0, (28, 28, 1), "y", even)).endswith(
        "28 x 28 x 1; 10 classes, each with 10 % of the rows"
    )
    assert data_text(DataFacts(145, 4, None, "y", many)).endswith("10 classes, from 6.9 % to 13.1 % of the rows")


def test_gains_within_their_noise_are_called_noise() -> None:
    assert not gains(PLANTED, PLANTED_WINNER).drowned
    rng = random.Random(0)
    search = PLANTED.trainings["search"]
    noise = {key: replace(outcome, metrics={"score": rng.gauss(0.0, 1.0)}) for key, outcome in search.items()}
    record = replace(PLANTED, trainings={"search": noise})
    assert gains(record, PLANTED_WINNER).blamed
    assert gains(record, PLANTED_WINNER).drowned
    assert "so none can be told from noise" in page(record)
    assert "so none can be told from noise" not in page(PLANTED)


def test_words_are_those_that_the_run_has_a_use_for() -> None:
    def words(record: RunRecord) -> set[str]:
        return {word for word, _ in glossary(record)}

    plain = replace(record_of(FAMILY[:1], [SCORE]), settings={})
    assert {"gene", "test score", "dead branch"} <= words(plain)
    assert not {"surrogate", "rung", "Pareto front"} & words(plain)
    assert "rung" in words(record_of(FAMILY, [SCORE]))
    assert "Pareto front" in words(replace(plain, objectives=(SCORE, SCORE)))
    assert "surrogate" in words(replace(plain, settings={"search": {"strategy": "surrogate"}}))
