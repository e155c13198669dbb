"""Every renderer against golden files (VERIFY_GOLDEN=write renews them), the schema, and any text with any span."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import verifier.report
from verifier.model import (
    Edit,
    Finding,
    Fix,
    Problem,
    ProblemKind,
    Related,
    Report,
    Rule,
    Severity,
    Span,
)
from verifier.report import concise, explain, full, problems, summary
from verifier.report import json as json_report
from verifier.report.fingerprint import fingerprints
from verifier.report.frame import frame
from verifier.report.text import first_sentences

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((Path(verifier.report.__file__).parent / "schema.json").read_text(encoding="utf-8"))

FILES = {
    "app/main.py": [
        "import os",
        "import reqeusts",
        "",
        "def größe(名前):",
        '\tvalue = {"名前": 名前, "size":\tcompute_size(名前)}',
        "\treturn value",
    ],
    "app/long line.py": ["x = 1", f"data = [{', '.join(map(str, range(200)))}, eval(text), {'9, ' * 300}]"],
    "app/evil.py": ["a = '\x1b[31m\u202e'", "for a in items:", "    for b in items:", "        pairs.append((a, b))"],
}
SIZE = Span(5, FILES["app/main.py"][4].index("compute") + 1, 5, FILES["app/main.py"][4].index("}") + 1)
EVAL = Span(2, (at := FILES["app/long line.py"][1].index("eval(text)") + 1), 2, at + len("eval(text)"))


def lines(path: str) -> list[str]:
    return FILES.get(path, [])


def rule(code: str, name: str, severity: Severity, **more: object) -> Rule:
    fields: dict[str, object] = {
        "family": "imports",
        "summary": "An import names a distribution that does not exist",
        "message": "{name} does not exist",
        "precision": "very-high",
        "check": "imports",
        "why": "Nobody can install it.\nWhoever registers the name later runs code on every machine that installs it. "
        "This third sentence is too long to be shown beside the other two, so it is left to `verify explain`.",
        "instead": "Import the distribution that exists, e.g. by the name its documentation gives.",
        "bad": ("import reqeusts  # expect: VER101",),
        "good": ("import requests",),
        "measured": "made up for this test",
    }
    return Rule(code=code, name=name, severity=severity, **(fields | more))  # type: ignore[arg-type]  # the test's own fields


RULES = (
    rule(
        "VER101",
        "unknown-package",
        Severity.ERROR,
        cwe=("CWE-1357",),
        tags=("supply-chain",),
        references=("https://example.org/a",),
    ),
    rule("B307", "dynamic-eval", Severity.WARNING, family="security", check="bandit", cwe=("CWE-95",), precision="low"),
    rule(
        "VER501", "nested-pair-loop", Severity.INFO, family="cost", check="cost", bad=('print("""\n```\n""")',), good=()
    ),
)
REPORT = Report(
    findings=(
        Finding(
            "VER501",
            "app/evil.py",
            Span(2, 1, 4, 29),
            "every pair of items is compared",
            Severity.INFO,
            fix=Fix("Use itertools.combinations", (Edit(Span(2, 1, 4, 29), "…"),), safe=False),
        ),
        Finding(
            "VER101",
            "app/main.py",
            Span(2, 8, 2, 16),
            "no distribution is called 'reqeusts'\x1b[2J; the index answered 404",
            Severity.ERROR,
            symbol="reqeusts",
            fix=Fix("Import requests", (Edit(Span(2, 8, 2, 16), "requests"),), safe=True),
            evidence={"index": "https://index.example/simple", "status": 404, "near": {"requests", "httpx"}},
        ),
        Finding(
            "B307",
            "app/main.py",
            SIZE,
            "compute_size runs text as code",
            Severity.WARNING,
            related=(
                Related("app/evil.py", Span(1, 1, 1, 2), "the text comes from here", "VER401"),
                Related("app/main.py", Span(4, 11, 4, 13), "and passes through here"),
            ),
        ),
        Finding("B307", "app/long line.py", EVAL, "eval runs text as code", Severity.WARNING),
        Finding("VER101", "gone.py", Span(1, 1, 1, 2), "no line to show", Severity.ERROR),
    ),
    suppressed=(Finding("B307", "app/long line.py", EVAL, "silenced", Severity.WARNING),),
    problems=(
        Problem("app/broken.py", ProblemKind.SYNTAX, "line 3: expected ':'\nand more"),
        Problem(None, ProblemKind.ENGINE, "semgrep is not installed: 12 rules did not run"),
        Problem("app/a\nb.py", ProblemKind.IO, "the path does not exist"),
    ),
    files=12,
    rules=RULES,
    seconds=1.23456,
    environment="Python 3.12 of .venv, 41 distributions",
    not_checked=2,
)
CLEAN = replace(REPORT, findings=(), suppressed=(), problems=(), not_checked=0)


def golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("VERIFY_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8", newline="")
    assert text == file.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_concise() -> None:
    golden("concise.txt", concise.render(REPORT))


def test_full() -> None:
    golden("full.txt", full.render(REPORT, lines))


def test_full_narrow() -> None:
    golden("full-40.txt", full.render(REPORT, lines, width=40))


def test_problems() -> None:
    golden("problems.txt", problems.render_problems(REPORT))
    assert full.render_problems(CLEAN) == ""


def test_explain() -> None:
    golden("explain.md", "".join(map(explain.explain, RULES)))


def test_listing() -> None:
    golden("rules.txt", explain.listing(tuple(reversed(RULES))))
    assert explain.listing(()) == ""


def test_json() -> None:
    text = json_report.render(REPORT, lines)
    golden("report.json", re.sub(r'(?<="name": "verifier",\n    "version": )".*?"', '"0"', text))


def test_json_is_what_its_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    for report in (REPORT, CLEAN):
        validator.validate(json.loads(json_report.render(report, lines)))


@pytest.mark.parametrize("place", ["report", "finding", "fix", "edit", "related", "problem", "summary"])
def test_the_schema_is_strict(place: str) -> None:
    shape = SCHEMA["$defs"][place]
    assert shape["additionalProperties"] is False
    assert set(shape["required"]) == set(shape["properties"])


def test_json_reads_back_what_went_in() -> None:
    document = json.loads(json_report.render(REPORT, lines))
    found = {(each["path"], each["line"], each["code"]): each for each in document["findings"]}
    one = found["app/main.py", 2, "VER101"]
    assert one["evidence"] == {"index": "https://index.example/simple", "status": 404, "near": ["httpx", "requests"]}
    assert one["fix"]["edits"] == [{"line": 2, "column": 8, "end_line": 2, "end_column": 16, "text": "requests"}]
    assert [each["code"] for each in found["app/main.py", 5, "B307"]["related"]] == ["VER401", None]
    assert document["summary"] == {
        "files": 12,
        "errors": 2,
        "warnings": 2,
        "infos": 1,
        "fixable": 1,
        "fixed": 0,
        "not_checked": 2,
        "environment": "Python 3.12 of .venv, 41 distributions",
        "seconds": 1.235,
    }


def test_order_of_the_findings_does_not_show() -> None:
    turned = replace(REPORT, findings=REPORT.findings[::-1], problems=REPORT.problems[::-1])
    assert json_report.render(turned, lines) == json_report.render(REPORT, lines)
    assert concise.render(turned) == concise.render(REPORT)
    assert full.render(turned, lines) == full.render(REPORT, lines)
    assert problems.render_problems(turned) == problems.render_problems(REPORT)


def test_a_code_without_a_rule_is_our_bug() -> None:
    with pytest.raises(KeyError):
        json_report.render(replace(REPORT, rules=RULES[1:]), lines)
    with pytest.raises(KeyError):
        full.render(replace(REPORT, rules=RULES[1:]), lines)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), PurePosixPath("a/b"), frozenset({"ß", 3}), "\ud800", (1, None)]
)
def test_any_evidence_is_json(value: object) -> None:
    finding = replace(REPORT.findings[0], evidence={"value": value})
    text = json_report.render(replace(REPORT, findings=(finding,)), lines)
    Draft202012Validator(SCHEMA).validate(json.loads(text, parse_constant=pytest.fail))
    full.render(replace(REPORT, findings=(finding,)), lines).encode()


def test_fingerprints_outlive_moved_lines_and_suppressions() -> None:
    one = Finding("VER101", "a.py", Span(1, 1, 1, 2), "m", Severity.ERROR)
    two, other = replace(one, span=Span(3, 1, 3, 2)), replace(one, code="VER102")
    before = fingerprints([one, two, other], lambda _: ["f( x )", "", "f( x )"])
    assert len(set(before)) == 3
    moved = [replace(each, span=replace(each.span, line=each.span.line + 2)) for each in (one, two, other)]
    assert fingerprints(moved, lambda _: ["", "", "  f( x )  ", "", "f(  x )"]) == before
    assert fingerprints([two, one], lambda _: ["f( x )", "", "f( x )"]) == before[1::-1]
    assert fingerprints([one], lambda _: ["f( y )"]) != before[:1]
    assert fingerprints([one], lambda _: []) != before[:1]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (
            REPORT,
            (
                "Found 2 errors, 2 warnings, 1 info in 12 files "
                "(1 fixable with --fix; 1 fixable with --unsafe-fixes; 1 suppressed; 2 not checked)."
            ),
        ),
        (CLEAN, "No findings in 12 files."),
        (replace(CLEAN, files=1, not_checked=1), "No findings in 1 file (1 not checked)."),
        (replace(CLEAN, findings=REPORT.findings[2:3], files=1), "Found 1 warning in 1 file."),
    ],
)
def test_summary(report: Report, expected: str) -> None:
    assert summary.line(report) == expected
    assert concise.render(report).splitlines()[-1] == expected
    assert full.render(report, lines, width=200).splitlines()[-1] == expected


def test_colours_and_links_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = full.render(REPORT, lines)
    assert "\x1b" not in plain
    coloured = full.render(REPORT, lines, terminal=True)
    assert re.search(r"\x1b]8;id=[^;]*;https://example\.org/a\x1b\\\x1b\[1;31mVER101", coloured)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m|\x1b]8;[^\x1b]*\x1b\\", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", full.render(REPORT, lines, terminal=True))
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31m" in full.render(REPORT, lines)


def test_nothing_that_a_terminal_obeys_comes_from_the_code() -> None:
    for text in (full.render(REPORT, lines), concise.render(REPORT), problems.render_problems(REPORT)):
        assert all(character.isprintable() or character == "\n" for character in text)


def test_only_the_full_format_imports_rich() -> None:
    modules = "concise, explain, fingerprint, frame, json, problems, summary"
    code = f"import sys; from verifier.report import {modules}; sys.exit('rich' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", "One. Two."),
        ("One\nand on. " + "Long" * 50 + ".", "One and on."),
        ("Use x, e.g. y, not 3.5. `Code` follows.", "Use x, e.g. y, not 3.5. `Code` follows."),
        ("First.\n\nSecond paragraph.", "First."),
        ("", ""),
    ],
)
def test_first_sentences(text: str, expected: str) -> None:
    assert first_sentences(text) == expected


PLACES = st.integers(-3, 120)
SPANS = st.builds(Span, PLACES, PLACES, PLACES, PLACES)
TEXTS = st.lists(st.text(st.characters(codec=None), max_size=120), max_size=4)


@given(TEXTS, SPANS, st.integers(-5, 90))
def test_any_text_with_any_span_has_a_frame(texts: list[str], span: Span, width: int) -> None:
    rows = frame(texts, span, width)
    assert bool(rows) == (0 < span.line <= len(texts))
    for row in rows:
        assert all(character.isprintable() or character == "\u3000" or character.isspace() for character in row.text)
    assert sum(row.number is None for row in rows) == bool(rows)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=3000), st.data())
def test_the_mark_lies_below_the_span(line: str, data: st.DataObject) -> None:
    width = data.draw(st.integers(20, 120))
    begin = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(begin, len(line)))
    rows = frame(["", line, ""], Span(2, begin + 1, 2, end + 1), width)
    assert [row.number for row in rows] == [1, 2, None, 3]
    code, mark = rows[1].text.ljust(width), rows[2].text
    start, marked = mark.index("^"), mark.count("^")
    assert max(map(len, (rows[1].text, mark))) <= width
    assert mark == " " * start + "^" * marked
    assert 1 <= marked <= max(end - begin, 1)
    under = code[start : start + marked].removesuffix("…")
    assert line[begin:].ljust(width).startswith(under)
    if end - begin <= width // 4:
        assert code[start : start + marked] == (line[begin:end] or line[begin : begin + 1] or " ")


@given(st.text(st.characters(codec=None), max_size=80), TEXTS, SPANS, st.integers(1, 120))
def test_any_words_give_a_report(words: str, texts: list[str], span: Span, width: int) -> None:
    finding = Finding("VER101", words, span, words, Severity.ERROR, related=(Related(words, span, words, "B307"),))
    report = replace(REPORT, findings=(finding,), suppressed=(), problems=(Problem(words, ProblemKind.IO, words),))
    outputs = (
        full.render(report, lambda _: texts, width=width),
        concise.render(report),
        problems.render_problems(report),
    )
    for text in outputs:
        text.encode()
        assert all(shown == "\n" or shown.isprintable() or unicodedata.category(shown) == "Zs" for shown in text)
    json.loads(json_report.render(report, lambda _: texts).encode("ascii"))


def test_wide_characters_and_tabs_keep_the_mark_in_place() -> None:
    rows = frame(FILES["app/main.py"], SIZE, 100)
    code = rows[1].text
    assert code == '    value = {"名前": 名前, "size":  compute_size(名前)}'
    wide_before, wide_within = 4, 2
    assert rows[2].text == " " * (code.index("compute") + wide_before) + "^" * (len("compute_size(名前)") + wide_within)


def test_a_huge_line_is_cut_around_the_span() -> None:
    line = "x" * 2_000_000 + "NEEDLE" + "y" * 2_000_000
    rows = frame([line], Span(1, 2_000_001, 1, 2_000_007), 60)
    start = rows[1].text.index("^")
    assert rows[0].text[start : start + 6] == "NEEDLE"
    assert rows[0].text[0] == rows[0].text[-1] == "…"
    assert len(rows[0].text) == 60
