"""What nobody needs any more: what a killed sitting left behind, and files of trainings that can be made again."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from evo_nas.evaluation.strays import end_strays
from evo_nas.history import Ledger, RunFolder
from evo_nas.individual import Individual, TrainingKey
from evo_nas.running.rungs import drop_rungs
from evo_nas.strategies import DeapIndividual


def end_earlier_sitting(folder: RunFolder, ledger: Ledger) -> None:
    """Processes that an earlier sitting left, and files that they did not finish."""
    for part in (folder.weights, folder.rungs, folder.winner):
        for path in part.glob(".*.tmp"):
            path.unlink(missing_ok=True)
    strays = ledger.children()
    end_strays(strays)
    for pid, create_time in strays:
        ledger.forget_child(pid, create_time)


def drop_files(
    folder: RunFolder,
    *,
    winners: Iterable[DeapIndividual],
    unfinished: Iterable[Individual],
    recent: Iterable[Individual],
    finished: Collection[TrainingKey],
) -> None:
    """Keep the weights of who can win, of who is not finished and of whom these inherit from (law 5), and the rungs of
    recent proposals. Others can be trained again to the same bits. finished: trainings whose outcome is known.
    """
    names = {member.record.fingerprint for member in winners if member.record is not None}
    for individual in unfinished:
        names |= {individual.fingerprint, individual.inherits or ""}
    for path in folder.weights.glob("*.safetensors"):
        if path.name.rpartition("-")[0] not in names:
            path.unlink(missing_ok=True)
    drop_rungs(folder.rungs, {individual.fingerprint for individual in recent}, finished)
