"""`evo-nas watch`: the report of a run, served while the run goes on."""

from __future__ import annotations

import secrets
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from evo_nas.errors import UserError
from evo_nas.history import RunFolder, is_held
from evo_nas.reporting.writing import report_page

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LEAST_SECONDS = 5.0
"""Between two pages."""
LEAST_PAUSE = 10.0
"""In multiples of what the last page took: the run has the machine's time, not whoever looks."""


class LivePage:
    """The page of a run folder, made anew when the run has gone on, but not too often. For several threads."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._folder = RunFolder(run_dir)
        self._lock = threading.Lock()
        self._text = ""
        self._state = ""
        self._not_before = 0.0

    def refresh(self) -> tuple[str, str]:
        """(what the page shows, a text that changes with it; the page). Raises UserError as `report_page` does."""
        with self._lock:
            state = self._now()
            if not self._text or (state != self._state and time.monotonic() >= self._not_before):
                began = time.monotonic()
                self._text = report_page(self._run_dir, watched="state")
                self._state = state
                taken = time.monotonic() - began
                self._not_before = time.monotonic() + max(LEAST_SECONDS, LEAST_PAUSE * taken)
            return self._state, self._text

    def _now(self) -> str:
        """Every commit changes the ledger's file."""
        try:
            status = self._folder.ledger.stat()
            return f"{status.st_mtime_ns} {status.st_size} {is_held(self._folder)}"
        except OSError:
            return "gone"


class Server(ThreadingHTTPServer):
    """Two addresses: the page, and below it its state. On this machine alone they need no token; a name by which
    another site could lead a browser here is refused.

    Raises UserError where nothing can be served there, or of nothing.
    """

    daemon_threads = True

    def __init__(self, run_dir: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.page = LivePage(run_dir)
        self.page.refresh()
        self.is_local = host in LOOPBACK
        self.root = "/" if self.is_local else f"/{secrets.token_urlsafe(24)}/"
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            raise UserError(
                f"{host}:{port}: nothing can be served there ({error}); give another --host or --port"
            ) from None

    @property
    def address(self) -> str:
        """What a browser opens."""
        host = self.server_address[0]
        return f"http://{host!s}:{self.server_port}{self.root}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        """The page or its state; everything else is not there."""
        asked = self.path.partition("?")[0]
        is_page = secrets.compare_digest(asked.encode(), self.server.root.encode())
        is_state = secrets.compare_digest(asked.encode(), f"{self.server.root}state".encode())
        if not (is_page or is_state) or not self._named_as_expected():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            state, page = self.server.page.refresh()
        except UserError as error:
            self._send(str(error), "text/plain", HTTPStatus.SERVICE_UNAVAILABLE)
            return
        self._send(page if is_page else state, "text/html" if is_page else "text/plain")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """The terminal stays quiet."""

    def _named_as_expected(self) -> bool:
        name = self.headers.get("Host", "").rpartition(":")[0].strip("[]")
        return not self.server.is_local or name in LOOPBACK

    def _send(self, text: str, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)
