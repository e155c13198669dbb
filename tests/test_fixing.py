"""Fixes carried out: edits, encodings, files, rounds, and the options of the command line."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from verifier.cli import cli
from verifier.editing import edited, layout
from verifier.fixing.applying import Unwritable, apply
from verifier.fixing.rounds import Check, Checked, fix
from verifier.fixing.writing import write
from verifier.model import Edit, Finding, Fix, Problem, ProblemKind, Severity, Span

TEXTS = st.text(st.sampled_from("ab é😀\n\r\t"), max_size=60)


def finding(*edits: tuple[int, int, str], text: str, safe: bool = True) -> Finding:
    """A finding whose fix has edits at offsets."""
    places = layout(text)
    made = tuple(places.edit(start, end, new) for start, end, new in edits)
    return Finding("VER301", "a.py", made[0].span, "old", Severity.ERROR, fix=Fix("new", made, safe))


@given(TEXTS, st.data())
def test_offsets_and_spans_are_two_names_of_a_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = layout(text).span(start, end)
    assert layout(text).range(span) == (start, end)
    before = text[:start].replace("\r\n", "\n").replace("\r", "\n") + "x"
    if not (text[:start].endswith("\r") and text[start:].startswith("\n")):  # between the two no line begins
        assert (span.line, span.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]))


@given(TEXTS, st.data())
def test_edits_that_do_not_overlap_are_all_made_and_can_be_undone(text: str, data: st.DataObject) -> None:
    marks = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    new = [data.draw(st.text("xyz\n", max_size=5)) for _ in pairs]
    edits = [layout(text).edit(start, end, put) for (start, end), put in zip(pairs, new, strict=True)]
    expected, back, shift = text, [], 0
    for (start, end), put in zip(reversed(pairs), reversed(new), strict=True):
        expected = expected[:start] + put + expected[end:]
    for (start, end), put in zip(pairs, new, strict=True):
        back.append((start + shift, start + shift + len(put), text[start:end]))
        shift += len(put) - (end - start)
    order = data.draw(st.permutations(edits))
    assert edited(text, order) == expected
    assert edited(expected, [layout(expected).edit(*each) for each in back]) == text


def test_edits_that_overlap_are_refused() -> None:
    places = layout("abcdef")
    with pytest.raises(ValueError, match="overlap"):
        edited("abcdef", [places.edit(0, 3, "x"), places.edit(2, 4, "y")])


@pytest.mark.parametrize(
    "span", [Span(3, 1, 3, 1), Span(1, 9, 1, 9), Span(0, 1, 1, 1), Span(1, 3, 1, 2), Span(1, 0, 1, 1)]
)
def test_a_place_that_a_text_does_not_have_is_refused(span: Span) -> None:
    with pytest.raises(ValueError, match=r"line|column|ends"):
        layout("ab\ncd").range(span)


def test_the_first_of_two_fixes_that_touch_wins_and_the_other_is_left() -> None:
    text = "abcdef"
    first, second = finding((0, 3, "x"), text=text), finding((2, 4, "y"), text=text)
    applied = apply(text.encode(), [second, first], unsafe=False)
    assert (applied.data, applied.fixed, applied.left) == (b"xdef", (first,), (second,))


def test_a_fix_is_made_as_a_whole_or_not_at_all() -> None:
    text = "abcdef"
    first, second = finding((0, 1, "x"), text=text), finding((4, 5, "y"), (0, 1, "z"), text=text)
    applied = apply(text.encode(), [first, second], unsafe=False)
    assert (applied.data, applied.left) == (b"xbcdef", (second,))


def test_two_fixes_share_an_edit() -> None:
    text = "abcdef"
    shared = (0, 0, "import x\n")
    applied = apply(
        text.encode(), [finding((2, 3, "C"), shared, text=text), finding((4, 5, "E"), shared, text=text)], unsafe=False
    )
    assert applied.data == b"import x\nabCdEf"
    assert not applied.left


def test_two_insertions_at_one_place_are_made_one_after_the_other() -> None:
    text = "abc"
    applied = apply(text.encode(), [finding((1, 1, "x"), text=text), finding((1, 1, "y"), text=text)], unsafe=False)
    assert applied.data == b"axbc"
    assert len(applied.left) == 1


def test_unsafe_fixes_are_made_only_if_asked_for() -> None:
    text = "abc"
    only = finding((0, 1, "x"), text=text, safe=False)
    assert apply(b"abc", [only], unsafe=False).data == b"abc"
    assert apply(b"abc", [only], unsafe=True).data == b"xbc"


def test_a_fix_for_another_text_and_a_finding_without_one_are_left() -> None:
    far = Finding(
        "VER301",
        "a.py",
        Span(9, 1, 9, 2),
        "old",
        Severity.ERROR,
        fix=Fix("t", (Edit(Span(9, 1, 9, 2), "x"),), safe=True),
    )
    none = Finding("VER301", "a.py", Span(1, 1, 1, 2), "old", Severity.ERROR)
    applied = apply(b"abc", [far, none], unsafe=True)
    assert (applied.data, len(applied.left)) == (b"abc", 2)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbfa = 1\r\n", b"\xef\xbb\xbfb = 1\r\n"),
        (b"a = 1\rc = 2\r", b"b = 1\rc = 2\r"),
        ("a = 1  # ä\n# é\n".encode(), "b = 1  # ä\n# é\n".encode()),
        (b"# coding: latin-1\na = 1  # \xe4\n", b"# coding: latin-1\nb = 1  # \xe4\n"),
        (b"a = 1", b"b = 1"),
    ],
)
def test_encoding_mark_and_newlines_stay(before: bytes, after: bytes) -> None:
    text = before.decode("latin-1" if b"latin-1" in before else "utf-8-sig")
    start = text.index("a = 1")
    assert apply(before, [finding((start, start + 1, "b"), text=text)], unsafe=False).data == after


@pytest.mark.parametrize(
    "data", [b"# coding: latin-1\n", b"# coding: utf-7\n# +AGE-\n", b"# \0\n", b"\xff\xfe", b"# coding: no-such\n"]
)
def test_what_cannot_be_written_back_is_refused(data: bytes) -> None:
    with pytest.raises(Unwritable):
        apply(data, [finding((0, 1, "€"), text="# coding")], unsafe=False)


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_bytes(b"old")
    real.chmod(0o750)
    link.symlink_to(real)
    assert write(link, b"old", b"new") is None
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o750
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.py", "real.py"]


def test_a_file_that_somebody_changed_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"theirs")
    assert write(file, b"old", b"new") == "it was changed meanwhile"
    assert file.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_gone_and_one_that_may_not_be_written_are_said(tmp_path: Path) -> None:
    assert "cannot be written" in (write(tmp_path / "a.py", b"", b"x") or "")
    file = tmp_path / "b.py"
    file.write_bytes(b"old")
    file.chmod(0o444)
    if os.access(file, os.W_OK):
        pytest.skip("this user may write everything")
    assert write(file, b"old", b"new") == "it may not be written"
    assert file.read_bytes() == b"old"


def replacing(steps: Mapping[str, str], problem: Problem | None = None) -> Check:
    """A check that finds each key as a text's beginning, to be replaced by its value."""

    def check(texts: Mapping[str, bytes]) -> Checked:
        found = []
        for data in texts.values():
            text = data.decode()
            found += [finding((0, len(old), new), text=text) for old, new in steps.items() if text.startswith(old)]
        broken = problem is not None and any(b"broken" in data for data in texts.values())
        return found, [problem] if problem is not None and broken else []

    return check


