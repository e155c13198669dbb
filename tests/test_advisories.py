from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from loopback_index import JSON, asked, at
from pytest_httpserver import HTTPServer

from verifier import catalogue
from verifier.checks import distributions
from verifier.checks.suspicion import Sign, Signal, vulnerable
from verifier.distributions import Index, Indexes
from verifier.model import Finding, Problem, Severity
from verifier.world.advisories import Advisory, advisories
from verifier.world.index.releases import Unverified, releases_of
from verifier.world.places import Place

RULES = {rule.name: rule for rule in catalogue.load() if rule.check == "distributions"}
FIRST = {"id": "PYSEC-1", "aliases": ["CVE-2024-1"], "fixed_in": ["1.4", "2.1"], "withdrawn": None, "summary": "bad"}
SECOND = {"id": "PYSEC-2", "aliases": [], "fixed_in": ["1.5"], "details": "worse", "withdrawn": None}
GONE = {"id": "PYSEC-3", "fixed_in": [], "withdrawn": "2025-01-01T00:00:00Z"}
PATH = "/pypi/alpha/1.0/json"


def published(server: HTTPServer, *entries: Mapping[str, object], path: str = PATH) -> None:
    page = {"info": {"name": "alpha"}, "urls": [], "vulnerabilities": entries}
    server.expect_request(path).respond_with_json(page)


def test_what_is_published_and_not_withdrawn(server: HTTPServer, cache: Path) -> None:
    published(server, FIRST, GONE, SECOND)
    told = advisories(at(server.url_for("/simple/"), cache), {"alpha": "1.0"})
    assert told == {
        "alpha": (
            Advisory("PYSEC-1", ("CVE-2024-1",), ("1.4", "2.1"), "bad"),
            Advisory("PYSEC-2", (), ("1.5",)),
        )
    }


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, ""), (410, ""), (200, "<html>log in</html>"), (200, "{}"), (200, "[]"), (200, '{"vulnerabilities": 3}')],
)
def test_an_index_that_publishes_none(server: HTTPServer, cache: Path, status: int, body: str) -> None:
    server.expect_request(PATH).respond_with_data(body, status=status)
    assert advisories(at(server.url_for("/simple/"), cache), {"alpha": "1.0"}) == {"alpha": ()}


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_an_index_that_fails(server: HTTPServer, cache: Path, status: int) -> None:
    server.expect_request(PATH).respond_with_data("", status=status)
    told = advisories(at(server.url_for("/simple/"), cache, deadline=2), {"alpha": "1.0"})
    assert isinstance(told["alpha"], Unverified)
    assert told["alpha"].why


