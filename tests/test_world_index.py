"""The package index, asked for real over loopback: a "no" must be true, and a failure must stay unverified."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from loopback_index import JSON, ask, asked, at, page
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from verifier.distributions import Indexes
from verifier.world.index import lookup
from verifier.world.index.settings import index

HTML = (
    '<!DOCTYPE html><html><body><a href="../../alpha-1.0-py3-none-any.whl">alpha-1.0-py3-none-any.whl</a></body></html>'
)


def test_a_json_page_means_that_the_name_exists(server: HTTPServer, cache: Path) -> None:
    page(server)
    assert ask(server, cache, "alpha")["alpha"].exists is True


def test_an_html_page_means_that_the_name_exists(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data(HTML, content_type="text/html; charset=utf-8")
    assert ask(server, cache, "alpha")["alpha"].exists is True


def test_a_page_of_a_later_minor_version_is_read(server: HTTPServer, cache: Path) -> None:
    html = HTML.replace("<body>", '<head><meta name="pypi:repository-version" content="1.99"></head><body>')
    server.expect_request("/simple/alpha/").respond_with_data(html, content_type="text/html")
    assert ask(server, cache, "alpha")["alpha"].exists is True


@pytest.mark.parametrize("status", [404, 410])
def test_not_found_means_that_the_name_does_not_exist(server: HTTPServer, cache: Path, status: int) -> None:
    server.expect_request("/simple/beta/").respond_with_data("gone", status=status)
    assert ask(server, cache, "beta")["beta"].exists is False


@pytest.mark.parametrize("status", [401, 403, 451, 500, 503, 204])
def test_any_other_status_leaves_the_name_unverified(server: HTTPServer, cache: Path, status: int) -> None:
    server.expect_request("/simple/beta/").respond_with_data("", status=status)
    answer = ask(server, cache, "beta")["beta"]
    assert answer.exists is None
    assert str(status) in answer.why


def test_a_server_that_recovers_is_asked_again(server: HTTPServer, cache: Path) -> None:
    server.expect_ordered_request("/simple/alpha/").respond_with_data("", status=503)
    server.expect_ordered_request("/simple/alpha/").respond_with_data(HTML, content_type="text/html")
    assert ask(server, cache, "alpha")["alpha"].exists is True


def test_a_short_wish_to_wait_is_respected(server: HTTPServer, cache: Path) -> None:
    server.expect_ordered_request("/simple/beta/").respond_with_data("", status=429, headers={"Retry-After": "1"})
    server.expect_ordered_request("/simple/beta/").respond_with_data("", status=404)
    start = time.monotonic()
    assert ask(server, cache, "beta")["beta"].exists is False
    assert time.monotonic() - start >= 0.9


def test_a_huge_wish_to_wait_leaves_the_name_unverified_in_time(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/beta/").respond_with_data("", status=429, headers={"Retry-After": "86400"})
    start = time.monotonic()
    answer = ask(server, cache, "beta", deadline=1.0)["beta"]
    assert answer.exists is None
    assert "429" in answer.why
    assert time.monotonic() - start < 2


def test_a_slow_answer_leaves_the_name_unverified_and_the_others_answered(server: HTTPServer, cache: Path) -> None:
    done = threading.Event()

    def stall(_: Request) -> Response:
        done.wait(5)
        return Response(HTML, content_type="text/html")

    page(server)
    server.expect_request("/simple/slow/").respond_with_handler(stall)
    start = time.monotonic()
    answers = ask(server, cache, "alpha", "slow", deadline=0.6)
    seconds = time.monotonic() - start
    done.set()
    assert (answers["alpha"].exists, answers["slow"].exists) == (True, None)
    assert "in time" in answers["slow"].why
    assert seconds < 1.5


@pytest.mark.parametrize(
    "beginning", [b"HTTP/1.1 200 OK\r\nX-Endless: ", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b""]
)
def test_a_server_that_drips_holds_neither_the_answer_nor_the_process(cache: Path, beginning: bytes) -> None:
    code = (
        "import sys, time; from pathlib import Path; from verifier.world.index import lookup; start = time.monotonic();"
        "from verifier.distributions import Index, Indexes;"
        "indexes = Indexes((Index(sys.argv[1]),), cache=Path(sys.argv[2]), seconds=0.5);"
        "print(lookup(['drip'], indexes)['drip'].exists,"
        "time.monotonic() - start < 1.5)"
    )
    with dripping(beginning) as url:
        command = [sys.executable, "-c", code, url, str(cache)]
        process = subprocess.run(command, capture_output=True, text=True, timeout=8, check=True)
    assert process.stdout.split() == ["None", "True"]


@contextmanager
def dripping(beginning: bytes) -> Iterator[str]:
    """Serve that beginning of an answer and then a byte now and then, or nothing at all after an empty one."""
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(beginning)
            while not done.wait(0.05):
                connection.sendall(b"x" if beginning else b"")

    def serve() -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                threading.Thread(target=drip, args=(connection,)).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/simple/"
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("not found", "text/plain"),
        ('{"error": "sign in"}', "application/json"),
        ("<html><body><form action='/login'></form><a href='/help'>help</a></body></html>", "text/html"),
        ("{", JSON),
        ("[]", JSON),
        ('{"name": "other", "files": []}', JSON),
        ("[" * 100_000, JSON),
        ("", "text/html"),
    ],
)
def test_a_page_that_is_no_page_of_the_name_proves_nothing(
    server: HTTPServer, cache: Path, body: str, kind: str
) -> None:
    server.expect_request("/simple/alpha/").respond_with_data(body, content_type=kind)
    assert ask(server, cache, "alpha")["alpha"].exists is None


def test_a_redirect_is_followed(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("", status=301, headers={"Location": "/other/alpha/"})
    server.expect_request("/other/alpha/").respond_with_data(HTML, content_type="text/html")
    server.expect_request("/simple/beta/").respond_with_data("", status=301, headers={"Location": "/other/beta/"})
    server.expect_request("/other/beta/").respond_with_data("", status=404)
    answers = ask(server, cache, "alpha", "beta")
    assert (answers["alpha"].exists, answers["beta"].exists) == (True, False)


def test_a_redirect_to_nowhere_or_in_circles_proves_nothing(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/beta/").respond_with_data("", status=302, headers={"Location": "/login"})
    server.expect_request("/login").respond_with_data("", status=404)
    server.expect_request("/simple/loop/").respond_with_data("", status=302, headers={"Location": "/simple/loop/"})
    answers = ask(server, cache, "beta", "loop")
    assert (answers["beta"].exists, answers["loop"].exists) == (None, None)


def test_a_refused_connection_proves_nothing(cache: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = lookup(["beta"], at(f"http://127.0.0.1:{port}/simple", cache, deadline=3))["beta"]
    assert answer.exists is None
    assert "no connection" in answer.why


@pytest.mark.parametrize("url", ["not an address", "file:///tmp/index", "http://", "http://["])
def test_an_address_that_is_none_proves_nothing(cache: Path, url: str) -> None:
    assert lookup(["beta"], at(url, cache, deadline=3))["beta"].exists is None


def test_an_address_where_nothing_exists_is_not_believed(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/wrong/").respond_with_data("", status=404)
    server.expect_request("/wrong/beta/").respond_with_data("", status=404)
    url = server.url_for("/wrong/")
    assert lookup(["beta"], at(url, cache, deadline=3))["beta"].exists is None


def test_an_index_without_a_first_page_is_believed_once_it_had_something(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/bare/").respond_with_data("", status=404)
    server.expect_request("/bare/beta/").respond_with_data("", status=404)
    server.expect_request("/bare/alpha/").respond_with_data(HTML, content_type="text/html")
    url = server.url_for("/bare/")
    assert lookup(["alpha"], at(url, cache))["alpha"].exists is True
    assert lookup(["beta"], at(url, cache))["beta"].exists is False


def test_names_are_normalised_and_asked_once(server: HTTPServer, cache: Path) -> None:
    page(server, "my-name")
    answers = ask(server, cache, "My_Name", "my.name", "my-name")
    assert {name: answer.exists for name, answer in answers.items()} == {
        "My_Name": True,
        "my.name": True,
        "my-name": True,
    }
    assert {answer.name for answer in answers.values()} == {"my-name"}
    assert asked(server, "/simple/my-name/") == 1


@pytest.mark.parametrize(("name", "exists"), [("naïve", False), ("a/../b", False), ("", False), ("_private", None)])
def test_names_that_no_distribution_can_have_are_not_asked(
    server: HTTPServer, cache: Path, name: str, exists: bool | None
) -> None:
    before = len(server.log)
    assert ask(server, cache, name)[name].exists is exists
    assert len(server.log) == before


def test_many_names_are_answered(server: HTTPServer, cache: Path) -> None:
    for number in range(0, 30, 2):
        page(server, f"name{number}")
        server.expect_request(f"/simple/name{number + 1}/").respond_with_data("", status=404)
    answers = ask(server, cache, *(f"name{number}" for number in range(30)))
    assert [answers[f"name{number}"].exists for number in range(30)] == [True, False] * 15


def test_credentials_are_used_and_neither_shown_nor_kept(server: HTTPServer, cache: Path) -> None:
    basic = "Basic " + base64.b64encode(b"me:s3cr et").decode()
    page_of = {"meta": {"api-version": "1.0"}, "name": "alpha", "files": []}
    server.expect_request("/simple/alpha/", headers={"Authorization": basic}).respond_with_json(
        page_of, content_type=JSON
    )
    server.expect_request("/simple/beta/").respond_with_data("", status=404)
    server.expect_request("/simple/gamma/").respond_with_data("", status=403)
    one = index(server.url_for("/simple/").replace("://", "://me:s3cr%20et@"), Path())
    assert one is not None
    answers = lookup(["alpha", "beta", "gamma"], Indexes((one,), cache=cache))
    assert [answers[name].exists for name in ("alpha", "beta", "gamma")] == [True, False, None]
    assert not any("s3cr" in answer.why or "me:" in answer.why for answer in answers.values())
    assert b"s3cr" not in (cache / "index.sqlite3").read_bytes()


def test_the_program_says_who_it_is(server: HTTPServer, cache: Path) -> None:
    page(server)
    ask(server, cache, "alpha")
    assert server.log[-1][0].headers["User-Agent"].startswith("verifier")
