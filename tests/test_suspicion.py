from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from loopback_index import JSON, at
from packaging.utils import canonicalize_name
from pytest_httpserver import HTTPServer

from verifier import catalogue
from verifier.checks import distributions, lookalikes
from verifier.checks.distributions import Imported
from verifier.checks.suspicion import Sign, Signal, severity, signals
from verifier.distributions import DistributionFile, Releases
from verifier.model import Finding, Import, Problem, Severity, Span
from verifier.world.import_names import candidates, popular
from verifier.world.index.releases import releases_of
from verifier.world.places import Place, inline_places

TODAY = date(2026, 3, 1)
RULES = {rule.name: rule for rule in catalogue.load() if rule.check == "distributions"}
OLD = "2015-05-01T10:00:00Z"


def wheel(version: str, uploaded: str | None = OLD, *, yanked: str | None = None) -> DistributionFile:
    return DistributionFile(f"x-{version}-py3-none-any.whl", "", version, yanked=yanked, uploaded=uploaded)


def ago(days: int) -> str:
    return (datetime(2026, 3, 1, 12, tzinfo=UTC) - timedelta(days=days)).isoformat()


def signs(
    name: str, *files: DistributionFile, status: str = "active", reason: str = "", incomplete: str = ""
) -> tuple[set[Sign], Severity | None]:
    found = signals(name, Releases(name, "index", files, status, reason, incomplete=incomplete), TODAY)
    assert all(each.text for each in found)
    return {each.sign for each in found}, severity(found)


ESTABLISHED = (wheel("1.0"), wheel("1.1"), wheel("2.0", ago(5)))
GONE = (wheel("1", yanked=""), wheel("2", yanked="bad"), wheel("3", yanked=""))


# Rows: what the index has, and what is made of it.
@pytest.mark.parametrize(
    ("name", "files", "expected", "level"),
    [
        ("acme-tools", ESTABLISHED, set(), None),
        ("acme-tools", [wheel("1.0")], {Sign.SINGLE}, None),
        ("acme-tools", [wheel("1.0"), wheel("1.0.0")], {Sign.SINGLE}, None),
        ("acme-tools", [wheel("1.0"), wheel("1.1")], {Sign.FEW}, None),
        ("acme-tools", [wheel("1.0", ago(89))], {Sign.YOUNG, Sign.SINGLE}, Severity.WARNING),
        ("acme-tools", [wheel("1.0", ago(90))], {Sign.SINGLE}, None),
        ("acme-tools", [wheel("1.0", ago(-1))], {Sign.YOUNG, Sign.SINGLE}, Severity.WARNING),
        ("acme-tools", [wheel("1.0", ago(9)), wheel("1.1", ago(8))], {Sign.YOUNG, Sign.FEW}, Severity.INFO),
        ("acme-tools", [wheel("1", ago(9)), wheel("2", ago(8)), wheel("3", ago(7))], {Sign.YOUNG}, Severity.INFO),
        # An old file makes it old, and one without a date may be old.
        ("acme-tools", [wheel("1", ago(9)), wheel("2", OLD), wheel("3", ago(7))], set(), None),
        ("acme-tools", [wheel("1", None), wheel("2", ago(8)), wheel("3", ago(7))], set(), None),
        ("acme-tools", [wheel("1", "yesterday")], {Sign.SINGLE}, None),
        ("acme-tools", [], {Sign.EMPTY}, Severity.WARNING),
        ("acme-tools", GONE, {Sign.YANKED}, Severity.WARNING),
        ("acme-tools", [wheel("1", yanked=""), wheel("2"), wheel("3", yanked="")], set(), None),
        ("reqeusts", ESTABLISHED, {Sign.LOOKALIKE}, None),
        ("reqeusts", [wheel("1.0")], {Sign.LOOKALIKE, Sign.SINGLE}, Severity.WARNING),
        ("reqeusts", [wheel("1.0", None)], {Sign.LOOKALIKE, Sign.SINGLE}, Severity.WARNING),
        ("reqeusts", [wheel("1.0"), wheel("1.1")], {Sign.LOOKALIKE, Sign.FEW}, Severity.WARNING),
        ("requests", [wheel("1.0")], {Sign.SINGLE}, None),
        ("requests", [wheel("1.0", ago(3))], {Sign.YOUNG, Sign.SINGLE}, Severity.WARNING),
        ("yaml", ESTABLISHED, {Sign.IMPORT_NAME}, Severity.INFO),
        ("yaml", [wheel("1.0")], {Sign.IMPORT_NAME, Sign.SINGLE}, Severity.WARNING),
        ("pyyaml", ESTABLISHED, set(), None),
    ],
)  # fmt: skip
def test_files_and_names(
    name: str, files: Sequence[DistributionFile], expected: set[Sign], level: Severity | None
) -> None:
    assert signs(name, *files) == (expected, level)


