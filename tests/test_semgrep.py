"""Semgrep rules against their own examples, and the adapter against files that try to escape it."""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from verifier import catalogue
from verifier.checks.semgrep import check
from verifier.checks.semgrep_rules import compiled, configuration, group
from verifier.checks.semgrep_run import SemgrepError, find_program, run
from verifier.checks.semgrep_words import holds, needed, pruned, words
from verifier.model import Finding, Problem, ProblemKind, Rule, Severity

MARK = re.compile(r"# expect: ([A-Z0-9, ]+)$")
RULES = tuple(rule for rule in catalogue.load() if rule.check == "semgrep")

EVAL = Rule(
    code="VER499",
    name="any-eval",
    family="security",
    summary="",
    message="eval of {argument}",
    severity=Severity.ERROR,
    precision="low",
    check="semgrep",
    why="",
    instead="",
    bad=(),
    good=(),
    measured="",
    semgrep="pattern: eval($ARGUMENT)",
)


def examples() -> Mapping[str, tuple[Rule, str, bool]]:
    return {
        f"{rule.name}/{kind}{number}.py": (rule, text, kind == "bad")
        for rule in RULES
        for kind, texts in (("bad", rule.bad), ("good", rule.good))
        for number, text in enumerate(texts)
    }


def written(folder: Path, texts: Mapping[str, str | bytes]) -> list[tuple[str, Path]]:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(name, folder / name) for name in texts if name.endswith(".py")]


def places(folder: Path, texts: Mapping[str, str | bytes], rule: Rule = EVAL) -> list[tuple[str, int, int, int]]:
    """The findings of one rule as (path, line, column, end column); fails on a problem."""
    found = list(check(written(folder, texts), [rule]))
    assert [item for item in found if isinstance(item, Problem)] == []
    return [(f.path, f.span.line, f.span.column, f.span.end_column) for f in found if isinstance(f, Finding)]


def only_problem(items: list[Finding | Problem]) -> Problem:
    (problem,) = (item for item in items if isinstance(item, Problem))
    return problem


def test_there_are_enough_rules() -> None:
    assert len(RULES) >= 120
    assert all(rule.semgrep and rule.cwe and len(rule.bad) >= 2 <= len(rule.good) for rule in RULES)


def test_every_bad_example_is_found_where_it_is_marked_and_no_good_one(tmp_path: Path) -> None:
    cases = examples()
    files = written(tmp_path, {name: text for name, (_, text, _) in cases.items()})
    found: dict[str, list[Finding]] = {name: [] for name in cases}
    for item in check(files, RULES):
        assert isinstance(item, Finding), item
        found[item.path].append(item)
    wrong = []
    for name, (rule, text, bad) in cases.items():
        lines = {item.span.line for item in found[name] if item.code == rule.code}
        marked = {
            number
            for number, line in enumerate(text.splitlines(), 1)
            if (mark := MARK.search(line)) and rule.code in mark[1].split(", ")
        }
        if lines != marked or bad != bool(lines):
            wrong.append((name, f"found {sorted(lines)}", f"marked {sorted(marked)}"))
    assert wrong == [], wrong
    assert [
        item.message for items in found.values() for item in items if "$" in item.message or "\x1f" in item.message
    ] == []


def test_message_names_what_matched(tmp_path: Path) -> None:
    (found,) = check(written(tmp_path, {"a.py": "x = eval( name )\n"}), [EVAL])
    assert isinstance(found, Finding)
    assert found.message == "eval of `name`"
    assert found.evidence == {"matched": "x = eval( name )"}
    assert found.severity is Severity.ERROR


def test_nothing_beside_the_code_hides_it(tmp_path: Path) -> None:
    texts = {
        ".semgrepignore": "*\n",
        ".gitignore": "*\n",
        ".git/HEAD": "ref: refs/heads/main\n",
        "a.py": "eval(x)\n",
        "tests/b.py": "eval(x)\n",
        "node_modules/c.py": "eval(x)\n",
        "-d e.py": "eval(x)\n",
        "f.py": "eval(x)  # nosemgrep\n",
        "g.py": "eval(x)  # nosem: VER499\n",
    }
    assert sorted(place[0] for place in places(tmp_path, texts)) == sorted(
        name for name in texts if name.endswith(".py")
    )


