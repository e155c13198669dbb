"""Results of which every row is fetched though only the first, the last, a few, or their number is used."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Asked, Sql
from verifier.checks.sql_rules.few import small_table
from verifier.checks.sql_rules.reporting import report
from verifier.checks.sql_rules.used import Used, uses
from verifier.model import Finding
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call, Facts
from verifier.semantics.names import reaching
from verifier.sql.model import Plan, Way
from verifier.sql.words import Sort

_ONE_ROW = frozenset({"count", "sum", "max", "min", "avg", "total", "exists"})
_AS_THEY_ARE = frozenset({"mappings", "scalars", "unique", "columns"})
"""Methods of SQLAlchemy's results that give the same rows in another form."""


@dataclass(frozen=True, slots=True)
class Style:
    """What to write instead, by who fetches the rows."""

    one: str
    some: str
    number: str

    def words(self, used: Used) -> str:
        """What is used, and what gets no more than that."""
        match used:
            case Used.LAST:
                return f"{used}: order the other way, {self.one}"
            case Used.SOME:
                return f"{used}: {self.some}"
            case Used.COUNTED:
                return f"{used}: {self.number}"
            case _:
                return f"{used}: {self.one}"


DRIVER = Style("`LIMIT 1` and fetchone()", "`LIMIT`", "`SELECT COUNT(*)`")
ASYNCPG = Style("`LIMIT 1` and fetchrow()", "`LIMIT`", "`SELECT COUNT(*)`")
ALCHEMY = Style("`.limit(1)` and `.first()`", "`.limit()`", "`select(func.count())`")
DJANGO = Style("`.first()`", "a slice of the query", "`.count()`")


def rows(sql: Sql, rules: Rules) -> Iterator[Finding]:
    """A finding for each fetchall() of a statement that may give many rows, of which one is used."""
    found = list(_fetched(sql)) if "rows-fetched-for-one" in rules else []
    yield from told(sql, rules, found)


def told(sql: Sql, rules: Rules, fetched: Sequence[tuple[Call, Asked, Style]]) -> Iterator[Finding]:
    """A finding for each of these calls, which give all rows of a statement, where less than that is used."""
    rule = rules.get("rows-fetched-for-one")
    if rule is None or not fetched:
        return
    facts = sql.parsed.facts
    found = uses(facts, [call for call, *_ in fetched])
    for call, asked, style in fetched:
        used = found.of(facts, call)
        # Django itself asks for a few where a query is sliced, and keeps the rows that it was asked about
        if used is Used.MORE or (style is DJANGO and used is not Used.COUNTED) or not _many(sql, asked):
            continue
        tables = sorted(set(asked.tables.values()))
        if all(small_table(sql, each) for each in tables):
            continue
        evidence = {"statement": asked.statement.text[:200]}
        yield report(sql, rule, call, tables=tuple(tables[:1]), evidence=evidence, used=style.words(used))


def _fetched(sql: Sql) -> Iterator[tuple[Call, Asked, Style]]:
    """Each call that gets all rows, with the statement whose rows they are."""
    by_call: dict[int, list[Asked]] = {}
    for asked in sql.asked:
        by_call.setdefault(id(asked.statement.call.node), []).append(asked)
    dynamic = {id(each.call.node) for each in sql.read.statements if each.dynamic}
    last: dict[tuple[int, str], cst.Call] = {}
    for call in sql.parsed.facts.calls:
        style = DRIVER
        run: cst.Call | None = None
        match call.node.func:
            case cst.Attribute(value=receiver, attr=cst.Name(value="fetchall" | "all" as name)):
                run = _run(receiver, by_call)
                run = run or _opened(sql.parsed.facts, call, receiver, by_call)
                if run is None and name == "fetchall":
                    run = last.get((id(call.scope.function), dotted(receiver) or ""))
                style = ALCHEMY if name == "all" else DRIVER
            case cst.Attribute(value=receiver, attr=cst.Name(value="execute" | "executemany")):
                last[id(call.scope.function), dotted(receiver) or ""] = call.node
            case cst.Attribute(attr=cst.Name(value="fetch")) if id(call.node) in by_call:
                run, style = call.node, ASYNCPG
            case _:
                pass
        known = by_call.get(id(run), []) if run is not None and id(run) not in dynamic else []
        if len(known) == 1 and (style is not ASYNCPG or known[0].statement.driver == "fetch"):
            yield call, known[0], style


def _run(node: cst.BaseExpression, by_call: Container[int]) -> cst.Call | None:
    """The call that runs a statement in an expression for its rows: `execute(...)`, `execute(...).mappings()`."""
    while True:
        match node:
            case cst.Await(expression=inner):
                node = inner
            case cst.Call() if id(node) in by_call:
                return node
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name))) if name in _AS_THEY_ARE:
                node = inner
            case _:
                return None


def _opened(facts: Facts, call: Call, receiver: cst.BaseExpression, by_call: Container[int]) -> cst.Call | None:
    """The `execute` whose cursor a name was last bound to, where that is no more than one."""
    match receiver:
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name))) if name in _AS_THEY_ARE:
            receiver = inner
        case _:
            pass
    if not isinstance(receiver, cst.Name):
        return None
    before = [each for each in reaching(facts, receiver.value, call.scope, call.order) or () if each.order < call.order]
    value = before[-1].value if before else None
    return _run(value, by_call) if value is not None else None


def _many(sql: Sql, asked: Asked) -> bool:
    """Whether a statement may give more rows than one."""
    keys = [each.key for each in asked.words if each.sort is not Sort.STRING]
    if keys[0] != "select" or "from" not in keys or {"limit", "fetch", "top", "union"} & set(keys):
        return False
    if keys[1] in _ONE_ROW and "group" not in keys:
        return False
    if isinstance(asked.answer, Plan) and set(asked.tables.values()) <= sql.database.columns.keys():
        return not all(
            each.way is Way.SEARCH
            and any(set(key) <= set(each.equal) for key in sql.database.unique(asked.tables.get(each.name, "")) if key)
            for each in asked.answer.accesses
        )
    # of a table that nobody declared, a column that is compared may well be unique
    return not any(each.operator in {"=", "==", "in", "is"} for each in asked.comparisons) and "join" not in keys
