"""What an index answered is remembered for as long as it may be believed, by several processes, and never harms."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from loopback_index import ask, asked, at, page
from pytest_httpserver import HTTPServer

from verifier.world import store
from verifier.world.index import lookup


def test_an_answer_is_kept_and_not_asked_again(server: HTTPServer, cache: Path) -> None:
    page(server)
    server.expect_request("/simple/beta/").respond_with_data("", status=404)
    for _ in range(2):
        answers = ask(server, cache, "alpha", "beta")
        assert (answers["alpha"].exists, answers["beta"].exists) == (True, False)
    assert asked(server, "/simple/alpha/") == asked(server, "/simple/beta/") == 1


def test_an_unverified_name_is_not_kept(server: HTTPServer, cache: Path) -> None:
    server.expect_oneshot_request("/simple/alpha/").respond_with_data("", status=403)
    page(server)
    assert ask(server, cache, "alpha")["alpha"].exists is None
    assert ask(server, cache, "alpha")["alpha"].exists is True


def test_a_missing_name_is_asked_again_after_an_hour_and_an_existing_one_after_a_week(
    server: HTTPServer, cache: Path
) -> None:
    page(server)
    server.expect_request("/simple/beta/").respond_with_data("", status=404)
    for age, times in ((0, (1, 1)), (3_500, (1, 1)), (3_700, (1, 2)), (604_000, (1, 3)), (605_000, (2, 4))):
        make_older(cache, age)
        ask(server, cache, "alpha", "beta")
        assert (asked(server, "/simple/alpha/"), asked(server, "/simple/beta/")) == times


def make_older(cache: Path, seconds: float) -> None:
    file = cache / "index.sqlite3"
    if file.exists():
        database = sqlite3.connect(file)
        database.execute("update pages_1 set at = ?", (time.time() - seconds,))
        database.commit()
        database.close()


def test_offline_only_the_cache_answers_at_any_age(server: HTTPServer, cache: Path) -> None:
    page(server)
    ask(server, cache, "alpha")
    make_older(cache, 10_000_000)
    before = len(server.log)
    answers = ask(server, cache, "alpha", "beta", offline=True)
    assert (answers["alpha"].exists, answers["beta"].exists) == (True, None)
    assert "offline" in answers["beta"].why
    assert len(server.log) == before


def test_without_cache_every_name_is_asked_and_none_is_kept(server: HTTPServer, cache: Path) -> None:
    page(server)
    for _ in range(2):
        assert lookup(["alpha"], at(server.url_for("/simple/"), None))["alpha"].exists is True
    assert asked(server, "/simple/alpha/") == 2
    assert not cache.exists()


def test_indexes_do_not_answer_for_each_other(server: HTTPServer, cache: Path) -> None:
    page(server)
    ask(server, cache, "alpha")
    other = lookup(["alpha"], at(server.url_for("/elsewhere/"), cache, offline=True))
    assert other["alpha"].exists is None


@pytest.mark.parametrize("broken", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_broken_cache_is_begun_again(server: HTTPServer, cache: Path, broken: bytes) -> None:
    cache.mkdir()
    (cache / "index.sqlite3").write_bytes(broken)
    page(server)
    for _ in range(2):
        assert ask(server, cache, "alpha")["alpha"].exists is True
    assert asked(server, "/simple/alpha/") == 1


def test_without_a_usable_folder_there_is_no_cache_and_no_crash(server: HTTPServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    page(server)
    for _ in range(2):
        assert ask(server, tmp_path / "file" / "cache", "alpha")["alpha"].exists is True
    assert asked(server, "/simple/alpha/") == 2


def test_processes_share_the_cache(cache: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from verifier.world import store\n"
        "for n in range(40):\n"
        "    page = store.Page(b'data' if n % 2 else None, time.time())\n"
        "    store.keep(Path(sys.argv[1]), 'http://i/', {f'{sys.argv[2]}-{n}': page})"
    )
    commands = [[sys.executable, "-c", code, str(cache), str(number)] for number in range(3)]
    processes = [subprocess.Popen(command) for command in commands]
    assert [process.wait(timeout=30) for process in processes] == [0] * 3
    names = [f"{process}-{n}" for process in range(3) for n in range(40)]
    known = store.recall(cache, "http://i/", names)
    assert {name: page.data for name, page in known.items()} == {
        name: b"data" if int(name.split("-")[1]) % 2 else None for name in names
    }


def test_the_default_cache_is_a_folder_of_our_own() -> None:
    assert store.folder(None).name == "verifier"
