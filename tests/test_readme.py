"""README.md says what the program does: its generated parts are fresh, its commands exist.

`VERIFY_README=write pytest -n0 tests/test_readme.py` renews the generated parts.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from verifier import catalogue
from verifier.cli import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
EXAMPLE = "fixtures/generated/duplicates.py"


def example() -> str:
    result = CliRunner().invoke(cli, [EXAMPLE, "--format", "concise", "--offline", "--no-cache"])
    return f"```text\n{result.stdout}```"


def families() -> str:
    rules = defaultdict(list)
    for rule in catalogue.load():
        rules[rule.family].append(rule)
    lines = ["| family | rules | codes | for instance |", "|---|---|---|---|"]
    for family, members in sorted(rules.items(), key=lambda each: each[1][-1].code):
        ours = [rule for rule in members if rule.engine != "bandit"]
        codes = f"{ours[0].code} to {ours[-1].code}"
        if len(ours) < len(members):
            codes += f", {len(members) - len(ours)} of Bandit's"
        lines.append(f"| {family} | {len(members)} | {codes} | `{ours[0].name}`: {ours[0].summary} |")
    return "\n".join(lines)


def options() -> str:
    text = CliRunner().invoke(cli, ["check", "--help"], terminal_width=110, prog_name="verify").stdout
    return f"```text\n{text}```"


@pytest.mark.parametrize("part", [example, families, options])
def test_generated_parts_are_fresh(part: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(part)
    monkeypatch.chdir(ROOT)
    name = part.__name__  # type: ignore[attr-defined]  # the three functions above
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- begin {name} -->\n)(.*?)\n?(<!-- end {name} -->)", re.DOTALL)
    fresh = pattern.sub(lambda match: f"{match[1]}{part()}\n{match[3]}", text)
    if os.environ.get("VERIFY_README") == "write":
        README.write_text(fresh, encoding="utf-8")
    else:
        assert text == fresh


def test_two_commands_do_all_set_up() -> None:
    text = README.read_text(encoding="utf-8")
    install = re.escape("python3 -m venv .venv && .venv/bin/pip install '.[semgrep]' && .venv/bin/verify ")
    first = re.search(rf"^{install}(\S+)$", text, re.MULTILINE)
    assert first
    assert (ROOT / first[1]).is_file()
    second = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest"
    assert second in text
    # the gate runs the same words, with pip told to be quiet
    assert second in (ROOT / ".ci" / "run").read_text(encoding="utf-8").replace("--quiet ", "")


def test_every_rule_named_exists() -> None:
    known = {rule.code for rule in catalogue.load()}
    for file in (README, ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md"):
        named = set(re.findall(r"\b(?:VER\d{3}|B\d{3})\b", file.read_text(encoding="utf-8")))
        assert named <= known, (file.name, sorted(named - known))