def test_rounds_go_on_until_nothing_is_found() -> None:
    fixed = fix({"a.py": b"a"}, replacing({"a": "b", "b": "c", "c": "d"}), unsafe=False)
    assert fixed.texts == {"a.py": b"d"}
    assert fixed.counts == {"a.py": 3}
    assert not fixed.problems


def test_fixes_that_undo_each_other_leave_the_text_as_it_was() -> None:
    fixed = fix({"a.py": b"a", "b.py": b"c"}, replacing({"a": "b", "b": "a"}), unsafe=False)
    assert not fixed.texts
    assert [(each.path, each.text) for each in fixed.problems] == [("a.py", "not fixed: the fixes undo each other")]


def test_a_text_that_breaks_is_left_as_it_was_and_said() -> None:
    broken = Problem("a.py", ProblemKind.SYNTAX, "does not parse")
    fixed = fix({"a.py": b"a"}, replacing({"a": "b", "b": "broken"}, broken), unsafe=False)
    assert not fixed.texts
    assert fixed.problems[0].text == "not fixed: with the fixes, does not parse"


def test_ten_rounds_are_the_most() -> None:
    letters = "abcdefghijklmnop"
    steps = dict(pairwise(letters))
    fixed = fix({"a.py": b"a"}, replacing(steps), unsafe=False)
    assert fixed.texts == {"a.py": letters[10].encode()}


