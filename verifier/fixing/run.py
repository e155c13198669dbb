"""A run that fixes: check, fix in memory, write, and check again what was written."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from verifier import engine
from verifier.config import Config
from verifier.discover import is_declaration
from verifier.fixing.applying import wanted
from verifier.fixing.rounds import Checked, Fixed, fix
from verifier.fixing.writing import write
from verifier.model import Finding, Problem, ProblemKind, Report

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left to report, and the texts before and after, by path, of what was or would be changed."""

    report: Report
    before: Mapping[str, bytes] = field(default_factory=dict)
    after: Mapping[str, bytes] = field(default_factory=dict)


def run(
    paths: Sequence[Path],
    config: Config,
    *,
    standard_input: tuple[str, bytes] | None = None,
    progress: engine.Progress | None = None,
    environ: Mapping[str, str] | None = None,
) -> Outcome:
    """Check as `engine.run` does, and fix what `config` asks for; with `config.diff` no file is written."""
    report = engine.run(paths, config, standard_input=standard_input, progress=progress, environ=environ)
    fixable = [each for each in report.findings if wanted(each, unsafe=config.unsafe_fixes)]
    before, problems = _texts(sorted({each.path for each in fixable}), standard_input)
    if not before:
        return Outcome(_with(report, problems))
    found = {finding.code for finding in fixable}
    checks = {each.check for each in report.rules if each.code in found}
    codes = tuple(each.code for each in engine.selected(config) if each.check in checks)
    narrow = replace(config, select=codes)

    def check(texts: Mapping[str, bytes]) -> Checked:
        checked = engine.run([], narrow, texts=texts, environ=environ)
        return checked.findings, checked.problems

    fixed = fix(before, check, unsafe=config.unsafe_fixes)
    problems += fixed.problems
    before = {path: before[path] for path in fixed.texts}
    if config.diff:
        return Outcome(replace(_with(report, problems), fixed=sum(fixed.counts.values())), before, fixed.texts)
    after = dict(fixed.texts)
    for path, data in fixed.texts.items():
        if standard_input is None or path != standard_input[0]:
            reason = write(Path(path), before[path], data)
            if reason is not None:
                problems.append(Problem(path, ProblemKind.IO, f"not fixed: {reason}"))
                del after[path]
    return Outcome(_with(_again(report, after, fixed, config, environ), problems), before, after)


def diff(outcome: Outcome) -> bytes:
    """The unified diff of an outcome, in the encodings of its files."""
    lines: list[bytes] = []
    for path in sorted(outcome.after):
        old, new = (_LINE.findall(texts[path]) for texts in (outcome.before, outcome.after))
        name = os.fsencode(path)
        for line in difflib.diff_bytes(difflib.unified_diff, old, new, name, name, lineterm=b"\n"):
            lines += [line] if line.endswith(b"\n") else [line, b"\n\\ No newline at end of file\n"]
    return b"".join(lines)


def _texts(paths: Sequence[str], given: tuple[str, bytes] | None) -> tuple[dict[str, bytes], list[Problem]]:
    texts: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in paths:
        if given is not None and path == given[0]:
            texts[path] = given[1]
        elif not is_declaration(Path(path)):
            try:
                texts[path] = Path(path).read_bytes()
            except OSError as error:
                problems.append(Problem(path, ProblemKind.IO, f"not fixed: it cannot be read: {error.strerror}"))
    return texts, problems


def _again(
    report: Report, texts: Mapping[str, bytes], fixed: Fixed, config: Config, environ: Mapping[str, str] | None
) -> Report:
    """The report with what the changed texts give now."""
    if not texts:
        return report
    anew = engine.run([], config, texts=texts, environ=environ)
    problems = [each for each in (*report.problems, *anew.problems) if each.path not in texts]
    problems += [each for each in anew.problems if each.path in texts]
    return replace(
        report,
        findings=_merged(report.findings, anew.findings, texts),
        suppressed=_merged(report.suppressed, anew.suppressed, texts),
        problems=tuple(dict.fromkeys(problems)),
        seconds=report.seconds + anew.seconds,
        fixed=sum(fixed.counts[path] for path in texts),
    )


def _merged(old: Sequence[Finding], new: Sequence[Finding], texts: Mapping[str, bytes]) -> tuple[Finding, ...]:
    kept = [each for each in old if each.path not in texts]
    return tuple(sorted((*kept, *(each for each in new if each.path in texts)), key=lambda each: each.sort_key))


def _with(report: Report, problems: Sequence[Problem]) -> Report:
    """The report with further problems."""
    found = sorted({*report.problems, *problems}, key=lambda each: (each.path or "", each.kind, each.text))
    return replace(report, problems=tuple(found), not_checked=engine.not_checked(found))
