"""A package index on loopback that answers what a test tells it to, and what the program asked of it."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from verifier.distributions import Index, Indexes
from verifier.world import sessions
from verifier.world.index import Answer, lookup

JSON = "application/vnd.pypi.simple.v1+json"


@pytest.fixture(scope="module")
def running() -> Iterator[HTTPServer]:
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def server(running: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    running.clear()
    sessions.forget()
    running.expect_request("/simple/").respond_with_data("<!DOCTYPE html><html></html>", content_type="text/html")
    yield running
    running.clear()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def page(server: HTTPServer, name: str = "alpha") -> None:
    data = {"meta": {"api-version": "1.1"}, "name": name, "files": [], "versions": ["1.0"]}
    server.expect_request(f"/simple/{name}/").respond_with_json(data, content_type=JSON)


def ask(
    server: HTTPServer, cache: Path, *names: str, deadline: float = 5.0, offline: bool = False
) -> dict[str, Answer]:
    return dict(lookup(names, at(server.url_for("/simple/"), cache, deadline=deadline, offline=offline)))


def at(url: str, cache: Path | None, *, deadline: float = 5.0, offline: bool = False) -> Indexes:
    return Indexes((Index(url),), cache=cache, offline=offline, seconds=deadline)


def asked(server: HTTPServer, path: str) -> int:
    return sum(request.path == path for request, _ in server.log)


@contextmanager
def raw(*answers: bytes, pause: float = 0.0, reset: bool = False) -> Iterator[str]:
    """Serve those bytes, one answer for each connection and the last for all others, then end or reset the connection.

    With a pause the answer comes byte by byte, that many seconds apart.
    """
    done = threading.Event()
    waiting = deque(answers)

    def converse(connection: socket.socket, answer: bytes) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            if not pause:
                connection.sendall(answer)
            for number in range(len(answer) if pause else 0):
                connection.sendall(answer[number : number + 1])
                if done.wait(pause):
                    break
            if reset:
                time.sleep(0.05)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def serve() -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                answer = waiting.popleft() if len(waiting) > 1 else waiting[0]
                threading.Thread(target=converse, args=(connection, answer), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/simple/"
        finally:
            done.set()
            thread.join()
            sessions.forget()