@pytest.mark.parametrize("entries", [(FIRST,), ()])
def test_an_index_is_asked_once_a_day(
    server: HTTPServer, cache: Path, entries: tuple[Mapping[str, object], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    published(server, *entries)
    indexes = at(server.url_for("/simple/"), cache)
    first = advisories(indexes, {"alpha": "1.0"})
    assert advisories(indexes, {"alpha": "1.0"}) == first
    assert advisories(replace(indexes, offline=True), {"alpha": "1.0"}) == first
    assert asked(server, PATH) == 1
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 25 * 3600)
    assert advisories(replace(indexes, offline=True), {"alpha": "1.0"}) == first
    assert asked(server, PATH) == 1
    assert advisories(indexes, {"alpha": "1.0"}) == first
    assert asked(server, PATH) == 2


def test_what_is_kept_is_no_name_of_the_index(server: HTTPServer, cache: Path) -> None:
    published(server, FIRST)
    indexes = at(server.url_for("/simple/"), cache)
    advisories(indexes, {"alpha": "1.0"})
    server.expect_request("/simple/alpha/").respond_with_data("", status=404)
    assert type(releases_of(indexes, ["alpha"])["alpha"]).__name__ == "Absent"


def test_who_is_not_asked(server: HTTPServer, cache: Path) -> None:
    url = server.url_for("/simple/")
    for indexes in (
        Indexes((Index(url, public=True),), private=("alph*",), cache=cache),
        Indexes((Index(url, names=("bravo",)),), cache=cache),
        Indexes((Index(url, find_links=True),), cache=cache),
        Indexes((Index(server.url_for("/flat/")),), cache=cache),
        Indexes(),
    ):
        assert advisories(indexes, {"alpha": "1.0"}) == {"alpha": ()}
    assert advisories(at(url, cache), {}) == {}
    assert server.log == []


MANY = "PYSEC-2, PYSEC-2, PYSEC-2 and 1 more"
ONE, TWO = Advisory("PYSEC-1", (), ("1.4", "2.1")), Advisory("PYSEC-2", (), ("1.10",))


@pytest.mark.parametrize(
    ("version", "known", "text"),
    [
        ("1.0", [ONE], "version 1.0 has a known vulnerability (PYSEC-1; fixed in 1.4)"),
        ("1.5", [ONE], "version 1.5 has a known vulnerability (PYSEC-1; fixed in 2.1)"),
        ("1.0", [ONE, TWO], "version 1.0 has 2 known vulnerabilities (PYSEC-1, PYSEC-2; fixed in 1.10)"),
        ("3.0", [ONE], "version 3.0 has a known vulnerability (PYSEC-1)"),
        ("1.0", [ONE, Advisory("X")], "version 1.0 has 2 known vulnerabilities (PYSEC-1, X)"),
        ("odd", [ONE], "version odd has a known vulnerability (PYSEC-1)"),
        ("1.0", [TWO] * 4, f"version 1.0 has 4 known vulnerabilities ({MANY}; fixed in 1.10)"),
    ],
)  # fmt: skip
def test_words(version: str, known: list[Advisory], text: str) -> None:
    assert vulnerable(version, known) == Signal(Sign.VULNERABLE, text)


def test_nothing_known_is_no_signal() -> None:
    assert vulnerable("1.0", []) is None


def place(specifier: str, line: int = 1, *, elsewhere: bool = False) -> Place:
    return Place(f"alpha{specifier}", "alpha", specifier, "", "pyproject.toml", line, 1, 9, "", elsewhere)


def check(indexes: Indexes, *places: Place, settled: dict[str, str]) -> list[Finding | Problem]:
    return list(
        distributions.check(
            [],
            places,
            RULES,
            lambda names: releases_of(indexes, names),
            advise=lambda versions: advisories(indexes, versions),
            settled=settled,
            today=date(2026, 3, 1),
        )
    )


def test_a_version_in_use_is_one_finding_where_it_is_declared(server: HTTPServer, cache: Path) -> None:
    published(server, FIRST, SECOND)
    found = check(at(server.url_for("/simple/"), cache), place(">=1", 4), place("", 9), settled={"alpha": "1.0"})
    assert len(found) == 1
    assert isinstance(found[0], Finding)
    assert (found[0].code, found[0].span.line, found[0].severity) == ("VER108", 4, Severity.WARNING)
    assert "2 known vulnerabilities" in found[0].message
    assert json.loads(json.dumps(found[0].evidence)) == {
        "signals": ["vulnerable"],
        "advisories": [{"id": "PYSEC-1", "aliases": ["CVE-2024-1"]}, {"id": "PYSEC-2", "aliases": []}],
    }
    assert asked(server, "/simple/alpha/") == 0


def test_a_pin_is_a_version_in_use(server: HTTPServer, cache: Path) -> None:
    published(server, FIRST)
    files = [{"filename": "alpha-1.0-py3-none-any.whl", "url": "x.whl", "hashes": {}}]
    page = {"meta": {"api-version": "1.1"}, "name": "alpha", "files": files}
    server.expect_request("/simple/alpha/").respond_with_json(page, content_type=JSON)
    indexes = at(server.url_for("/simple/"), cache)
    found = check(indexes, place("==1.0"), settled={})
    assert [each.code for each in found if isinstance(each, Finding)] == ["VER108"]
    assert check(indexes, place(">=1.0"), settled={}) == []
    assert check(indexes, place("==1.0", elsewhere=True), settled={}) == []


def test_a_version_without_advisories_is_no_finding(server: HTTPServer, cache: Path) -> None:
    published(server)
    assert check(at(server.url_for("/simple/"), cache), place(">=1"), settled={"alpha": "1.0"}) == []


def test_that_nobody_could_be_asked_is_said(server: HTTPServer, cache: Path) -> None:
    offline = at(server.url_for("/simple/"), cache, offline=True)
    found = check(offline, place(">=1"), settled={"alpha": "1.0"})
    assert [isinstance(each, Problem) and "known vulnerabilities" in each.text for each in found] == [True]
    assert server.log == []
