"""A package index on loopback that answers what a test tells it to, and what the program asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

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
    url = server.url_for("/simple/")
    return dict(lookup(names, url=url, offline=offline, cache=cache, deadline=deadline))


def asked(server: HTTPServer, path: str) -> int:
    return sum(request.path == path for request, _ in server.log)