@pytest.mark.parametrize(
    ("status", "files", "expected", "level"),
    [
        ("active", ESTABLISHED, set(), None),
        ("archived", ESTABLISHED, {Sign.ARCHIVED}, Severity.INFO),
        ("deprecated", ESTABLISHED, {Sign.DEPRECATED}, Severity.INFO),
        ("quarantined", ESTABLISHED, {Sign.QUARANTINED}, Severity.ERROR),
        # The files of what is quarantined are not offered: that is one sign.
        ("quarantined", (), {Sign.QUARANTINED}, Severity.ERROR),
        ("archived", (), {Sign.ARCHIVED, Sign.EMPTY}, Severity.WARNING),
        ("of-the-future", ESTABLISHED, set(), None),
    ],
)
def test_status(status: str, files: Sequence[DistributionFile], expected: set[Sign], level: Severity | None) -> None:
    assert signs("acme-tools", *files, status=status) == (expected, level)


def test_nothing_is_counted_while_an_index_is_silent() -> None:
    """The silent one may have the other releases; what the answering one says itself still counts."""
    silent = "https://example.org did not answer in time"
    assert signs("reqeusts", wheel("1.0", ago(3)), incomplete=silent) == ({Sign.LOOKALIKE}, None)
    assert signs("acme-tools", incomplete=silent) == (set(), None)
    assert signs("acme-tools", wheel("1", ago(3)), status="quarantined", incomplete=silent)[1] is Severity.ERROR


def test_words_carry_the_reasons() -> None:
    found = signals("acme-tools", Releases("acme-tools", "i", (), "archived", "use\nbravo"), TODAY)
    assert [each.text for each in found] == [
        "its owner has marked it as archived (use bravo)",
        "it has no file that could be installed",
    ]
    young = signals("acme-tools", Releases("acme-tools", "i", (wheel("1", ago(1)),)), TODAY)
    assert Signal(Sign.YOUNG, "its first release is 1 day old") in young


@pytest.mark.parametrize(
    ("name", "popular"),
    [
        ("requestss", "requests"),
        ("requets", "requests"),
        ("requasts", "requests"),
        ("reqeusts", "requests"),
        ("request", "requests"),
        ("python-requests", "requests"),
        ("requests-py", "requests"),
        ("reque5ts", "requests"),
        ("fast-api", "fastapi"),
        ("scikitlearn", "scikit-learn"),
        ("opencvpython", "opencv-python"),
        ("jeilyfish", "jellyfish"),
        ("python3-dateutil", "python-dateutil"),
        ("pyflask", "flask"),
        ("panda", "pandas"),
    ],
)
def test_slips_of_well_known_names(name: str, popular: str) -> None:
    assert lookalikes.resembles(name) == popular


