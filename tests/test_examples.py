"""Every rule's bad and good examples, through the whole program, in the world that the rule names."""

from __future__ import annotations

from pathlib import Path

import pytest
import worlds

from verifier import catalogue
from verifier.config import Config
from verifier.engine import run
from verifier.model import Finding, Rule

# Bandit's and Semgrep's rules have tests of their own, which start each engine once for all examples.
RULES = [rule for rule in catalogue.load() if rule.engine == "verifier"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_examples(rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    worlds.build(tmp_path, rule.world)
    codes = (rule.code,) if rule.family != "verify" else (rule.code, "cost", "B", "VER4")
    with worlds.index(rule.world.get("index", ())) as url:
        config = Config(root=tmp_path, select=codes, index_url=url, no_cache=True, jobs=1)
        for kind, examples in (("bad", rule.bad), ("good", rule.good)):
            for number, text in enumerate(examples, 1):
                file = tmp_path / kind / str(number) / "example.py"
                file.parent.mkdir(parents=True)
                file.write_text(text, newline="")
        report = run([tmp_path / "bad", tmp_path / "good"], config, environ={})
    by_file: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.code == rule.code:
            by_file.setdefault(finding.path, []).append(finding)
    for number, text in enumerate(rule.bad, 1):
        found = by_file.get(f"bad/{number}/example.py", [])
        assert found, f"bad example {number} gives nothing"
        expected = {(line, code) for line, code in worlds.marks(text).expected if code == rule.code}
        if expected:
            assert worlds.places(found) == expected, f"bad example {number}"
    for number in range(1, len(rule.good) + 1):
        wrong = by_file.get(f"good/{number}/example.py", [])
        assert not wrong, f"good example {number}: {[(each.span.line, each.message) for each in wrong]}"


@pytest.mark.parametrize("rule", catalogue.load(), ids=lambda rule: rule.code)
def test_every_rule_is_whole(rule: Rule) -> None:
    assert rule.bad, "a rule has a bad example"
    assert len(rule.good) >= len(rule.bad), "as many negative cases as positive ones"
    assert rule.why
    assert rule.instead
    assert rule.measured
