"""Faults of indexes, networks and proxies: the right verdict or none, in time, and nothing half remembered."""

from __future__ import annotations

import datetime as dt
import socket
import sqlite3
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from loopback_index import JSON, at, raw
from pytest_httpserver import HTTPServer

from verifier.distributions import Index, Indexes, Releases
from verifier.world.index.releases import Absent, Unverified, releases

HTML = (
    '<!DOCTYPE html><html><body><a href="/files/alpha-1.0-py3-none-any.whl#sha256=ab">alpha-1.0-py3-none-any.whl</a>'
    '<a href="/files/alpha-2.0.tar.gz" data-requires-python="&gt;=3.11" data-yanked="broken">alpha-2.0.tar.gz</a>'
    "</body></html>"
)


def ask(indexes: Indexes, name: str = "alpha", seconds: float = 3.0) -> Releases | Absent | Unverified:
    begun = time.monotonic()
    outcome = releases(indexes, name, end=begun + seconds)
    assert time.monotonic() - begun < seconds + 0.5
    return outcome


def remembered(cache: Path) -> list[tuple[str, bool]]:
    if not (cache / "index.sqlite3").exists():
        return []
    database = sqlite3.connect(cache / "index.sqlite3")
    rows = database.execute("select name, data is not null from pages_1").fetchall()
    database.close()
    return [(name, bool(found)) for name, found in rows]


def unverified(indexes: Indexes, words: str, seconds: float = 3.0) -> None:
    outcome = ask(indexes, seconds=seconds)
    assert isinstance(outcome, Unverified)
    assert not outcome.exists
    assert words in outcome.why
    assert indexes.cache is None or remembered(indexes.cache) == []


