"""Bandit's tests inside this process against the `bandit` command, and Semgrep with our rules, on installed packages.

    python benchmarks/security.py [PACKAGE ...]

Prints CPU time, children included, and the findings that only one of the two has. By default about 80,000 lines.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from semantics import files

from verifier import catalogue
from verifier.checks import bandit, semgrep
from verifier.model import Finding, Problem, Rule

PACKAGES = ("requests", "click", "rich", "bandit", "pydantic", "urllib3")


def main() -> None:
    """Measure and print."""
    rules = catalogue.load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = {}
        for number, (_, text) in enumerate(files(tuple(sys.argv[1:]) or PACKAGES)):
            file = folder / f"m{number:04}.py"
            file.write_text(text, encoding="utf-8")
            texts[file.name] = text.encode()
        lines = sum(text.count(b"\n") for text in texts.values())
        print(f"{len(texts)} files, {lines} lines")
        ours, mine = _ours(texts)
        theirs, said = _command(folder)
        print(f"Bandit's tests here: {mine:.1f} s; the bandit command: {said:.1f} s; ratio {said / mine:.1f}")
        print(f"findings: {len(ours)} here, {len(theirs)} there; only here {ours - theirs}, only there {theirs - ours}")
        _semgrep(folder, texts, [rule for rule in rules if rule.check == "semgrep"], lines)


def _ours(texts: dict[str, bytes]) -> tuple[set[tuple[str, int, str]], float]:
    rules = [rule for rule in catalogue.load() if rule.check == "bandit"]
    bandit.registered()
    begun = time.process_time()
    found = set()
    for name, data in texts.items():
        for each in bandit.check(name, data, rules, sys.version_info[:2]):
            if isinstance(each, Finding):
                found.add((name, each.span.line, each.code))
    return found, time.process_time() - begun


def _command(folder: Path) -> tuple[set[tuple[str, int, str]], float]:
    command = [sys.executable, "-m", "bandit", "-q", "-f", "json", "-r", "."]
    before = _children()
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    seconds = _children() - before
    # What `nosec` silences is a finding here, which the report lists as suppressed.
    answer = subprocess.run([*command, "--ignore-nosec"], cwd=folder, capture_output=True, check=False)
    results = json.loads(answer.stdout)["results"]
    # The command gives the first line of the statement, which of a call over several lines is not the call's.
    return {(Path(each["filename"]).name, each["line_number"], each["test_id"]) for each in results}, seconds


def _semgrep(folder: Path, texts: dict[str, bytes], rules: list[Rule], lines: int) -> None:
    before, here = _children(), time.process_time()
    found = list(semgrep.check([(name, folder / name) for name in texts], rules))
    problems = sum(isinstance(each, Problem) for each in found)
    seconds, own = _children() - before, time.process_time() - here
    print(f"semgrep with {len(rules)} rules: {seconds:.1f} s, following values and the rest: {own:.1f} s")
    print(f"{len(found) - problems} findings, {problems} problems in {lines} lines")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
