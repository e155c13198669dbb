"""Full lists of names: stored whole or not at all, and offline they say what an index does not have, and since when."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from loopback_index import JSON, at, raw
from pytest_httpserver import HTTPServer

from verifier.distributions import Index, Indexes
from verifier.world.index import lookup, names
from verifier.world.index.releases import Absent, Unverified, releases_of

SOME = ["Alpha", "be_ta", "gamma.x", "zeta"]


def first_page(server: HTTPServer, listed: list[str], *, kind: str = JSON, path: str = "/simple/") -> None:
    server.clear()
    for probe in ("pip", "requests", "numpy"):
        server.expect_request(f"{path}{probe}/").respond_with_data("", status=404)
    if kind == JSON:
        data = {"meta": {"api-version": "1.0"}, "projects": [{"name": name, "_last-serial": 1} for name in listed]}
        server.expect_request(path).respond_with_json(data, content_type=kind)
    else:
        links = "\n".join(f'<a href="{path}{name}/">{name}</a>' for name in listed)
        server.expect_request(path).respond_with_data(f"<html><body>{links}</body></html>", content_type=kind)


def offline(server: HTTPServer, cache: Path) -> Indexes:
    return at(server.url_for("/simple/"), cache, offline=True)


@pytest.mark.parametrize("kind", [JSON, "text/html"])
def test_a_list_answers_offline(server: HTTPServer, cache: Path, kind: str) -> None:
    first_page(server, SOME, kind=kind)
    (line,) = names.update(at(server.url_for("/simple/"), cache))
    assert line == f"{server.url_for('/simple/')}: 4 names stored (0.0 MB)"
    server.clear_log()
    outcomes = releases_of(offline(server, cache), ["alpha", "Be-Ta", "gamma_x", "zeta", "aaa", "beta", "zzz"])
    for name in ("alpha", "Be-Ta", "gamma_x", "zeta"):
        outcome = outcomes[name]
        assert isinstance(outcome, Unverified)
        assert outcome.exists
    for name in ("aaa", "beta", "zzz"):
        assert isinstance(outcomes[name], Absent)
    answers = lookup(["alpha", "beta"], offline(server, cache))
    assert (answers["alpha"].exists, answers["beta"].exists) == (True, False)
    assert not server.log


def test_an_old_list_says_how_old_it_is(server: HTTPServer, cache: Path) -> None:
    first_page(server, SOME)
    names.update(at(server.url_for("/simple/"), cache))
    database = sqlite3.connect(cache / "index.sqlite3")
    database.execute("update lists_1 set at = ?", (time.time() - 5 * 86400 - 60,))
    database.commit()
    database.close()
    outcomes = releases_of(offline(server, cache), ["alpha", "beta"])
    assert "has no beta (5 days ago)" in getattr(outcomes["beta"], "why", "")
    assert "had alpha 5 days ago" in getattr(outcomes["alpha"], "why", "")


def test_a_list_of_one_index_says_nothing_of_another(server: HTTPServer, cache: Path) -> None:
    first_page(server, SOME)
    names.update(at(server.url_for("/simple/"), cache))
    both = Indexes((*offline(server, cache).indexes, Index("http://other/")), cache=cache, offline=True)
    outcomes = releases_of(both, ["alpha", "beta"])
    assert isinstance(outcomes["beta"], Unverified)
    assert not outcomes["beta"].exists
    assert getattr(outcomes["alpha"], "exists", None) is True


def test_a_name_that_came_after_its_page_was_missing_is_no_longer_missing(server: HTTPServer, cache: Path) -> None:
    first_page(server, SOME)
    server.expect_request("/simple/alpha/").respond_with_data("", status=404)
    server.expect_request("/simple/beta/").respond_with_data("", status=404)
    online = at(server.url_for("/simple/"), cache)
    assert {type(each) for each in releases_of(online, ["alpha", "beta"]).values()} == {Absent}
    names.update(online)
    outcomes = releases_of(offline(server, cache), ["alpha", "beta"])
    assert getattr(outcomes["alpha"], "exists", None) is True
    assert isinstance(outcomes["beta"], Absent)


def refused(indexes: Indexes, words: str) -> None:
    (line,) = names.update(indexes)
    assert "not stored" in line
    assert words in line
    offline = Indexes(indexes.indexes, cache=indexes.cache, offline=True)
    assert isinstance(releases_of(offline, ["beta"])["beta"], Unverified)


@pytest.mark.parametrize("listed", [[], ["..", "-x-", "ä"]])
def test_an_empty_list_is_not_stored(server: HTTPServer, cache: Path, listed: list[str]) -> None:
    first_page(server, listed)
    refused(at(server.url_for("/simple/"), cache), "a list of 0 names")


def test_a_short_list_of_the_public_index_is_not_stored(server: HTTPServer, cache: Path) -> None:
    first_page(server, SOME)
    refused(Indexes((Index(server.url_for("/simple/"), public=True),), cache=cache), "a list of 4 names")


def test_a_list_without_what_the_index_has_is_not_stored(server: HTTPServer, cache: Path) -> None:
    first_page(server, SOME)
    page = {"meta": {"api-version": "1.0"}, "name": "delta", "files": []}
    server.expect_request("/simple/delta/").respond_with_json(page, content_type=JSON)
    indexes = at(server.url_for("/simple/"), cache)
    assert lookup(["delta"], indexes)["delta"].exists
    refused(indexes, "lacks delta")


def test_a_short_list_of_an_index_that_passes_the_public_one_on_is_not_stored(server: HTTPServer, cache: Path) -> None:
    first_page(server, [*SOME, "requests"])
    server.clear()
    page = {"meta": {"api-version": "1.0"}, "name": "requests", "files": []}
    first = {"meta": {"api-version": "1.0"}, "projects": [{"name": name} for name in SOME]}
    server.expect_request("/simple/").respond_with_json(first, content_type=JSON)
    server.expect_request("/simple/pip/").respond_with_data("", status=404)
    server.expect_request("/simple/requests/").respond_with_json(page, content_type=JSON)
    refused(at(server.url_for("/simple/"), cache), "too short")


def test_a_list_is_not_stored_where_the_index_would_not_tell_if_it_is_whole(server: HTTPServer, cache: Path) -> None:
    first_page(server, SOME)
    server.clear()
    first = {"meta": {"api-version": "1.0"}, "projects": [{"name": name} for name in SOME]}
    server.expect_request("/simple/").respond_with_json(first, content_type=JSON)
    server.expect_request("/simple/pip/").respond_with_data("", status=403)
    refused(at(server.url_for("/simple/"), cache), "403")


def test_a_list_that_shrank_is_not_stored_and_the_older_one_stays(server: HTTPServer, cache: Path) -> None:
    indexes = at(server.url_for("/simple/"), cache)
    first_page(server, SOME)
    names.update(indexes)
    first_page(server, ["other"])
    assert "an earlier one had 4" in names.update(indexes)[0]
    assert lookup(["zeta"], offline(server, cache))["zeta"].exists is True
    first_page(server, ["other", "zeta"])
    assert "2 names stored" in names.update(indexes)[0]
    assert [lookup([name], offline(server, cache))[name].exists for name in ("alpha", "other")] == [False, True]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", JSON, 200),
        ('{"projects": 1}', JSON, 200),
        ("no list", "text/plain", 200),
        ("", "text/html", 404),
        ("", "text/html", 403),
        ("<html><form></form></html>", "text/html", 200),
    ],
)
def test_what_is_no_list_is_not_stored(server: HTTPServer, cache: Path, body: str, kind: str, status: int) -> None:
    server.clear()
    server.expect_request("/simple/").respond_with_data(body, content_type=kind, status=status)
    refused(at(server.url_for("/simple/"), cache), ":")


@pytest.mark.parametrize("marks", [b"Content-Length: 9999\r\n", b"", b"Transfer-Encoding: chunked\r\n"])
def test_a_list_that_breaks_off_is_not_stored(cache: Path, marks: bytes) -> None:
    body = b"<html><a href='alpha/'>alpha</a><a href='be"
    body = b"%x\r\n%s" % (len(body) + 9, body) if b"chunked" in marks else body
    with raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + marks + b"\r\n" + body) as url:
        refused(at(url, cache), "broke off")


def test_without_cache_or_server_a_line_says_so(server: HTTPServer, tmp_path: Path) -> None:
    first_page(server, SOME)
    assert "switched off" in names.update(at(server.url_for("/simple/"), None))[0]
    folder = Indexes((Index(tmp_path.as_uri(), find_links=True), Index(f"{tmp_path.as_uri()}/")), cache=tmp_path)
    assert all("needs no list" in line for line in names.update(folder))
    (tmp_path / "file").write_text("")
    assert "cannot be written" in names.update(at(server.url_for("/simple/"), tmp_path / "file" / "cache"))[0]
    assert "offline" in names.update(offline(server, tmp_path))[0]


def test_no_line_shows_credentials(server: HTTPServer, cache: Path) -> None:
    first_page(server, SOME)
    url = server.url_for("/simple/")
    index = Index(url.replace("://", "://me:s3cret@"), user="me", password="s3cret")
    assert names.update(Indexes((index,), cache=cache))[0].startswith(f"{url}: 4 names")
    assert b"s3cret" not in (cache / "index.sqlite3").read_bytes()


def test_a_large_list_is_small_on_disk_and_quick_to_ask(server: HTTPServer, cache: Path) -> None:
    listed = [f"{'abcdefghij'[n % 10]}{n * 7919 % 1_000_003}-tools" for n in range(120_000)]
    first_page(server, listed, kind="text/html")
    indexes = Indexes((Index(server.url_for("/simple/"), public=True),), cache=cache)
    assert "120,000 names stored" in names.update(indexes)[0]
    assert (cache / "index.sqlite3").stat().st_size < 1_500_000
    begun = time.monotonic()
    asked = lookup([listed[0], listed[-1], "b-tools"], Indexes(indexes.indexes, cache=cache, offline=True))
    assert time.monotonic() - begun < 0.5
    assert [each.exists for each in asked.values()] == [True, True, False]
