"""Lists of networks: trained as they are given, continued, ranked; with the fake trainer in real child processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evo_nas.display import Silent
from evo_nas.errors import UserError
from evo_nas.history import Ledger, RunFolder, read_checkpoint
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.listed import genomes_of
from evo_nas.running.preparation import Plan, make_plan
from evo_nas.running.verification import verify
from evo_nas.summary import ending_lines, run_digest, status_lines
from genomes import Genome, encoding_from
from tests.command_line.commands import evo_nas as command
from tests.faults import killable
from tests.running.test_sittings import FAKE, resume, start

WIDTHS = [500, 1, 3, 7, 9, 200, 2, 30]
"""The space of `killable` goes from 4 to 16."""


def networks(widths: Sequence[int]) -> list[dict[str, Any]]:
    return [{"Hidden layers": [width] * (1 + width % 6), "Learning rate": width / 10} for width in widths]


def plan(**options: str) -> Plan:
    return make_plan(killable.settings(options), base=Path.cwd(), dataset=killable.data())


def train(path: Path, widths: Sequence[int], choices: Choices | None = None, **options: str) -> Ending:
    genomes = genomes_of(networks(widths), 4, where="here")
    chosen = replace(choices or Choices(), workers=2, handlers=FAKE, pictures=False)
    return launch.train_networks(plan(**options), path, chosen, Silent(), networks=genomes)


def trained(path: Path) -> list[Genome]:
    return [each.individual.genome for each in Result(path).evaluated]


def test_the_networks_of_a_list_are_trained_in_order_and_no_other(tmp_path: Path) -> None:
    ending = train(tmp_path / "run", WIDTHS)
    assert ending.reason == "finished"
    assert trained(tmp_path / "run") == list(genomes_of(networks(WIDTHS), 4, where="here"))
    assert {each.individual.operator for each in Result(tmp_path / "run").evaluated} == {"listed"}
    assert all(finding.ok for finding in verify(tmp_path / "run", handlers=FAKE))
    assert f"{len(WIDTHS)} planned" in "\n".join(status_lines(tmp_path / "run"))
    assert any("evo-nas train" in line for line in ending_lines(ending, tmp_path / "run"))


def test_a_list_that_is_continued_equals_one_that_was_given_whole(tmp_path: Path) -> None:
    train(tmp_path / "whole", WIDTHS)
    train(tmp_path / "run", WIDTHS[:1])
    train(tmp_path / "run", WIDTHS[1:3])
    ending = train(tmp_path / "run", WIDTHS[3:])
    assert ending.num_individuals == len(WIDTHS)
    assert trained(tmp_path / "run") == trained(tmp_path / "whole")
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash
    assert all(finding.ok for finding in verify(tmp_path / "run", handlers=FAKE))
    whole = Result(tmp_path / "whole")
    assert Result(tmp_path / "run").ranking.drop(columns="seconds").equals(whole.ranking.drop(columns="seconds"))


def test_networks_that_the_list_has_are_not_trained_again(tmp_path: Path) -> None:
    train(tmp_path / "run", WIDTHS[:4])
    digest = run_digest(tmp_path / "run").hash
    assert train(tmp_path / "run", WIDTHS[:4]).num_individuals == 4
    assert run_digest(tmp_path / "run").hash == digest
    assert train(tmp_path / "run", WIDTHS[2:6]).num_individuals == 6


def test_a_list_that_was_stopped_goes_on_to_the_same_end(tmp_path: Path) -> None:
    train(tmp_path / "whole", WIDTHS)
    ending = train(tmp_path / "run", WIDTHS, Choices(max_evaluations=3))
    assert (ending.reason, ending.num_individuals) == ("evaluations", 3)
    assert resume(tmp_path / "run", Choices(max_evaluations=1000)).reason == "finished"
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


def test_a_list_whose_continuation_was_noted_but_not_trained_goes_on(tmp_path: Path) -> None:
    train(tmp_path / "whole", WIDTHS)
    train(tmp_path / "run", WIDTHS[:5])
    train(tmp_path / "run", WIDTHS[5:], Choices(stop=lambda: True))
    assert len(trained(tmp_path / "run")) < len(WIDTHS)
    assert resume(tmp_path / "run").num_individuals == len(WIDTHS)
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


def test_the_ranking_is_by_the_objective_with_failures_last(tmp_path: Path) -> None:
    train(tmp_path / "run", range(1, 41))
    result = Result(tmp_path / "run")
    table = result.ranking
    succeeded = table[table["status"] == "ok"]
    assert 0 < len(succeeded) < len(table) == 40
    assert succeeded["accuracy"].is_monotonic_decreasing
    assert list(succeeded["rank"]) == list(range(1, len(succeeded) + 1))
    assert table.iloc[0]["id"] == result.best.individual.id
    lines = result.ranking_lines()
    assert lines[0].split() == ["rank", "id", "loss", "accuracy", "parameters", "seconds", "network"]
    assert "diverged" in lines[-1]


def test_a_list_may_judge_the_population_of_a_search_by_another_recipe(tmp_path: Path) -> None:
    start(tmp_path / "search")
    checkpoint = read_checkpoint(RunFolder(tmp_path / "search").checkpoints()[-1])
    choices = Choices(workers=2, handlers=FAKE, pictures=False)
    launch.start(plan(strategy="listed", epochs="5"), tmp_path / "run", choices, Silent(), checkpoint=checkpoint)
    assert trained(tmp_path / "run") == [each.individual.genome for each in checkpoint.population]


def test_a_population_with_rates_in_multiples_of_a_default_is_listed_with_the_rates_that_it_meant(
    tmp_path: Path,
) -> None:
    space = {"encoding": "mlp", "normalized_rates": True, "optimizer": "sgd", "learning_rate": 2.0, "width": 3}
    genome = encoding_from(space).default()
    listed = plan(strategy="listed")
    launch.start(listed, tmp_path / "run", Choices(workers=1, handlers=FAKE), Silent(), networks=[genome])
    assert [each.genes["learning_rate"] for each in trained(tmp_path / "run")] == [0.02]
    assert "normalized_rates" not in trained(tmp_path / "run")[0].genes


def images_plan() -> Plan:
    settings = killable.settings({"images": "yes", "strategy": "listed"})
    return make_plan(settings, base=Path.cwd(), dataset=killable.data(images=True))


def test_listed_networks_of_images_may_lie_outside_of_the_space(tmp_path: Path) -> None:
    """More categories than the space has would have no coordinate of their own: learning and report do without."""
    listed = images_plan()
    inside = listed.encoding.default()
    assert "optimizer" not in {axis.gene for axis in listed.encoding.axes()}
    outside = replace(inside, genes={**inside.genes, "optimizer": "sgd", "preprocessing": "symmetric"})
    choices = Choices(workers=1, handlers=FAKE, pictures=False)
    launch.start(listed, tmp_path / "run", choices, Silent(), networks=[inside, outside])
    assert trained(tmp_path / "run") == [inside, outside]
    assert all(finding.ok for finding in verify(tmp_path / "run", handlers=FAKE))
    report = command("report", tmp_path / "run")
    assert report.exit_code == 0, report.output


def test_a_list_holds_networks_of_the_space_s_encoding(tmp_path: Path) -> None:
    dense, convolutional = plan().encoding.default(), images_plan().encoding.default()
    choices = Choices(workers=1, handlers=FAKE, pictures=False)
    with pytest.raises(UserError, match=r"network 2: expected one of the encoding 'cnn' as .*, got one of 'mlp'"):
        launch.start(images_plan(), tmp_path / "run", choices, Silent(), networks=[convolutional, dense])
    with pytest.raises(UserError, match=r"network 1: expected one of the encoding 'mlp' as .*, got one of 'cnn'"):
        launch.start(plan(strategy="listed"), tmp_path / "run", choices, Silent(), networks=[convolutional])
    assert not (tmp_path / "run").exists()


def test_a_list_is_no_search_that_generations_continue(tmp_path: Path) -> None:
    train(tmp_path / "run", WIDTHS[:2])
    with pytest.raises(UserError, match="which no generations continue; add networks with `evo-nas train`"):
        resume(tmp_path / "run", Choices(num_generations=9))


def test_without_networks_there_is_nothing_to_list(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="trains the networks that it is given, and there are none"):
        launch.start(plan(strategy="listed"), tmp_path / "run", Choices(), Silent())
    assert not (tmp_path / "run").exists()


def test_a_list_is_not_continued_on_other_terms(tmp_path: Path) -> None:
    train(tmp_path / "run", WIDTHS[:2])
    with pytest.raises(UserError, match=r"made with other terms of training \(\[recipe\]\)"):
        train(tmp_path / "run", WIDTHS, epochs="3")
    with pytest.raises(UserError, match="made with other objectives"):
        train(tmp_path / "run", WIDTHS, objectives="minimize loss")
    start(tmp_path / "search", generations=1)
    with pytest.raises(UserError, match="this run is a search, and networks can only be added to a list"):
        train(tmp_path / "search", WIDTHS)
    with Ledger.open(RunFolder(tmp_path / "search").ledger) as ledger:
        assert not ledger.decisions("session:listed")


def test_what_is_too_large_for_a_constraint_is_not_trained_and_not_changed(tmp_path: Path) -> None:
    settings = killable.settings({})
    search = settings.search.model_copy(update={"constraints": ("parameters <= 200",)})
    limited = make_plan(settings.model_copy(update={"search": search}), base=Path.cwd(), dataset=killable.data())
    genomes = genomes_of([{"Hidden layers": [50, 50]}, {"Hidden layers": [3]}], 4, where="here")
    choices = Choices(workers=1, handlers=FAKE, pictures=False)
    launch.train_networks(limited, tmp_path / "run", choices, Silent(), networks=genomes)
    large, small = Result(tmp_path / "run").evaluated
    assert large.individual.genome == genomes[0]
    assert (large.outcome.status, small.outcome.status) == ("invalid", "ok")
    assert "parameters <= 200 is asked for" in large.outcome.message