def test_columns_are_code_points(tmp_path: Path) -> None:
    texts = {"a.py": 'é = "日本😀"; eval("ä")\n', "b.py": '"é"; eval("""é\né""")\n'}
    assert places(tmp_path, texts) == [("a.py", 1, 12, 21), ("b.py", 1, 6, 6)]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"\xef\xbb\xbfeval(x)\n", 1),
        (b"# -*- coding: latin-1 -*-\n'\xe9'; eval(x)\n", 2),
        (b"a = 1\r\neval(x)\r\n", 2),
        (b"a = 1\reval(x)\r", 2),
    ],
    ids=["byte order mark", "latin-1", "CRLF", "CR"],
)
def test_every_encoding_and_line_end_is_read(tmp_path: Path, data: bytes, line: int) -> None:
    ((_, found, column, _),) = places(tmp_path, {"a.py": data})
    assert (found, column) == (line, 6 if b"latin" in data else 1)


def test_large_file_is_read(tmp_path: Path) -> None:
    assert places(tmp_path, {"a.py": "# filler\n" * 130_000 + "eval(x)\n"}) == [("a.py", 130_001, 1, 8)]


def test_unreadable_files_are_problems_and_the_others_are_checked(tmp_path: Path) -> None:
    files = [*written(tmp_path, {"a.py": b"'\xff'\n", "b.py": "eval(x)\n"}), ("gone.py", tmp_path / "gone.py")]
    found = list(check(files, [EVAL]))
    assert [(item.path, item.kind) for item in found if isinstance(item, Problem)] == [
        ("a.py", ProblemKind.ENCODING),
        ("gone.py", ProblemKind.IO),
    ]
    assert [item.path for item in found if isinstance(item, Finding)] == ["b.py"]


def test_syntax_that_semgrep_cannot_read_is_a_problem_of_the_file(tmp_path: Path) -> None:
    text = "class A:\n  def f(self)\n    return eval(x)\n"
    problem = only_problem(list(check(written(tmp_path, {"a.py": text}), [EVAL])))
    assert (problem.path, problem.kind) == ("a.py", ProblemKind.ENGINE)
    assert "line 2" in problem.text


def test_rule_that_semgrep_cannot_read_is_a_problem_of_the_run(tmp_path: Path) -> None:
    broken = replace(EVAL, code="VER498", semgrep="pattern: eval($X")
    found = list(check(written(tmp_path, {"a.py": "eval(x)\n"}), [EVAL, broken]))
    problem = only_problem(found)
    assert problem.path is None
    assert "VER498" in problem.text
    assert [item.code for item in found if isinstance(item, Finding)] == ["VER499"]


def test_without_semgrep_the_problem_counts_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert find_program() is None
    files = written(tmp_path, {"a.py": "eval(x)\n"})
    problem = only_problem(list(check(files, [EVAL, replace(EVAL, code="VER498")])))
    assert (problem.path, problem.kind) == (None, ProblemKind.ENGINE)
    assert "2 rules did not run" in problem.text
    assert "verify-generated[semgrep]" in problem.text


def script(folder: Path, text: str) -> Path:
    program = folder / "semgrep"
    program.write_text(f"#!{sys.executable}\nimport json, sys, time\n{text}\n")
    program.chmod(0o755)
    return program


def test_an_answer_that_is_no_json_falls_back_to_the_plain_command(tmp_path: Path) -> None:
    answer = '{"results": [], "errors": [], "paths": {"scanned": ["code/g0/0.py"]}}'
    program = script(tmp_path, f"print('usage' if '--experimental' in sys.argv else {answer!r})")
    assert list(check(written(tmp_path, {"a.py": "eval(x)\n"}), [EVAL], program)) == []


def test_a_file_that_semgrep_left_out_is_a_problem(tmp_path: Path) -> None:
    program = script(tmp_path, """print('{"results": [], "errors": [], "paths": {"scanned": []}}')""")
    problem = only_problem(list(check(written(tmp_path, {"a.py": "eval(x)\n"}), [EVAL], program)))
    assert (problem.path, problem.kind) == ("a.py", ProblemKind.ENGINE)


def test_no_known_answer_at_all_is_a_problem(tmp_path: Path) -> None:
    program = script(tmp_path, "sys.exit('out of memory')")
    problem = only_problem(list(check(written(tmp_path, {"a.py": "eval(x)\n"}), [EVAL], program)))
    assert problem.path is None
    assert "out of memory" in problem.text
    assert "1 rule did not run" in problem.text


