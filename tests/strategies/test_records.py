"""What is kept of a run, where networks are measured several times and judged on rungs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.individual import Evaluated, Individual, Objective, networks
from evo_nas.outcome import Outcome, Status, combine, failure
from evo_nas.strategies import Records
from genomes import Genome

SCORE, COST = Objective("score", maximize=True), Objective("cost", maximize=False)

Told = Sequence[Sequence[tuple[int, tuple[int, int] | None]]]
"""Batches of (genome, (score, cost), or None for a failure)."""

told = st.lists(
    st.lists(st.tuples(st.integers(0, 7), st.none() | st.tuples(st.integers(0, 4), st.integers(0, 4))), max_size=5),
    max_size=8,
)


def batches_of(told: Told) -> list[list[Evaluated]]:
    """As a run would tell them: ids in order, and each genome's replicates counted from 0."""
    measured: Counter[int] = Counter()
    batches: list[list[Evaluated]] = []
    for batch in told:
        batches.append([])
        for genome, values in batch:
            number = sum(map(len, batches))
            individual = Individual(number, 0, Genome("flat", {"x": genome}), f"f{genome}", replicate=measured[genome])
            measured[genome] += 1
            batches[-1].append(Evaluated(individual, outcome_of(values)))
    return batches


def outcome_of(values: tuple[int, int] | None) -> Outcome:
    if values is None:
        return failure(Status.DIVERGED, "on purpose")
    return Outcome(Status.OK, {"score": float(values[0]), "cost": float(values[1])})


def means(batches: Sequence[Sequence[Evaluated]]) -> dict[int, tuple[float, float]]:
    """Id of the first proposal -> (score, cost) over all measurements, of those that never failed."""
    genomes: defaultdict[str, list[Evaluated]] = defaultdict(list)
    for each in (each for batch in batches for each in batch):
        genomes[each.individual.fingerprint].append(each)
    combined = {told[0].individual.id: combine([each.outcome for each in told]) for told in genomes.values()}
    return {n: (o.metrics["score"], o.metrics["cost"]) for n, o in combined.items() if o.ok}


def ids(members: Sequence[object]) -> list[int]:
    return [member.record.id for member in members]  # type: ignore[attr-defined]


@given(told=told, size=st.integers(1, 4))
def test_the_hall_holds_the_best_means_whatever_was_measured_again(told: Told, size: int) -> None:
    records = Records([SCORE], hall_of_fame=size)
    for number, batch in enumerate(batches := batches_of(told)):
        records.update(batch)
        expected = means(batches[: number + 1])
        hall = ids(records.hall_of_fame)
        assert len(set(hall)) == len(hall) == min(size, len(expected))
        assert [expected[n][0] for n in hall] == sorted((score for score, _ in expected.values()), reverse=True)[:size]
        best = max(expected, key=lambda n: (expected[n][0], -n), default=None)
        assert (None if records.best is None else records.best.record.id) == best  # type: ignore[union-attr]
        assert records.best_values() == ((expected[best][0],) if best is not None else (None,))


@given(told=told)
def test_the_front_holds_the_means_that_no_other_beats(told: Told) -> None:
    records = Records([SCORE, COST], hall_of_fame=2)
    batches = batches_of(told)
    for batch in batches:
        records.update(batch)
    expected = means(batches)
    kept = {
        n for n, (score, cost) in expected.items()
        if not any((s >= score and c <= cost) and (s, c) != (score, cost) for s, c in expected.values())
    }  # fmt: skip
    assert set(ids(records.front)) == kept
    if expected:
        assert records.best_values()[1] == min(expected[n][1] for n in kept)


