"""All that is done with one file on its own: read, parse, walk, check; the result holds no tree and can be pickled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import libcst as cst

from verifier import catalogue, suppress
from verifier.checks import api, artefacts, bandit, cost, deprecated, foreign, sql, vetting
from verifier.checks.registry import Parsed, Rules, per_file_checks
from verifier.limits import MAX_BYTES
from verifier.model import Examined, Finding, Problem, ProblemKind, Project, Rule, Source
from verifier.semantics.infer import Inference
from verifier.semantics.positions import Positions
from verifier.semantics.walk import read
from verifier.source import Unreadable, decode, parse
from verifier.stack import deep
from verifier.world import declared, provision
from verifier.world.project import for_script

_CHECKS = (api, cost, deprecated, sql)
"""Imported so that their checks are registered."""


def examine(source: Source, rules: Sequence[Rule], project: Project) -> Examined:
    """Check one file on a stack deep enough for it, with cyclic garbage collection off while it lives."""
    return deep(lambda: _examine(source, rules, project), source.path)


def _examine(source: Source, rules: Sequence[Rule], project: Project) -> Examined:
    try:
        data = _bytes(source)
        text = decode(data, source.path)
    except Unreadable as unreadable:
        return Examined(source, (), (unreadable.problem,))
    by_name = {rule.name: rule for rule in rules}
    source = replace(source, suppressions=suppress.read(text, source.path))
    try:
        tree = parse(text, source.path)
    except Unreadable as unreadable:
        return Examined(source, (), (unreadable.problem,))
    except cst.ParserSyntaxError as error:
        diagnosis = artefacts.diagnose(text, error)
        found = artefacts.finding(by_name, source.path, diagnosis) if diagnosis else None
        if found is not None:
            return Examined(source, (found,), ())
        words = "does not parse" if diagnosis else f"our parser cannot read it, though Python can: {error.message}"
        return Examined(source, (), (Problem(source.path, ProblemKind.SYNTAX, words),))
    requirements, requires_python, errors = declared.inline(text)
    source = replace(source, declared=requirements, requires_python=requires_python)
    project = for_script(project, source.file, requirements, requires_python)
    facts = read(tree, source.path, project.python)
    positions = Positions(tree, text)
    source = replace(source, imports=foreign.imports_of(facts, positions, source, project))
    modules = [foreign.module_of(each) for each in source.imports]
    provision.prepare(project.environment, modules, foreign.used(facts, source.imports))
    inference = Inference(facts, catalogue.table("semantics/returns")["returns"])
    parsed = Parsed(source, data, text, facts, positions, inference, project)
    problems = [Problem(source.path, ProblemKind.ENVIRONMENT, words) for words in errors]
    findings: list[Finding] = []
    for result in _run(parsed, by_name, rules):
        (findings if isinstance(result, Finding) else problems).append(result)  # type: ignore[arg-type]  # one of two
    seen = project.environment
    return Examined(source, tuple(findings), tuple(problems), provision.unread(seen), provision.index_age(seen))


def _run(parsed: Parsed, by_name: Rules, rules: Sequence[Rule]) -> Iterator[Finding | Problem]:
    wanted = {rule.check for rule in rules}
    for name, check in per_file_checks.items():
        if name in wanted:
            yield from check(parsed, by_name)
    bandits = [rule for rule in rules if rule.check == "bandit"]
    if bandits:
        said = list(bandit.check(parsed.source.path, parsed.data, bandits, parsed.project.python))
        yield from (each for each in said if isinstance(each, Problem))
        yield from vetting.vetted(parsed, (each for each in said if isinstance(each, Finding)))


def _bytes(source: Source) -> bytes:
    if source.data is not None or source.file is None:
        return source.data or b""
    try:
        size = source.file.stat().st_size
        if size > MAX_BYTES:
            words = f"{size:,} bytes; files over {MAX_BYTES:,} are not checked"
            raise Unreadable(Problem(source.path, ProblemKind.LIMIT, words))
        return source.file.read_bytes()
    except OSError as error:
        words = f"cannot be read: {error.strerror or error}"
        raise Unreadable(Problem(source.path, ProblemKind.IO, words)) from error
