"""Database queries that are sent once per turn of a loop."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from verifier.checks.registry import Parsed, Rules, code_of, finding
from verifier.model import Finding, Related
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.loops import small
from verifier.semantics.model import Call, Loop

_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_BATCH = re.compile(r"\bin\s*\(|\bany\s*\(|\blimit\b.*\boffset\b", re.IGNORECASE | re.DOTALL)
_CURSORS = re.compile(r"(^|_)(cur|cursor|conn|connection|db|database)\d*$", re.IGNORECASE)
_SESSIONS = re.compile(r"(^|_)session$", re.IGNORECASE)
_CURSOR_TYPES = ("Cursor", "Connection")
_MANAGER_METHODS = frozenset({"get", "filter", "exclude", "get_or_create", "first", "count", "exists"})


def queries(parsed: Parsed, rules: Rules) -> Iterator[Finding]:
    """A finding for each query that reads the database anew for each element of a collection."""
    rule = rules.get("query-in-loop")
    if rule is None:
        return
    for call in parsed.facts.calls:
        loop = _collection_loop(parsed, call)
        if loop is None or not isinstance(call.node.func, cst.Attribute):
            continue
        if _is_query(parsed, call, call.node.func) and _depends(call, loop):
            span = parsed.positions.span(_header(loop))
            yield finding(
                rule,
                parsed,
                call.node,
                related=(Related(parsed.source.path, span, "the loop that repeats it"),),
                call=code_of(parsed, call.node.func),
            )


def _collection_loop(parsed: Parsed, call: Call) -> Loop | None:
    """The innermost loop over a collection of unknown size; a `while` polls or pages and does not count."""
    loop = call.loop
    while loop is not None:
        if loop.kind != "while" and not small(parsed.facts, loop) and not _range(loop):
            return loop
        loop = loop.parent
    return None


def _range(loop: Loop) -> bool:
    """`for attempt in range(retries)` repeats; it does not go through a collection."""
    match loop.iterable:
        case cst.Call(func=cst.Name(value="range")):
            return True
        case _:
            return False


def _is_query(parsed: Parsed, call: Call, func: cst.Attribute) -> bool:
    name = func.attr.value
    receiver = dotted(func.value) or ""
    last = receiver.rsplit(".", 1)[-1]
    if name in {"execute", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all"}:
        types = parsed.inference.types(func.value, call.scope, call.order)
        is_cursor = any(each.rsplit(".", 1)[-1] in _CURSOR_TYPES for each in types) if types else False
        if not (is_cursor or _CURSORS.search(last) or _SESSIONS.search(last)):
            return False
        text = _text(parsed, call)
        if text is None:
            return bool(_SESSIONS.search(last)) and _selects(call)
        return bool(_SELECT.match(text)) and not _BATCH.search(text)
    if name in {"query", "scalar", "scalars", "get"} and _SESSIONS.search(last):
        return (name in {"query", "get"} and len(call.node.args) > 0 and _orm(call, name)) or (
            name != "get" and _selects(call)
        )
    return name in _MANAGER_METHODS and last == "objects" and not _batched(call)


def _orm(call: Call, name: str) -> bool:
    """`session.get(User, key)` and `session.query(User)`: the first argument is a class."""
    first = dotted(call.node.args[0].value) or ""
    return first.rsplit(".", 1)[-1][:1].isupper() and (name == "query" or len(call.node.args) == 2)


def _selects(call: Call) -> bool:
    """Whether the first argument is built from `select(…)`."""
    if not call.node.args:
        return False
    node: cst.BaseExpression = call.node.args[0].value
    while isinstance(node, cst.Call):
        if (dotted(node.func) or "").rsplit(".", 1)[-1] == "select":
            return True
        node = node.func.value if isinstance(node.func, cst.Attribute) else cst.Name("_")
    return False


def _batched(call: Call) -> bool:
    """`filter(id__in=…)` asks for many at once."""
    return any(arg.keyword is not None and arg.keyword.value.endswith("__in") for arg in call.node.args)


def _text(parsed: Parsed, call: Call) -> str | None:
    """The SQL text of the first argument, holes as `?`."""
    if not call.node.args:
        return None
    node = call.node.args[0].value
    if isinstance(node, cst.Name):
        bindings = call.scope.bindings.get(node.value) or parsed.facts.module.bindings.get(node.value) or []
        values = [each.value for each in bindings if each.value is not None]
        node = values[0] if len(values) == 1 else node
    if isinstance(node, cst.Call) and (dotted(node.func) or "").rsplit(".", 1)[-1] == "text" and node.args:
        node = node.args[0].value
    match node:
        case cst.SimpleString():
            return str(node.evaluated_value)
        case cst.ConcatenatedString(left=cst.SimpleString() as left):
            return str(left.evaluated_value) + " ?"
        case cst.FormattedString(parts=[cst.FormattedStringText(value=value), *rest]):
            return value + "".join(each.value if isinstance(each, cst.FormattedStringText) else "?" for each in rest)
        case cst.BinaryOperation(left=cst.SimpleString() as left):
            return str(left.evaluated_value)
        case _:
            return None


def _depends(call: Call, loop: Loop) -> bool:
    """Whether anything bound in the loop is read by the query: a query that never changes is another defect."""
    names = {
        each.name
        for scope in (call.scope, loop.scope)
        for group in scope.bindings.values()
        for each in group
        if each.loop is not None and each.loop.within(loop)
    }
    chain = call.statement if isinstance(call.statement, cst.BaseSmallStatement) else call.node
    return any(isinstance(node, cst.Name) and node.value in names for node in descend(chain))


def _header(loop: Loop) -> cst.CSTNode:
    return loop.iterable or loop.node
