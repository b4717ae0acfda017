"""The order of networks in a table, and the table."""

from __future__ import annotations

from typing import Any

from evo_nas.individual import Constraint, Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.ranking import described, ranked, ranking_lines
from genomes import Genome, genome_of

AREA, PARAMETERS = Objective("roc_auc", maximize=True), Objective("parameters", maximize=False)


def evaluated(number: int, value: float | None, **fields: Any) -> Evaluated:
    parameters = fields.pop("parameters", 10)
    good = Outcome(Status.OK, {"loss": 0.5, "roc_auc": value or 0.0}, parameters, 2, (3,), (3,), 1.25)
    outcome = good if value is not None else failure(Status.DIVERGED, "on purpose")
    name = fields.pop("fingerprint", str(number))
    return Evaluated(Individual(number, 0, genome_of({"Hidden layers": [3]}), name, **fields), outcome)


def ids(*given: Evaluated, objectives: Any = (AREA,), constraints: Any = ()) -> list[int]:
    return [each.individual.id for each in ranked(given, objectives, constraints)]


def test_best_first_then_the_older_and_failures_last() -> None:
    assert ids(evaluated(0, None), evaluated(1, 0.7), evaluated(2, 0.9), evaluated(3, 0.7)) == [2, 1, 3, 0]


def test_the_next_objective_decides_between_equals() -> None:
    same = (evaluated(0, 0.7, parameters=20), evaluated(1, 0.7, parameters=10), evaluated(2, 0.6, parameters=1))
    assert ids(*same, objectives=(AREA, PARAMETERS)) == [1, 0, 2]
    assert ids(*same, objectives=(PARAMETERS, AREA)) == [2, 1, 0]


def test_what_breaks_a_constraint_comes_after_what_keeps_it() -> None:
    bound = Constraint("parameters", at_most=True, bound=10)
    given = (evaluated(0, 0.9, parameters=40), evaluated(1, 0.8, parameters=20), evaluated(2, 0.1), evaluated(3, None))
    assert ids(*given, constraints=(bound,)) == [2, 1, 0, 3]


def test_a_network_that_was_measured_twice_counts_with_the_mean() -> None:
    again = evaluated(2, 0.5, fingerprint="0", replicate=1)
    assert ids(evaluated(0, 0.9), evaluated(1, 0.8), again) == [1, 0]


def test_the_table_shows_metrics_or_what_went_wrong() -> None:
    lines = ranking_lines(ranked([evaluated(0, None), evaluated(1, 0.75)], [AREA]), ("loss", "roc_auc"))
    assert [line.split()[:6] for line in lines] == [
        ["rank", "id", "loss", "roc_auc", "parameters", "seconds"],
        ["1", "1", "0.5000", "0.7500", "10", "1.2"],
        ["2", "0", "diverged", "-", "-", "0.0"],
    ]


def test_a_long_table_says_what_it_leaves_out() -> None:
    lines = ranking_lines(ranked([evaluated(i, 0.5) for i in range(5)], [AREA]), ("roc_auc",), most=2)
    assert len(lines) == 4
    assert lines[-1] == "and 3 more, in individuals.csv"


def test_networks_in_few_words() -> None:
    listed = {"Hidden layers": [110, 110, 20], "Activations": ["relu", "relu", "tanh"], "Learning rate": 0.005}
    assert described(genome_of(listed)) == "110-110-20 relu-tanh, adam 0.005, batch 32"
    assert described(genome_of({"Hidden layers": []})) == "no hidden layer, adam 0.001, batch 32"
    assert described(Genome("flat", {"units": 3, "rate": 0.123456})) == "units 3, rate 0.123"
