"""The log for TensorBoard, read back: curves, the table of hyper-parameters, and each network's own graph."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import evo_nas
from tests.command_line.commands import evo_nas as command
from tests.tracking.following import Remembering, resume, start

pytest.importorskip("tensorboard")

from evo_nas.tracking.tensorboard import TensorBoardTracker
from tests.tracking.reading_logs import graphs, plugin_data, scalars


def only_log(folder: Path) -> Path:
    (log,) = folder.iterdir()
    return log


def contents(log: Path) -> dict[str, bytes]:
    return {str(path.relative_to(log)): path.read_bytes() for path in sorted(log.glob("individual_*/*"))}


def test_every_individual_has_its_curves_its_scores_and_its_row(tmp_path: Path) -> None:
    start(tmp_path / "run", Remembering(), TensorBoardTracker(tmp_path / "log"))
    log, result = only_log(tmp_path / "log"), evo_nas.load_run(tmp_path / "run")
    assert log.name.startswith("run-")
    assert sorted(path.name for path in log.glob("individual_*")) == [f"individual_{n:04d}" for n in range(18)]
    statuses = set()
    for each in result.evaluated:
        folder = log / f"individual_{each.individual.id:04d}"
        points = scalars(folder)
        session = plugin_data(folder, "session_start_info").hparams
        genome = result.canonical(each).genes, result.canonical(each).layers
        assert session["learning_rate"].number_value == genome[0]["learning_rate"]
        assert session["layers"].number_value == len(genome[1])
        assert session["layer_1_activation"].string_value == genome[1][0]["activation"]
        assert "batch_size" not in session  # it is fixed in this space
        statuses.add((each.outcome.ok, plugin_data(folder, "session_end_info").status))
        if each.outcome.ok:
            accuracy = each.outcome.metrics["accuracy"]
            assert points["loss/train"] == [(1, pytest.approx(accuracy)), (2, pytest.approx(accuracy / 2))]
            assert points["loss/validation"] == [(1, pytest.approx(accuracy))]
            assert points["score/accuracy"] == [(0, pytest.approx(accuracy))]
            assert points["score/parameters"] == [(0, 100.0)]
        else:
            assert points == {}
    assert statuses == {(True, 1), (False, 2)}


def test_the_table_names_the_domain_of_every_gene_and_the_objective_first(tmp_path: Path) -> None:
    start(tmp_path / "run", Remembering(), TensorBoardTracker(tmp_path / "log"))
    told = plugin_data(only_log(tmp_path / "log"), "experiment")
    infos = {info.name: info for info in told.hparam_infos}
    assert list(infos)[:2] == ["layers", "learning_rate"]
    assert [name for name in infos if name.startswith("layer_4")] == ["layer_4_width", "layer_4_activation"]
    assert not any(name.startswith("layer_5") for name in infos)
    rate = infos["learning_rate"].domain_interval
    assert (rate.min_value, rate.max_value) == (1e-3, 1e-1)
    assert list(infos["layer_1_activation"].domain_discrete) == ["relu", "tanh"]
    assert [info.name.tag for info in told.metric_infos] == ["score/accuracy", "score/loss", "score/parameters"]


def test_a_resumed_run_loses_nothing_and_writes_nothing_twice(tmp_path: Path) -> None:
    start(tmp_path / "run", Remembering(), TensorBoardTracker(tmp_path / "log"), generations=2)
    log = only_log(tmp_path / "log")
    before = contents(log)
    lost = log / "individual_0003"
    for path in lost.iterdir():
        path.unlink()
    resume(tmp_path / "run", Remembering(), TensorBoardTracker(tmp_path / "log"), num_generations=3)
    after = contents(log)
    assert len(after) == 18
    kept = {name: data for name, data in before.items() if not name.startswith("individual_0003")}
    assert all(after[name] == data for name, data in kept.items())
    best = scalars(log / "search")["best/accuracy"]
    assert [step for step, _ in best] == [0, 1, 2]
    result = evo_nas.load_run(tmp_path / "run")
    assert best[-1][1] == pytest.approx(result.best.outcome.metrics["accuracy"])


def test_folds_have_their_own_curves_and_a_mean(tmp_path: Path) -> None:
    from dataclasses import replace

    from evo_nas.tracking.tracker import TrackedRun

    start(tmp_path / "run", Remembering(), generations=1)
    result = evo_nas.load_run(tmp_path / "run")
    each = next(each for each in result.evaluated if each.outcome.ok)
    curves = ({"train_loss": (4.0, 2.0, 1.0)}, {"train_loss": (2.0, float("nan"))})
    run = result._open()
    run.ledger.close()
    tracked = TrackedRun("an id", tmp_path / "run", result.objectives, (), run.plan.encoding, {})
    tracker = TensorBoardTracker(tmp_path / "log")
    tracker.run_began(tracked)
    tracker.individual_evaluated(replace(each, outcome=replace(each.outcome, curves=curves)), replayed=False)
    points = scalars(only_log(tmp_path / "log") / f"individual_{each.individual.id:04d}")
    assert points["loss/train"][0] == (1, 3.0)
    assert len(points["loss/train"]) == 2
    assert [value for _, value in points["loss/train_fold_1"]] == [4.0, 2.0, 1.0]


def test_the_process_of_the_run_never_loads_tensorflow(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.tracking.following import *;"
        "from evo_nas.tracking.tensorboard import TensorBoardTracker\n"
        f"start(Path({str(tmp_path / 'run')!r}), Remembering(), TensorBoardTracker(Path({str(tmp_path / 'log')!r})),"
        " generations=1)\n"
        "assert 'tensorflow' not in sys.modules\n"
        f"assert len(list(Path({str(tmp_path / 'log')!r}).glob('*/individual_*'))) == 6\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    code = "if __name__ == '__main__':\n    " + code.replace("\n", "\n    ")
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)


@pytest.mark.slow
def test_each_ranked_network_has_a_graph_of_its_own_and_no_other_in_it(tmp_path: Path) -> None:
    """Two networks in one graph: a bug of a tutorial. Real trainings of a real space, written after the fact."""
    result = evo_nas.search(
        {"encoding": "mlp", "layers": {"low": 1, "high": 4}, "width": {"low": 5, "high": 50}, "activation": ["relu"]},
        "breast_cancer",
        recipe={"epochs": 1},
        population=8,
        generations=1,
        workers=1,
        store="none",
        display=False,
        settings={"tracking": {"tensorboard": str(tmp_path / "log")}},
        run_dir=tmp_path / "run",
    )
    before = contents(only_log(tmp_path / "log"))
    said = command("tensorboard", tmp_path / "run", "--out", tmp_path / "log", "--graphs", "5")
    assert said.exit_code == 0
    log = only_log(tmp_path / "log")
    assert {name: data for name, data in contents(log).items() if name in before} == before
    ranked = [member.record for member in result.records.hall_of_fame][:5]
    assert len({len(individual.genome.layers) for individual in ranked}) > 1
    for individual in ranked:
        (graph,) = graphs(log / f"individual_{individual.id:04d}")
        scopes = {found[0] for node in graph.node if (found := re.search(r"hidden_\d+|logits", node.name))}
        products = sum(node.op == "MatMul" for node in graph.node)
        depth = len(individual.genome.layers)
        assert scopes == {f"hidden_{number}" for number in range(1, depth + 1)} | {"logits"}
        assert products == depth + 1
    unranked = {f"individual_{each.individual.id:04d}" for each in result.evaluated}
    unranked -= {f"individual_{individual.id:04d}" for individual in ranked}
    assert not any(graphs(log / name) for name in unranked)
