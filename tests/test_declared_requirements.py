from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from loopback_index import JSON, asked, at
from pytest_httpserver import HTTPServer

from verifier import catalogue
from verifier.checks import distributions
from verifier.checks.satisfiable import allows, conflict
from verifier.distributions import DistributionFile, Index, Indexes, Releases
from verifier.model import Finding, Problem, Severity, Span
from verifier.world.index.releases import releases_of
from verifier.world.places import Place, declared_in, inline_places

RULES = {rule.name: rule for rule in catalogue.load() if rule.check == "distributions"}


def wheel(version: str, python: str = "", *, yanked: str | None = None) -> DistributionFile:
    return DistributionFile(f"alpha-{version}-py3-none-any.whl", "", version, requires_python=python, yanked=yanked)


def alpha(*files: DistributionFile, incomplete: str = "") -> Releases:
    return Releases("alpha", "https://example.org/simple/", files, incomplete=incomplete)


def place(specifier: str, *, marker: str = "", python: str = "") -> Place:
    return Place(f"alpha{specifier}", "alpha", specifier, marker, "pyproject.toml", 1, 1, 9, python)


def judged(
    specifier: str,
    *files: DistributionFile,
    marker: str = "",
    python: str = "",
    target: tuple[int, int] | None = None,
    incomplete: str = "",
) -> tuple[Severity, str] | None:
    asking = place(specifier, marker=marker, python=python)
    found = conflict(asking, alpha(*files, incomplete=incomplete), target, "linux")
    return (found.severity, found.reason) if found else None


FILES = (wheel("1.0"), wheel("1.1"), wheel("2.0"), wheel("3.0rc1"))


@pytest.mark.parametrize(
    "specifier",
    [
        "", ">=1", "==1.0", "==1", "==1.0.0", "==1.*", "~=1.0", "!=1.0", ">1.0,<2", "===1.0", ">=1,!=1.0,!=1.1",
        "==v1.0", "==3.0rc1", ">=3.0rc1", "==3.*", ">2.0", "==2.0+cu121", "==9.0+corp.1", ">=0!1", "<=1.0",
    ],
)  # fmt: skip
def test_versions_that_exist(specifier: str) -> None:
    assert judged(specifier, *FILES) is None


@pytest.mark.parametrize(
    ("specifier", "words"),
    [
        ("==1.0.1", "the nearest are 1.0 and 1.1"),
        ("==0.9", "the nearest is 1.0"),
        ("==9.9", "the nearest is 2.0"),
        ("===1.05", "the nearest are 1.1 and 2.0"),
        (">=4", "the newest is 2.0"),
        (">1.1,<2", "the newest is 2.0"),
        ("<1", "the newest is 2.0"),
        ("~=1.2", "the newest is 2.0"),
        ("==1.7.*", "the newest is 2.0"),
        ("==1!1.0", "the nearest is 2.0"),
        ("==2.0.post1", "the nearest is 2.0"),
        (">=1,<2,!=1.*", "the newest is 2.0"),
    ],
)
def test_versions_that_do_not_exist(specifier: str, words: str) -> None:
    assert judged(specifier, *FILES) == (Severity.ERROR, f"no version satisfies it; {words}")


def test_where_only_pre_releases_exist_they_count() -> None:
    beta = wheel("1.0b2")
    assert judged("", beta) is None
    assert judged(">=1.0b1", beta) is None
    assert judged(">=1.0", beta) == (Severity.ERROR, "no version satisfies it; the newest is 1.0b2")


def test_an_epoch_is_part_of_the_version() -> None:
    assert judged("==1!2.0", wheel("1!2.0")) is None
    assert judged("==2.0", wheel("1!2.0")) == (Severity.ERROR, "no version satisfies it; the nearest is 1!2.0")


def test_arbitrary_equality_compares_texts() -> None:
    assert judged("===1.0.0", wheel("1.0.0")) is None
    assert judged("===1.0.0", wheel("1.0")) is not None


