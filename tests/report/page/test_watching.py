from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evo_nas.errors import UserError
from evo_nas.history import Ledger
from evo_nas.reporting import watching
from evo_nas.reporting.watching import LivePage, Server
from experiments.made_up_run import Size, make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("watched") / "run", Size(12, 6))


@contextmanager
def serving(run: Path, host: str = "127.0.0.1") -> Iterator[Server]:
    with Server(run, host) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def get(server: Server, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_page_and_its_state_are_served_on_this_machine(run: Path) -> None:
    with serving(run) as server:
        assert server.address == f"http://127.0.0.1:{server.server_port}/"
        status, page = get(server, "/")
        assert status == 200
        assert 'data-watched="state"' in page
        assert "connect-src 'self'" in page
        assert get(server, "/state") == (200, server.page.refresh()[0])
        assert get(server, "/run.db")[0] == 404
        assert get(server, "/../run.db")[0] == 404


def test_a_name_that_is_not_this_machine_s_is_refused(run: Path) -> None:
    with serving(run) as server:
        assert get(server, "/", Host="evil.example:80")[0] == 404
        assert get(server, "/", Host=f"localhost:{server.server_port}")[0] == 200


def test_another_address_needs_the_token_of_its_url(run: Path) -> None:
    with serving(run, "0.0.0.0") as server:
        assert len(server.root) > 30
        assert server.root in server.address
        assert get(server, "/")[0] == 404
        assert get(server, "/state")[0] == 404
        assert get(server, server.root)[0] == 200
        assert get(server, f"{server.root}state")[0] == 200


def test_the_page_is_made_anew_when_the_run_has_gone_on_and_not_too_often(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def page(folder: Path, *, watched: str) -> str:
        made.append(watched)
        return f"page {len(made)}"

    monkeypatch.setattr(watching, "report_page", page)
    monkeypatch.setattr(watching, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(watching, "LEAST_PAUSE", 0.0)
    live = LivePage(run)
    first = live.refresh()
    assert live.refresh() == first
    with Ledger.open(run / "run.db") as ledger:
        ledger.decide("session:looked", {"at": "it"})
    second = live.refresh()
    assert second[1] == "page 2"
    assert second[0] != first[0]
    monkeypatch.setattr(watching, "LEAST_SECONDS", 3600.0)
    live = LivePage(run)
    third = live.refresh()
    with Ledger.open(run / "run.db") as ledger:
        ledger.decide("session:looked", {"at": "it again"})
    assert live.refresh() == third


def test_what_cannot_be_served_is_one_sentence(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such run folder"):
        Server(tmp_path / "nowhere")
    with serving(run) as server, pytest.raises(UserError, match="give another --host or --port"):
        Server(run, port=server.server_port)
    with pytest.raises(UserError, match="nothing can be served there"):
        Server(run, "no such host.invalid")
