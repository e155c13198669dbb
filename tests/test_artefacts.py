"""What is said of files that do not parse: cut off, a fence, prose, plain bad syntax; never of what Python reads."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from verifier.checks.artefacts import Diagnosis, diagnose
from verifier.config import Config
from verifier.engine import run

PROGRAM = (Path(__file__).parent.parent / "fixtures" / "generated" / "orders_orm.py").read_text(encoding="utf-8")


def said(text: str) -> Diagnosis | None:
    try:
        cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        return diagnose(text, error)
    pytest.fail("the text parses")


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("def f(x):\n    return [1,\n", "truncated-code", 2),
        ("def f(x):\n", "truncated-code", 1),
        ("for i in range(3):\n    if i", "truncated-code", 2),
        ("key =", "truncated-code", 1),
        ('text = """never\nclosed\n', "truncated-code", 1),
        ("try:\n    x = 1\n", "truncated-code", 2),
        ("```python\nimport os\n```\n", "markdown-fence", 1),
        ("import os\n\n```\n", "markdown-fence", 3),
        ("Here is the updated code:\n\nimport os\n", "prose-in-code", 1),
        ("import os\n\nThis function returns all of the names.\n", "prose-in-code", 3),
        ("Sure! Here's a function that does it:\n\nx = 1\n", "prose-in-code", 1),
        ("def f()\n    pass\n", "invalid-syntax", 1),
        ("print 'a'\n", "invalid-syntax", 1),
        ("x = [1, 2\ny = 3\ndef f():\n    pass\n", "invalid-syntax", 1),
        ("x = 1\n  y = 2\n", "invalid-syntax", 2),
        ("a b\nx = 1\n", "invalid-syntax", 1),
    ],
)
def test_diagnosis(text: str, rule: str, line: int) -> None:
    diagnosis = said(text)
    assert diagnosis is not None
    assert (diagnosis.rule, diagnosis.span.line) == (rule, line)


def test_any_cut_of_a_program_is_called_a_cut() -> None:
    wrong = []
    cuts = 0
    for end in range(200, len(PROGRAM)):
        try:
            cst.parse_module(PROGRAM[:end])
        except cst.ParserSyntaxError as error:
            diagnosis = diagnose(PROGRAM[:end], error)
            cuts += 1
            if diagnosis is None or diagnosis.rule != "truncated-code":
                wrong.append((PROGRAM[end - 30 : end], diagnosis))
    assert cuts > 50
    # what is left is cut within a word: `from x imp`, `sum(total fo`
    assert len(wrong) <= cuts // 30, wrong


def test_what_python_reads_is_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "def f(a):\n if a:\n\t b = 1\n elif a > 1:\n\t b = 2\n return b\n"
    compile(text, "mixed.py", "exec")
    (tmp_path / "mixed.py").write_text(text)
    report = run([tmp_path], Config(root=tmp_path, select=("artefacts",), offline=True, no_cache=True), environ={})
    assert report.findings == ()
    assert ["our parser cannot read it" in each.text for each in report.problems] == [True]
