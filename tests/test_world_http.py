"""Requests end in time, with an answer or words for people; credentials go where they belong and nowhere else."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback_index import raw
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from verifier.distributions import Index, Indexes
from verifier.world import sessions
from verifier.world.http import FetchError, Reply, fetch, stream, traffic

NONE = Indexes()


def get(
    url: str, *, indexes: Indexes = NONE, seconds: float = 5.0, most_bytes: int = 1_000_000, **headers: str
) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return fetch(indexes, url, headers=named, most_bytes=most_bytes, end=time.monotonic() + seconds)


def why(url: str, *, indexes: Indexes = NONE, seconds: float = 5.0, most_bytes: int = 1_000_000) -> str:
    begun = time.monotonic()
    with pytest.raises(FetchError) as error:
        get(url, indexes=indexes, seconds=seconds, most_bytes=most_bytes)
    assert time.monotonic() - begun < seconds + 0.5
    return str(error.value)


@pytest.fixture
def other(server: HTTPServer) -> Iterator[HTTPServer]:
    with HTTPServer() as second:
        assert second.port != server.port
        yield second


@pytest.mark.parametrize("status", [200, 206, 304, 404, 410, 416])
def test_statuses_that_mean_something_come_back(server: HTTPServer, status: int) -> None:
    server.expect_request("/a").respond_with_data("" if status == 304 else "body", status=status)
    reply = get(server.url_for("/a"))
    assert (reply.status, reply.url) == (status, server.url_for("/a"))
    assert reply.headers["SERVER"] == reply.headers["server"] == reply.headers.get("Server")


@pytest.mark.parametrize("status", [201, 204, 400, 401, 403, 407, 451, 501])
def test_other_statuses_are_errors_that_tell_them(server: HTTPServer, status: int) -> None:
    server.expect_request("/a").respond_with_data("", status=status)
    with pytest.raises(FetchError, match=f"answered {status}") as error:
        get(server.url_for("/a"))
    assert error.value.status == status


def test_a_server_that_recovers_is_asked_again(server: HTTPServer) -> None:
    for status in (500, 502, 503):
        server.expect_ordered_request("/a").respond_with_data("", status=status)
    server.expect_ordered_request("/a").respond_with_data("body")
    before = traffic.requests
    assert get(server.url_for("/a")).body == b"body"
    assert traffic.requests - before == 4


def test_a_server_that_does_not_recover_is_not_asked_for_ever(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("", status=500)
    assert "answered 500" in why(server.url_for("/a"))
    assert len([1 for request, _ in server.log if request.path == "/a"]) == 4


@pytest.mark.parametrize("wish", ["86400", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_nobody_waits_for_longer_than_there_is_time(server: HTTPServer, wish: str) -> None:
    server.expect_request("/a").respond_with_data("", status=429, headers={"Retry-After": wish})
    begun = time.monotonic()
    assert "answered 429" in why(server.url_for("/a"))
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("wish", ["1", "never", "-1", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_wish_to_wait_that_fits_is_respected(server: HTTPServer, wish: str) -> None:
    server.expect_ordered_request("/a").respond_with_data("", status=429, headers={"Retry-After": wish})
    server.expect_ordered_request("/a").respond_with_data("body")
    begun = time.monotonic()
    assert get(server.url_for("/a")).body == b"body"
    assert (time.monotonic() - begun >= 1) == (wish == "1")


def test_a_body_may_be_as_large_as_is_allowed_and_no_larger(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("x" * 1000)
    packed = gzip.compress(bytes(10_000_000))
    server.expect_request("/bomb").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    assert len(get(server.url_for("/a"), most_bytes=1000).body) == 1000
    assert "larger" in why(server.url_for("/a"), most_bytes=999)
    assert "larger" in why(server.url_for("/bomb"), most_bytes=len(packed) * 2)


def test_a_page_is_unpacked_and_a_streamed_file_is_not(server: HTTPServer) -> None:
    packed = gzip.compress(b"body" * 100)
    server.expect_request("/a").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    assert get(server.url_for("/a")).body == b"body" * 100
    with stream(NONE, server.url_for("/a"), end=time.monotonic() + 5) as answer:
        assert b"".join(answer.chunks) == packed


BEGINNING = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


@pytest.mark.parametrize("answer", [BEGINNING + b"hello", CHUNKED, CHUNKED + b"7\r\nwor", b""])
@pytest.mark.parametrize("reset", [False, True])
def test_an_answer_that_breaks_off_is_an_error(answer: bytes, reset: bool) -> None:
    with raw(answer, reset=reset) as url:
        assert any(words in why(url) for words in ("broke off", "no connection"))


def test_an_answer_that_breaks_off_once_is_asked_for_again() -> None:
    with raw(BEGINNING + b"hello", BEGINNING + b"helloworld", reset=True) as url:
        assert get(url).body == b"helloworld"


def test_a_stream_that_breaks_off_says_so_while_it_is_read() -> None:
    with raw(BEGINNING + b"hello") as url, stream(NONE, url, end=time.monotonic() + 5) as answer:
        assert answer.status == 200
        with pytest.raises(FetchError, match="broke off"):
            list(answer.chunks)


def test_a_body_of_which_nobody_told_the_end_is_marked() -> None:
    with raw(b"HTTP/1.1 200 OK\r\n\r\nhello") as url:
        assert (get(url).body, get(url).whole) == (b"hello", False)
    with raw(BEGINNING + b"helloworld") as url:
        assert get(url).whole


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nX-Endless: " + b"x" * 999, BEGINNING.replace(b"10", b"9999")])
def test_a_server_that_drips_is_left_in_time(answer: bytes) -> None:
    with raw(answer, pause=0.05) as url:
        assert "in time" in why(url, seconds=0.7)


def test_what_is_no_http_is_an_error() -> None:
    with raw(b"SSH-2.0-OpenSSH_9.6\r\n") as url:
        assert "127.0.0.1" in why(url)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/a", "nonsense", "http://", "http://[", "http://a:99999/", "", "http://a b/"]
)
def test_what_is_no_address_is_an_error(url: str) -> None:
    assert "no address" in why(url)


def test_redirects_are_followed_unless_they_lead_in_circles(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/b"})
    server.expect_request("/b").respond_with_data("body")
    server.expect_request("/c").respond_with_data("", status=302, headers={"Location": "/c"})
    server.expect_request("/d").respond_with_data("", status=302, headers={"Location": "file:///etc/passwd"})
    assert (get(server.url_for("/a")).url, get(server.url_for("/a")).body) == (server.url_for("/b"), b"body")
    assert "in circles" in why(server.url_for("/c"))
    assert "could not be asked" in why(server.url_for("/d"))


def seen(server: HTTPServer) -> list[str | None]:
    return [request.headers.get("Authorization") for request, _ in server.log]


def test_credentials_go_to_their_host_and_not_along_with_a_redirect(server: HTTPServer, other: HTTPServer) -> None:
    server.clear_log()
    server.expect_request("/simple/a").respond_with_data("", status=302, headers={"Location": other.url_for("/a")})
    other.expect_request("/a").respond_with_data("body")
    indexes = Indexes((Index(server.url_for("/simple/"), user="me", password="s3cret"),))
    assert get(server.url_for("/simple/a"), indexes=indexes).body == b"body"
    assert get(other.url_for("/a"), indexes=indexes).body == b"body"
    assert seen(server) == ["Basic bWU6czNjcmV0"]
    assert seen(other) == [None, None]


def test_of_two_logins_for_a_host_the_one_for_the_path_is_taken(server: HTTPServer) -> None:
    server.clear_log()
    server.expect_request("/two/files/a").respond_with_data("body")
    one, two = server.url_for("/one/simple/"), server.url_for("/two/simple/")
    indexes = Indexes((Index(one, user="a", password="1"), Index(two, user="b", password="2")))
    get(server.url_for("/two/files/a"), indexes=indexes)
    assert seen(server) == ["Basic Yjoy"]


def test_netrc_is_asked_where_no_index_has_a_login(
    server: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.clear_log()
    (tmp_path / "netrc").write_text(f"machine {server.host} login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.expect_request("/a").respond_with_data("body")
    get(server.url_for("/a"))
    get(server.url_for("/a"), indexes=Indexes((Index(server.url_for("/"), user="x", password="y"),)))
    assert seen(server) == ["Basic bWU6czNjcmV0", "Basic eDp5"]


def test_no_error_shows_credentials(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("", status=403)
    url = server.url_for("/a?token=s3cret").replace("://", "://me:s3cret@")
    closed = f"http://me:s3cret@127.0.0.1:{free_port()}/a"
    for text in (why(url), why(closed), why("http://me:s3cret@[/a"), why("ftp://me:s3cret@host/a")):
        assert "s3cret" not in text
        assert "me:" not in text
    assert "s3cret" not in repr(Index("http://host/", user="me", password="s3cret"))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_cookies_are_not_kept(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("", headers={"Set-Cookie": "session=1; Path=/"})
    get(server.url_for("/a"))
    get(server.url_for("/a"))
    assert "Cookie" not in server.log[-1][0].headers


def test_a_host_that_gives_nothing_is_not_asked_again_at_once() -> None:
    with raw(b"", pause=0.0) as reachable, socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/simple/"
        assert "in time" in why(url, seconds=0.6)
        begun = time.monotonic()
        assert "a moment ago" in why(url)
        assert time.monotonic() - begun < 0.2
        assert "a moment ago" not in why(reachable)
        sessions.forget()
        assert "in time" in why(url, seconds=0.3)


def test_a_host_that_answers_others_is_asked_again(server: HTTPServer) -> None:
    done = threading.Event()

    def stall(_: Request) -> Response:
        done.wait(5)
        return Response("late")

    server.expect_request("/slow").respond_with_handler(stall)
    server.expect_request("/a").respond_with_data("body")
    slow: list[str] = []
    thread = threading.Thread(target=lambda: slow.append(why(server.url_for("/slow"), seconds=0.6)))
    thread.start()
    time.sleep(0.1)
    get(server.url_for("/a"))
    thread.join()
    assert "in time" in slow[0]
    assert get(server.url_for("/a")).body == b"body"
    done.set()


def test_no_time_left_blames_no_host(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("body")
    with pytest.raises(FetchError, match="in time"):
        get(server.url_for("/a"), seconds=-1.0)
    assert get(server.url_for("/a")).body == b"body"


def test_offline_no_server_is_asked_and_files_are_read(server: HTTPServer, tmp_path: Path) -> None:
    server.clear_log()
    (tmp_path / "a").write_text("body")
    offline = Indexes(offline=True)
    assert "offline" in why(server.url_for("/a"), indexes=offline)
    assert not server.log
    assert get((tmp_path / "a").as_uri(), indexes=offline).body == b"body"


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("", 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-30", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=4-2", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_file_is_read_in_ranges(tmp_path: Path, asked: str, status: int, body: bytes, told: str | None) -> None:
    (tmp_path / "with space").write_text("0123456789")
    url = (tmp_path / "with space").as_uri()
    reply = get(url, Range=asked) if asked else get(url)
    assert (reply.status, reply.body, reply.headers.get("content-range")) == (status, body, told)


def test_a_file_that_is_not_there_is_missing_and_a_folder_is_its_first_page(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert get((tmp_path / "none" / "a").as_uri()).status == 404
    assert get((tmp_path / "folder").as_uri()).status == 404
    (tmp_path / "folder" / "index.html").write_text("page")
    assert get((tmp_path / "folder").as_uri() + "/").body == b"page"
    assert "no address" in why("file://other-machine/a")
    assert "larger" in why((tmp_path / "folder").as_uri(), most_bytes=3)


def test_what_is_sent_and_received_is_counted(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/b"})
    server.expect_request("/b").respond_with_data("x" * 5000)
    requests, received = traffic.requests, traffic.bytes
    get(server.url_for("/a"))
    assert traffic.requests - requests == 2
    assert 5000 <= traffic.bytes - received < 6000


def test_a_stream_that_nobody_reads_to_its_end_leaves_no_thread(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("x" * 20_000_000)
    before = threading.active_count()
    with stream(NONE, server.url_for("/a"), end=time.monotonic() + 5) as answer:
        assert next(answer.chunks)
    end = time.monotonic() + 3
    while threading.active_count() > before + 1 and time.monotonic() < end:
        time.sleep(0.02)
    assert threading.active_count() <= before + 1  # the server may keep the thread of the connection


def test_many_threads_share_the_session(server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data("body")
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(get(server.url_for("/a")).body)) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [b"body"] * 30
