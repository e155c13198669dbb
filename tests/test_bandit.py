from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import catalogue
from verifier.checks import bandit
from verifier.model import Finding, Problem, ProblemKind, Rule, Severity, Span

RULES = tuple(rule for rule in catalogue.load() if rule.check == "bandit")
OURS = sys.version_info[:2]
NEWER = (OURS[0], OURS[1] + 1)
MARK = re.compile(r"# expect: (B\d+)$")


def run(code: str | bytes, target: tuple[int, int] = (3, 11)) -> list[Finding | Problem]:
    data = code if isinstance(code, bytes) else code.encode()
    return list(bandit.check("code.py", data, RULES, target))


def find(code: str | bytes, id_: str, target: tuple[int, int] = (3, 11)) -> list[Finding]:
    return [one for one in run(code, target) if isinstance(one, Finding) and one.code == id_]


def problems(code: str | bytes, target: tuple[int, int] = (3, 11)) -> list[Problem]:
    return [one for one in run(code, target) if isinstance(one, Problem)]


def shown(code: str, span: Span) -> str:
    lines = code.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def examples(part: str) -> list[object]:
    return [
        pytest.param(rule, code, id=f"{rule.code}-{number}")
        for rule in RULES
        for number, code in enumerate(getattr(rule, part))
    ]


@pytest.mark.parametrize(("rule", "code"), examples("bad"))
def test_a_bad_example_is_found_where_it_is_marked(rule: Rule, code: str) -> None:
    marked = [number for number, line in enumerate(code.split("\n"), 1) if MARK.search(line)]
    assert marked
    assert [finding.span.line for finding in find(code, rule.code)] == marked
    assert not problems(code)


@pytest.mark.parametrize(("rule", "code"), examples("good"))
def test_a_good_example_is_not_found(rule: Rule, code: str) -> None:
    assert not find(code, rule.code)
    assert not problems(code)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_has_as_many_good_examples_as_bad_ones_and_a_message_without_fields(rule: Rule) -> None:
    assert len(rule.good) >= len(rule.bad) > 0
    assert "{" not in rule.message


def test_every_id_of_bandit_has_a_rule_and_every_rule_an_id() -> None:
    # No id is left out: each of them can be made to fire on Python 3.11.
    assert {rule.code for rule in RULES} == bandit.registered()


def test_the_bandit_command_says_the_same(tmp_path: Path) -> None:
    ours: Counter[tuple[str, str, int]] = Counter()
    for rule in RULES:
        for number, code in enumerate(rule.bad + rule.good):
            name = f"{rule.code}_{number}.py"
            (tmp_path / name).write_text(code, encoding="utf-8")
            ours.update((name, one.code, one.span.line) for one in run(code) if isinstance(one, Finding))
    command = [sys.executable, "-m", "bandit", "-q", "-f", "json", "-r", "."]
    answer = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout)
    theirs = Counter((Path(one["filename"]).name, one["test_id"], one["line_number"]) for one in answer["results"])
    assert not answer["errors"]
    assert ours == theirs


def test_nosec_comments_change_nothing() -> None:
    assert find("eval(x)  # nosec\n", "B307")
    assert find("eval(x)  # nosec B307\n", "B307")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_column_counts_code_points(ending: str) -> None:
    code = f"import os{ending}name = 'é𝒳中'; eval(name)  # ✓{ending}"
    (finding,) = find(code, "B307")
    assert finding.span == Span(2, 15, 2, 25)


def test_a_byte_order_mark_is_no_column() -> None:
    assert find(b"\xef\xbb\xbfeval(x)\n", "B307")[0].span == Span(1, 1, 1, 8)


def test_a_declared_encoding_is_read() -> None:
    code = "# coding: latin-1\nname = 'é'; eval(name)\n"
    assert find(code.encode("latin-1"), "B307")[0].span == Span(2, 13, 2, 23)


@given(st.text())
def test_any_text_before_a_call_leaves_its_span_exact(text: str) -> None:
    code = f"x = {text!r}; eval(x)  # {text!r}\n"
    (finding,) = find(code, "B307")
    assert shown(code, finding.span) == "eval(x)"


def test_a_long_call_is_placed_at_the_arguments_on_the_line_that_bandit_names() -> None:
    code = 'import subprocess\nsubprocess.run(\n    f"ls é{x}",\n    cwd="é", shell=True,\n    check=True,\n)\n'
    (finding,) = find(code, "B602")
    assert shown(code, finding.span) == 'cwd="é", shell=True'


def test_an_argument_whose_value_is_on_its_own_line_is_placed_at_the_value() -> None:
    code = "import requests\nrequests.get(\n    url,\n    verify=\n    False,\n)\n"
    (finding,) = find(code, "B501")
    assert shown(code, finding.span) == "False"


def test_a_call_over_several_lines_ends_where_it_ends() -> None:
    code = "eval(\n    'é' +\n    x)\n"
    assert find(code, "B307")[0].span == Span(1, 1, 3, 7)


def test_a_function_is_placed_at_its_head() -> None:
    code = "def connect(\n    host, password='é', *, port: int = 1,\n):\n    return host\n"
    assert shown(code, find(code, "B107")[0].span) == code[: code.index(",\n)")]


def test_an_f_string_is_placed_as_a_whole() -> None:
    code = "cursor.execute(f'{x} select * from t where name = {name}')\n"
    assert shown(code, find(code, "B608")[0].span) == code[len("cursor.execute(") : -2]