@given(told=told, seen=st.integers(0, 8))
def test_a_look_ahead_says_what_the_outcomes_would_change_and_changes_nothing(told: Told, seen: int) -> None:
    """With room for everybody in the hall, so that nobody is out of sight."""
    batches = batches_of(told)
    records, all_told = Records([SCORE], hall_of_fame=8), Records([SCORE], hall_of_fame=8)
    for batch in batches:
        all_told.update(batch)
    for batch in batches[:seen]:
        records.update(batch)
    before = ids(records.hall_of_fame)
    ahead = records.best_with([each for batch in batches[seen:] for each in batch], believed=None)
    if all_told.best is None:
        assert ahead is None
    else:
        assert ahead is not None
        assert ahead.fitness.values == all_told.best.fitness.values
    assert ids(records.hall_of_fame) == before


def measured(number: int, genome: int, score: float, **individual: object) -> Evaluated:
    made = Individual(number, 0, Genome("flat", {"x": genome}), f"f{genome}", **individual)  # type: ignore[arg-type]
    return Evaluated(made, Outcome(Status.OK, {"score": score}))


def test_a_lucky_second_measurement_makes_nobody_the_best() -> None:
    records = Records([SCORE], hall_of_fame=3)
    records.update([measured(0, 0, 0.8), measured(1, 1, 0.5)])
    records.update([measured(2, 1, 0.9, replicate=1)])
    assert records.best is not None
    assert records.best.record == measured(0, 0, 0.8).individual
    records.update([measured(3, 1, 1.3, replicate=2)])
    assert records.best.record == measured(1, 1, 0.5).individual
    assert records.best.fitness.values == pytest.approx((0.9,))
    assert ids(records.hall_of_fame) == [1, 0]


def test_a_genome_that_is_proposed_twice_was_measured_once() -> None:
    records = Records([SCORE], hall_of_fame=3)
    records.update([measured(0, 0, 0.8), measured(1, 0, 0.8), measured(2, 0, 0.2, replicate=1), measured(3, 0, 0.8)])
    assert records.best is not None
    assert records.best.fitness.values == (0.5,)


def test_what_was_judged_on_a_rung_is_in_no_record() -> None:
    records = Records([SCORE], hall_of_fame=3)
    rung = measured(1, 1, 0.9, epochs=3)
    records.update([measured(0, 0, 0.8), rung], generation=0)
    assert ids(records.hall_of_fame) == [0]
    assert ids([records.best_with([rung], believed=None)]) == ids([records.best])
    assert records.logbook[0]["evaluated"] == 2
    assert records.logbook[0]["max"] == [0.8]


def test_whom_the_search_believes_in_is_the_best_and_leads_the_hall() -> None:
    records = Records([SCORE], hall_of_fame=2)
    records.update([measured(n, n, n / 10) for n in range(4)])
    records.believe("f0")
    assert records.best is not None
    assert ids([records.best]) == [0]
    assert ids(records.hall_of_fame) == [0, 3]
    assert records.best_values() == (0.0,)
    records.update([measured(4, 0, 1.0, replicate=1)])
    assert records.best.fitness.values == (0.5,)
    assert ids(records.hall_of_fame) == [0, 3]
    assert ids([records.best_with([measured(5, 9, 2.0)], believed="f0")]) == [0]
    assert ids([records.best_with([measured(5, 9, 2.0)], believed="f9")]) == [5]
    assert ids([records.best_with([measured(5, 9, 2.0)], believed=None)]) == [5]
    assert ids([records.best]) == [0]
    records.believe("never proposed")
    assert ids([records.best]) == [0]
    records.update([Evaluated(measured(6, 0, 0, replicate=2).individual, failure(Status.CRASHED, "on purpose"))])
    records.believe("f0")
    assert ids([records.best]) == [3]
    assert ids(records.hall_of_fame) == [3, 2]


@given(told=told)
def test_each_network_is_told_once_with_the_mean_of_its_measurements(told: Told) -> None:
    batches = batches_of(told)
    evaluated = [each for batch in batches for each in batch]
    rung = measured(len(evaluated), 99, 9.0, epochs=3)
    found = networks([*evaluated, *evaluated[:1], rung])
    assert {e.individual.id: tuple(e.outcome.metrics.values()) for e in found if e.outcome.ok} == means(batches)
    assert len(found) == len({each.individual.fingerprint for each in evaluated})