# Honest names: themselves well known, too short to be a slip of anything, or two slips away.
@pytest.mark.parametrize(
    "name",
    [
        "requests", "psycopg", "psycopg2", "boto", "boto3", "h11", "h2", "attrs", "cattrs", "gym", "pymc", "pymc3",
        "black", "blake3", "django-redis", "redis", "pyspark", "pytest-mock", "mock", "httpx", "httptools", "jinja2",
        "jinja2-cli", "types-requests", "toml", "tomli", "tox", "rox", "rick", "mcp-server", "acme-tools", "x",
        "requests-wrapper-pro", "colour", "color-tools", "dateparser", "flask-login", "langchain-acme",
        "airflow-tools", "uv", "ub",
    ],
)  # fmt: skip
def test_names_that_resemble_nothing(name: str) -> None:
    assert lookalikes.resembles(name) is None


def test_no_well_known_name_is_taken_for_another() -> None:
    table = catalogue.table("imports/names")
    known = {
        *table["known"]["names"],
        *popular(),
        *(each for names in table["names"].values() for each in names),
    }
    assert [name for name in known if lookalikes.resembles(name) or lookalikes.meant_by(name)] == []


@pytest.mark.parametrize(
    ("name", "distribution"),
    [("yaml", "pyyaml"), ("sklearn", "scikit-learn"), ("pil", "pillow"), ("serial", "pyserial"), ("attr", "attrs")],
)
def test_import_names_that_pass_for_distributions(name: str, distribution: str) -> None:
    assert lookalikes.meant_by(name) == distribution


@pytest.mark.parametrize("name", ["pyyaml", "attrs", "docx", "py", "google", "acme-tools", "requests"])
def test_names_that_are_no_import_name_of_another(name: str) -> None:
    assert lookalikes.meant_by(name) is None


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("yaml", "pyyaml"),
        ("reqests", "requests"),
        ("requests-toolbeltt", "requests-toolbelt"),
        ("json-repair-turbo", None),
        ("requests", None),
    ],
)
def test_suggestions(name: str, suggestion: str | None) -> None:
    assert lookalikes.suggested(name) == suggestion


def test_the_table_of_well_known_names() -> None:
    names: list[str] = catalogue.table("imports/popular")["names"]
    assert len(names) >= 2000
    assert names == sorted(set(names))
    assert [name for name in names if canonicalize_name(name) != name] == []
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def imported(module: str, *, path: str = "a.py", line: int = 1, optional: bool = False) -> Imported:
    record = Import(path, module, None, None, 0, Span(line, 8, line, 8 + len(module)), optional=optional)
    return record, candidates(module)


def served(server: HTTPServer, name: str, *files: tuple[str, str], status: str = "active") -> None:
    """A page of the JSON API with these versions and the times of their upload."""
    stem = name.replace("-", "_")
    page = {
        "meta": {"api-version": "1.4"},
        "name": name,
        "project-status": {"status": status},
        "files": [
            {"filename": f"{stem}-{version}-py3-none-any.whl", "url": "x.whl", "hashes": {}, "upload-time": time}
            for version, time in files
        ],
    }
    server.expect_request(f"/simple/{name}/").respond_with_json(page, content_type=JSON)


def run(
    server: HTTPServer,
    cache: Path,
    imports: Sequence[Imported] = (),
    places: Sequence[Place] = (),
    *,
    settled: dict[str, str] | None = None,
    private: Sequence[str] = (),
    in_house: Sequence[str] = (),
) -> tuple[list[Finding], list[Problem]]:
    indexes = at(server.url_for("/simple/"), cache)
    results = list(
        distributions.check(
            imports,
            places,
            RULES,
            lambda names: releases_of(indexes, names),
            settled=settled,
            private=private,
            in_house=in_house,
            today=TODAY,
        )
    )
    findings = [each for each in results if isinstance(each, Finding)]
    return findings, [each for each in results if isinstance(each, Problem)]


def test_all_signals_are_one_finding(server: HTTPServer, cache: Path) -> None:
    served(server, "reqeusts", ("1.0", ago(10)))
    findings, problems = run(server, cache, [imported("reqeusts", line=3), imported("reqeusts.adapters", line=4)])
    assert [(each.code, each.path, each.span.line, each.severity) for each in findings] == [
        ("VER108", "a.py", 3, Severity.WARNING)
    ]
    for words in ("`reqeusts`", "10 days old", "only one release", "one slip from `requests`"):
        assert words in findings[0].message
    evidence = findings[0].evidence or {}
    assert evidence["signals"] == ["young", "one release", "lookalike"]
    assert evidence["index"] == server.url_for("/simple/")
    assert problems == []


