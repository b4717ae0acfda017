"""Cohorts are formed from the jobs alone: every job once, within the limits, at the smallest predicted cost."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas.config import BYTES_PER_MB, Validation
from evo_nas.data import dataset_from_arrays, training_folds
from evo_nas.evaluation.cohort_cost import CohortTerms, Extents
from evo_nas.evaluation.cohorts import Cohort, form_cohorts, most_jobs, predicted_cost
from evo_nas.evaluation.evaluator import Job
from evo_nas.training.fusing import POPULATION, cohort_key
from genomes import Genome

TERMS = CohortTerms(
    training_rows=341,
    search_rows=455,
    input_shape=(30,),
    num_outputs=1,
    folds=1,
    epochs=50,
    memory_mb=1024,
    branched=False,
)
BRANCHED = replace(TERMS, branched=True)
DEFAULTS = {
    "optimizer": "adam", "learning_rate": 1e-3, "decay": 1.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7,
    "batch_size": 32, "batch_normalization": False, "preprocessing": "standard",
}  # fmt: skip
NO_LIMIT = 10**9


def job(
    number: int, widths: Sequence[int], replicate: int = 0, activations: Sequence[str] = ("relu",), **genes: object
) -> Job:
    """activations: of the layers, again and again."""
    pairs = zip(widths, cycle(activations), strict=False)
    layers = tuple({"width": width, "activation": activation, "dropout": 0.0} for width, activation in pairs)
    return Job(Genome("mlp", DEFAULTS | genes, layers), f"{number:04x}", replicate, program=POPULATION)


all_widths = st.lists(st.integers(1, 120) | st.integers(1, 2048), min_size=1, max_size=8)
any_genes = st.fixed_dictionaries(
    {
        "batch_size": st.sampled_from([32, 32, 32, 256]),
        "beta_1": st.sampled_from([0.9, 0.9, 0.9, 0.5]),
        "batch_normalization": st.sampled_from([False, False, True]),
        "preprocessing": st.sampled_from(["standard", "quantile"]),
    }
)
any_activations = st.sampled_from([("relu",), ("tanh",), ("relu", "tanh"), ("gelu", "tanh")])
any_jobs = st.lists(st.tuples(all_widths, st.integers(0, 2), any_activations, any_genes), max_size=40).map(
    lambda described: [
        job(n, widths, replicate, activations, **genes)
        for n, (widths, replicate, activations, genes) in enumerate(described)
    ]
)
any_terms = st.builds(
    CohortTerms,
    training_rows=st.integers(1, 20_000),
    search_rows=st.just(20_000),
    input_shape=st.tuples(st.integers(1, 200)),
    num_outputs=st.integers(1, 10),
    folds=st.sampled_from([1, 1, 3, 70]),
    epochs=st.integers(1, 100),
    memory_mb=st.sampled_from([1, 30, 1024]),
    branched=st.booleans(),
)


def names(jobs: Sequence[Job]) -> list[tuple[str, int]]:
    return [(each.fingerprint, each.replicate) for each in jobs]


def total(cohorts: Sequence[Cohort]) -> float:
    return sum(cohort.microseconds for cohort in cohorts)


def by_activation(job: Job, apart: int = 4) -> tuple[object, ...]:
    """One order in which jobs are cut; `by_width` is the other."""
    kinds = tuple(sorted({str(layer["activation"]) for layer in job.genome.layers}))
    width = -(-max(int(layer["width"]) for layer in job.genome.layers) // apart)
    return kinds, width, len(job.genome.layers), (job.fingerprint, job.replicate)


def by_width(job: Job) -> tuple[object, ...]:
    kinds, width, *rest = by_activation(job, apart=16)
    return width, kinds, *rest


def formula(jobs: Sequence[Job], terms: CohortTerms) -> float:
    """The cost model, written out for the folds that hold out one row more, and for the others."""
    more = terms.search_rows % terms.folds
    of_program = 30_000 if terms.branched and is_mixed(jobs) else 0
    return of_program + sum(formula_of_folds(jobs, terms, folds) for folds in (terms.folds - more, more) if folds)


def formula_of_folds(jobs: Sequence[Job], terms: CohortTerms, folds: int) -> float:
    """A place at a time, and of each the layers that are computed, idle or not."""
    mixed, is_large = is_mixed(jobs), len(jobs) * folds > 32
    apart = 4 if is_large and not mixed else 16
    width = apart * math.ceil(max(layer["width"] for job in jobs for layer in job.genome.layers) / apart)
    rows, watched = terms.training_rows, terms.search_rows - terms.training_rows
    batch = min(jobs[0].genome.genes["batch_size"], rows)
    steps = math.ceil(rows / batch)
    depths = places([len(job.genome.layers) for job in jobs for _ in range(folds)])
    near = 4 * batch * len(depths) * width <= 2.5 * 2**20
    flops = values = weights = 0.0
    for depth in depths:
        first, inner = terms.num_inputs * width, (depth - 1) * width * width + terms.num_outputs * width
        flops += rows * (4 * first + 6 * inner) + watched * 2 * (first + inner)
        values += 4 * depth * width * ((20 if mixed else 12) * rows + 4 * watched)
        weights += 4 * 13 * steps * (first + inner)
    dispatch = (steps + 0.6) * (230 + 15 * max(depths))
    return terms.epochs * (dispatch + flops / 240_000 + values / (44_000 if near else 35_000) + weights / 44_000)


def is_mixed(jobs: Sequence[Job]) -> bool:
    """Whether members have different activations, in one layer or in several."""
    return len({layer["activation"] for job in jobs for layer in job.genome.layers}) > 1


def places(depths: Sequence[int]) -> list[int]:
    """How many layers are computed in each place, the deepest first: a layer in 4, 8, 12, ... of them in a large
    cohort, in 4, 8, 16, 24, ... of a small one."""
    apart = 4 if len(depths) > 32 else 8
    allowed = (4, *range(8, len(depths) + 8, apart))
    wanted = [sum(depth > layer for depth in depths) for layer in range(max(depths))]
    computed = [next(number for number in allowed if number >= count) for count in wanted]
    return [sum(number > place for number in computed) for place in range(computed[0])]


@given(jobs=any_jobs, terms=any_terms)
@settings(max_examples=150, deadline=None)
def test_every_job_is_in_exactly_one_cohort_within_the_limits(jobs: list[Job], terms: CohortTerms) -> None:
    cohorts = form_cohorts(jobs, terms)
    assert sorted(names([each for cohort in cohorts for each in cohort.jobs])) == sorted(names(jobs))
    for cohort in cohorts:
        assert len({cohort_key(each.genome) for each in cohort.jobs}) == 1
        cost, size = predicted_cost(cohort.jobs, terms)
        assert cohort.microseconds == pytest.approx(cost)
        if len(cohort.jobs) > 1:
            assert len(cohort.jobs) <= most_jobs(len(jobs), terms.folds)
            assert size <= terms.memory_mb * BYTES_PER_MB
    assert all(one.microseconds >= other.microseconds for one, other in pairwise(cohorts))


@given(jobs=any_jobs, terms=any_terms, seed=st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_jobs_does_not_matter(jobs: list[Job], terms: CohortTerms, seed: int) -> None:
    shuffled = random.Random(seed).sample(jobs, len(jobs))
    assert form_cohorts(shuffled, terms) == form_cohorts(jobs, terms)


@given(jobs=any_jobs, terms=any_terms)
@settings(max_examples=100, deadline=None)
def test_the_predicted_cost_is_the_formula(jobs: list[Job], terms: CohortTerms) -> None:
    for cohort in form_cohorts(jobs, terms):
        assert cohort.microseconds == pytest.approx(formula(cohort.jobs, terms), rel=1e-9)


@given(jobs=any_jobs, terms=any_terms, size=st.integers(2, 8))
@settings(max_examples=100, deadline=None)
def test_no_dearer_than_each_job_alone_nor_than_pieces_of_equal_size(
    jobs: list[Job], terms: CohortTerms, size: int
) -> None:
    terms = replace(terms, memory_mb=NO_LIMIT)
    cohorts = form_cohorts(jobs, terms)
    assert total(cohorts) <= sum(formula([each], terms) for each in jobs) * (1 + 1e-9)
    size = max(1, min(size, most_jobs(len(jobs), terms.folds)))
    cheapest = 0.0
    for key in {cohort_key(each.genome) for each in jobs}:
        same = [each for each in jobs if cohort_key(each.genome) == key]
        ways = []
        for order in (by_activation, by_width):
            ordered = sorted(same, key=order)
            pieces = [ordered[start : start + size] for start in range(0, len(ordered), size)]
            ways.append(sum(formula(piece, terms) for piece in pieces))
        cheapest += min(ways)
    assert total(cohorts) <= cheapest * (1 + 1e-9)


@given(
    shapes=st.lists(
        st.tuples(st.integers(1, 300), st.integers(1, 8), st.sampled_from(["relu", "tanh"])),
        min_size=1,
        max_size=8,
        unique=True,
    ),
    rows=st.integers(1, 455),
)
@settings(max_examples=100, deadline=None)
def test_the_cut_is_the_cheapest_of_two_orders(shapes: list[tuple[int, int, str]], rows: int) -> None:
    terms = replace(TERMS, training_rows=rows)
    jobs = [job(n, [width] * depth, activations=[kind]) for n, (width, depth, kind) in enumerate(shapes)]
    cheapest = math.inf
    for order in (by_activation, by_width):
        ordered = sorted(jobs, key=order)
        for cuts in range(2 ** (len(jobs) - 1)):
            ends = [end for end in range(1, len(jobs)) if cuts >> (end - 1) & 1] + [len(jobs)]
            pieces = [ordered[start:end] for start, end in pairwise([0, *ends])]
            cheapest = min(cheapest, sum(formula(piece, terms) for piece in pieces))
    assert total(form_cohorts(jobs, terms)) == pytest.approx(cheapest, rel=1e-9)


def test_many_networks_lie_with_those_of_their_activation_and_a_few_with_any() -> None:
    """Nothing has to be brought together then, and widths are padded less."""
    kinds = ["relu", "tanh", "sigmoid"]
    many = [job(number, [5 + number % 46], activations=[kinds[number % 3]]) for number in range(600)]
    cohorts = form_cohorts(many, TERMS)
    assert sum(is_mixed(cohort.jobs) for cohort in cohorts) < len(kinds) < len(cohorts)
    assert len(form_cohorts(many[:6], TERMS)) == 1


def test_no_jobs_make_no_cohort() -> None:
    assert form_cohorts([], TERMS) == []


def test_small_networks_share_and_do_not_pay_for_wide_ones() -> None:
    small = [job(number, [8, 12]) for number in range(5)]
    wide = [job(number, [1024] * 4) for number in range(5, 9)]
    assert [names(cohort.jobs) for cohort in form_cohorts(small + wide, TERMS)] == [names(wide), names(small)]


def test_small_networks_fill_the_idle_places_of_a_wide_one() -> None:
    small, wide = [job(number, [8, 12]) for number in range(3)], [job(9, [2048] * 4)]
    terms = replace(TERMS, memory_mb=2048)
    assert [names(cohort.jobs) for cohort in form_cohorts(wide + small, terms)] == [names(small + wide)]


@pytest.mark.parametrize(
    ("num_places", "most"), [(0, 8), (1, 8), (64, 8), (65, 9), (200, 25), (512, 64), (513, 64), (100_000, 64)]
)
def test_a_cohort_has_an_eighth_of_the_places_but_not_too_few_nor_too_many(num_places: int, most: int) -> None:
    assert most_jobs(num_places, folds=1) == most


def test_folds_are_places() -> None:
    jobs = [job(number, [16]) for number in range(80)]
    sizes = [len(cohort.jobs) for cohort in form_cohorts(jobs, replace(TERMS, folds=5))]
    assert max(sizes) == 50 // 5
    assert {len(cohort.jobs) for cohort in form_cohorts(jobs, replace(TERMS, folds=100))} == {1}
    assert max(len(cohort.jobs) for cohort in form_cohorts(jobs[:12], replace(TERMS, folds=5))) == 4


def test_memory_ends_a_cohort_and_one_job_makes_one_whatever_its_size() -> None:
    jobs = [job(number, [512, 512]) for number in range(8)]
    _, size = predicted_cost(jobs[:4], TERMS)
    for megabytes, largest in ((1, 1), (math.ceil(size / BYTES_PER_MB), 4)):
        cohorts = form_cohorts(jobs, replace(TERMS, memory_mb=megabytes))
        assert max(len(cohort.jobs) for cohort in cohorts) <= largest
    assert {len(cohort.jobs) for cohort in form_cohorts(jobs, replace(TERMS, memory_mb=1))} == {1}


def test_the_predicted_memory_counts_every_table_of_rows_once() -> None:
    jobs = [job(0, [16]), job(1, [16]), job(2, [16], 1), job(3, [16], preprocessing="robust"), job(4, [16])]
    terms = replace(TERMS, search_rows=1_000_000, folds=2)
    table = 4 * 2 * 1_000_000 * 31
    tables = [round(predicted_cost(jobs[:end], terms)[1] / table) for end in range(1, 6)]
    assert tables == [1, 1, 2, 3, 3]


@pytest.mark.parametrize(
    "depths", [[3], [1, 2], [5, 1, 1, 1, 1], [2] * 9 + [8, 1, 1], [1] * 17, [4, 3, 2, 1] * 5, [3, 2, 1] * 15]
)
def test_the_places_are_those_of_the_program(depths: list[int]) -> None:
    jobs = [job(number, [16] * depth) for number, depth in enumerate(depths)]
    terms = replace(TERMS, search_rows=1_001, folds=2)
    extents = Extents.of(jobs, len(jobs), terms)
    program = places(depths)
    assert extents.num_places[:, 0, -1].tolist() == [len(program)] * 2
    assert extents.total_depth[:, 0, -1].tolist() == [sum(program)] * 2


@pytest.mark.parametrize("labels", [None, [0, 1], [0, 0, 0, 1, 2]])
@given(num_rows=st.integers(60, 140), folds=st.integers(2, 12))
@settings(max_examples=25, deadline=None)
def test_the_parts_are_the_folds_of_one_size(labels: list[int] | None, num_rows: int, folds: int) -> None:
    rows = np.arange(num_rows)
    target = rows / num_rows if labels is None else np.array(["a", "b", "c"])[np.resize(labels, num_rows)]
    dataset = dataset_from_arrays(rows[:, None] * 1.0, target, target_name="y", name="rows")
    divided = training_folds(dataset, rows, Validation(folds=folds), evaluation_seed=0, replicate=0)
    sizes = Counter(len(fold.validation) for fold in divided)
    terms = replace(TERMS, search_rows=num_rows, folds=folds)
    assert list(terms.parts) == [sizes[size] for size in sorted(sizes)]


def test_confirmations_keep_to_themselves() -> None:
    jobs = [replace(job(number, [16]), confirm=number % 2 == 1) for number in range(8)]
    cohorts = form_cohorts(jobs, TERMS)
    assert sorted({each.confirm for each in cohort.jobs} for cohort in cohorts) == [{False}, {True}]


def test_a_batch_larger_than_the_rows_is_one_step() -> None:
    wide, all_rows = ([job(0, [16], batch_size=size)] for size in (10_000_000, TERMS.training_rows))
    assert predicted_cost(wide, TERMS) == predicted_cost(all_rows, TERMS)


def test_mixtures_that_save_little_are_left_where_one_activation_has_a_program_of_its_own() -> None:
    """To trace a second program is dear. A few networks of each activation share all the same."""
    many = [job(n, [8 + n % 40], activations=[("relu", "tanh", "elu")[n % 3]]) for n in range(100)]
    alike, branched = ([is_mixed(c.jobs) for c in form_cohorts(many, terms)] for terms in (TERMS, BRANCHED))
    assert sum(branched) < sum(alike) / 2
    assert any(is_mixed(cohort.jobs) for cohort in form_cohorts(many[:6], BRANCHED))
