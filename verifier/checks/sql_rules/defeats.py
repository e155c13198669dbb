"""Indexes that exist and cannot be used: a function around the column, a pattern that begins with a wildcard."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Asked, Sql, explain
from verifier.checks.sql_rules.few import small_table
from verifier.checks.sql_rules.reporting import report
from verifier.model import Finding
from verifier.sql.conditions import Comparison
from verifier.sql.model import Access, Plan, Way


def defeats(sql: Sql, rules: Rules) -> Iterator[Finding]:
    """A finding for each condition that, put otherwise, would let SQLite search by an index that exists."""
    rule = rules.get("index-defeated")
    if rule is None:
        return
    for asked in sql.asked:
        if not isinstance(asked.answer, Plan):
            continue
        for access in asked.answer.accesses:
            table = asked.tables.get(access.name)
            if access.way is not Way.SCAN or table is None or table in sql.unknown or small_table(sql, table):
                continue
            for comparison in asked.comparisons:
                line = _otherwise(sql, asked, comparison, access)
                if line is None:
                    continue
                text = asked.statement.text
                yield report(
                    sql,
                    rule,
                    asked.statement.call,
                    tables=(table,),
                    evidence={"plan": access.line, "without it": line},
                    least=not comparison.function,
                    table=table,
                    column=comparison.column,
                    condition=text[comparison.start : comparison.end]
                    if comparison.function
                    else f"{comparison.column_text} LIKE {comparison.literal}",
                )
                break


def _otherwise(sql: Sql, asked: Asked, comparison: Comparison, access: Access) -> str | None:
    """SQLite's plan if the bare column were compared; None where it would read the whole table all the same."""
    if comparison.negated or (comparison.qualifier and comparison.qualifier != access.name):
        return None
    text = asked.statement.text
    if comparison.function:
        changed = text[: comparison.start] + comparison.column_text + text[comparison.end :]
    elif comparison.operator in {"like", "ilike"} and comparison.literal.startswith(("'%", "'_")):
        changed = f"{text[: comparison.end]} = {text[comparison.right :]}"
    else:
        return None
    answer = explain(sql, asked.statement, changed)
    if not isinstance(answer, Plan):
        return None
    return next(
        (
            each.line
            for each in answer.accesses
            if each.name == access.name
            and each.way is Way.SEARCH
            and not each.automatic
            and (comparison.column in (*each.equal, *each.ranged) or each.index == "PRIMARY KEY")
        ),
        None,
    )