def test_a_quarantined_package_is_an_error(server: HTTPServer, cache: Path) -> None:
    served(server, "acme-tools", status="quarantined")
    findings, _ = run(server, cache, [imported("acme_tools")])
    assert [(each.code, each.severity) for each in findings] == [("VER108", Severity.ERROR)]


def test_each_file_has_its_finding_and_a_guarded_import_only_informs(server: HTTPServer, cache: Path) -> None:
    served(server, "reqeusts", ("1.0", ago(10)))
    findings, _ = run(server, cache, [imported("reqeusts"), imported("reqeusts", path="b.py", optional=True)])
    assert [(each.path, each.severity) for each in findings] == [("a.py", Severity.WARNING), ("b.py", Severity.INFO)]


def test_honest_packages_are_not_suspected(server: HTTPServer, cache: Path) -> None:
    served(server, "acme-tools", ("1.0", OLD))
    served(server, "reqeusts", ("1.0", OLD), ("1.1", OLD), ("2.0", ago(3)))
    served(server, "pyyaml", ("5.0", OLD), ("6.0", OLD), ("6.1", OLD))
    assert run(server, cache, [imported("acme_tools"), imported("reqeusts"), imported("yaml")]) == ([], [])


def test_what_nobody_knows_is_no_finding(server: HTTPServer, cache: Path) -> None:
    """Of imports that do not exist or could not be asked about the check of imports speaks."""
    server.expect_request("/simple/acme-tools/").respond_with_data("", status=403)
    server.expect_request("/simple/nowhere-to-be-found/").respond_with_data("", status=404)
    assert run(server, cache, [imported("acme_tools"), imported("nowhere_to_be_found")]) == ([], [])


def test_locked_private_and_in_house_distributions_are_trusted(server: HTTPServer, cache: Path) -> None:
    served(server, "reqeusts", ("1.0", ago(10)))
    imports = [imported("reqeusts")]
    assert run(server, cache, imports, settled={"reqeusts": "1.0"})[0] == []
    assert run(server, cache, imports, private=["req*"])[0] == []
    assert run(server, cache, imports, in_house=[server.url_for("/simple/")])[0] == []
    assert len(run(server, cache, imports, private=["acme-*"], in_house=["https://example.org/"])[0]) == 1


def test_a_locked_distribution_is_not_even_asked_about(server: HTTPServer, cache: Path) -> None:
    places = inline_places('# /// script\n# dependencies = ["reqeusts>=1"]\n# ///\n', "s.py")
    assert run(server, cache, [imported("reqeusts")], list(places), settled={"reqeusts": "1.0"}) == ([], [])
    assert server.log == []


def test_a_locked_one_is_not_suspected_where_the_requirement_has_moved_on(server: HTTPServer, cache: Path) -> None:
    served(server, "reqeusts", ("1.0", ago(10)))
    places = list(inline_places('# /// script\n# dependencies = ["reqeusts>=1"]\n# ///\n', "s.py"))
    assert run(server, cache, [], places, settled={"reqeusts": "0.9"}) == ([], [])
    assert len(run(server, cache, [], places)[0]) == 1


def test_a_declared_one_is_reported_where_it_is_declared(server: HTTPServer, cache: Path) -> None:
    served(server, "reqeusts", ("1.0", ago(10)))
    text = '# /// script\n# dependencies = ["reqeusts"]\n# ///\nimport reqeusts\n'
    findings, _ = run(server, cache, [imported("reqeusts", path="s.py", line=4)], list(inline_places(text, "s.py")))
    assert [(each.code, each.path, each.span) for each in findings] == [("VER108", "s.py", Span(2, 20, 2, 28))]
