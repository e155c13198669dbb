"""Programs as models write them: every marked line gives its finding, and no other line gives one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import worlds

from verifier.config import Config
from verifier.engine import run
from verifier.model import Finding, Report, Severity

FOLDER = Path(__file__).parent.parent / "fixtures" / "generated"
FILES = sorted(FOLDER.glob("*.py"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    root = tmp_path_factory.mktemp("generated")
    world = tomllib.loads((FOLDER / "world.toml").read_text(encoding="utf-8"))
    worlds.build(root, world)
    for file in FILES:
        (root / file.name).write_bytes(file.read_bytes())
    with worlds.index(world["index"]) as url, pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        yield run([root], Config(root=root, index_url=url, no_cache=True, jobs=1), environ={})


def test_everything_was_checked(report: Report) -> None:
    assert report.problems == ()
    assert report.files == len(FILES) >= 25


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_marks(file: Path, report: Report) -> None:
    marks = worlds.marks(file.read_text(encoding="utf-8"))
    found = [each for each in report.findings if each.path == file.name]
    loud = [each for each in found if each.severity is not Severity.INFO]
    told: list[Finding] = [each for each in loud if (each.span.line, each.code) not in marks.expected]
    assert not told, [(each.span.line, each.code, each.message) for each in told]
    assert marks.expected <= worlds.places(found), sorted(marks.expected - worlds.places(found))
    assert not marks.todo & worlds.places(found), "a todo mark is found by now: make it an expect mark"
