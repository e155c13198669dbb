"""Which calls ask a database: SQL through a cursor or a session, and the methods of models."""

from __future__ import annotations

import re

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call

_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_BATCH = re.compile(r"\bin\s*\(|\bany\s*\(|\blimit\b.*\boffset\b", re.IGNORECASE | re.DOTALL)
_OF_TABLE = re.compile(
    r"""\b(from|join)\s+(only\s+)?["'`\[]*(\?|%s|\{|$|sqlite_|information_schema|pg_)""", re.IGNORECASE
)
"""A query of a table that is pasted in, another one on each turn, or of the database's own tables, which are short."""
_CURSORS = re.compile(r"(^|_)(cur|cursor|conn|connection|db|database)\d*$", re.IGNORECASE)
_SESSIONS = re.compile(r"(^|_)session$", re.IGNORECASE)
_CURSOR_TYPES = ("Cursor", "Connection")
_STATEMENTS = frozenset({"execute", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all"})
_MANAGER_METHODS = frozenset({"get", "filter", "exclude", "get_or_create", "first", "count", "exists"})
_MODEL_METHODS = frozenset({"get", "get_or_404", "get_or_none", "get_by_id", "filter_by", "filter"})
ASKING = _STATEMENTS | _MANAGER_METHODS | _MODEL_METHODS | {"query", "scalar", "scalars"}


def is_query(parsed: Parsed, call: Call, func: cst.Attribute) -> bool:
    """Whether a call reads a database, or begins the query that does."""
    name = func.attr.value
    last = (dotted(func.value) or "").rsplit(".", 1)[-1]
    if name in _STATEMENTS:
        if not is_cursor(parsed, call, func):
            return False
        text = sql_text(parsed, call)
        if text is None:
            return bool(_SESSIONS.search(last)) and _selects(call) and not _in_statement(parsed, call)
        return bool(_SELECT.match(text)) and not _BATCH.search(text) and not _OF_TABLE.search(text)
    if _in_statement(parsed, call):
        return False
    if name in {"query", "scalar", "scalars", "get"} and _SESSIONS.search(last):
        return (name in {"query", "get"} and len(call.node.args) > 0 and _orm(call, name)) or (
            name != "get" and _selects(call)
        )
    if name in _MODEL_METHODS and _of_model(parsed, func.value):
        return True
    return name in _MANAGER_METHODS and isinstance(func.value, cst.Attribute) and last == "objects"


def is_cursor(parsed: Parsed, call: Call, func: cst.Attribute) -> bool:
    """Whether an object is a cursor, a connection or a session, by its class or its name."""
    types = parsed.inference.types(func.value, call.scope, call.order)
    if any(each.rsplit(".", 1)[-1] in _CURSOR_TYPES for each in types):
        return True
    last = (dotted(func.value) or "").rsplit(".", 1)[-1]
    return bool(_CURSORS.search(last) or _SESSIONS.search(last))


def _of_model(parsed: Parsed, node: cst.BaseExpression) -> bool:
    """`User.query` of Flask-SQLAlchemy, and a class in a file that imports Peewee or Tortoise."""
    match node:
        case cst.Attribute(value=cst.Name(value=model), attr=cst.Name(value="query")):
            return model[:1].isupper() and not model.isupper()
        case cst.Name(value=model):
            return (
                model[:1].isupper()
                and not model.isupper()
                and any(each.record.module.partition(".")[0] in {"peewee", "tortoise"} for each in parsed.facts.imports)
            )
        case _:
            return False


def _orm(call: Call, name: str) -> bool:
    """`session.get(User, key)` and `session.query(User)`: the first argument is a class."""
    last = (dotted(call.node.args[0].value) or "").rsplit(".", 1)[-1]
    if not last[:1].isupper() or (last.isupper() and len(last) > 1):
        return False
    return name == "query" or (
        len(call.node.args) == 2
        and all(each.keyword is None or each.keyword.value == "ident" for each in call.node.args)
    )


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


def batched(call: cst.Call) -> bool:
    """`filter(id__in=…)` and `filter(User.id.in_(…))` ask for many at once."""
    return any(
        (arg.keyword is not None and arg.keyword.value.endswith("__in"))
        or (isinstance(arg.value, cst.Call) and (dotted(arg.value.func) or "").endswith(".in_"))
        for arg in call.args
    )


def _in_statement(parsed: Parsed, call: Call) -> bool:
    """Whether the statement around a query asks for many at once: `.where(User.id.in_(ids))`."""
    small = call.statement
    return isinstance(small, cst.BaseSmallStatement) and ".in_(" in parsed.facts.tree.code_for_node(small)


def sql_text(parsed: Parsed, call: Call) -> str | None:
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
        case cst.ConcatenatedString():
            value = node.evaluated_value
            return value if isinstance(value, str) else None
        case cst.FormattedString(parts=[cst.FormattedStringText(value=value), *rest]):
            return value + "".join(each.value if isinstance(each, cst.FormattedStringText) else "?" for each in rest)
        case cst.BinaryOperation(left=cst.SimpleString() as left):
            return str(left.evaluated_value)
        case _:
            return None