OLD = "import numpy as np\n\nx = np.product([1])  # kept\ny = np.in1d([1], [1])\n"
SAFE = OLD.replace("np.product", "np.prod")
ALL = SAFE.replace("np.in1d", "np.isin")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\ndependencies = ["numpy==2.0.0"]\n')
    (tmp_path / "a.py").write_text(OLD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def verify(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(
        cli, ["check", "--offline", "--select", "VER3,VER9", *arguments], input=text, catch_exceptions=False
    )


def test_fix_makes_the_safe_fixes(project: Path) -> None:
    done = verify("--fix", "--format", "concise", "a.py")
    assert (project / "a.py").read_text() == SAFE
    assert done.exit_code == 1
    assert "np.product" not in done.stdout
    assert "a.py:4:5: VER302 `numpy.in1d`" in done.stdout
    assert "(1 fixed; 1 fixable with --unsafe-fixes" in done.stdout.splitlines()[-1]


def test_unsafe_fixes_makes_all_and_a_second_run_changes_nothing(project: Path) -> None:
    done = verify("--unsafe-fixes", "a.py")
    assert (project / "a.py").read_text() == ALL
    assert "(2 fixed" in done.stdout.splitlines()[-1]
    before = (project / "a.py").stat()
    again = verify("--unsafe-fixes", "a.py")
    assert again.exit_code == 0
    assert "fixed" not in again.stdout
    after = (project / "a.py").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_without_the_option_nothing_is_changed_but_the_fix_is_in_the_report(project: Path) -> None:
    report = json.loads(verify("--format", "json", "a.py").stdout)
    assert (project / "a.py").read_text() == OLD
    assert [each["fix"]["safe"] for each in report["findings"]] == [True, False]
    assert report["summary"]["fixable"] == 1
    assert report["summary"]["fixed"] == 0


@pytest.mark.parametrize(
    ("options", "expected"), [(["--diff"], SAFE), (["--diff", "--fix"], SAFE), (["--diff", "--unsafe-fixes"], ALL)]
)
def test_diff_shows_and_changes_nothing(project: Path, options: list[str], expected: str) -> None:
    done = verify(*options, "a.py")
    assert (project / "a.py").read_text() == OLD
    assert done.exit_code == 1
    added = [line[1:] for line in done.stdout.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert added == [line for line in expected.splitlines() if line not in OLD.splitlines()]
    assert "Would fix" in done.stderr


def test_diff_of_nothing_is_empty_and_no_failure(project: Path) -> None:
    (project / "a.py").write_text(ALL)
    done = verify("--diff", "--unsafe-fixes", "a.py")
    assert (done.stdout, done.exit_code) == ("", 0)


def test_standard_input_is_fixed_on_standard_output(project: Path) -> None:
    done = verify("--fix", "-", text=OLD)
    assert done.stdout == SAFE
    assert "1 fixed" in done.stderr
    assert done.exit_code == 1
    assert (project / "a.py").read_text() == OLD


@pytest.mark.usefixtures("project")
def test_standard_input_without_anything_to_fix_comes_back() -> None:
    done = verify("--fix", "-", text=ALL)
    assert (done.stdout, done.exit_code) == (ALL, 0)


@pytest.mark.parametrize("comment", ["# verify: ignore[VER301] on purpose", "# verify: ignore[removed-api] on purpose"])
def test_a_suppressed_finding_is_not_fixed(project: Path, comment: str) -> None:
    text = f"import numpy as np\n\nx = np.product([1])  {comment}\ny = np.cumproduct([1])\n"
    (project / "a.py").write_text(text)
    verify("--fix", "a.py")
    assert (project / "a.py").read_text() == text.replace("cumproduct", "cumprod")


def test_a_finding_that_a_file_ignores_is_not_fixed(project: Path) -> None:
    verify("--fix", "--per-file-ignores", "a.py:VER301", "a.py")
    assert (project / "a.py").read_text() == OLD


def test_several_files_are_fixed_and_one_that_does_not_parse_stays(project: Path) -> None:
    (project / "b.py").write_text(OLD)
    (project / "c.py").write_text(OLD + "def\n")
    done = verify("--unsafe-fixes", ".")
    assert [(project / name).read_text() for name in ("a.py", "b.py")] == [ALL, ALL]
    assert (project / "c.py").read_text() == OLD + "def\n"
    assert "(4 fixed" in done.stdout.splitlines()[-1]


def test_places_in_the_report_are_those_after_the_fixes(project: Path) -> None:
    (project / "a.py").write_text("import pandas as pd\n\nx = pd.datetime(2020, 1, 1)\ny = pd.rolling_mean(x, 2)\n")
    (project / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\ndependencies = ["pandas==2.0.0"]\n')
    report = json.loads(verify("--fix", "--format", "json", "a.py").stdout)
    lines = (project / "a.py").read_text().splitlines()
    assert "import datetime" in lines
    assert [lines[each["line"] - 1] for each in report["findings"]] == ["y = pd.rolling_mean(x, 2)"]


def test_the_checked_tree_may_not_ask_for_fixes(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.verify]\nfix = true\n")
    done = verify("a.py")
    assert done.exit_code == 2
    assert (project / "a.py").read_text() == OLD
