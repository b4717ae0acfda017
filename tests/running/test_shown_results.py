"""Results, individuals and outcomes as they show themselves in a notebook and on a terminal."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import evo_nas
from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status, failure
from genomes import Genome
from tests.command_line.commands import evo_nas as command
from tests.running.test_python_door import fitness
from tests.strategies.searching import SPACE
from tests.tracking.following import Remembering, start

HOSTILE = "</td><script>alert('x')</script>\n\u202e" + '"' + "y" * 10_000


class Tags(HTMLParser):
    """Names of all tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, Any]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}

    @property
    def can_run(self) -> bool:
        return "script" in self.tags or any(name.startswith("on") for name in self.attributes)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> evo_nas.Result:
    folder = tmp_path_factory.mktemp("shown") / "<b onclick='alert(1)'>run & co"
    start(folder, Remembering())
    return evo_nas.load_run(folder)


def test_a_result_is_a_page_with_its_winner_drawn(run: evo_nas.Result) -> None:
    page = run._repr_html_()
    tags = Tags(page)
    assert not tags.can_run
    assert "b" not in tags.tags
    assert "&lt;b onclick=&#x27;alert(1)&#x27;&gt;run &amp; co" in page
    assert page.count("<svg") == 2
    drawn = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    texts = " ".join(element.text or "" for element in drawn.iter() if element.tag.endswith("}text"))
    assert f"individual {run.best.individual.id}" in texts
    assert f"{run.draw().parameters:,} parameters" in texts
    assert "<td" in page
    assert "18 evaluated" in page


def test_a_result_is_a_few_lines_of_text(run: evo_nas.Result) -> None:
    assert repr(run) == f"Result({str(run.run_dir)!r})"
    lines = dict(line.split("  ", 1) for line in str(run).splitlines())
    assert lines["objectives"].strip() == "maximize accuracy"
    assert lines["test score"].strip().startswith("accuracy 0.")
    assert lines["winner"].strip().startswith(f"individual {run.best.individual.id} of generation")


def test_a_result_is_known_by_its_folders_name(run: evo_nas.Result) -> None:
    assert evo_nas.Result(str(run.run_dir)).best == run.best


def test_a_run_without_a_winner_says_why_there_is_none(tmp_path: Path) -> None:
    asked = {"objectives": ["maximize score"], "population": 4, "generations": 1, "display": False}
    result = evo_nas.search(SPACE, evaluate=lambda each: (float("nan"),), run_dir=tmp_path / "run", **asked)
    assert "no training has succeeded yet" in str(result)
    assert "no training has succeeded yet" in result._repr_html_()


def test_a_fitness_function_has_a_page_without_a_network(tmp_path: Path) -> None:
    asked = {"objectives": ["maximize score"], "population": 4, "generations": 1, "display": False}
    result = evo_nas.search(SPACE, evaluate=fitness, run_dir=tmp_path / "run", **asked)
    assert "<svg" not in result._repr_html_()
    with pytest.raises(evo_nas.UserError, match=r"evo_nas\.draw\(genome, input_shape, num_outputs\)"):
        result.draw()


def test_individuals_and_outcomes_show_themselves_and_run_nothing() -> None:
    genome = Genome(HOSTILE, {HOSTILE: HOSTILE}, ({HOSTILE: HOSTILE},))
    individual = Individual(7, 2, genome, "f", (1, 4), HOSTILE, (HOSTILE,))
    good = Outcome(Status.OK, {HOSTILE: 0.5}, 2113, 4000, (12,), (9,), 1.25, curves=({"train_loss": (1.0,) * 500},))
    for outcome in (good, failure(Status.CRASHED, HOSTILE)):
        evaluated = Evaluated(individual, outcome)
        for shown in (genome, individual, outcome, evaluated):
            tags = Tags(shown._repr_html_())
            assert not tags.can_run
            assert tags.attributes <= {"style", "scope"}
            assert all(line.isprintable() for line in str(shown).splitlines())
    assert len(repr(good)) < 11_000  # without the curves
    plain = Evaluated(
        Individual(7, 2, Genome("flat", {"a": 1}), "f", (1, 4), "crossover"), failure(Status.DIVERGED, "nan")
    )
    assert str(plain) == "individual 7 (generation 2, crossover of 1 and 4): flat; a 1\n  diverged: nan; 0.0 s"


def test_show_tells_and_draws_an_individual(run: evo_nas.Result, tmp_path: Path) -> None:
    folder, number = run.run_dir, run.best.individual.id
    said = command("show", folder, "best")
    assert said.exit_code == 0
    assert said.output == command("show", folder, str(number)).output
    assert said.output.startswith(f"individual {number} (generation")
    assert said.output.splitlines()[-1].split() == ["all", f"{run.draw().parameters:,}"]
    drawn = command("show", folder, str(number), "--out", tmp_path / "network.svg")
    assert drawn.output == f"{tmp_path / 'network.svg'} written\n"
    ElementTree.parse(tmp_path / "network.svg")
    wrong = command("show", folder, "best", "--out", tmp_path / "network.jpg")
    assert (wrong.exit_code, "expected a file that ends in .svg or .png" in wrong.errors) == (2, True)
    assert command("show", folder, "99").exit_code == 2
