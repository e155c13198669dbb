"""Values that do not fit their placeholders, or the columns of an INSERT."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Asked, Sql
from verifier.checks.sql_rules.expecting import expected
from verifier.checks.sql_rules.reporting import report
from verifier.model import Finding
from verifier.sql.marks import Marks, inserted, marks
from verifier.sql.model import Bound, Dialect, Refusal, Statement, Why
from verifier.sql.words import words


def values(sql: Sql, rules: Rules) -> Iterator[Finding]:
    """A finding for each call whose values are too many, too few, or have other names."""
    rule = rules.get("sql-parameter-count")
    if rule is None:
        return
    refused = {
        id(each.statement): each.answer.words
        for each in sql.asked
        if isinstance(each.answer, Refusal) and each.answer.why is Why.VALUES and _sure(sql, each)
    }
    prepared = "prepared" in sql.parsed.text
    for statement in sql.read.statements:
        if not statement.raw:
            continue
        counts = inserted(words(statement.text)) if not statement.dynamic else None
        wrong = _wrong(statement) if not prepared else None
        if wrong is None and counts is not None and counts[0] != counts[1]:
            wrong = f"{_many(counts[0], 'column')} but {_many(counts[1], 'value')}"
        if wrong is None:
            wrong = refused.get(id(statement))
        if wrong is not None and not expected(statement.call):
            yield report(sql, rule, statement.call, evidence={"statement": statement.raw.strip()[:200]}, wrong=wrong)


def _sure(sql: Sql, asked: Asked) -> bool:
    """Whether SQLite's count of a table's columns is that of the table which will be there."""
    known = asked.statement.dialect is Dialect.SQLITE and not sql.read.schema.altered and sql.read.databases == 1
    return known and not sql.unknown & set(asked.tables.values())


def _wrong(statement: Statement) -> str | None:
    """What is wrong between the placeholders of a text and the values beside it."""
    bound = statement.bound
    if bound is None or not statement.driver:
        return None
    wanted = marks(statement.raw, statement.sites)
    if wanted is None:
        return None
    if bound.scalar:
        return "one value, not a sequence of values: a comma is missing in `(value,)`" if wanted.count else None
    return _names(wanted, bound) if wanted.names or bound.names is not None else _places(wanted, bound)


def _places(wanted: Marks, bound: Bound) -> str | None:
    if bound.count is None or bound.count == wanted.count:
        return None
    row = " in each row" if bound.rows else ""
    return f"{_many(wanted.count, f'placeholder `{wanted.sign}`')} but {_many(bound.count, 'value')}{row}"


def _names(wanted: Marks, bound: Bound) -> str | None:
    if bound.names is None:
        if bound.count is None or (bound.count == wanted.count and wanted.sign == ":name"):
            return None
        return f"{_many(wanted.count, 'placeholder with names')} but {_many(bound.count, 'value')}"
    if not wanted.names:
        return f"{_many(wanted.count, f'placeholder `{wanted.sign}`')} but values by name" if wanted.count else None
    missing = sorted(wanted.names - bound.names)
    return f"no value for {', '.join(f'`{each}`' for each in missing)}" if missing else None


def _many(count: int, what: str) -> str:
    noun, _, rest = what.partition(" ")
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}{' ' + rest if rest else ''}"
