"""Tables and columns that the schema does not have, and texts that the dialect does not take."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Asked, Sql
from verifier.checks.sql_rules.expecting import expected
from verifier.checks.sql_rules.reporting import report
from verifier.model import Finding
from verifier.sql.model import Dialect, Refusal, Why
from verifier.sql.naming import derived

_NO_COLUMNS = frozenset(
    {
        *("current_user", "session_user", "user", "localtimestamp", "localtime", "sysdate", "systimestamp", "default"),
        *("ctid", "xmin", "xmax", "oid", "tableoid", "rowid", "rownum", "level", "new", "old", "value", "row"),
    }
)
"""Words that another database answers though no table declares them."""


def names(sql: Sql, rules: Rules) -> Iterator[Finding]:
    """A finding for each statement that names a column or table that is not there."""
    said: set[tuple[int, str]] = set()
    refused = any(isinstance(each.answer, Refusal) and each.answer.why is Why.TABLE for each in sql.asked)
    others = _named(sql) if refused else frozenset()
    for asked in sql.asked:
        answer = asked.answer
        if not isinstance(answer, Refusal) or (id(asked.statement.call), answer.name) in said:
            continue
        said.add((id(asked.statement.call), answer.name))
        if expected(asked.statement.call):
            continue
        if answer.why is Why.COLUMN and (rule := rules.get("unknown-sql-column")) and _closed(sql, asked):
            qualifier, _, column = answer.name.lower().rpartition(".")
            compared = qualifier or any(each.column == column for each in asked.comparisons)
            if column in _NO_COLUMNS or (asked.translated and not compared):
                continue
            tables = sorted(set(asked.tables.values()))
            if qualifier:
                tables = [asked.tables[qualifier]] if qualifier in asked.tables else []
            known = [name for table in tables for name in sql.database.columns.get(table, ())]
            yield report(
                sql,
                rule,
                asked.statement.call,
                tables=tuple(tables),
                evidence={"sqlite": answer.words, "columns": known},
                tables_=" and ".join(f"`{each}`" for each in tables) or "no table here",
                column=answer.name,
                near=_near(column, known),
                verb="has" if len(tables) < 2 else "have",
            )
        elif answer.why is Why.TABLE and (rule := rules.get("unknown-sql-table")):
            near = _missing(sql, asked, answer.name.lower(), others)
            if near is not None:
                yield report(
                    sql,
                    rule,
                    asked.statement.call,
                    tables=(near,) if near else (),
                    evidence={"sqlite": answer.words, "tables": sorted(sql.database.columns)},
                    table=answer.name,
                    near=f"; did you mean `{near}`?" if near else "",
                )


def _closed(sql: Sql, asked: Asked) -> bool:
    """Whether the columns of all tables of a statement are known; of those made by WITH, SQLite knows them."""
    if sql.read.schema.altered or sql.read.databases > 1:
        return False
    declared = sql.database.columns.keys() | sql.unknown
    tables = set(asked.tables.values()) - (derived(asked.words) - declared)
    return bool(tables) and all(each in sql.database.columns and each not in sql.unknown for each in tables)


def _missing(sql: Sql, asked: Asked, name: str, others: frozenset[str]) -> str | None:
    """The declared table that was meant, empty where none is like it; None where the table may well exist."""
    schema = sql.read.schema
    if schema.open or sql.read.databases > 1 or sql.read.dialect is not Dialect.SQLITE:
        return None
    if "." in name or name in sql.unknown or name in sql.database.columns or name.startswith("sqlite_"):
        return None
    calls = (each.key for each, after in pairwise(asked.words) if after.text == "(" and after.start == each.end)
    if asked.words[0].key == "select" and name in calls:
        return None  # a table-valued function
    known = set(sql.database.columns) | sql.unknown
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    if near:
        return near[0]
    sure = len(sql.database.columns) > 1 and not sql.unknown and others <= known | {name}
    return "" if sure and not sql.read.hidden else None


def _named(sql: Sql) -> frozenset[str]:
    """The tables that the file's statements name, those that they make with WITH left out."""
    made = {each for asked in sql.asked for each in derived(asked.words)}
    return frozenset({table for asked in sql.asked for table in asked.tables.values()} - made)


def _near(column: str, known: list[str]) -> str:
    near = get_close_matches(column, known, n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""
