"""Taint rules end to end: semgrep finds the places, values are followed between them; Bandit's findings are vetted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from verifier import catalogue
from verifier.checks import assumed, semgrep_user
from verifier.checks.semgrep import check
from verifier.checks.semgrep_rules import compiled
from verifier.config import Config
from verifier.engine import run
from verifier.merge import merge
from verifier.model import Finding, Problem, Severity, Span
from verifier.workers import without_own_folder

RULES = catalogue.load()


def report(folder: Path, text: str, *select: str) -> list[Finding]:
    """What the whole program finds in one file; fails on a problem."""
    (folder / "app.py").write_text(text)
    result = run([folder / "app.py"], Config(root=folder, select=select, offline=True, no_cache=True), environ={})
    assert result.problems == ()
    return list(result.findings)


FOLLOWED = """\
import os
from flask import request

def clean_up(name):
    os.system("rm " + name)

@app.route("/remove")
def remove():
    clean_up(request.args["name"])
"""


def test_a_finding_shows_source_calls_and_sink(tmp_path: Path) -> None:
    (found,) = report(tmp_path, FOLLOWED, "VER403")
    assert (found.span.line, found.span.column) == (5, 15)
    assert "`args`" in found.message
    assert [(each.span.line, each.message) for each in found.related] == [
        (9, "`request.args` comes from outside"),
        (9, "and goes into `clean_up` here"),
    ]
    assert found.evidence == {
        "matched": 'os.system("rm " + name)',
        "source": {"line": 9, "code": "request.args"},
        "through": ["clean_up"],
    }


def test_one_defect_is_one_finding(tmp_path: Path) -> None:
    (found,) = report(tmp_path, FOLLOWED, "VER403", "B605")
    assert found.code == "VER403"
    assert [each.code for each in found.related] == [None, None, "B605"]


def test_findings_of_one_call_over_several_lines_are_one() -> None:
    rules = {rule.code: rule for rule in RULES}
    call = Finding("B602", "a.py", Span(1, 1, 4, 2), "", Severity.WARNING)
    argument = Finding("VER403", "a.py", Span(3, 5, 3, 20), "", Severity.ERROR)
    other = Finding("VER403", "a.py", Span(9, 5, 9, 20), "", Severity.ERROR)
    assert [(each.code, each.span.line, len(each.related)) for each in merge([call, argument, other], rules)] == [
        ("VER403", 3, 1),
        ("VER403", 9, 0),
    ]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("B608", 'TABLE = "users"\ndef all(cursor):\n    cursor.execute(f"SELECT * FROM {TABLE} WHERE a = ?", (1,))\n'),
        ("B307", 'def two():\n    words = ["1 + 1", input()]\n    return eval(words[0])\n'),
        ("B102", 'def never():\n    text = "x"\n    if len(text) > 5:\n        exec(input())\n'),
        (
            "B605",
            'import os\ndef clear():\n    command = "cls" if os.name == "nt" else "clear"\n    os.system(command)\n',
        ),
        (
            "B602",
            'import subprocess\ndef run():\n    for each in ["a", "b"]:\n        subprocess.run(each, shell=True)\n',
        ),
        ("B314", 'import xml.etree.ElementTree as ET\nroot = ET.fromstring("<a/>")\n'),
        (
            "B307",
            "def asked():\n    text = input()\n    if not text.isdigit():\n        return 0\n    return eval(text)\n",
        ),
    ],
)
def test_what_can_only_be_constant_or_checked_is_no_finding_of_bandit(tmp_path: Path, code: str, text: str) -> None:
    assert report(tmp_path, text, code) == []


@pytest.mark.parametrize(
    ("code", "line", "text"),
    [
        ("B608", 2, 'def all(cursor, table):\n    cursor.execute(f"SELECT * FROM {table} WHERE a = ?", (1,))\n'),
        ("B307", 3, 'def two():\n    words = ["1 + 1", input()]\n    return eval(words[1])\n'),
        ("B102", 4, 'def once(text):\n    text = text or "x"\n    if len(text) > 5:\n        exec(text)\n'),
        ("B605", 3, "import os\ndef clear():\n    os.system(os.environ['CLEAR'])\n"),
        ("B602", 3, "import subprocess\ndef run(words):\n    subprocess.run(' '.join(words), shell=True)\n"),
        ("B301", 2, "import pickle, sys\nvalue = pickle.load(sys.stdin.buffer)\n"),
        ("B307", 1, "show = lambda text: eval(text)\n"),
    ],
)
def test_what_is_not_known_stays_a_finding_of_bandit(tmp_path: Path, code: str, line: int, text: str) -> None:
    assert [(each.code, each.span.line) for each in report(tmp_path, text, code)] == [(code, line)]


def test_a_snippet_takes_its_imports_for_granted(tmp_path: Path) -> None:
    text = "def root(text):\n    return ET.fromstring(text)\n"
    assert [(each.code, each.span.line) for each in report(tmp_path, text, "B314")] == [("B314", 2)]
    assert assumed.imports(text) == ["import xml.etree.ElementTree as ET"]
    for bound in ("from . import ET\n", "def f(ET):\n", "ET = 1\n", "import a as ET\n", "from a import *\n"):
        assert assumed.imports(bound + text) == []


def test_lines_are_those_of_the_file_where_imports_were_added(tmp_path: Path) -> None:
    text = "def show():\n    return eval(request.args['a'])\n"
    (found,) = report(tmp_path, text, "VER404")
    assert (found.span.line, found.related[0].span.line) == (2, 2)


def test_rules_of_the_project_run_and_keep_their_ids(tmp_path: Path) -> None:
    (tmp_path / "security").mkdir()
    rule = {
        "id": "team.no-print",
        "languages": ["python"],
        "severity": "WARNING",
        "message": "use the logger, not print($X)",
        "pattern": "print($X)",
        "metadata": {"cwe": ["CWE-532: words"]},
        "paths": {"exclude": ["scripts/"]},
    }
    (tmp_path / "security" / "own.yaml").write_text(json.dumps({"rules": [rule]}))
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "tool.py").write_text("print(1)\n")
    (tmp_path / "app.py").write_text("print(2)\nprint(3)  # nosemgrep: team.no-print\n")
    config = Config(root=tmp_path, select=("VER403",), offline=True, semgrep_rules=("security/*.yaml",), no_cache=True)
    result = run([tmp_path / "app.py", tmp_path / "scripts" / "tool.py"], config, environ={})
    assert [(each.code, each.message, each.span.line) for each in result.findings] == [
        ("team.no-print", "use the logger, not print(2)", 1)
    ]
    assert [(each.code, each.span.line) for each in result.suppressed] == [("team.no-print", 2)]
    assert result.problems == ()


def test_rules_of_the_project_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("rules: [")
    (tmp_path / "app.py").write_text("eval(input())\n")
    config = Config(
        root=tmp_path, select=("VER404",), offline=True, semgrep_rules=("broken.yaml", "none/*.yml"), no_cache=True
    )
    result = run([tmp_path / "app.py"], config, environ={})
    assert [each.code for each in result.findings] == ["VER404"]
    assert len(result.problems) == 2
    assert all(each.path is None for each in result.problems)


def test_rules_of_the_project_get_entries_of_their_own_in_spite_of_doubles(tmp_path: Path) -> None:
    for name, ids in {"a.yaml": ["one", "one", "two"], "b.yaml": ["three"]}.items():
        rules = [{"id": id_, "languages": ["python"], "message": id_, "pattern": f"{id_}()"} for id_ in ids]
        (tmp_path / name).write_text(json.dumps({"rules": rules}))
    found, problems = semgrep_user.load(("*.yaml",), tmp_path)
    assert [each.rule.code for each in found] == ["one", "two", "three"]
    assert len({each.entry["id"] for each in found}) == 3
    assert len(problems) == 1


def test_two_pools_at_once_leave_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    first, second = without_own_folder(), without_own_folder()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert os.environ["PYTHONSAFEPATH"] == "1", "the other pool still starts processes"
    second.__exit__(None, None, None)
    assert "PYTHONSAFEPATH" not in os.environ


def test_compiled_rules_are_stored_and_read_again(tmp_path: Path) -> None:
    rules = [rule for rule in RULES if rule.code in {"VER403", "VER404"}]
    first = compiled(rules, tmp_path)
    (stored,) = (tmp_path / "semgrep").iterdir()
    assert compiled(rules, tmp_path) == first == compiled(rules, None)
    stored.write_text(json.dumps(json.loads(stored.read_text()) | {"entries": []}))
    assert compiled(rules, tmp_path).entries == [], "what was stored is what is used"
    stored.write_text("not JSON")
    assert compiled(rules, tmp_path) == first
    compiled(rules[:1], tmp_path)
    assert len(list((tmp_path / "semgrep").iterdir())) == 2


def test_a_file_that_cannot_be_followed_is_a_problem_and_the_others_are_checked(tmp_path: Path) -> None:
    deep = "x = input()\neval(" + "-" * 5000 + "x)\n"
    files = []
    for name, text in {"a.py": deep, "b.py": "eval(input())\n"}.items():
        (tmp_path / name).write_text(text)
        files.append((name, tmp_path / name))
    found = list(check(files, [rule for rule in RULES if rule.code == "VER404"]))
    assert [each.path for each in found if isinstance(each, Finding)] == ["b.py"]
    assert {each.path for each in found if isinstance(each, Problem)} == {"a.py"}


def test_a_file_that_is_followed_in_part_is_a_problem(tmp_path: Path) -> None:
    loops = "\n".join(f"{'    ' * depth}for a{depth} in x:" for depth in range(1, 14))
    body = "    if x:\n        f{0}(x + 'a')\n    f{0}(x + 'b')\n    f{0}(x)\n"
    calls = "\n".join(f"def f{number}(x):\n{body.format(number + 1)}" for number in range(40))
    text = f"eval(input())\n{calls}\ndef g(x):\n{loops}\n{'    ' * 14}f0(a1)\n"
    (tmp_path / "a.py").write_text(text)
    found = list(check([("a.py", tmp_path / "a.py")], [rule for rule in RULES if rule.code == "VER404"]))
    assert [each.span.line for each in found if isinstance(each, Finding)] == [1]
    assert [each.text for each in found if isinstance(each, Problem)] == [
        "values were followed through a part of the calls only: the file is too large for more"
    ]
