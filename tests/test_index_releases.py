"""Several indexes, folders and pages of files answer together; what was remembered is asked for again in time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from loopback_index import JSON, asked, at, page
from pytest_httpserver import HTTPServer

from verifier.distributions import Index, Indexes, Releases
from verifier.world.index import lookup
from verifier.world.index.file_names import belongs, version_of
from verifier.world.index.releases import Absent, Outcome, Unverified, ago, releases, releases_of


def serve(server: HTTPServer, index: str, name: str, *files: str, **fields: object) -> None:
    listed = [{"filename": file, "url": f"../../files/{index}/{file}", "hashes": {}} for file in files]
    data = {"meta": {"api-version": "1.1"}, "name": name, "files": listed, **fields}
    server.expect_request(f"/{index}/{name}/").respond_with_json(data, content_type=JSON)


def absent(server: HTTPServer, index: str, name: str, status: int = 404) -> None:
    server.expect_request(f"/{index}/").respond_with_data("<html></html>", content_type="text/html")
    server.expect_request(f"/{index}/{name}/").respond_with_data("", status=status)


def two(server: HTTPServer, cache: Path | None = None, **fields: object) -> Indexes:
    first, second = Index(server.url_for("/one/")), Index(server.url_for("/two/"), public=True)
    return Indexes((first, second), cache=cache, **fields)  # type: ignore[arg-type]  # fields of the value


def has(outcome: Outcome) -> Releases:
    assert isinstance(outcome, Releases)
    return outcome


def files(outcome: Outcome) -> list[str]:
    return [file.name for file in has(outcome).files]


def test_a_name_exists_if_any_index_has_it_and_the_first_one_is_told(server: HTTPServer) -> None:
    serve(server, "one", "alpha", "alpha-1.0.tar.gz")
    serve(server, "two", "alpha", "alpha-1.0.tar.gz", "alpha-2.0.tar.gz")
    absent(server, "one", "beta")
    serve(server, "two", "beta", "beta-1.0.tar.gz")
    absent(server, "one", "gamma")
    absent(server, "two", "gamma")
    outcomes = releases_of(two(server), ["alpha", "beta", "gamma"])
    assert files(outcomes["alpha"]) == ["alpha-1.0.tar.gz", "alpha-2.0.tar.gz"]
    assert [file.url.split("/")[-2] for file in has(outcomes["alpha"]).files] == ["one", "two"]
    assert has(outcomes["alpha"]).index == server.url_for("/one/")
    assert files(outcomes["beta"]) == ["beta-1.0.tar.gz"]
    assert has(outcomes["beta"]).index == server.url_for("/two/")
    assert isinstance(outcomes["gamma"], Absent)
    assert all(server.url_for(path) in outcomes["gamma"].why for path in ("/one/", "/two/"))


def test_an_index_that_fails_leaves_open_what_no_other_has(server: HTTPServer, cache: Path) -> None:
    absent(server, "one", "alpha", status=403)
    absent(server, "two", "alpha")
    absent(server, "one", "beta", status=403)
    serve(server, "two", "beta", "beta-1.0.tar.gz")
    outcomes = releases_of(two(server, cache), ["alpha", "beta"])
    assert isinstance(outcomes["alpha"], Unverified)
    assert "answered 403" in outcomes["alpha"].why
    assert files(outcomes["beta"]) == ["beta-1.0.tar.gz"]
    assert "answered 403" in has(outcomes["beta"]).incomplete


def test_private_names_are_never_sent_to_a_public_index(server: HTTPServer, cache: Path) -> None:
    absent(server, "one", "acme-core")
    absent(server, "one", "acme")
    absent(server, "two", "acme")
    server.clear_log()
    indexes = two(server, cache, private=("acme-*",))
    outcomes = releases_of(indexes, ["acme.core", "acme"])
    assert isinstance(outcomes["acme.core"], Absent)
    assert asked(server, "/two/acme-core/") == 0
    assert asked(server, "/two/acme/") == 1
    only_public = Indexes(indexes.indexes[1:], private=("acme-*",))
    outcome = releases(only_public, "Acme_Core", end=time.monotonic() + 5)
    assert isinstance(outcome, Unverified)
    assert "private" in outcome.why
    assert asked(server, "/two/acme-core/") == 0


def test_an_index_for_some_names_is_asked_for_those_only(server: HTTPServer) -> None:
    serve(server, "one", "alpha", "alpha-1.0.tar.gz")
    absent(server, "two", "alpha")
    absent(server, "two", "beta")
    server.clear_log()
    explicit = Index(server.url_for("/one/"), names=("alpha",))
    outcomes = releases_of(Indexes((explicit, Index(server.url_for("/two/"), public=True))), ["alpha", "beta"])
    assert (type(outcomes["alpha"]), type(outcomes["beta"])) == (Releases, Absent)
    assert asked(server, "/one/beta/") == 0


def test_without_any_index_nothing_is_known() -> None:
    outcome = releases(Indexes(), "alpha", end=time.monotonic() + 5)
    assert outcome == Unverified("no package index is configured")


def test_a_folder_of_files_is_an_index(tmp_path: Path) -> None:
    for name in ("al_pha-1.0-py3-none-any.whl", "al-pha-2.0.tar.gz", "al-pha-plus-3.0.tar.gz", "readme.txt"):
        (tmp_path / name).write_text("x" * 9)
    (tmp_path / "al-pha-9.0.tar.gz").mkdir()
    indexes = Indexes((Index(tmp_path.as_uri(), find_links=True),), offline=True)
    outcome = releases(indexes, "Al.Pha", end=time.monotonic() + 5)
    assert isinstance(outcome, Releases)
    assert [(file.version, file.size) for file in outcome.files] == [("2.0", 9), ("1.0", 9)]
    assert outcome.files[1].url == (tmp_path / "al_pha-1.0-py3-none-any.whl").as_uri()
    assert isinstance(releases(indexes, "readme", end=time.monotonic() + 5), Absent)


@pytest.mark.parametrize("first", ["<a href='alpha-1.0.tar.gz'>a</a>", None])
def test_a_file_index_has_a_folder_for_each_name(tmp_path: Path, first: str | None) -> None:
    (tmp_path / "alpha").mkdir()
    (tmp_path / "alpha" / "alpha-1.0.tar.gz").write_text("x")
    if first:
        (tmp_path / "alpha" / "index.html").write_text(first)
    (tmp_path / "Be_ta").mkdir()
    indexes = Indexes((Index(f"{tmp_path.as_uri()}/"),), offline=True)
    outcomes = releases_of(indexes, ["alpha", "be-ta", "gamma"])
    assert files(outcomes["alpha"]) == ["alpha-1.0.tar.gz"]
    assert has(outcomes["alpha"]).files[0].url == (tmp_path / "alpha" / "alpha-1.0.tar.gz").as_uri()
    assert [type(outcomes[name]) for name in ("be-ta", "gamma")] == [Releases, Absent]


def test_a_folder_that_is_not_there_proves_nothing(tmp_path: Path) -> None:
    for flat in (False, True):
        indexes = Indexes((Index(f"{(tmp_path / 'none').as_uri()}/", find_links=flat),))
        assert isinstance(releases(indexes, "alpha", end=time.monotonic() + 5), Unverified)


def test_a_page_of_links_is_asked_once_for_all_names(server: HTTPServer, cache: Path) -> None:
    text = (
        "<a href='alpha-1.0.tar.gz#sha256=ab'>x</a><a href='beta-2.0-py3-none-any.whl'>y</a><a href='/'>up</a></html>"
    )
    server.expect_request("/links.html").respond_with_data(text, content_type="text/html")
    server.clear_log()
    for _ in range(2):
        indexes = Indexes((Index(server.url_for("/links.html"), find_links=True),), cache=cache)
        outcomes = releases_of(indexes, ["alpha", "beta", "gamma"])
        assert files(outcomes["alpha"]) == ["alpha-1.0.tar.gz"]
        assert files(outcomes["beta"]) == ["beta-2.0-py3-none-any.whl"]
        assert isinstance(outcomes["gamma"], Absent)
    assert asked(server, "/links.html") == 1
    missing = Indexes((Index(server.url_for("/none.html"), find_links=True),))
    server.expect_request("/none.html").respond_with_data("", status=404)
    assert isinstance(releases(missing, "alpha", end=time.monotonic() + 5), Unverified)


def make_older(cache: Path, seconds: float) -> None:
    database = sqlite3.connect(cache / "index.sqlite3")
    database.execute("update pages_1 set at = ?", (time.time() - seconds,))
    database.commit()
    database.close()


def test_an_old_page_is_asked_for_with_its_tag_and_renewed(server: HTTPServer, cache: Path) -> None:
    data = {"meta": {"api-version": "1.1"}, "name": "alpha", "files": [], "versions": ["1.0"]}
    tag = {"ETag": '"one"'}
    server.expect_ordered_request("/simple/alpha/").respond_with_json(data, headers=tag, content_type=JSON)
    again = {"If-None-Match": '"one"'}
    server.expect_ordered_request("/simple/alpha/", headers=again).respond_with_data("", status=304)
    releases(at(server.url_for("/simple/"), cache), "alpha", end=time.monotonic() + 5)
    make_older(cache, 700_000)
    for _ in range(2):
        outcome = releases(at(server.url_for("/simple/"), cache), "alpha", end=time.monotonic() + 5)
        assert isinstance(outcome, Releases)
        assert outcome.age < 10
    assert asked(server, "/simple/alpha/") == 2


def test_a_page_younger_than_wished_is_not_asked_for_again(server: HTTPServer, cache: Path) -> None:
    page(server)
    for age, most, times in ((0, 60.0, 1), (50, 60.0, 1), (100, 60.0, 2), (100, 86400.0, 2)):
        if (cache / "index.sqlite3").exists():
            make_older(cache, age)
        releases_of(at(server.url_for("/simple/"), cache), ["alpha"], most_age=most)
        assert asked(server, "/simple/alpha/") == times


def test_what_an_index_once_had_stands_in_for_it_while_it_fails(server: HTTPServer, cache: Path) -> None:
    for name, status in (("alpha", 200), ("beta", 404)):
        data = {"meta": {"api-version": "1.1"}, "name": name, "files": []}
        server.expect_ordered_request(f"/simple/{name}/").respond_with_json(data, status=status, content_type=JSON)
    assert isinstance(releases(at(server.url_for("/simple/"), cache), "alpha", end=time.monotonic() + 5), Releases)
    assert isinstance(releases(at(server.url_for("/simple/"), cache), "beta", end=time.monotonic() + 5), Absent)
    make_older(cache, 700_000)
    server.clear()
    for name in ("alpha", "beta"):
        server.expect_request(f"/simple/{name}/").respond_with_data("", status=403)
    found = releases(at(server.url_for("/simple/"), cache), "alpha", end=time.monotonic() + 5)
    assert isinstance(found, Releases)
    assert found.age > 600_000
    assert isinstance(releases(at(server.url_for("/simple/"), cache), "beta", end=time.monotonic() + 5), Unverified)


def test_offline_old_answers_say_how_old_they_are(server: HTTPServer, cache: Path) -> None:
    page(server)
    server.expect_request("/simple/beta/").respond_with_data("", status=404)
    releases_of(at(server.url_for("/simple/"), cache), ["alpha", "beta"])
    make_older(cache, 3 * 86400 + 60)
    server.clear_log()
    outcomes = releases_of(at(server.url_for("/simple/"), cache, offline=True), ["alpha", "beta", "gamma"])
    assert isinstance(outcomes["alpha"], Releases)
    assert outcomes["alpha"].age > 3 * 86400
    assert isinstance(outcomes["beta"], Absent)
    assert "3 days ago" in outcomes["beta"].why
    assert isinstance(outcomes["gamma"], Unverified)
    assert "offline" in outcomes["gamma"].why
    assert not server.log


def test_a_damaged_record_is_asked_for_again(server: HTTPServer, cache: Path) -> None:
    page(server)
    releases(at(server.url_for("/simple/"), cache), "alpha", end=time.monotonic() + 5)
    database = sqlite3.connect(cache / "index.sqlite3")
    database.execute("update pages_1 set data = x'00ff'")
    database.commit()
    database.close()
    assert isinstance(releases(at(server.url_for("/simple/"), cache), "alpha", end=time.monotonic() + 5), Releases)
    assert asked(server, "/simple/alpha/") == 2


def test_with_a_full_cache_no_library_for_requests_is_loaded(server: HTTPServer, cache: Path) -> None:
    page(server)
    lookup(["alpha"], at(server.url_for("/simple/"), cache))
    code = (
        "import sys; from pathlib import Path; from verifier.distributions import Index, Indexes\n"
        "from verifier.world.index import lookup\n"
        "from verifier.world.index.configuration import read\n"
        "indexes, _ = read(Path('.'), {}, index_url=sys.argv[1], offline=False, cache=Path(sys.argv[2]))\n"
        "print(lookup(['alpha'], indexes)['alpha'].exists)\n"
        "print([name for name in ('requests', 'urllib3', 'bs4', 'pypi_simple') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, server.url_for("/simple/"), str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines() == ["True", "[]"]


@pytest.mark.parametrize(
    ("file", "name", "version"),
    [
        ("al_pha-1.0-py3-none-any.whl", "al-pha", "1.0"),
        ("al_pha-1.0-2-py3-none-any.whl", "al-pha", "1.0"),
        ("al_pha-1.0+cu118-cp311-cp311-linux_x86_64.whl", "al-pha", "1.0+cu118"),
        ("al_pha-1.0-py3-none-any.whl", "al", None),
        ("al_pha-1.0.whl", "al-pha", None),
        ("Al.Pha-1!2.0rc1.tar.gz", "al-pha", "1!2.0rc1"),
        ("al-pha-1.0-beta-2.zip", "al-pha", "1.0-beta-2"),
        ("al-pha-plus-1.0.tar.gz", "al-pha", None),
        ("al-pha-1.0.tar.bz2", "al", None),
        ("al_pha-1.0-py2.7.egg", "al-pha", "1.0"),
        ("al_pha-1.0-py2.7-linux-x86_64.egg", "al-pha", "1.0"),
        ("al-pha-1.0.win32.exe", "al-pha", None),
        ("al-pha-latest.zip", "al-pha", None),
        ("al-pha.tar.gz", "al-pha", None),
        ("-1.0.tar.gz", "al-pha", None),
        ("", "al-pha", None),
    ],
)
def test_names_of_files_tell_their_version(file: str, name: str, version: str | None) -> None:
    assert version_of(file, name) == version
    assert belongs(file, name) or version is None


def test_an_installer_shows_that_the_page_is_that_of_the_name() -> None:
    assert belongs("al-pha-1.0.win32.exe", "al-pha")
    assert not belongs("be-ta-1.0.win32.exe", "al-pha")
    assert not belongs("al-pha.html", "al-pha")


def test_how_long_ago() -> None:
    assert [ago(seconds) for seconds in (0, 59, 60, 7199, 7200, 86400, 864000)] == [
        "just now",
        "just now",
        "1 minute ago",
        "1 hour ago",
        "2 hours ago",
        "1 day ago",
        "10 days ago",
    ]


def test_one_run_asks_each_question_once_even_without_a_cache(server: HTTPServer) -> None:
    page(server)
    server.expect_request("/simple/beta/").respond_with_data("", status=404)
    server.expect_request("/simple/gamma/").respond_with_data("", status=403)
    server.clear_log()
    indexes = at(server.url_for("/simple/"), None)
    first = releases_of(indexes, ["alpha", "beta", "gamma"])
    assert releases_of(indexes, ["gamma", "beta", "alpha"], most_age=60) == first
    assert [asked(server, f"/simple/{name}/") for name in ("alpha", "beta", "gamma")] == [1, 1, 1]
    releases_of(at(server.url_for("/simple/"), None), ["alpha", "beta", "gamma"])
    assert [asked(server, f"/simple/{name}/") for name in ("alpha", "beta", "gamma")] == [2, 2, 2]


def test_what_came_too_late_is_asked_again(server: HTTPServer) -> None:
    page(server)
    indexes = at(server.url_for("/simple/"), None)
    assert isinstance(releases(indexes, "alpha", end=time.monotonic() - 1), Unverified)
    assert isinstance(releases(indexes, "alpha", end=time.monotonic() + 5), Releases)
