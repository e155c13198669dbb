"""Pairs of whole programs, one of each pair with a defect in its SQL: half of them were written before the code."""

from __future__ import annotations

import shutil
from pathlib import Path

import libcst as cst
import pytest
import worlds

from verifier import catalogue
from verifier.checks import sql
from verifier.checks.registry import Parsed
from verifier.model import Finding, Project, Severity, Source
from verifier.semantics.infer import Inference
from verifier.semantics.positions import Positions
from verifier.semantics.walk import read as walk

RULES = {rule.name: rule for rule in catalogue.load() if rule.check == "sql"}
FOLDER = Path(__file__).parent.parent / "fixtures" / "sql"
FILES = sorted([*FOLDER.glob("first/*.py"), *FOLDER.glob("second/*.py")])


def alone(file: Path, folder: Path) -> tuple[str, list[Finding]]:
    """What is found in a program that lies in a folder with nothing but the SQL files that it names."""
    text = file.read_text(encoding="utf-8")
    copy = folder / file.name
    shutil.copy(file, copy)
    for each in file.parent.glob("*.sql"):
        if each.name in text:
            shutil.copy(each, folder)
    facts = walk(cst.parse_module(text), file.name, (3, 12))
    inference = Inference(facts, catalogue.table("semantics/returns")["returns"])
    parsed = Parsed(
        Source(file.name, copy),
        text.encode(),
        text,
        facts,
        Positions(facts.tree, text),
        inference,
        Project(folder, (3, 12)),
    )
    found = [each for each in sql.check(parsed, RULES) if isinstance(each, Finding)]
    return text, [each for each in found if each.severity is not Severity.INFO]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_marks(file: Path, tmp_path: Path) -> None:
    text, found = alone(file, tmp_path)
    marked = worlds.marks(text)
    told = [each for each in found if (each.span.line, each.code) not in marked.expected]
    assert not told, [(each.span.line, each.code, each.message) for each in told]
    assert marked.expected <= worlds.places(found), sorted(marked.expected - worlds.places(found))
    assert not marked.todo & worlds.places(found), "a todo mark is found by now: make it an expect mark"


@pytest.mark.parametrize(
    "file", [each for each in FILES if not each.stem.endswith("_clean")], ids=lambda file: file.stem
)
def test_each_has_its_twin(file: Path) -> None:
    twin = worlds.marks(file.with_stem(f"{file.stem}_clean").read_text(encoding="utf-8"))
    assert not twin.expected | twin.todo
    marked = worlds.marks(file.read_text(encoding="utf-8"))
    assert marked.expected | marked.todo