def test_a_run_without_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(SemgrepError, match="stopped after 1 second"):
        run(script(tmp_path, "time.sleep(60)"), tmp_path, "rules.json", "code", seconds=1)


def test_rules_about_input_leave_out_files_that_read_none(tmp_path: Path) -> None:
    tainted = replace(
        EVAL,
        code="VER498",
        semgrep="mode: taint\npattern-sources: [use: local]\npattern-sinks: [pattern: eval($ARGUMENT)]",
    )
    texts = {"a.py": "x = 1\neval(x)\n", "b.py": "x = input()\neval(x)\n"}
    assert places(tmp_path, texts, tainted) == [("b.py", 2, 1, 8)]
    rules = compiled([EVAL, tainted], None)
    groups = {group(rules, text, words(text)): name for name, text in texts.items()}
    assert [sorted(ids) for ids in groups] == [["VER499"], ["VER498-sink", "VER499", "local-shared"]]
    configured = json.loads(configuration(rules, groups, words("".join(texts.values()))))["rules"]
    assert [(rule["id"], rule.get("paths")) for rule in configured] == [
        ("VER499", None),
        ("VER498-sink", {"include": ["b.py"]}),
        ("local-shared", {"include": ["b.py"]}),
    ]
    found = [item for item in check(written(tmp_path, texts), [EVAL, tainted]) if isinstance(item, Finding)]
    assert sorted((item.path, item.code) for item in found) == [
        ("a.py", "VER499"),
        ("b.py", "VER498"),
        ("b.py", "VER499"),
    ]


def test_no_variable_of_the_caller_reaches_semgrep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMGREP_RULES", "elsewhere.yml")
    monkeypatch.setenv("SEMGREP_SEND_METRICS", "on")
    assert places(tmp_path, {"a.py": "eval(x)\n"}) == [("a.py", 1, 1, 8)]


@pytest.mark.parametrize(
    ("pattern", "text", "may"),
    [
        ({"pattern": "os.system($X)"}, "import os\nos.system(1)", True),
        ({"pattern": "os.system($X)"}, "from os import system as s\ns(1)", True),
        ({"pattern": "os.system($X)"}, "import os\nos.remove(1)", False),
        ({"pattern": 'f(..., mode="w+", ...)'}, "f(mode='r')", False),
        ({"pattern": 'f("...")'}, "f('anything')", True),
        ({"pattern": 'f("$TEXT")'}, "f('anything')", True),
        ({"pattern": "def $F(..., $X, ...): ..."}, "def f(x): pass", True),
        ({"pattern-either": [{"pattern": "a.b"}, {"pattern": "c.d"}]}, "c.d", True),
        ({"pattern-either": [{"pattern": "a.b"}, {"pattern": "c.d"}]}, "a.d", False),
        ({"patterns": [{"pattern-inside": "import a\n..."}, {"pattern": "$X.b"}]}, "x.b", False),
        ({"patterns": [{"pattern": "$X.b"}, {"pattern-not": "a.b"}]}, "x.b", True),
        (
            {"patterns": [{"pattern": "$X.$Y"}, {"metavariable-regex": {"metavariable": "$Y", "regex": "^(b|c)$"}}]},
            "x.c",
            True,
        ),
        (
            {"patterns": [{"pattern": "$X.$Y"}, {"metavariable-regex": {"metavariable": "$Y", "regex": "^(b|c)$"}}]},
            "x.d",
            False,
        ),
    ],
)
def test_words_say_whether_a_pattern_can_match(pattern: Mapping[str, object], text: str, may: bool) -> None:
    assert holds(needed(pattern), text, words(text)) is may


def test_words_of_comments_and_docstrings_do_not_count() -> None:
    text = 'def f():\n    """doc {words}"""\n    x = "in # string"  # comment\n    y = """kept\nas well"""\n'
    assert words(text) == {"def", "f", "x", "in", "string", "y", "kept", "as", "well"}


def test_alternatives_that_cannot_match_are_left_out() -> None:
    rule = {"patterns": [{"pattern-either": [{"pattern": "a.b"}, {"pattern": "c.d"}]}, {"pattern-not": "e"}]}
    kept = {"patterns": [{"pattern-either": [{"pattern": "c.d"}]}, {"pattern-not": "e"}]}
    assert pruned(rule, words("c.d")) == kept