YANKED = (wheel("1.0"), wheel("2.0", yanked="breaks\neverything"), wheel("2.1", yanked=""))


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("", None),
        (">=1", None),
        ("==1.0", None),
        ("==2.0", (Severity.INFO, "version 2.0 was yanked (breaks everything)")),
        ("===2.0", (Severity.INFO, "version 2.0 was yanked (breaks everything)")),
        ("==2.1", (Severity.INFO, "version 2.1 was yanked")),
        (">=2", (Severity.ERROR, "every version that satisfies it was yanked")),
        ("==2.0.*", (Severity.ERROR, "every version that satisfies it was yanked (breaks everything)")),
    ],
)
def test_yanked_versions(specifier: str, expected: tuple[Severity, str] | None) -> None:
    assert judged(specifier, *YANKED) == expected


def test_a_version_of_which_one_file_is_left_is_not_yanked() -> None:
    rest = replace(wheel("2.0"), name="alpha-2.0.tar.gz")
    assert judged(">=2", *YANKED, rest) is None


def test_nothing_is_said_without_all_files() -> None:
    assert judged("==9", *FILES, incomplete="https://example.org did not answer in time") is None
    assert judged("==9") is None
    assert judged("==9", wheel("1.0", yanked="")) is None


PYTHONS = (wheel("1.0", ">=3.6"), wheel("2.0", ">=3.9"), wheel("3.0", ">=3.11,<3.14"))


@pytest.mark.parametrize(
    ("specifier", "python", "target", "words"),
    [
        ("==2.0", ">=3.8", None, "excludes Python 3.8, which the project supports (>=3.8) (the newest needs >=3.9)"),
        (">=2", ">=3.8,<4", None, "excludes Python 3.8, which the project supports"),
        ("==3.0", "", (3, 10), "excludes Python 3.10, for which the code is judged (the newest needs >=3.11,<3.14)"),
        ("==3.0", ">=3.11", (3, 14), "excludes Python 3.14, for which the code is judged"),
        ("==3.0", "~=3.8.2", None, "excludes Python 3.8, which"),
        ("==3.0", ">=3,<3.11", None, "excludes all that the project supports (>=3,<3.11)"),
    ],
)
def test_pythons_that_are_excluded(specifier: str, python: str, target: tuple[int, int] | None, words: str) -> None:
    found = judged(specifier, *PYTHONS, python=python, target=target)
    assert found is not None
    assert found[0] is Severity.WARNING
    assert words in found[1]


@pytest.mark.parametrize(
    ("specifier", "python", "target"),
    [
        ("", ">=3.6", None),
        (">=1", ">=3.8", (3, 8)),
        ("==2.0", ">=3.9", None),
        ("==2.0", ">=3.9.7", None),
        # A project that goes on to all later Pythons is not held against a distribution's upper bound.
        ("==3.0", ">=3.11", None),
        ("==3.0", ">=3.11", (3, 13)),
        ("==3.0", "", None),
        ("==3.0", "no specifier", None),
        # `>=3` means Python 3 as it is today.
        ("==3.0", ">=3", None),
        ("==2.0", ">=2.7,!=3.0.*,!=3.1.*", None),
        # The target is no Python of the project's: other parts of the program speak of that.
        ("==3.0", ">=3.11,<3.13", (3, 8)),
    ],
)
def test_pythons_that_are_served(specifier: str, python: str, target: tuple[int, int] | None) -> None:
    assert judged(specifier, *PYTHONS, python=python, target=target) is None


def test_a_pre_release_serves_no_python_unless_it_is_asked_for() -> None:
    files = (wheel("2.0", ">=3.9"), wheel("2.1rc1", ">=3.8"))
    assert judged(">=2", *files, python=">=3.8") is not None
    assert judged(">=2.1rc1", *files, python=">=3.8") is None
    # Where there is nothing else, it is taken.
    assert judged(">=2", files[1], python=">=3.8") is None


