"""Who of a bracket goes on, case by case. Rungs are 3, 9, 27 epochs and the whole recipe."""

from __future__ import annotations

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual
from evo_nas.strategies.fidelity.climbing import Climbing
from evo_nas.strategies.fidelity.pasha import Ceiling
from evo_nas.strategies.fidelity.standing import Bracket, Standing
from tests.strategies.climbing import RUNGS
from tests.strategies.searching import COST, SCORE, encoding, outcome


def standing(*values: float | None, **later: float | None) -> Standing:
    """values: on the rungs 0, 1, ...; None is a failure. later: rung3=... past some of them."""
    told = dict(enumerate(values)) | {int(name[-1]): value for name, value in later.items()}
    return Standing(0, {rung: evaluated(rung, value) for rung, value in told.items()})


def evaluated(rung: int, *values: float | None) -> Evaluated:
    individual = Individual(rung, 0, encoding().default(), "a", epochs=RUNGS[rung])
    return Evaluated(individual, outcome(None if None in values else values, (SCORE, COST)[: len(values)]))


def climbing(fidelity: str = "pasha", **settings: object) -> Climbing:
    return Climbing(SearchSettings(fidelity=fidelity, **settings), (SCORE,), num_rungs=len(RUNGS))


def test_under_pasha_a_stable_order_sends_the_leader_to_the_whole_recipe() -> None:
    first, second, third = (standing(value, value + 1.0) for value in (3.0, 2.0, 1.0))
    (bracket,) = climbing().climb([Bracket(1, (third, first, second))])
    assert bracket == Bracket(3, (first,))
    assert climbing().climb([bracket]) == []


def test_under_pasha_an_order_that_changes_opens_the_next_rung() -> None:
    first, second = standing(3.0, 3.0), standing(2.0, 4.0)
    rules = climbing()
    assert rules.climb([Bracket(1, (first, second))]) == [Bracket(2, (second,))]
    assert rules.climb([Bracket(0, (first, second))]) == [Bracket(1, (first,))]


def test_under_pasha_whom_an_earlier_batch_leads_is_given_no_more() -> None:
    rules = climbing()
    assert rules.climb([Bracket(1, (standing(3.0, 4.0), standing(2.0, 3.0)))])
    assert rules.climb([Bracket(1, (standing(1.0, 2.0),))]) == []
    better = standing(5.0, 6.0)
    assert rules.climb([Bracket(1, (better,))]) == [Bracket(3, (better,))]


def test_under_pasha_a_leader_that_failed_leads_nobody() -> None:
    rules = climbing()
    lost = standing(3.0, 4.0)
    assert rules.climb([Bracket(1, (lost,))]) == [Bracket(3, (lost,))]
    lost.told[3] = evaluated(3, None)
    worse = standing(1.0, 2.0)
    assert rules.climb([Bracket(1, (worse,))]) == [Bracket(3, (worse,))]


def test_under_pasha_who_had_the_whole_recipe_needs_no_rung_below_it() -> None:
    rules = climbing()
    rules.climb([Bracket(1, (standing(3.0, 3.0), standing(2.0, 4.0)))])
    known, new = standing(9.0, 9.0, rung3=9.0), standing(8.0, 8.0)
    assert rules.climb([Bracket(1, (known,))]) == []
    others = [standing(1.0, 1.0) for _ in range(4)]
    assert rules.climb([Bracket(1, (known, new, *others))]) == [Bracket(2, (new,))]


def test_a_network_that_skipped_a_rung_is_left_out_of_the_comparison() -> None:
    ceiling = Ceiling(3, (SCORE,))
    ceiling.note([standing(3.0, 3.0), standing(2.0, 4.0)])
    assert ceiling.top == 2
    ceiling.note([standing(3.0, 3.0, 3.0), standing(2.0, 4.0, 4.0), standing(9.0, 9.0, rung3=0.0)])
    assert ceiling.top == 2
    ceiling.note([standing(1.0, 1.0, 5.0)])
    assert ceiling.top == 3


def test_noise_between_rungs_does_not_raise_the_ceiling() -> None:
    """Two overtake each other twice, by 1: a change of order by less is none."""
    ceiling = Ceiling(3, (SCORE,))
    ceiling.top = 2
    ceiling.note([standing(5.0, 1.0, 3.0), standing(4.0, 1.5, 2.0)])
    assert ceiling.top == 2
    ceiling.note([standing(0.0, 1.0, 9.0)])
    assert ceiling.top == 2
    ceiling.note([standing(0.0, -1.0, 10.0)])
    assert ceiling.top == 3


def test_the_last_rung_is_the_end() -> None:
    for fidelity in ("halving", "hyperband", "pasha"):
        rules = climbing(fidelity)
        assert rules.climb([Bracket(3, (standing(1.0, 1.0, 1.0, 1.0),))]) == []
        assert rules.climb([Bracket(0, (standing(None),))]) == []


def test_feasible_networks_climb_first() -> None:
    rules = climbing("halving", constraints=("score <= 2",))
    inside, outside = standing(1.0), standing(9.0)
    assert rules.climb([Bracket(0, (outside, inside))]) == [Bracket(1, (inside,))]


def test_a_measurement_again_begins_at_the_top() -> None:
    rules = climbing("hyperband")
    individual = evaluated(0, 1.0).individual
    first = [rules.new_standing(individual).lowest for _ in range(3)]
    assert first == [0, 1, 0]
    again = rules.new_standing(Individual(9, 0, individual.genome, "a", replicate=1))
    assert again.lowest == 3
    standings = [Standing(0), Standing(3), Standing(0)]
    assert rules.brackets(standings) == [Bracket(0, (standings[0], standings[2])), Bracket(3, (standings[1],))]
