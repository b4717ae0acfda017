"""In which ancestor a property first appeared."""

from __future__ import annotations

import pytest

from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.questions.origins import Origin, origin
from genomes import Genome, MlpEncoding
from tests.report.questions.planted import SPACE, PlantedRun


def individual(number: int, parents: tuple[int, ...], parameters: int, *widths: int) -> Evaluated:
    layers = tuple({"width": width, "activation": "relu", "dropout": 0.0} for width in widths)
    genome = Genome("mlp", {"optimizer": "adam"}, layers)
    born = Individual(number, number, genome, f"{number:032x}", parents, "mutate")
    return Evaluated(born, Outcome(Status.OK, {"score": number / 10}, parameters=parameters))


FAMILY = {
    0: individual(0, (), 10, 8),
    1: individual(1, (), 500, 64),
    2: individual(2, (0,), 20, 8, 8),
    3: individual(3, (2, 1), 600, 64, 8),
    4: individual(4, (3,), 15, 8),
    5: individual(5, (4, 3), 700, 64, 9),
    6: individual(6, (5,), 800, 64, 10),
}


def found(condition: str, number: int = 6) -> Origin:
    return origin(FAMILY, number, condition, lambda genome: genome)


@pytest.mark.parametrize(
    ("condition", "path", "lost"),
    [
        ("parameters > 100", [1, 3, 5, 6], []),  # from the second parent, twice
        ("parameters >= 700", [5, 6], []),
        ("parameters == 800", [6], []),
        ("layers == 2", [2, 3, 5, 6], []),  # lost in 4, whose child has it from its other parent
        ("max_width == 64 and layers == 2", [3, 5, 6], []),
        ("width == 8 or layers == 2", [0, 2, 3, 4, 5, 6], []),
        ("optimizer == 'adam'", [0, 2, 3, 4, 5, 6], []),
        ("status != 'ok' or score > 0.45", [5, 6], []),
        ("last_width in [9, 10]", [5, 6], []),
    ],
)
def test_known_origins(condition: str, path: list[int], lost: list[int]) -> None:
    answer = found(condition)
    assert [each.individual.id for each in answer.inherited] == path
    assert answer.appeared is answer.inherited[0]
    assert list(answer.lost) == lost


def test_what_was_had_and_lost_for_good_is_named() -> None:
    family = {0: individual(0, (), 1, 8), 1: individual(1, (0,), 9, 8), 2: individual(2, (1,), 2, 8),
              3: individual(3, (2,), 9, 8)}  # fmt: skip
    answer = origin(family, 3, "parameters == 9", lambda genome: genome)
    assert answer.appeared.individual.id == 3
    assert answer.lost == (1,)


def test_bisect_is_exact_on_planted_runs() -> None:
    for seed in range(20):
        run = PlantedRun(seed)
        winner = run.best()
        answer = origin(run.evaluated, winner.id, "key == 'gold'", SPACE.canonical)
        line = [winner.id]
        while (parents := run.individuals[line[-1]].parents) and run.individuals[parents[0]].genome.genes[
            "key"
        ] == "gold":
            line.append(parents[0])
        assert answer.appeared.individual.id == line[-1]
        assert answer.appeared.individual.parents


def test_a_failed_ancestor_has_no_metrics_and_no_property() -> None:
    family = dict(FAMILY)
    family[5] = Evaluated(FAMILY[5].individual, failure(Status.DIVERGED, "NaN"))
    answer = origin(family, 6, "score > 0.2", lambda genome: genome)
    assert answer.appeared.individual.id == 6


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("parameters < 5", "individual 6 does not have the property 'parameters < 5': parameters is 800"),
        ("paramters > 5", "did you mean 'parameters'?"),
        ("__import__('os').system('true')", "is not understood"),
        ("parameters >", "condition 'parameters >': expected one such as"),
        ("optimizer == 'adm'", "did you mean 'adam'?"),
        ("width > 8", "width is without a value"),
        ("", "condition '': expected one such as"),
    ],
)
def test_conditions_that_mean_nothing_get_one_sentence(condition: str, said: str) -> None:
    with pytest.raises(UserError) as raised:
        found(condition)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_names_of_the_dense_encoding() -> None:
    encoding = MlpEncoding.from_space(MlpEncoding.default_space())
    each = Evaluated(Individual(0, 0, encoding.default(), "f"), Outcome(Status.OK, {"loss": 1.0}))
    assert origin({0: each}, 0, "layers >= 1 and not learning_rate > 1", encoding.canonical).appeared is each
