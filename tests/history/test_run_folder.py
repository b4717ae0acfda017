from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evo_nas.errors import UserError
from evo_nas.history import Ledger, RunFolder, hold

HOLDER = """
import sys
from pathlib import Path
from evo_nas.history import RunFolder, hold
with hold(RunFolder(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def begun_run(path: Path) -> RunFolder:
    folder = RunFolder(path)
    folder.create()
    folder.config.write_text("")
    Ledger.create(folder.ledger, {}).close()
    return folder


def test_every_file_has_its_name(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    names = {
        folder.checkpoint(3): "checkpoints/generation_0003.json",
        folder.lineage(3): "lineage/generation_0003.graphml",
        folder.lineage_picture(12345): "lineage/generation_12345.png",
        folder.family_picture(): "lineage/family_tree.png",
        folder.family_picture("svg"): "lineage/family_tree.svg",
        folder.weights_of("ab12", 2): "weights/ab12-2.safetensors",
        folder.curve("roc_auc"): "curves/roc_auc.png",
        folder.curve("front", "svg"): "curves/front.svg",
        folder.model: "winner/model.keras",
        folder.winner_genome: "winner/genome.json",
        folder.preprocessing: "winner/preprocessing.json",
        folder.scores: "winner/scores.json",
    }
    for path, name in names.items():
        assert str(path.relative_to(tmp_path)) == name


def test_checkpoints_are_in_order_of_generation(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    for generation in (10_000, 2, 9_999):
        folder.checkpoint(generation).write_text("{}")
    (folder.path / "checkpoints" / "generation_last.json").write_text("{}")
    assert folder.checkpoints() == [folder.checkpoint(g) for g in (2, 9_999, 10_000)]


def test_a_folder_that_holds_a_run_is_refused_with_the_way_on(tmp_path: Path) -> None:
    folder = begun_run(tmp_path / "run")
    with pytest.raises(UserError, match=r"already holds a run; go on with `evo-nas resume .*run`, or give another"):
        folder.create()


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(UserError, match=r"is not empty and holds no run \(there is 'thesis.tex'\)"):
        RunFolder(tmp_path).create()
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(UserError, match="is a file, expected a folder"):
        RunFolder(tmp_path / "run").create()


def test_a_start_that_was_cut_short_can_be_made_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    for name in ("config.toml", "data.npz", "run.lock", "run.db.new", ".config.toml.tmp"):
        (folder.path / name).write_text("half")
    folder.create()
    Ledger.create(folder.ledger, {}).close()
    folder.require()


def test_a_folder_without_a_ledger_is_named_but_the_settings_file_is_a_courtesy(tmp_path: Path) -> None:
    folder = begun_run(tmp_path / "run")
    folder.config.unlink()
    folder.require()
    folder.ledger.unlink()
    with pytest.raises(UserError, match=r"is not a run folder \(run\.db is missing\)"):
        folder.require()


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such run folder"):
        RunFolder(tmp_path / "nowhere").require()


def test_a_run_in_use_is_refused_until_its_process_is_gone(tmp_path: Path) -> None:
    folder = begun_run(tmp_path / "run")
    command = [sys.executable, "-c", HOLDER, str(folder.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="is in use by another process"), hold(folder):
            pass
        holder.kill()
        holder.wait()
    with hold(folder):
        pass
    with hold(folder):
        pass


def test_the_lock_is_given_back_when_the_run_fails(tmp_path: Path) -> None:
    folder = begun_run(tmp_path / "run")
    with pytest.raises(ZeroDivisionError), hold(folder):
        raise ZeroDivisionError
    with hold(folder):
        pass
