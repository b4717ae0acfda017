"""`search`, `resume` and `load_run` with a fitness of the user's own: everything but the training."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import networkx
import pandas
import pytest
from deap import tools

import evo_nas
from evo_nas.answers import lineage_table
from evo_nas.running.verification import verify
from evo_nas.summary import run_digest, status_lines
from tests.strategies.searching import SPACE


def fitness(individual):
    """Prefers narrow networks with a learning rate near 1e-2."""
    width = sum(int(layer["width"]) for layer in individual)
    return (-width - 100 * abs(float(individual.genes["learning_rate"]) - 1e-2),)


def search(path: Path, **settings) -> evo_nas.Result:
    asked = {"objectives": ["maximize score"], "population": 10, "generations": 4, "evaluate": fitness} | settings
    return evo_nas.search(SPACE, run_dir=path, display=False, **asked)


def test_a_result_answers_what_came_of_it(tmp_path: Path) -> None:
    result = search(tmp_path / "run", strategy="evolution")
    values = result.individuals["score"]
    assert len(values) == 40
    assert result.best.outcome.metrics["score"] == values.max()
    assert isinstance(result.lineage, networkx.DiGraph)
    assert result.lineage.number_of_nodes() == 40
    assert [e.individual.id for e in result.front] == [result.best.individual.id]
    assert evo_nas.load_run(tmp_path / "run").best == result.best
    with pytest.raises(evo_nas.UserError, match="trains no network to score"):
        _ = result.scores


def test_the_run_folder_holds_what_the_readme_promises(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    search(folder)
    for generation in range(4):
        assert json.loads((folder / "checkpoints" / f"generation_{generation:04d}.json").read_text())
        graph = networkx.read_graphml(folder / "lineage" / f"generation_{generation:04d}.graphml", node_type=int)
        assert set(range(10 * generation, 10 * generation + 10)) <= set(graph)
        assert (folder / "lineage" / f"generation_{generation:04d}.png").read_bytes()[:4] == b"\x89PNG"
    assert (folder / "curves" / "score.svg").is_file()
    assert (folder / "lineage" / "family_tree.png").read_bytes()[:4] == b"\x89PNG"
    assert "Where the winner came from" in (folder / "lineage" / "family_tree.svg").read_text()
    assert len(pandas.read_csv(folder / "individuals.csv")) == 40
    assert list(pandas.read_csv(folder / "generations.csv")["evaluations"]) == [10] * 4


def test_a_generation_is_a_commit(tmp_path: Path) -> None:
    commits: list[int] = []

    def watching(individual):
        with sqlite3.connect(f"file:{tmp_path / 'run' / 'run.db'}?mode=ro", uri=True) as connection:
            commits.append(connection.execute("SELECT count(*) FROM training").fetchone()[0])
        connection.close()
        return fitness(individual)

    search(tmp_path / "run", evaluate=watching, strategy="evolution")
    assert sorted(set(commits)) == [0, 10, 20, 30]


def test_a_search_without_generations_to_come_can_be_extended(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole", generations=7)
    search(tmp_path / "run")
    extended = evo_nas.resume(tmp_path / "run", generations=7, evaluate=fitness, display=False)
    assert extended.best == whole.best
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash
    assert "planned" in "\n".join(status_lines(tmp_path / "run"))
    assert len(pandas.read_csv(tmp_path / "run" / "individuals.csv")) == 70


def test_operators_of_ones_own_work_and_are_asked_for_at_resume(tmp_path: Path) -> None:
    def toolbox():
        box = evo_nas.toolbox(SPACE)
        box.register("select", tools.selRandom)
        box.register("evaluate", fitness)
        return box

    asked = {"strategy": "evolution", "toolbox": toolbox(), "evaluate": None}
    whole = search(tmp_path / "whole", generations=6, **asked)
    search(tmp_path / "run", **asked)
    with pytest.raises(evo_nas.UserError, match="fitness of this run is a function of the script"):
        evo_nas.resume(tmp_path / "run", generations=6, display=False)
    with pytest.raises(evo_nas.UserError, match="expected the operators that the run was made with"):
        evo_nas.resume(tmp_path / "run", generations=6, evaluate=fitness, display=False)
    with pytest.raises(evo_nas.UserError, match="uses operators of its script"):
        verify(tmp_path / "run")
    assert evo_nas.resume(tmp_path / "run", generations=6, toolbox=toolbox(), display=False).best == whole.best
    assert all(finding.ok for finding in verify(tmp_path / "run", toolbox=toolbox()))


def test_an_operator_that_cannot_be_replayed_is_found_out(tmp_path: Path) -> None:
    import secrets

    def moody(individual):
        individual.genes["learning_rate"] = 10 ** -(1 + 3 * secrets.randbelow(10**6) / 10**6)
        return (individual,)

    box = evo_nas.toolbox(SPACE)
    box.register("mutate", moody)
    search(tmp_path / "run", toolbox=box)
    box.register("evaluate", fitness)
    with pytest.raises(evo_nas.UserError, match="made by other operators or another version"):
        evo_nas.resume(tmp_path / "run", generations=6, toolbox=box, display=False)


def test_two_objectives_give_a_front_and_its_picture(tmp_path: Path) -> None:
    def two(individual):
        return fitness(individual)[0], float(len(individual))

    objectives = ["maximize score", "maximize depth"]
    result = search(tmp_path / "run", evaluate=two, objectives=objectives)
    points = [tuple(e.outcome.metrics[name] for name in ("score", "depth")) for e in result.front]
    assert len(points) > 1
    assert points == sorted(points, reverse=True)
    assert (tmp_path / "run" / "curves" / "front.png").is_file()


FAILING = {
    "raises": (lambda individual: 1 / 0, "ZeroDivisionError"),
    "not a number": (lambda individual: (float("nan"),), "nan"),
    "infinite": (lambda individual: (float("inf"),), "inf"),
    "too many values": (lambda individual: (1.0, 2.0), "2 values, expected 1 (score)"),
    "no number at all": (lambda individual: "good", "ValueError"),
}


@pytest.mark.parametrize("kind", FAILING)
def test_a_fitness_that_fails_is_a_failure_of_that_individual_alone(tmp_path: Path, kind: str) -> None:
    bad, message = FAILING[kind]

    def sometimes(individual):
        return bad(individual) if len(individual) == 2 else fitness(individual)

    result = search(tmp_path / "run", evaluate=sometimes)
    table = result.individuals
    failed = table[table["status"] != "ok"]
    assert len(failed) > 0
    assert set(failed["num_layers"]) == {2}
    assert failed["message"].str.contains(message, regex=False).all()
    assert len(result.best.individual.genome.layers) != 2


def test_a_search_in_which_nothing_succeeds_ends_and_says_so(tmp_path: Path) -> None:
    result = search(tmp_path / "run", evaluate=lambda individual: (float("nan"),))
    with pytest.raises(evo_nas.UserError, match="no training has succeeded"):
        _ = result.best
    assert len(result.individuals) == 40


def test_a_fitness_function_cannot_change_an_individual(tmp_path: Path) -> None:
    def greedy(individual):
        value = fitness(individual)
        individual.clear()
        individual.genes["learning_rate"] = 5.0
        return value

    assert search(tmp_path / "run", evaluate=greedy).best.individual == search(tmp_path / "other").best.individual


def test_budgets_stop_a_run_at_a_prefix_of_the_one_that_goes_on(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole")
    part = search(tmp_path / "run", settings={"search": {"max_evaluations": 17}})
    assert len(part.individuals) == 17
    assert part.evaluated == whole.evaluated[:17]
    again = evo_nas.resume(tmp_path / "run", max_evaluations=1000, evaluate=fitness, display=False)
    assert again.evaluated == whole.evaluated


def test_no_time_at_all_stops_before_the_first_proposal_and_the_run_goes_on(tmp_path: Path) -> None:
    part = search(tmp_path / "run", settings={"search": {"max_minutes": 1e-9}})
    assert len(part.evaluated) < 40
    again = evo_nas.resume(tmp_path / "run", max_minutes=60, evaluate=fitness, display=False)
    assert again.evaluated == search(tmp_path / "whole").evaluated
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


def test_the_lineage_of_the_best_is_told_a_line_an_ancestor(tmp_path: Path) -> None:
    result = search(tmp_path / "run", generations=6)
    lines = lineage_table(tmp_path / "run", "best")
    numbers = [int(line.split()[0]) for line in lines[1:]]
    assert numbers == [*sorted(networkx.ancestors(result.lineage, numbers[-1])), result.best.individual.id]
    assert lines[0].split()[:3] == ["id", "generation", "operator"]


BAD_CALLS = {
    "neither data nor a function": ({"evaluate": None}, "either data to train on or a fitness function"),
    "unknown gene": ({"space": {"encoding": "mlp", "depth": 3}}, "depth"),
    "population 0": ({"population": 0}, "population"),
    "unknown key": ({"settings": {"search": {"elite": 3}}}, "did you mean 'elites'"),
    "no objectives": ({"objectives": []}, "objectives"),
    "objective without a direction": ({"objectives": ["score"]}, "maximize NAME"),
}


@pytest.mark.parametrize("kind", BAD_CALLS)
def test_bad_calls_end_in_a_sentence_and_no_folder(tmp_path: Path, kind: str) -> None:
    settings, message = BAD_CALLS[kind]
    asked = {"space": SPACE, "objectives": ["maximize score"], "evaluate": fitness} | settings
    with pytest.raises(evo_nas.UserError, match=message):
        evo_nas.search(**asked, run_dir=tmp_path / "run", display=False)
    assert not (tmp_path / "run").exists()


def test_a_new_run_starts_from_any_checkpoint(tmp_path: Path) -> None:
    from evo_nas.history import read_checkpoint

    search(tmp_path / "run")
    checkpoint = read_checkpoint(tmp_path / "run" / "checkpoints" / "generation_0003.json")
    result = search(tmp_path / "next", start_from=tmp_path / "run" / "checkpoints" / "generation_0003.json")
    founders = result.evaluated[:10]
    assert [e.individual.genome for e in founders] == [e.individual.genome for e in checkpoint.population]
    assert {e.individual.operator for e in founders} == {"checkpoint"}
    assert result.best.outcome.metrics["score"] >= max(e.outcome.metrics["score"] for e in checkpoint.population)
    assert all(finding.ok for finding in verify(tmp_path / "next"))
