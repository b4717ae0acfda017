from __future__ import annotations

from evo_nas.report.page.paid import what_paid
from tests.history.made_up import made_run
from tests.report.page.records import FLAT, SCORE, born, record_of, scored

PARENT = scored(born(0, {"rate": 0.1, "kind": "a"}), 0.5)
FAMILY = [
    PARENT,
    scored(born(1, {"rate": 0.2, "kind": "a"}, (0,), operator="change_gene:rate"), 0.7, seconds=2.0),
    scored(born(2, {"rate": 0.3, "kind": "a"}, (0,), operator="change_gene:rate"), 0.4, seconds=4.0),
    scored(born(3, {"rate": 0.4, "kind": "b"}, (0,), operator="change_gene:rate,kind"), 0.6, seconds=2.0),
    scored(born(4, {"rate": 0.1, "kind": "a"}, (0,), operator="measure_again"), 0.9, seconds=1.0),
    scored(born(5, {"rate": 0.5, "kind": "a"}, (0,), operator="change_gene:rate"), None, seconds=1.0),
]


def test_gains_are_shared_among_what_made_them() -> None:
    paid = what_paid(record_of(FAMILY, [SCORE], encoding=FLAT))
    (operators,) = paid["operators"]
    names = ("name", "children", "failed", "improved", "gain", "best_gain", "seconds")
    assert [tuple(row[name] for name in names) for row in operators] == [
        ("change_gene:rate", 4, 1, 2, 0.25, 0.2, 8),
        ("change_gene:kind", 1, 0, 1, 0.05, 0.1, 1),
    ]
    (genes,) = paid["genes"]
    assert [(row["name"], row["gain"], row["seconds"]) for row in genes] == [("rate", 0.25, 8), ("kind", 0.05, 1)]


def test_without_an_encoding_nothing_is_said_of_failures() -> None:
    paid = what_paid(record_of(FAMILY, [SCORE]))
    assert paid["failures"] == []
    assert paid["failure_rate"] is None
    assert paid["operators"][0]


def test_operators_of_a_search_are_all_there() -> None:
    (operators,) = what_paid(record_of(made_run(5, 30)))["operators"]
    assert {row["name"] for row in operators} == {"crossover", "change_gene:learning_rate"}
