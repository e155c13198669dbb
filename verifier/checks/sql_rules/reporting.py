"""How a finding about SQL is put: at the call, with the CREATE TABLE and the loop around it as other places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from verifier.checks.registry import finding
from verifier.checks.sql_rules.asking import Sql
from verifier.checks.sql_rules.repeating import repeating
from verifier.model import Finding, Related, Rule, Severity, Span
from verifier.semantics.model import Call
from verifier.sql.model import Definition


def report(
    sql: Sql,
    rule: Rule,
    call: Call,
    *,
    tables: tuple[str, ...] = (),
    evidence: Mapping[str, object] | None = None,
    least: bool = False,
    **fields: str,
) -> Finding:
    """A finding at a call; in a test file, or where `least` says so, it is only information."""
    related = [_declared(sql, sql.made[each]) for each in tables if each in sql.made]
    loop = repeating(sql.looped, call)
    if loop is not None:
        span = sql.parsed.positions.span(loop.iterable or loop.test or loop.node)
        related.append(Related(sql.parsed.source.path, span, "the loop that repeats it"))
    made = finding(rule, sql.parsed, call.node, related=tuple(related), evidence=evidence, **fields)
    return replace(made, severity=Severity.INFO) if sql.test or least else made


def _declared(sql: Sql, made: Definition) -> Related:
    """Where a table is declared."""
    words = f"`{made.table}` is declared here"
    path = sql.parsed.source.path
    if made.node is None:
        line = made.below + 1
        return Related(_shown(sql, made.file), Span(line, 1, line, 1), words)
    span = sql.parsed.positions.span(made.node)
    line = span.line + made.below
    if not made.below or line > span.end_line:
        return Related(path, span, words)
    sql.lines = sql.lines or sql.parsed.text.split("\n")
    text = sql.lines[line - 1].rstrip() if line <= len(sql.lines) else ""
    start = len(text) - len(text.lstrip()) + 1
    return Related(path, Span(line, start, line, max(start, len(text) + 1)), words)


def _shown(sql: Sql, file: str) -> str:
    """The path of another file as the report shows that of the checked one."""
    own = sql.parsed.source
    base = str(own.file).removesuffix(own.path) if own.file is not None else ""
    return file.removeprefix(base)
