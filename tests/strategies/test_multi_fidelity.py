"""Children are judged on rungs, the best climb, and the inner search learns what came of each."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status
from evo_nas.strategies import Records, Strategy
from evo_nas.strategies.fidelity.inner import Inner
from tests.strategies.climbing import EPOCHS, RUNGS, climber, crossing, learning, on_rungs
from tests.strategies.searching import COST, SCORE, encoding, make, outcome, score, search

NAMES = ("evolution", "aging", "random", "surrogate")
FIDELITIES = ("halving", "hyperband", "pasha")


def flaky(individual: Individual) -> tuple[float, ...] | None:
    """Fails on some rung of two networks in three, for good or not."""
    key = f"{individual.fingerprint} {individual.epochs}"
    return None if hashlib.sha256(key.encode()).digest()[0] < 96 else learning(individual)


def told_to_inner(strategy: Strategy, monkeypatch: pytest.MonkeyPatch) -> list[Evaluated]:
    told: list[Evaluated] = []
    inner = strategy._inner.strategy
    tell = inner.tell
    monkeypatch.setattr(inner, "tell", lambda evaluated: (told.extend(evaluated), tell(evaluated)))
    return told


def test_nine_three_one_one() -> None:
    """And the whole recipe for one of nine."""
    done = search(climber(), 28, learning)
    assert on_rungs(done) == [(3, 9), (9, 3), (27, 1), (None, 1)] * 2


def test_the_best_third_climbs() -> None:
    done = search(climber(), 14, learning)
    best = sorted(done[:9], key=lambda each: each.outcome.metrics["score"], reverse=True)
    assert [each.individual.parents for each in done[9:12]] == [(each.individual.id,) for each in best[:3]]
    assert {each.individual.fingerprint for each in done[12:]} == {best[0].individual.fingerprint}
    for each in done[9:]:
        before = done[each.individual.parents[0]].individual
        assert (each.individual.operator, each.individual.changes) == ("promote", ())
        assert (each.individual.genome, each.individual.fingerprint) == (before.genome, before.fingerprint)


def test_several_objectives_climb_by_fronts() -> None:
    def both(individual: Individual) -> tuple[float, ...]:
        return learning(individual)[0], float(sum(int(layer["width"]) for layer in individual.genome.layers))

    done = search(climber((SCORE, COST), population=27), 42, both, (SCORE, COST))
    rows = on_rungs(done)
    assert rows == [(3, 27), (9, 9), (27, 3), (None, 1), (3, 2)]
    values = [both(each.individual) for each in done[:27]]
    promoted = [values[each.individual.parents[0]] for each in done[27:36]]
    front = {a for a in values if not any(b[0] >= a[0] and b[1] <= a[1] and b != a for b in values)}
    assert front <= set(promoted) or set(promoted) <= front


def test_hyperband_begins_on_every_rung() -> None:
    done = search(climber(fidelity="hyperband", population=49), 49 + 9 + 4 + 2, learning)
    assert Counter(each.individual.epochs for each in done[:49]) == {3: 27, 9: 12, 27: 6, None: 4}
    assert on_rungs(done[49:]) == [(9, 9), (27, 4), (None, 2)]
    later = search(climber(fidelity="hyperband", population=49), 49 + 15 + 3 + 1 + 1, learning)[64:]
    assert on_rungs(later) == [(27, 3), (None, 1), (None, 1)] or on_rungs(later) == [(27, 3), (None, 2)]


def test_pasha_climbs_no_higher_than_the_order_of_networks_changes() -> None:
    """Where the order stays, two rungs are enough: who leads is then given the whole recipe."""
    done = search(climber(fidelity="pasha"), 300, learning)
    assert {each.individual.epochs for each in done} == {3, 9, None}
    on_top: list[float] = []
    for each in done:
        if each.individual.epochs == 9:
            on_top.append(each.outcome.metrics["score"])
        if each.individual.epochs is None:
            assert learning_after(each, 9) == max(on_top)
    num_whole = sum(each.individual.epochs is None for each in done)
    assert 1 <= num_whole < len(on_top) / 3


def learning_after(each: Evaluated, epochs: int) -> float:
    return score(each.individual)[0] - 50.0 / epochs


def test_pasha_climbs_higher_where_curves_cross() -> None:
    done = search(climber(fidelity="pasha"), 100, crossing)
    assert {each.individual.epochs for each in done} == set(RUNGS)


def test_pasha_gives_the_next_best_the_whole_recipe_where_a_leader_fails() -> None:
    def lost(individual: Individual) -> tuple[float, ...] | None:
        return learning(individual) if individual.epochs or individual.id > 20 else None

    done = search(climber(fidelity="pasha"), 120, lost)
    whole = [each for each in done if each.individual.epochs is None]
    assert not whole[0].outcome.ok
    assert any(each.outcome.ok for each in whole)


@pytest.mark.parametrize("fidelity", FIDELITIES)
@pytest.mark.parametrize("name", NAMES)
def test_laws_of_a_strategy(name: str, fidelity: str) -> None:
    def run() -> list[Evaluated]:
        return search(climber(strategy=name, fidelity=fidelity, in_flight=7), 70, crossing)

    done, space = run(), encoding()
    assert run() == done
    assert [each.individual.id for each in done] == list(range(70))
    assert [each.individual.generation for each in done] == [number // 9 for number in range(70)]
    for each in done:
        individual = each.individual
        assert individual.fingerprint == space.fingerprint(individual.genome)
        assert all(parent < individual.id for parent in individual.parents)
        assert individual.epochs in RUNGS
    assert any(each.individual.epochs is None for each in done)


def test_a_steady_state_inside_is_told_each_result_in_its_turn() -> None:
    done = search(climber(strategy="surrogate", steady_state=True, in_flight=12), 80, learning)
    assert on_rungs(done)[:4] == [(3, 12), (9, 4), (27, 1), (None, 1)]
    assert done == search(climber(strategy="surrogate", steady_state=True, in_flight=12), 80, learning)


@settings(max_examples=40)
@given(
    st.sampled_from(("evolution", "aging", "random")),
    st.sampled_from(FIDELITIES),
    st.integers(1, 20),
    st.integers(2, 4),
    st.integers(0, 5),
)
def test_no_failure_is_promoted_and_each_genome_has_each_rung_once(
    name: str, fidelity: str, population: int, eta: int, seed: int
) -> None:
    strategy = climber(
        strategy=name, fidelity=fidelity, population=population, in_flight=population, eta=eta, seed=seed
    )
    done = search(strategy, 80, flaky)
    assert len({(each.individual.fingerprint, each.individual.epochs) for each in done}) == len(done)
    for each in done:
        if each.individual.operator == "promote":
            before = done[each.individual.parents[0]]
            assert before.outcome.ok
            assert before.individual.fingerprint == each.individual.fingerprint
            assert (before.individual.epochs or EPOCHS) < (each.individual.epochs or EPOCHS)


@given(st.integers(1, 30), st.integers(0, 40))
def test_required_results_never_decrease_nor_look_ahead(population: int, proposal: int) -> None:
    strategy = climber(population=population)
    needed = strategy.required_results(proposal)
    assert 0 <= needed <= proposal
    assert needed <= strategy.required_results(proposal + 1)


@pytest.mark.parametrize("fidelity", FIDELITIES)
@pytest.mark.parametrize("name", NAMES)
def test_the_inner_search_is_told_each_child_once_on_its_highest_rung(
    name: str, fidelity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    strategy = climber(strategy=name, fidelity=fidelity, in_flight=9)
    told = told_to_inner(strategy, monkeypatch)
    done = search(strategy, 90, crossing)
    highest: dict[tuple[str, int], Evaluated] = {}
    for each in done:
        highest[each.individual.fingerprint, each.individual.replicate] = each
    assert len(told) >= 18
    assert len({each.individual.id for each in told}) == len(told)
    for each in told:
        known = highest[each.individual.fingerprint, each.individual.replicate]
        assert (each.individual.id, each.individual.epochs) == (known.individual.id, known.individual.epochs)
        assert each.outcome == known.outcome
        assert each.individual.operator != "promote"


def test_the_inner_search_makes_the_children_that_it_makes_alone() -> None:
    """Evolution that is told the same values, in the same numbers: promotions are none of its business."""
    alone = search(make(population=9, strategy="evolution"), 27)
    strategy = climber()
    done = [each for each in search(strategy, 42) if each.individual.operator != "promote"]
    assert [each.individual.fingerprint for each in done] == [each.individual.fingerprint for each in alone]
    assert [each.individual.operator for each in done] == [each.individual.operator for each in alone]
    mapped = dict(zip([each.individual.id for each in alone], [each.individual.id for each in done], strict=True))
    assert [each.individual.parents for each in done] == [
        tuple(mapped[parent] for parent in each.individual.parents) for each in alone
    ]


def test_a_parent_is_named_by_its_proposal_on_the_same_rung() -> None:
    done = search(climber(), 60, learning)
    children = [each.individual for each in done if each.individual.parents and each.individual.operator != "promote"]
    assert children
    assert {done[parent].individual.epochs for child in children for parent in child.parents} == {RUNGS[0]}


def test_the_population_is_numbered_as_the_ledger_is() -> None:
    strategy = climber()
    done = search(strategy, 9 + 3, learning)
    assert {member.record.id for member in strategy.population} == set(range(12)) - {
        each.individual.parents[0] for each in done[9:]
    }
    strategy = climber()
    done = search(strategy, 56, learning)
    members = strategy.population
    assert len(members) == 9
    for member in members:
        assert member.record == done[member.record.id].individual
        assert member.outcome == done[member.record.id].outcome


def test_a_genome_that_is_proposed_again_climbs_from_where_it_stands() -> None:
    """A space of four points, and five children a batch: from the second batch on most of them are known."""
    space = encoding(
        layers=1, width=[8, 16], activation="relu", dropout=0.0, learning_rate=[0.01, 0.1], optimizer="sgd"
    )
    strategy = climber(space=space, population=5, restarts=0, adapt=False)
    done = search(strategy, 30, learning)
    firsts = [each.individual for each in done[:20]]
    names = {individual.fingerprint for individual in firsts}
    assert len(names) == 4
    new = {(each.individual.fingerprint, each.individual.epochs) for each in done}
    assert len(new) < len(done)
    assert 4 < len(new) <= 16


@settings(max_examples=40)
@given(st.sampled_from(("evolution", "random")), st.sampled_from(FIDELITIES), st.integers(2, 9), st.integers(0, 99))
def test_promotions_go_up_also_where_most_children_are_known(
    name: str, fidelity: str, population: int, seed: int
) -> None:
    """Under PASHA a leader may have had the whole recipe before a rung below it is in use."""
    space = encoding(layers=2, width=[8, 16, 32], activation="relu", dropout=0.0, learning_rate=0.1, optimizer="sgd")
    strategy = climber(space=space, strategy=name, fidelity=fidelity, population=population, seed=seed)
    done = search(strategy, 100, crossing)
    promotions = [each.individual for each in done if each.individual.operator == "promote"]
    assert promotions
    for individual in promotions:
        assert (done[individual.parents[0]].individual.epochs or EPOCHS) < (individual.epochs or EPOCHS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_a_space_of_one_point_comes_to_its_end(name: str, fidelity: str) -> None:
    space = encoding(layers=1, width=8, activation="relu", dropout=0.0, learning_rate=0.01, optimizer="sgd")
    strategy = climber(space=space, strategy=name, fidelity=fidelity, population=4, in_flight=4)
    done = search(strategy, 200, learning)
    assert len(done) == 200
    whole = [each.individual for each in done if each.individual.epochs is None]
    assert len({individual.fingerprint for individual in whole}) == 1
    assert strategy.converged()


def test_what_is_measured_again_has_the_whole_recipe_at_once() -> None:
    def noisy(individual: Individual) -> tuple[float, ...]:
        key = f"{individual.fingerprint} {individual.replicate} {individual.epochs}"
        return (learning(individual)[0] + hashlib.sha256(key.encode()).digest()[0] / 255,)

    done = search(climber(strategy="surrogate"), 500, noisy)
    again = [each.individual for each in done if each.individual.operator == "measure_again"]
    assert again
    for individual in again:
        assert individual.epochs is None
        assert individual.replicate > 0
        assert done[individual.parents[0]].individual.fingerprint == individual.fingerprint


def test_the_answer_has_had_the_whole_recipe() -> None:
    strategy = climber(strategy="surrogate")
    assert strategy.answer() is None
    done = search(strategy, 100, learning)
    answer = strategy.answer()
    assert answer is not None
    assert answer.epochs is None
    assert answer == done[answer.id].individual


def test_an_inner_answer_on_a_rung_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    strategy = climber()
    done = search(strategy, 14, learning)
    for each in done:
        monkeypatch.setattr(strategy._inner.strategy, "answer", lambda waiting, each=each: each.individual)
        reached = {e.individual.epochs for e in done if e.individual.fingerprint == each.individual.fingerprint}
        assert (strategy.answer() is None) == (None not in reached)


def test_who_has_had_the_whole_recipe_may_be_the_answer_before_the_others_of_the_batch_have() -> None:
    """The best by far came back; its batch has not ended, and the search inside has heard of none of it."""
    strategy = climber(strategy="surrogate")
    search(strategy, 60, learning)
    told: list[Evaluated] = []
    while not (told and told[-1].individual.epochs is None):
        asked = strategy.ask(1)
        told += [Evaluated(each, outcome((100.0 + each.id,), [SCORE])) for each in asked]
        if asked and told[-1].individual.epochs is not None:
            strategy.tell(told[-1:])
    before = strategy.answer()
    assert strategy.answer(told[-1:]) == told[-1].individual
    assert strategy.answer() == before != told[-1].individual


def test_only_the_whole_recipe_is_in_the_records() -> None:
    records = Records((SCORE,), hall_of_fame=5)
    done = search(climber(), 70, lambda individual: (score(individual)[0] + (individual.epochs is not None) * 100.0,))
    records.update(done)
    assert all(member.record.epochs is None for member in records.hall_of_fame)
    assert records.best is not None


def test_remarks_and_the_verdict_are_those_of_the_inner_search() -> None:
    strategy = climber(population=4, restarts=1, strategy="evolution")
    done = search(strategy, 900, lambda individual: (1.0,))
    assert strategy.remarks()[0].startswith("restarted after")
    assert "the same values" in (strategy.converged() or "")
    assert any(each.individual.operator == "restart" for each in done)


def test_steady_state_children_see_exactly_the_results_before_their_window() -> None:
    """As they do outside: the results of a batch are handed on one by one."""
    told: list[tuple[int, int]] = []

    class Spy:
        num_asked = num_told = 0

        def required_results(self, proposal: int) -> int:
            return max(0, proposal + 1 - 5)

        def ask(self, n: int) -> list[Individual]:
            told.extend((self.num_asked + place, self.num_told) for place in range(n))
            self.num_asked += n
            return [None] * n  # type: ignore[list-item]

        def tell(self, evaluated: list[Evaluated]) -> None:
            self.num_told += len(evaluated)

    inner = Inner(Spy())  # type: ignore[arg-type]
    assert len(inner.children()) == 5
    assert inner.children() == []
    inner.tell([None] * 5)  # type: ignore[list-item]
    assert len(inner.children()) == 5
    assert told == [(n, max(0, n - 4)) for n in range(10)]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_the_state_does_not_depend_on_how_results_are_cut(cuts: list[int]) -> None:
    whole, cut = climber(), climber()
    for count in (9, 3, 1, 1, 9, 3):
        batch = whole.ask(count)
        assert cut.ask(count) == batch
        evaluated = [Evaluated(i, outcome(learning(i), (SCORE,))) for i in batch]
        whole.tell(evaluated)
        for size in [*cuts, count]:
            cut.tell(evaluated[:size])
            evaluated = evaluated[size:]


def test_outcomes_of_early_stopping_cost_nothing_more() -> None:
    """An outcome that is already that of the whole recipe is promoted like any other: the run finds it."""
    strategy = climber()
    batch = strategy.ask(9)
    strategy.tell([Evaluated(i, Outcome(Status.OK, {"score": float(i.id)}, epochs=(2,))) for i in batch])
    promoted = strategy.ask(3)
    assert [individual.parents for individual in promoted] == [(8,), (7,), (6,)]
