"""The parent's end of one child process: what goes in, what comes out, and its end."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from evo_nas.evaluation.devices import Device
from evo_nas.evaluation.family import end_family
from evo_nas.evaluation.frames import READ_BYTES, FrameReader, GarbageError

LAST_WORDS_BYTES = 4096
LAST_LINE_CHARACTERS = 300
NATURAL_END_SECONDS = 1.0
REAP_SECONDS = 5.0


class ChildLostError(Exception):
    """The child has ended, talks garbage, or could not be started. The text says which."""


class WarmChild:
    """A fresh interpreter in its own process group that runs tasks until it is ended. For one thread only.

    Nothing here waits longer than it is told to, whatever the child does: all pipes are polled, none is trusted. What
    it prints is read along with its answers and forgotten but for the last 4 KiB. Raises ChildLostError where the
    system refuses another process.
    """

    def __init__(self, device: Device, handlers: str) -> None:
        self._reader = FrameReader()
        self._unsent = memoryview(b"")
        self._last_words = b""
        self._closed_its_pipe = False
        with contextlib.ExitStack() as passed:
            try:
                self._open(passed, device, handlers)
            except OSError as error:
                raise ChildLostError(f"no process could be started ({error})") from error
        self.pid = self._process.pid
        self.create_time = self._create_time()

    def send(self, frame: bytes) -> None:
        """Queue bytes for the child; `receive` writes them as it takes them."""
        self._unsent = memoryview(frame)
        self._selector.register(self._tasks, selectors.EVENT_WRITE, self._write)

    def receive(self, timeout_seconds: float) -> list[dict[str, Any]]:
        """Its next messages, waiting for the first at most so long. Raises ChildLostError if there will be no more."""
        ended = self._how_it_ended()  # asked first: whatever it said before its end is still in the pipe
        messages: list[dict[str, Any]] = []
        for key, _ in self._selector.select(0 if ended else timeout_seconds):
            messages += key.data()
        if not messages and (ended or self._closed_its_pipe):
            raise ChildLostError(ended or self._soon_ended())
        return messages

    def is_sound(self) -> bool:
        """Whether an idle child can take another task.

        Of a child that was killed a moment ago the first thread is gone before the last one closes its pipes.
        """
        try:
            self.receive(0)
            gone = psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except (ChildLostError, psutil.NoSuchProcess):
            return False
        return not gone and not self._unsent

    def resident_bytes(self) -> int:
        """Memory that it holds; 0 if it has just ended."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def end(self) -> None:
        """Kill it with all that it started, reap it, close the pipes."""
        end_family(self.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a process stuck in a driver cannot be waited for
            self._process.wait(REAP_SECONDS)
        self._selector.close()
        for descriptor in (self._lifeline, self._tasks, self._results, self._output):
            os.close(descriptor)

    def _open(self, passed: contextlib.ExitStack, device: Device, handlers: str) -> None:
        """Make four pipes and the process. `passed` closes the child's ends here, and all ends if anything fails."""
        kept = passed.enter_context(contextlib.ExitStack())
        child_lifeline, self._lifeline = _pipe(passed, kept)
        child_tasks, self._tasks = _pipe(passed, kept)
        self._results, child_results = _pipe(kept, passed)
        self._output, child_output = _pipe(kept, passed)
        self._selector = kept.enter_context(selectors.DefaultSelector())
        for descriptor, read in ((self._results, self._read_results), (self._output, self._read_output)):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ, read)
        os.set_blocking(self._tasks, False)
        descriptors = (child_lifeline, child_tasks, child_results)
        self._process = subprocess.Popen(
            _command(descriptors, device, handlers),
            stdin=subprocess.DEVNULL,
            stdout=child_output,
            stderr=child_output,
            pass_fds=descriptors,
            env=_environment(device),
            start_new_session=True,
        )
        kept.pop_all()

    def _create_time(self) -> float:
        try:
            return float(psutil.Process(self.pid).create_time())
        except psutil.Error:
            return time.time()

    def _write(self) -> list[dict[str, Any]]:
        try:
            self._unsent = self._unsent[os.write(self._tasks, self._unsent) :]
        except BrokenPipeError:  # it is ending; reading will show how
            self._unsent = memoryview(b"")
        if not self._unsent:
            self._selector.unregister(self._tasks)
        return []

    def _read_results(self) -> list[dict[str, Any]]:
        data = os.read(self._results, READ_BYTES)
        if not data:
            self._closed_its_pipe = True
            self._selector.unregister(self._results)
        try:
            return self._reader.feed(data)
        except GarbageError as error:
            raise ChildLostError(f"it answered garbage: {error}") from error

    def _read_output(self) -> list[dict[str, Any]]:
        data = os.read(self._output, READ_BYTES)
        if not data:
            self._selector.unregister(self._output)
        self._last_words = (self._last_words + data)[-LAST_WORDS_BYTES:]
        return []

    def _how_it_ended(self) -> str:
        """A sentence about a child that has ended, else ""."""
        status = self._process.poll()
        return "" if status is None else describe_end(status) + self._last_line()

    def _soon_ended(self) -> str:
        """A pipe closes a moment before the process has ended: give it that moment, its exit status says more."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(NATURAL_END_SECONDS)
        return self._how_it_ended() or "it closed its side of the pipe"

    def _last_line(self) -> str:
        for key, _ in self._selector.select(0):
            if key.fd == self._output:
                self._read_output()
        lines = [line.strip() for line in self._last_words.decode(errors="replace").splitlines()]
        line = next((line for line in reversed(lines) if line), "")
        shown = "".join(character for character in line if character.isprintable())[:LAST_LINE_CHARACTERS]
        return f"; its last line was: {shown}" if shown else ""


def describe_end(status: int) -> str:
    """How a process ended that was not killed by us: an exit code, or minus the number of a signal."""
    if status >= 0:
        return f"it ended with exit code {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    hint = " (not sent from here: often the kernel's out-of-memory killer)" if -status == signal.SIGKILL else ""
    return f"it was killed by {name}{hint}"


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """A pipe's reading and writing end, each closed by its own stack."""
    reading, writing = os.pipe()
    reader.callback(os.close, reading)
    writer.callback(os.close, writing)
    return reading, writing


def _command(descriptors: tuple[int, ...], device: Device, handlers: str) -> list[str]:
    arguments = [*map(str, descriptors), str(os.getpid()), handlers, json.dumps(device.to_json())]
    return [sys.executable, "-P", "-m", "evo_nas.evaluation.child", *arguments]


def _environment(device: Device) -> dict[str, str]:
    """The parent's, the device's, and the parent's own search path: what it can import, its child can."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {**os.environ, **device.environment, "PYTHONPATH": path}
