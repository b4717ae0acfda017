"""`evo-nas importance`, `Result.importance`, and the files that they leave."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import evo_nas
from evo_nas.report.importance import analyse
from evo_nas.report.importance.table import importance_lines
from evo_nas.report.importance.writing import write_importance
from tests.command_line.commands import evo_nas as command
from tests.report.importance.made_networks import DENSE, FLAT, SCORE, networks_of
from tests.report.test_pictures import is_picture

SPACE = {key: value for key, value in FLAT.items() if key != "encoding"}
PICTURES = [
    f"{name}.{suffix}" for name in ("importance", "partial_dependence", "interactions") for suffix in ("png", "svg")
]


def fitness(individual):
    if individual.genes["activation"] == "selu":
        return None
    return (float(individual.genes["decay"]), float(individual.genes["size"]))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("importance") / "run"
    evo_nas.search(
        FLAT, run_dir=path, display=False, evaluate=fitness, objectives=["maximize gain", "minimize size"],
        strategy="random", population=35, generations=2,
    )  # fmt: skip
    return path


def test_the_command_prints_a_table_and_leaves_tables_and_pictures(run_dir: Path) -> None:
    said = command("importance", run_dir)
    assert said.exit_code == 0, said.errors
    assert "gain: " in said.output
    assert "genes without which the forest does worse, beyond chance: decay" in said.output
    assert "fails more often than others: activation selu" in said.output
    assert "written to" in said.errors
    folder = run_dir / "importance"
    expected = [f"{stem}_{objective}.{suffix}" for objective in ("gain", "size") for stem, suffix in
                (name.split(".") for name in PICTURES)]  # fmt: skip
    assert all(is_picture(folder / name) for name in expected)
    assert next(row["gene"] for row in rows_of(folder / "importance.csv") if row["objective"] == "size") == "size"
    assert len(rows_of(folder / "interactions.csv")) == 2 * 15
    assert rows_of(folder / "failing_values.csv")[0]["values"] == "selu"


def test_the_command_reads_one_objective_or_any_number_measured(run_dir: Path) -> None:
    assert "decay" not in command("importance", run_dir, "--objective", "size").output.splitlines()[-1]
    said = command("importance", run_dir, "--objective", "siz")
    assert said.exit_code == 2
    assert "--objective: expected one of flops, gain, parameters, seconds, size, got 'siz'" in said.errors


def test_a_result_has_a_frame_and_records(run_dir: Path) -> None:
    result = evo_nas.load_run(run_dir)
    frame = result.importance("gain")
    assert frame.loc[0, "gene"] == "decay"
    assert set(frame["objective"]) == {"gain"}
    assert result.analysis("gain") == analyse(result.evaluated, encoding_of(), result.objectives[:1])


def encoding_of():
    return networks_of(FLAT, 1, lambda genome, rng: 0.0)[1]


def test_cells_without_evidence_are_hatched_and_written_twice_alike(tmp_path: Path) -> None:
    made, encoding = networks_of(DENSE, 60, lambda genome, rng: genome.genes["learning_rate"] * len(genome.layers))
    found = analyse(made, encoding, SCORE)
    assert any(count == 0 for surface in found.objectives[0].surfaces for row in surface.counts for count in row)
    write_importance(tmp_path, found)
    assert all(is_picture(tmp_path / name) for name in PICTURES)
    text = (tmp_path / "interactions.svg").read_text()
    assert "<pattern" in text
    assert "hatched where nothing was trained" in text
    assert "number of layers" in (tmp_path / "importance.svg").read_text()


def test_pictures_of_a_run_that_cannot_tell(tmp_path: Path) -> None:
    made, encoding = networks_of(FLAT, 5, lambda genome, rng: 1.0)
    found = analyse(made, encoding, SCORE)
    paths = write_importance(tmp_path, found)
    assert all(path.exists() for path in paths)
    assert "5 networks cannot tell which genes mattered for score" in (tmp_path / "importance.svg").read_text()
    assert importance_lines(found)[1].strip().startswith("5 networks with a value of score are too few")