def test_only_the_pythons_for_which_a_marker_holds_count() -> None:
    newer = "python_version >= '3.9'"
    assert judged("==2.0", *PYTHONS, python=">=3.8", marker=newer) is None
    assert judged("==2.0", *PYTHONS, target=(3, 8), marker=newer) is None
    assert judged("==2.0", *PYTHONS, python=">=3.8", marker="sys_platform == 'win32'") is None
    assert judged("==2.0", *PYTHONS, python=">=3.8", marker="python_version < '3.12'") is not None
    # That no version satisfies it is true wherever it is asked for.
    assert judged("==9", *PYTHONS, marker="sys_platform == 'win32'") is not None


@pytest.mark.parametrize(
    ("specifier", "python", "expected"),
    [
        ("", (3, 8), True),
        (">=3.8.1", (3, 8), True),
        ("<3.8", (3, 8), False),
        ("<=3.8", (3, 8), True),
        ("==3.9.5", (3, 9), True),
        ("!=3.9.*,>=3.8", (3, 9), False),
        (">=2.7", (3, 0), True),
        (">=3.6.*", (3, 8), True),
        ("nonsense", (3, 8), True),
    ],
)
def test_what_requires_python_admits(specifier: str, python: tuple[int, int], *, expected: bool) -> None:
    assert allows(specifier, python) is expected


def served(server: HTTPServer, name: str, *versions: str) -> None:
    stem = name.replace("-", "_")
    files = [{"filename": f"{stem}-{version}-py3-none-any.whl", "url": "x.whl", "hashes": {}} for version in versions]
    page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
    server.expect_request(f"/simple/{name}/").respond_with_json(page, content_type=JSON)


def missing(server: HTTPServer, *names: str) -> None:
    for name in names:
        server.expect_request(f"/simple/{name}/").respond_with_data("", status=404)


def check(
    indexes: Indexes, places: Sequence[Place], settled: dict[str, str] | None = None
) -> tuple[list[Finding], list[Problem]]:
    results = list(
        distributions.check(
            [], places, RULES, lambda names: releases_of(indexes, names), settled=settled, today=date(2026, 3, 1)
        )
    )
    findings = [each for each in results if isinstance(each, Finding)]
    return findings, [each for each in results if isinstance(each, Problem)]


def told(findings: Sequence[Finding]) -> list[tuple[str, str, int, int]]:
    return [(each.code, each.path, each.span.line, each.span.column) for each in findings]


def test_a_project_whose_requirements_do_not_fit(server: HTTPServer, cache: Path, tmp_path: Path) -> None:
    for name in ("alpha", "bravo-tools", "pyyaml"):
        served(server, name, "1.0", "1.1", "2.0")
    missing(server, "yaml", "pathlib", "sqlite3")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "example"\nversion = "1"\ndependencies = [\n'
        '  "alpha>=1",\n  "bravo-tools>=7",\n  "yaml", # a name of the import\n]\n'
        '[project.optional-dependencies]\nall = ["example", "PyYAML~=1.1"]\n'
        '[dependency-groups]\ndev = ["charlie @ https://example.org/c.whl", "pathlib"]\n'
    )
    (tmp_path / "requirements.txt").write_text(
        "alpha==1.0\n\n  sqlite3\nalpha == 3.1 ; python_version > '3'\n./local\n"
    )
    findings, problems = check(at(server.url_for("/simple/"), cache), list(declared_in(tmp_path)))
    assert sorted(told(findings)) == [
        ("VER109", "pyproject.toml", 7, 4),
        ("VER109", "pyproject.toml", 12, 48),
        ("VER109", "requirements.txt", 3, 3),
        ("VER110", "pyproject.toml", 6, 4),
        ("VER110", "requirements.txt", 4, 1),
    ]
    assert problems == []
    messages = {(each.path, each.span.line): each.message for each in findings}
    assert messages["pyproject.toml", 7].endswith("called `yaml`; did you mean `pyyaml`?")
    assert "the standard library has a module of that name" in messages["requirements.txt", 3]
    assert messages["pyproject.toml", 6] == "`bravo-tools>=7`: no version satisfies it; the newest is 2.0"
    assert all(each.severity is Severity.ERROR for each in findings)
    assert asked(server, "/simple/alpha/") == 1


