"""Suppression comments: read where they stand, applied to the finding they mean, reported when they do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import suppress
from verifier.config import Config
from verifier.engine import run
from verifier.model import Report

SCAN = "seen = []\nfor x in rows:\n    if x in seen:{comment}\n        pass\n    seen.append(x)\n"


def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *select: str) -> Report:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(text)
    codes = select or ("VER5", "VER9", "B")
    return run([tmp_path / "a.py"], Config(root=tmp_path, select=codes, offline=True, no_cache=True), environ={})


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("", {"VER502"}),
        ("  # verify: ignore[VER502] rows are few", set()),
        ("  # verify: ignore[list-membership-in-loop] rows are few", set()),
        ("  # verify: ignore[VER5] rows are few", set()),
        ("  # verify:ignore[VER501, VER502]", {"VER901"}),
        ("  # verify: ignore[VER501]", {"VER502", "VER901"}),
        ("  # verify: ignore", {"VER502", "VER903"}),
        ("  # verify: ignore[]", {"VER502", "VER903"}),
        ("  # verify: ignore[VER999]", {"VER502", "VER903"}),
        ("  # TODO # verify: ignore[VER502] later", set()),
        ("  # nosec", {"VER502"}),
        ("  # nosemgrep", {"VER502"}),
        ("  # noqa: VER502", {"VER502"}),
    ],
)
def test_on_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comment: str, kept: set[str]) -> None:
    report = check(tmp_path, monkeypatch, SCAN.format(comment=comment))
    assert {each.code for each in report.findings} == kept
    assert {each.code for each in report.suppressed} == ({"VER502"} if "VER502" not in kept else set())


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("# verify: file-ignore[VER502] a script for ten rows\n", set()),
        ("# verify: file-ignore[VER501] nothing here\n", {"VER502", "VER901"}),
        ("x = '# verify: file-ignore[VER502]'\n", {"VER502"}),
    ],
)
def test_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comment: str, kept: set[str]) -> None:
    report = check(tmp_path, monkeypatch, comment + SCAN.format(comment=""))
    assert {each.code for each in report.findings} == kept


def test_on_the_line_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SCAN.format(comment="").replace("    if", "    # verify: ignore[VER502] few rows\n    if", 1)
    assert check(tmp_path, monkeypatch, text).findings == ()


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("# nosec B602", set()),
        ("# nosec B602, B404 the command is ours", set()),
        ("# nosec", set()),
        ("# nosec B301", {"B602", "VER901"}),
        ("# verify: ignore[B602] the command is ours", set()),
        ("# verify: ignore[subprocess-with-shell] the command is ours", set()),
    ],
)
def test_bandit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comment: str, kept: set[str]) -> None:
    text = (
        f"import subprocess\ndef f(c):\n    return subprocess.run(\n        c,\n        shell=True,  {comment}\n    )\n"
    )
    report = check(tmp_path, monkeypatch, text, "B602", "B301", "VER9")
    assert {each.code for each in report.findings} == kept


def test_what_did_not_run_is_not_unused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "assert True  # nosec B101\nx = 1  # verify: ignore[VER502]\n"
    assert check(tmp_path, monkeypatch, text, "VER9").findings == ()
    found = check(tmp_path, monkeypatch, text, "VER9", "VER502").findings
    assert [(each.code, each.span.line) for each in found] == [("VER901", 2)]


@given(
    st.lists(st.sampled_from(["VER101", "VER501", "B602", "unknown-package"]), min_size=1, max_size=3, unique=True),
    st.text(st.characters(codec="ascii", exclude_categories=["C"], exclude_characters="#[]"), max_size=20),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(0, 5),
)
def test_round_trip(codes: list[str], reason: str, newline: str, before: int) -> None:
    comment = f"# verify: ignore[{', '.join(codes)}] {reason}"
    text = ("s = '# verify: ignore[VER999]'" + newline) * before + f"x = 1  {comment}{newline}"
    found = suppress.read(text, "a.py")
    assert len(found) == 1
    assert found[0].codes == tuple(codes)
    assert found[0].line == before + 1
    assert found[0].reason == reason.strip(" -:")
    assert found[0].span.column == 8


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("", {"VER404"}),
        ("  # nosemgrep: VER404", set()),
        ("  # nosemgrep: rules.VER404, other", set()),
        ("  # nosemgrep", set()),
        ("  # nosemgrep: VER401", {"VER404", "VER901"}),
        ("  # nosec", {"VER404"}),
        ("  # nosec B307", set()),
    ],
)
def test_semgrep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comment: str, kept: set[str]) -> None:
    text = f"from flask import request\ndef view():\n    return str(eval(request.args['code'])){comment}\n"
    report = check(tmp_path, monkeypatch, text, "VER404", "VER401", "VER9", *(["B307"] if "B307" in comment else []))
    assert {each.code for each in report.findings} == kept