def test_404_means_that_there_is_nothing(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("", status=404)
    outcome = ask(at(server.url_for("/simple/"), cache))
    assert isinstance(outcome, Absent)
    assert outcome.why == f"{server.url_for('/simple/')} has no alpha"
    assert remembered(cache) == [("alpha", False)]


def test_404_of_an_address_without_anything_means_nothing(server: HTTPServer, cache: Path) -> None:
    for path in ("/nothing/here/", "/nothing/here/alpha/"):
        server.expect_request(path).respond_with_data("", status=404)
    unverified(at(server.url_for("/nothing/here/"), cache), "does not answer as a package index")


@pytest.mark.parametrize("status", [401, 403])
def test_403_means_nothing(server: HTTPServer, cache: Path, status: int) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("no", status=status)
    unverified(at(server.url_for("/simple/"), cache), f"answered {status}")


def test_403_means_absence_where_the_settings_say_so(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("no", status=403)
    server.expect_request("/simple/beta/").respond_with_data("no", status=401)
    indexes = Indexes((Index(server.url_for("/simple/"), ignored=(403,)),), cache=cache)
    assert isinstance(ask(indexes), Absent)
    assert isinstance(ask(indexes, "beta"), Unverified)


def test_429_is_waited_for_if_there_is_time(server: HTTPServer, cache: Path) -> None:
    busy = {"status": 429, "headers": {"Retry-After": "1"}}
    server.expect_ordered_request("/simple/alpha/").respond_with_data("", **busy)  # type: ignore[arg-type]  # fields
    server.expect_ordered_request("/simple/alpha/").respond_with_data(HTML, content_type="text/html")
    assert isinstance(ask(at(server.url_for("/simple/"), cache)), Releases)


def test_429_for_longer_means_nothing(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("", status=429, headers={"Retry-After": "3600"})
    unverified(at(server.url_for("/simple/"), cache), "answered 429")


def test_500_then_200_is_the_page(server: HTTPServer, cache: Path) -> None:
    server.expect_ordered_request("/simple/alpha/").respond_with_data("", status=500)
    server.expect_ordered_request("/simple/alpha/").respond_with_data(HTML, content_type="text/html")
    assert isinstance(ask(at(server.url_for("/simple/"), cache)), Releases)
    assert remembered(cache) == [("alpha", True)]


def test_500_for_ever_means_nothing(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("", status=500)
    unverified(at(server.url_for("/simple/"), cache), "answered 500")


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found"])
@pytest.mark.parametrize("marks", [b"Content-Length: 2000\r\n\r\n%s", b"Transfer-Encoding: chunked\r\n\r\n7f\r\n%s"])
@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_ends_within_the_page_means_nothing(
    cache: Path, status: bytes, marks: bytes, reset: bool
) -> None:
    answer = PAGE.replace(b"200 OK", status) + marks % HTML.encode()[:120]
    with raw(answer, reset=reset) as url:
        unverified(at(url, cache), "broke off")


def test_a_connection_that_ends_within_the_page_once_is_made_again(cache: Path) -> None:
    whole = PAGE + f"Content-Length: {len(HTML)}\r\n\r\n{HTML}".encode()
    with raw(whole[:150], whole, reset=True) as url:
        assert isinstance(ask(at(url, cache)), Releases)


def test_a_page_that_may_be_cut_off_is_used_and_not_remembered(cache: Path) -> None:
    cut = HTML.encode()[:130]
    with raw(PAGE + b"\r\n" + cut) as url:
        outcome = ask(at(url, cache))
        assert isinstance(outcome, Releases)
        assert [file.version for file in outcome.files] == ["1.0"]
        assert remembered(cache) == []
    with raw(PAGE + b"\r\n" + HTML.encode()) as url:
        ask(at(url, cache))
        assert remembered(cache) == [("alpha", True)]


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/octet-stream", "", "image/png"])
def test_a_wrong_content_type_means_nothing(server: HTTPServer, cache: Path, kind: str) -> None:
    server.expect_request("/simple/alpha/").respond_with_data(HTML, content_type=kind)
    unverified(at(server.url_for("/simple/"), cache), "content type")


@pytest.mark.parametrize(
    "text",
    [
        "<html><form action='/login'><a href='/help'>help</a></form></html>",
        "<html><title>Links for beta</title></html>",
        "<html><title>Links for alpha</title><form></form></html>",
        "<html><a href='beta-1.0.tar.gz'>beta-1.0.tar.gz</a></html>",
        f'<meta name="pypi:repository-version" content="2.0">{HTML}',
        "",
    ],
)
def test_html_that_is_no_page_of_the_name_means_nothing(server: HTTPServer, cache: Path, text: str) -> None:
    server.expect_request("/simple/alpha/").respond_with_data(text, content_type="text/html")
    unverified(at(server.url_for("/simple/"), cache), "answered, ")


def test_an_index_that_has_html_only(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data(HTML, content_type="text/html")
    for _ in range(2):
        outcome = ask(at(server.url_for("/simple/"), cache))
        assert isinstance(outcome, Releases)
        wheel, source = outcome.files
        assert (wheel.version, wheel.hashes, wheel.yanked) == ("1.0", ("sha256:ab",), None)
        assert wheel.url == server.url_for("/files/alpha-1.0-py3-none-any.whl")
        assert (source.version, source.requires_python, source.yanked) == ("2.0", ">=3.11", "broken")


def test_an_html_page_without_files(server: HTTPServer, cache: Path) -> None:
    page = "<html><head><title>Links for Alpha</title></head><body><h1>Links for Alpha</h1></body></html>"
    page = page.replace("<body>", '<body><meta name="pypi:project-status" content="quarantined">')
    server.expect_request("/simple/alpha/").respond_with_data(page, content_type="text/html")
    outcome = ask(at(server.url_for("/simple/"), cache))
    assert isinstance(outcome, Releases)
    assert (outcome.files, outcome.status) == ((), "quarantined")


def test_json_in_full(server: HTTPServer, cache: Path) -> None:
    files = [
        {
            "filename": "Al_pha-1.0-py3-none-any.whl",
            "url": "../../files/al.whl#egg=1",
            "hashes": {"SHA256": "AB", "blake2b": "cd"},
            "requires-python": ">=3.8",
            "yanked": True,
            "size": 12,
            "upload-time": "2024-05-06T07:08:09Z",
            "core-metadata": {"sha256": "ee"},
        },
        {"filename": "al-pha-1.0.tar.gz", "url": "https://me:s3cret@files/al.tar.gz", "hashes": {}, "yanked": "bad"},
        {"filename": "al.pha-0.9.win32.exe", "url": "al.exe", "hashes": {}, "unknown": [1]},
        {"filename": "al.pha-no.version.zip", "url": "al.zip", "hashes": {}, "yanked": False},
    ]
    page = {
        "meta": {"api-version": "1.4"},
        "name": "Al.Pha",
        "files": files,
        "project-status": {"status": "archived", "reason": "old"},
    }
    server.expect_request("/simple/al-pha/").respond_with_json(page, content_type=JSON)
    for _ in range(2):
        outcome = ask(at(server.url_for("/simple/"), cache), "AL_pha")
        assert isinstance(outcome, Releases)
        assert (outcome.name, outcome.index) == ("al-pha", server.url_for("/simple/"))
        assert (outcome.status, outcome.reason) == ("archived", "old")
        wheel, source = outcome.files
        assert wheel.url == server.url_for("/files/al.whl")
        assert (wheel.hashes, wheel.size, wheel.metadata) == (("sha256:ab", "blake2b:cd"), 12, True)
        assert (wheel.uploaded, wheel.requires_python, wheel.yanked) == ("2024-05-06T07:08:09Z", ">=3.8", "")
        assert (source.url, source.yanked, source.metadata) == ("https://files/al.tar.gz", "bad", False)
    assert b"s3cret" not in (cache / "index.sqlite3").read_bytes()


def test_json_of_a_later_major_version_means_nothing(server: HTTPServer, cache: Path) -> None:
    page = {"meta": {"api-version": "2.0"}, "name": "alpha", "files": []}
    server.expect_request("/simple/alpha/").respond_with_json(page, content_type=JSON)
    unverified(at(server.url_for("/simple/"), cache), "version 2.0")


def test_a_redirect_loop_means_nothing(server: HTTPServer, cache: Path) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("", status=302, headers={"Location": "/simple/alpha/"})
    unverified(at(server.url_for("/simple/"), cache), "in circles")


def test_a_stall_means_nothing_and_costs_the_batch_only_once(cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/simple/"
        unverified(at(url, cache), "in time", seconds=1.0)
        begun = time.monotonic()
        unverified(at(url, cache), "a moment ago", seconds=1.0)
        assert time.monotonic() - begun < 0.3


@pytest.mark.parametrize("answer", [PAGE + b"X-A: " + b"x" * 999, PAGE + b"\r\n" + HTML.encode() * 9])
def test_an_answer_that_drips_means_nothing(cache: Path, answer: bytes) -> None:
    with raw(answer, pause=0.05) as url:
        unverified(at(url, cache), "in time", seconds=1.0)


@contextmanager
def with_certificate(days: int, tmp_path: Path) -> Iterator[tuple[HTTPServer, str]]:
    """Serve with a certificate of an authority of our own that ends so many days from now."""
    authority = trustme.CA()
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    begun = until - dt.timedelta(days=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_before=begun, not_after=until).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with HTTPServer(ssl_context=context) as server:
        server.expect_request("/simple/alpha/").respond_with_data(HTML, content_type="text/html")
        yield server, str(tmp_path / "ca.pem")


@pytest.mark.parametrize(("days", "trusted"), [(-1, True), (9, False)])
def test_a_certificate_that_is_not_to_be_trusted_means_nothing(
    tmp_path: Path, cache: Path, days: int, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost")
    with with_certificate(days, tmp_path) as (server, authority):
        index = Index(server.url_for("/simple/"))
        indexes = Indexes((index,), cache=cache, certificates=authority if trusted else None)
        unverified(indexes, "certificate was refused")


def test_a_certificate_of_a_trusted_authority_is_good(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost")
    with with_certificate(9, tmp_path) as (server, authority):
        indexes = Indexes((Index(server.url_for("/simple/")),), cache=cache, certificates=authority)
        assert isinstance(ask(indexes), Releases)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_is_none_means_nothing(tmp_path: Path, cache: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    indexes = Indexes((Index("https://127.0.0.1:9/simple/"),), cache=cache, certificates=str(file))
    unverified(indexes, "127.0.0.1" if content else "certificates")


class Proxy(BaseHTTPRequestHandler):
    """Passes plain requests on, and refuses tunnels."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        onward = HTTPConnection(parts.netloc, timeout=5)  # verify: ignore[VER410] a proxy of the test
        accept = {"Accept": self.headers["Accept"]}
        onward.request("GET", parts.path, headers=accept)  # verify: ignore[VER410] see above
        answer = onward.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        onward.close()

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    asked: list[str] = []
    handler = type("Handler", (Proxy,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        through(f"http://me:s3cret@127.0.0.1:{running.server_port}", monkeypatch)  # verify: ignore[VER4421] made up
        yield asked
        running.shutdown()
        thread.join()


def through(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, address)


def test_a_proxy_is_used(server: HTTPServer, cache: Path, proxy: list[str]) -> None:
    server.expect_request("/simple/alpha/").respond_with_data(HTML, content_type="text/html")
    server.expect_request("/simple/beta/").respond_with_data("", status=404)
    indexes = at(server.url_for("/simple/"), cache)
    assert isinstance(ask(indexes), Releases)
    assert isinstance(ask(indexes, "beta"), Absent)
    assert proxy == [server.url_for("/simple/alpha/"), server.url_for("/simple/beta/")]


def test_a_proxy_that_refuses_means_nothing(cache: Path, proxy: list[str]) -> None:
    indexes = Indexes((Index("https://index.invalid/simple/"),), cache=cache)
    outcome = ask(indexes)
    assert isinstance(outcome, Unverified)
    assert "proxy" in outcome.why
    assert "s3cret" not in outcome.why
    assert proxy == ["index.invalid:443"]


def test_a_proxy_that_is_not_there_means_nothing(
    server: HTTPServer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    through("http://me:s3cret@127.0.0.1:9", monkeypatch)
    outcome = ask(at(server.url_for("/simple/"), cache))
    assert isinstance(outcome, Unverified)
    assert "proxy" in outcome.why
    assert "s3cret" not in outcome.why


def test_a_proxy_that_knows_nothing_means_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as url:
        through(url.removesuffix("/simple/"), monkeypatch)
        unverified(Indexes((Index("http://index.invalid/simple/"),), cache=cache), "does not answer")
