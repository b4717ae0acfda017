"""One writer a run: a kernel lock that ends with the process that holds it, however that ends (law 5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from evo_nas.errors import UserError
from evo_nas.history.folder import RunFolder


@contextmanager
def hold(folder: RunFolder) -> Iterator[None]:
    """Hold the run's lock. Raises UserError at once where another process, or this one, holds it already.

    The kernel forgets the lock of a process that was killed, so a file left behind is no obstacle.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder.lock, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            f"{folder.path} is in use by another process, which is running this very run; "
            "wait until it ends, or stop it, and try again"
        ) from None
    except OSError as error:
        raise UserError(f"{folder.path}: cannot be locked for writing ({error}); choose a folder on a disk") from None
    try:
        yield
    finally:
        lock.release()


def is_held(folder: RunFolder) -> bool:
    """Whether somebody holds the run's lock now. Takes it for a moment to find out; no where it cannot be asked."""
    from filelock import FileLock, Timeout

    if not folder.lock.exists():
        return False
    lock = FileLock(folder.lock, blocking=False)
    try:
        with lock:
            return False
    except Timeout:
        return True
    except OSError:
        return False
