"""What trackers are told, once and in order, and that none of them can harm a run."""

from __future__ import annotations

import math
import random
import threading
from contextlib import closing
from pathlib import Path

import pytest

import evo_nas
from evo_nas.running.preparation import open_run
from evo_nas.running.tensorboard_log import _tell
from evo_nas.summary import run_digest
from evo_nas.tracking import follower
from tests.running.test_python_door import fitness
from tests.strategies.searching import SPACE
from tests.tracking.following import Diary, Failing, Hanging, Remembering, resume, start


def test_a_tracker_is_told_everything_in_order_with_curves(tmp_path: Path) -> None:
    diary = Diary()
    start(tmp_path / "run", Remembering(), diary)
    expected = [("began", 0)]
    for generation in range(3):
        expected += [("evaluated", 6 * generation + place) for place in range(6)]
        expected.append(("generation", generation))
    assert diary.entries == [*expected, ("ended", "finished")]
    result = evo_nas.load_run(tmp_path / "run")
    assert [each.individual for each in diary.evaluated] == [each.individual for each in result.evaluated]
    assert [each.outcome.metrics for each in diary.evaluated] == [each.outcome.metrics for each in result.evaluated]
    assert all(len(each.outcome.curves) == each.outcome.ok for each in diary.evaluated)
    assert diary.new == list(range(18))


def test_a_resumed_run_is_told_from_its_beginning_and_says_what_is_new(tmp_path: Path) -> None:
    first, second, third = Diary(), Diary(), Diary()
    start(tmp_path / "run", Remembering(), first, generations=2)
    resume(tmp_path / "run", Remembering(), second, num_generations=3)
    assert second.entries[0] == ("began", 12)
    assert [each.individual.id for each in second.evaluated] == list(range(18))
    assert (first.new, second.new) == (list(range(12)), list(range(12, 18)))
    assert second.evaluated[:12] == first.evaluated
    resume(tmp_path / "run", Remembering(), third)
    assert third.new == []
    assert third.entries[1:] == second.entries[1:]


def test_a_tracker_that_fails_costs_one_warning_and_nothing_else(tmp_path: Path) -> None:
    failing, diary, observer = Failing(7), Diary(), Remembering()
    start(tmp_path / "run", observer, failing, diary)
    start(tmp_path / "alone", Remembering())
    assert [text for text in observer.messages if "tracker" in text] == [
        "warning: the tracker Failing is dropped (SystemExit: the server has gone); the run goes on"
    ]
    assert failing.calls == 8
    assert len(diary.evaluated) == 18
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "alone").hash


def test_a_tracker_that_hangs_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower.Followers.close, "__defaults__", (3.0,))
    hanging, diary, observer = Hanging(), Diary(), Remembering()
    start(tmp_path / "run", observer, diary, hanging)
    assert len(diary.evaluated) == 18
    assert [text for text in observer.messages if "tracker" in text] == [
        "warning: the tracker Hanging is dropped (it was still writing 3 seconds after the end); the run goes on"
    ]
    hanging.let_go.set()


def test_no_thread_is_left_by_a_run_that_fails(tmp_path: Path) -> None:
    from dataclasses import replace

    from evo_nas.running import launch
    from evo_nas.running.preparation import make_plan
    from tests.faults import killable
    from tests.tracking.following import choices

    def stop() -> bool:
        raise RuntimeError("this sitting ends here")

    diary = Diary()
    plan = make_plan(killable.settings({}), base=Path.cwd(), dataset=killable.data())
    with pytest.raises(RuntimeError, match="ends here"):
        launch.start(plan, tmp_path / "run", replace(choices(diary), stop=stop), Remembering())
    for thread in threading.enumerate():
        if thread.name.startswith("tracker Diary"):
            thread.join(20)
            assert not thread.is_alive()


def test_a_search_in_python_takes_trackers_and_a_fitness_of_ones_own_has_no_curves(tmp_path: Path) -> None:
    diary, later = Diary(), Diary()
    asked = {"objectives": ["maximize score"], "population": 4, "evaluate": fitness, "display": False}
    evo_nas.search(SPACE, run_dir=tmp_path / "run", generations=2, trackers=[diary], **asked)
    assert diary.new == list(range(8))
    assert not any(each.outcome.curves for each in diary.evaluated)
    evo_nas.resume(tmp_path / "run", generations=3, evaluate=fitness, trackers=[later], display=False)
    assert later.new == list(range(8, 12))


def test_a_log_after_the_fact_ends_with_whom_the_search_believes_in(tmp_path: Path) -> None:
    """With noise the luckiest is often another."""
    others = 0
    for seed in range(4):
        luck = random.Random(seed)
        live, later = Diary(), Diary()
        result = evo_nas.search(
            SPACE,
            evaluate=lambda individual, luck=luck: fitness(individual)[0] + luck.gauss(0.0, 30.0),
            objectives=["maximize score"],
            population=12,
            generations=5,
            seed=seed,
            run_dir=tmp_path / str(seed),
            trackers=[live],
            display=False,
        )
        run = open_run(tmp_path / str(seed), read_only=True)
        with closing(run.ledger):
            _tell(run, later)
        winner = result.best.individual.fingerprint
        for best in (live.bests[-1], later.bests[-1]):
            assert best is not None
            assert best.individual.fingerprint == winner
        luckiest = max(later.evaluated, key=lambda each: each.outcome.metrics.get("score", -math.inf))
        others += luckiest.individual.fingerprint != winner
    assert others


def test_a_password_in_the_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(evo_nas.UserError, match=r"MLFLOW_TRACKING_PASSWORD"):
        evo_nas.search(
            SPACE,
            evaluate=fitness,
            objectives=["maximize score"],
            settings={"tracking": {"mlflow": "https://me:secret@server"}},
            run_dir=tmp_path / "run",
        )
    assert not (tmp_path / "run").exists()


def test_a_package_that_is_missing_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import evo_nas.tracking

    monkeypatch.setattr(evo_nas.tracking, "find_spec", lambda name: None)
    with pytest.raises(evo_nas.UserError, match=r'pip install "evo-nas\[tensorboard\]"'):
        evo_nas.search(
            SPACE,
            evaluate=fitness,
            objectives=["maximize score"],
            settings={"tracking": {"tensorboard": str(tmp_path / "log")}},
            run_dir=tmp_path / "run",
        )
    assert not (tmp_path / "run").exists()


def test_the_command_line_adds_to_the_trackers_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evo_nas.commands.runs import tracking_options, with_tracking
    from tests.faults import killable

    monkeypatch.chdir(tmp_path)
    settings = with_tracking(killable.settings({}), tracking_options(None, "sqlite:///here.db"))
    both = with_tracking(settings, tracking_options(Path("log"), None))
    assert both.tracking.model_dump() == {"tensorboard": str(tmp_path / "log"), "mlflow": "sqlite:///here.db"}
    with pytest.raises(evo_nas.UserError, match="holds a password"):
        tracking_options(None, "https://me:secret@server")