@pytest.mark.parametrize("before", ["", "\f", "'\x0b\x1c\x85\u2028'; ", "'é𝒳'; "])
def test_a_reversing_character_is_placed_whatever_else_ends_a_line_for_bandit(before: str) -> None:
    code = f"x = 1\n{before}y = '\u202e'\n"
    (finding,) = find(code, "B613")
    assert finding.span.line == 2
    assert shown(code, finding.span) == "\u202e"


def test_a_call_names_what_it_calls() -> None:
    assert find("from pickle import loads as read\nread(x)\n", "B301")[0].symbol == "pickle.loads"
    assert find("import pickle\n", "B403")[0].symbol is None


def test_a_finding_says_what_bandit_thought_of_it() -> None:
    (finding,) = find("eval(x)\n", "B307")
    assert finding.evidence == {"bandit_severity": "MEDIUM", "bandit_confidence": "HIGH"}
    assert finding.message == catalogue.find(RULES, "B307").message


def test_a_constant_command_is_info_and_any_other_as_the_rule_says() -> None:
    assert find("import os\nos.system('clear')\n", "B605")[0].severity is Severity.INFO
    assert find("import os\nos.system(command)\n", "B605")[0].severity is catalogue.find(RULES, "B605").severity


def test_extraction_is_safe_by_default_since_python_3_14() -> None:
    plain = "import tarfile\narchive.extractall()\n"
    trusted = "import tarfile\narchive.extractall(filter='fully_trusted')\n"
    assert find(plain, "B202", (3, 13))
    assert not find(plain, "B202", (3, 14))
    assert find(trusted, "B202", (3, 14))


def test_only_the_given_rules_give_findings() -> None:
    only = [catalogue.find(RULES, "B403")]
    found = list(bandit.check("code.py", b"import pickle\npickle.loads(x)\n", only, (3, 11)))
    assert [one.code for one in found if isinstance(one, Finding)] == ["B403"]
    assert not list(bandit.check("code.py", b"not python at all", [], (3, 11)))


def test_code_for_a_newer_python_is_a_problem_that_names_it() -> None:
    (problem,) = problems("x = 1\ndef f(:\n", NEWER)
    assert problem.kind is ProblemKind.ENGINE
    assert f"run verify on {NEWER[0]}.{NEWER[1]}" in problem.text
    assert "line 2" in problem.text


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this interpreter knows the syntax")
def test_syntax_that_this_interpreter_does_not_know_is_a_problem() -> None:
    (problem,) = run('x = f"{d["key"]}"\neval(x)\n', (3, 12))
    assert isinstance(problem, Problem)


@pytest.mark.parametrize("code", [b"def f(:\n", b"x = 1\n\0", b"# coding: no-such\n", b"x = '\xff'\n"])
def test_a_file_that_cannot_be_read_is_a_problem(code: bytes) -> None:
    (problem,) = run(code, OURS)
    assert isinstance(problem, Problem)
    assert (problem.path, problem.kind) == ("code.py", ProblemKind.ENGINE)


@pytest.mark.parametrize(
    "code", ["-" * 100_000 + "1", "a" + ".b" * 20_000 + "()", "x = " + " + ".join(["'é'"] * 5_000)]
)
def test_a_file_that_is_too_deep_is_a_problem_or_is_read(code: str) -> None:
    assert all(isinstance(one, Problem) for one in run(f"{code}\n"))


def test_a_test_that_fails_is_a_problem_and_the_others_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    code = (
        "import tarfile\narchive.extractall(members=self.safe(archive))\narchive.extractall(members=a.b())\neval(x)\n"
    )
    (problem,) = problems(code)
    assert "B202 failed on line 2 and 1 more: AttributeError" in problem.text
    assert find(code, "B307")
    assert capfd.readouterr() == ("", "")


def test_a_failure_of_a_test_that_no_rule_asks_for_is_no_problem() -> None:
    code = b"import tarfile\narchive.extractall(members=self.safe(archive))\n"
    assert not list(bandit.check("code.py", code, [catalogue.find(RULES, "B307")], (3, 11)))


def test_a_rule_whose_test_is_not_installed_is_a_problem_of_the_run() -> None:
    unknown = replace(RULES[0], code="B999")
    (problem,) = bandit.check("code.py", b"x = 1\n", [unknown], (3, 11))
    assert isinstance(problem, Problem)
    assert problem.path is None
    assert "B999" in problem.text


def test_warnings_of_the_compiler_stay_inside(recwarn: pytest.WarningsRecorder) -> None:
    assert find("eval('\\d')\n", "B307")
    assert not recwarn.list


def test_a_table_of_strings_takes_linear_time() -> None:
    def seconds(rows: int) -> float:
        code = ("x = [\n" + "'row',\n" * rows + "]\n").encode()
        start = time.process_time()
        assert not list(bandit.check("code.py", code, RULES, (3, 11)))
        return time.process_time() - start

    seconds(10)
    assert seconds(32_000) < 24 * seconds(4_000)  # 8 times as many, and 64 if it were quadratic


def test_nothing_of_a_file_outlives_its_check_without_the_collector() -> None:
    code = (
        "import tarfile\n" + "archive.extractall(members=self.safe(archive))\nclass A:\n    x = f(1, [2, 'é'])\n" * 100
    )
    run(code)
    gc.collect()
    gc.disable()
    try:
        run(code)
        assert gc.collect() < 100
    finally:
        gc.enable()


def test_the_import_is_cheap_and_bandit_changes_nothing_for_the_process() -> None:
    program = """
import sys, warnings
import verifier.checks.bandit as check
assert "bandit" not in sys.modules
before = warnings.formatwarning
assert "B307" in check.registered()
assert "bandit" in sys.modules
assert warnings.formatwarning is before
"""
    root = Path(bandit.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert warnings.formatwarning.__module__ != "bandit.core.utils"
