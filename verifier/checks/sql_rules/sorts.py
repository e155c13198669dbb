"""Rows that are sorted anew on every turn of a loop, though an index would hold them in that order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Asked, Sql, explain
from verifier.checks.sql_rules.few import small_table
from verifier.checks.sql_rules.repeating import repeating
from verifier.checks.sql_rules.reporting import report
from verifier.checks.sql_rules.scans import index_for
from verifier.model import Finding
from verifier.sql.model import Plan
from verifier.sql.words import Word

_SORT = "USE TEMP B-TREE FOR ORDER BY"
_ENDS = frozenset({"limit", "offset", ")", "union", "except", "intersect", "for", ";"})


def sorts(sql: Sql, rules: Rules) -> Iterator[Finding]:
    """A finding for each statement in a loop for whose ORDER BY SQLite sorts, until an index is supposed."""
    rule = rules.get("sql-sort-in-loop")
    if rule is None or sql.read.schema.unsure:
        return
    for asked in sql.asked:
        if not isinstance(asked.answer, Plan) or _SORT not in asked.answer.sorts:
            continue
        tables = set(asked.tables.values())
        if repeating(sql.looped, asked.statement.call) is None or len(tables) != 1:
            continue
        table = tables.pop()
        columns = _ordered(asked.words, sql.database.columns.get(table, ()))
        if not columns or table in sql.unknown | sql.read.schema.unindexed or small_table(sql, table):
            continue
        equal = [
            each.column
            for each in asked.comparisons
            if each.operator in {"=", "=="} and not each.function and each.column in sql.database.columns[table]
        ]
        wanted = list(dict.fromkeys([*equal, *columns]))
        if _unsorted(sql, asked, table, wanted):
            yield report(
                sql,
                rule,
                asked.statement.call,
                tables=(table,),
                evidence={"plan": _SORT, "index": index_for(table, wanted)},
                table=table,
                columns=", ".join(columns),
                index=index_for(table, wanted),
            )


def _unsorted(sql: Sql, asked: Asked, table: str, columns: Sequence[str]) -> bool:
    """Whether SQLite would not sort if there were an index on these columns."""
    with sql.database.supposing(table, [columns]) as made:
        answer = explain(sql, asked.statement, asked.statement.text) if made else None
    return isinstance(answer, Plan) and not answer.sorts


def _ordered(found: Sequence[Word], columns: Sequence[str]) -> list[str]:
    """The columns after the last ORDER BY, empty where one of them is an expression."""
    at = next((place for place in range(len(found) - 2, -1, -1) if found[place].key == "order"), None)
    if at is None or found[at + 1].key != "by":
        return []
    names: list[str] = []
    for word in found[at + 2 :]:
        if word.key in _ENDS:
            break
        if word.text in {",", "."} or word.key in {"asc", "desc"}:
            continue
        names.append(word.key)
    plain = [name for name in names if name in columns]
    return plain if len(plain) == len(names) else []