def test_a_script_block(server: HTTPServer, cache: Path) -> None:
    served(server, "alpha", "1.0")
    missing(server, "nowhere")
    text = '#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   "alpha==4",\n#   "nowhere",\n# ]\n# ///\n'
    findings, _ = check(at(server.url_for("/simple/"), cache), list(inline_places(text, "s.py")))
    assert sorted((each.code, each.span) for each in findings) == [
        ("VER109", Span(5, 6, 5, 13)),
        ("VER110", Span(4, 6, 4, 14)),
    ]


@pytest.mark.parametrize("status", [401, 403, 407, 418, 500, 503])
def test_an_index_that_fails_accuses_nobody(server: HTTPServer, cache: Path, status: int) -> None:
    server.expect_request("/simple/alpha/").respond_with_data("", status=status)
    findings, problems = check(at(server.url_for("/simple/"), cache, deadline=2), [place("==9")])
    assert findings == []
    assert [(each.path, "alpha" in each.text) for each in problems] == [(None, True)]


def test_offline_and_private_names_accuse_nobody(server: HTTPServer, cache: Path) -> None:
    offline = at(server.url_for("/simple/"), cache, offline=True)
    public = Indexes((Index(server.url_for("/simple/"), public=True),), private=("alph*",), cache=cache)
    for indexes in (offline, public, Indexes()):
        findings, problems = check(indexes, [place("==9")])
        assert findings == []
        assert len(problems) == 1
    assert server.log == []


def test_one_silent_index_keeps_the_other_from_saying_that_a_version_is_not_there(
    server: HTTPServer, cache: Path
) -> None:
    served(server, "alpha", "1.0")
    server.expect_request("/other/alpha/").respond_with_data("", status=403)
    both = Indexes((Index(server.url_for("/simple/")), Index(server.url_for("/other/"))), cache=cache, seconds=5)
    findings, problems = check(both, [place("==9")])
    assert findings == []
    assert len(problems) == 1
    assert [each.code for each in check(at(server.url_for("/simple/"), cache), [place("==9")])[0]] == ["VER110"]


def test_what_is_locked_is_asked_about_only_where_it_does_not_fit(server: HTTPServer, cache: Path) -> None:
    served(server, "alpha", "1.0")
    indexes = at(server.url_for("/simple/"), cache)
    assert check(indexes, [place(">=1")], {"alpha": "1.0"}) == ([], [])
    assert check(indexes, [place("")], {"alpha": "1.0rc1"}) == ([], [])
    assert server.log == []
    findings, _ = check(indexes, [place("==9")], {"alpha": "1.0"})
    assert [each.code for each in findings] == ["VER110"]


def test_what_is_installed_exists_though_no_index_has_it(server: HTTPServer, cache: Path) -> None:
    missing(server, "alpha")
    assert [each.code for each in check(at(server.url_for("/simple/"), cache), [place("==9")])[0]] == ["VER109"]
    assert check(at(server.url_for("/simple/"), cache), [place("==9")], {"alpha": "1.0"}) == ([], [])


def test_requirements_from_elsewhere_are_left_alone(server: HTTPServer, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "example"\ndependencies = ["alpha", "bravo", "example[all]", "c @ file:///c.whl"]\n'
        '[tool.uv.sources]\nalpha = { git = "https://example.org/alpha" }\nbravo = { workspace = true }\n'
        '[tool.poetry.dependencies]\ndelta = { path = "../delta" }\n'
    )
    assert check(at(server.url_for("/simple/"), cache), list(declared_in(tmp_path))) == ([], [])
    assert server.log == []
