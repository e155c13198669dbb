"""Tables that are read from end to end for want of an index, by SQLite's own plan with and without it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Asked, Sql, explain
from verifier.checks.sql_rules.few import about_time, few_values, small_table
from verifier.checks.sql_rules.reporting import report
from verifier.model import Finding
from verifier.sql.conditions import Against, Comparison, category
from verifier.sql.model import Access, Dialect, Plan, Way

_EQUAL = frozenset({"=", "==", "in"})
_RANGE = frozenset({"<", ">", "<=", ">=", "between"})
_MOST_TRIED = 8
_SUPPOSED = re.compile(r"\bverify_supposed_\d+\b")


def scans(sql: Sql, rules: Rules) -> Iterator[Finding]:
    """A finding for each table that a statement searches without an index, at each call."""
    lookup, join = rules.get("sql-full-scan"), rules.get("sql-join-without-index")
    if (lookup is None and join is None) or sql.read.schema.unsure:
        return
    said: set[tuple[int, str, str]] = set()
    for asked in sql.asked:
        if not isinstance(asked.answer, Plan):
            continue
        for access in asked.answer.accesses:
            table = asked.tables.get(access.name)
            if table is None or not _matters(sql, access, table):
                continue
            found = _missing(sql, asked, access, table)
            if found is None:
                continue
            comparison, line = found
            joined = _joined(comparison) and len(set(asked.tables.values())) > 1
            rule = join if joined else lookup
            key = (id(asked.statement.call), table, comparison.column)
            if rule is None or key in said:
                continue
            said.add(key)
            column = comparison.column
            ranged = comparison.operator in _RANGE and _now_and_then(sql, asked, table, column)
            yield report(
                sql,
                rule,
                asked.statement.call,
                tables=(table,),
                evidence=_evidence(table, column, access.line, line),
                least=ranged and not joined,
                table=table,
                column=column,
                index=index_for(table, (column,)),
            )


def _now_and_then(sql: Sql, asked: Asked, table: str, column: str) -> bool:
    """Whether a range is no question of every day: not about time, or what clears old rows away."""
    return asked.words[0].key == "delete" or not about_time(sql, table, column)


def _evidence(table: str, column: str, before: str, after: str) -> dict[str, object]:
    """SQLite's own words without and with the index, which gets the name that is proposed."""
    index = index_for(table, (column,))
    return {"plan": before, "with the index": _SUPPOSED.sub(index.split()[2], after), "index": index}


def _joined(comparison: Comparison) -> bool:
    """Whether a column is compared with those of other rows, and not with a value."""
    listed = comparison.against is Against.QUERY and comparison.operator == "in"
    return listed or comparison.against is Against.COLUMN


def _matters(sql: Sql, access: Access, table: str) -> bool:
    """Whether a table is read from end to end, or gets an index for one run, and that costs something."""
    if access.way is not Way.SCAN and not access.automatic:
        return False
    known = table in sql.database.columns and table not in sql.unknown and table not in sql.read.schema.unindexed
    return known and not small_table(sql, table)


def _missing(sql: Sql, asked: Asked, access: Access, table: str) -> tuple[Comparison, str] | None:
    """The condition for which an index would let SQLite search the table, and its plan if there were one."""
    tried: list[Comparison] = []
    leading = sql.database.leading(table)
    for comparison in sorted(asked.comparisons, key=lambda each: each.operator not in _EQUAL):
        if comparison.column in leading or len(tried) == _MOST_TRIED:
            continue
        if _wanted(sql, asked, comparison, access, table):
            tried.append(comparison)
            inner = comparison.against is Against.COLUMN
            line = searched(sql, asked, access, table, [(comparison.column,)], inner=inner)
            if line is not None:
                return comparison, line
    for column in access.equal if access.automatic else ():  # of `USING (...)`
        if column in sql.database.columns[table] and column not in leading:
            line = searched(sql, asked, access, table, [(column,)], inner=True)
            if line is not None:
                return Comparison("", column, "=", Against.COLUMN), line
    columns = list(dict.fromkeys((each.column,) for each in tried if each.operator in _EQUAL))
    if len(columns) > 1:  # `a = ? OR b = ?` needs both
        line = searched(sql, asked, access, table, columns)
        if line is not None:
            return tried[0], line
    return None


def _wanted(sql: Sql, asked: Asked, comparison: Comparison, access: Access, table: str) -> bool:
    """Whether a condition looks for few rows of this table."""
    if comparison.function or comparison.negated or comparison.operator not in _EQUAL | _RANGE:
        return False
    if comparison.column not in sql.database.columns[table]:
        return False
    if comparison.qualifier and comparison.qualifier != access.name:
        return False
    match comparison.against:
        case Against.LITERAL:
            return comparison.operator in _EQUAL and not category(comparison)
        case Against.COLUMN:
            return len(asked.answer.accesses) > 1 if isinstance(asked.answer, Plan) else False
        case _:
            return comparison.operator in _RANGE or not few_values(sql, table, comparison.column)


def searched(
    sql: Sql, asked: Asked, access: Access, table: str, indexes: Sequence[Sequence[str]], *, inner: bool = False
) -> str | None:
    """SQLite's plan for a table if these indexes existed; None where it would go on reading all of it.

    `inner` asks for a plan in which the table is searched for rows of another: the first table of a join is not.
    """
    with sql.database.supposing(table, indexes) as made:
        answer = explain(sql, asked.statement, asked.statement.text) if made else None
    if not isinstance(answer, Plan) or not isinstance(asked.answer, Plan) or _full(answer) >= _full(asked.answer):
        return None  # of two tables that are joined one is read whole in any case
    if inner and _full(answer) and asked.statement.dialect is not Dialect.SQLITE:
        return None  # whole tables are joined by hashing there
    return next(
        (
            each.line
            for place, each in enumerate(answer.accesses)
            if each.way is Way.SEARCH
            and each.name == access.name
            and each.index.startswith("verify_supposed")
            and not (inner and place == 0 and len(answer.accesses) > 1)
        ),
        None,
    )


def _full(plan: Plan) -> int:
    """How many times a table is read from end to end."""
    return sum(each.way is Way.SCAN or each.automatic for each in plan.accesses)


def index_for(table: str, columns: Sequence[str]) -> str:
    """The statement that makes the index."""
    return f"CREATE INDEX idx_{table}_{'_'.join(columns)} ON {table} ({', '.join(columns)})"
