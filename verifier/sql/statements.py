"""The statements that a file runs: calls that are handed a text, with the values beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from verifier.semantics.fields import semantic_fields
from verifier.semantics.infer import Inference
from verifier.semantics.model import Call
from verifier.sql.bound import bound
from verifier.sql.drivers import METHODS, driven
from verifier.sql.holes import filled
from verifier.sql.model import Bound, Dialect, Statement
from verifier.sql.passing import handed, passing
from verifier.sql.texts import Reader, operands, texts
from verifier.sql.words import HOLE, statements

MENTIONS = re.compile(
    r"\b(?:select\b[^;]{0,2000}?\bfrom|insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update\b[^;]{0,100}?\bset"
    r"|delete\s+from|create\s+\w+)\b",
    re.IGNORECASE,
)
"""What the text of a file holds where there is anything to look for."""
_RUNS = re.compile(
    r"exec|query|sql|fetch|select|insert|update|delete|rows?$|^(raw|run|one|all|first|scalar)$", re.IGNORECASE
)
_WRAPS = frozenset({"text"})
"""SQLAlchemy's function that makes a statement of a text, for whoever runs it."""
_VERBS = frozenset({"select", "insert", "update", "delete", "with", "replace", "create", "alter", "drop", "values"})
_ARGUMENTS = 3
"""How many arguments of a call are looked at for its text."""


def run_by(reader: Reader, inference: Inference, dialect: Dialect, sites: tuple[str, ...]) -> Iterator[Statement]:
    """Each statement that a call of a file runs, in the order of the calls."""
    passed = passing(reader, inference, sites)
    wraps = [call for call in reader.facts.calls if _name(call.node.func) in _WRAPS]
    runs = [call for call in reader.facts.calls if _RUNS.search(_name(call.node.func))]
    for call in (*runs, *wraps):
        if id(call.node) in reader.known:
            continue  # the call that gets this `text(...)` has been read
        for place, argument in enumerate(call.node.args[:_ARGUMENTS]):
            if argument.star:
                break
            found = [each for each in texts(reader, argument.value, call.scope, call.order) if _is_sql(each)]
            if found:
                driver = driven(call, inference, sites) if place == 0 else ""
                given: Sequence[cst.Arg] | None = call.node.args
                if not driver and place == 0 and (name := _name(call.node.func)) in passed:
                    driver, given = "execute", handed(call, passed[name])
                values = bound(reader, inference, call, given, driver, sites) if given is not None else None
                yield from _made(call, found, dialect, sites, driver, values)
                break


def unread(reader: Reader) -> frozenset[str]:
    """The methods of a driver's that get a text somewhere in the file of which nothing is known."""
    found: set[str] = set()
    for call in reader.facts.calls:
        name = _name(call.node.func)
        if name in METHODS and call.node.args and name not in found:
            known = texts(reader, call.node.args[0].value, call.scope, call.order)
            if not known or any(each.lstrip()[:1] == HOLE for each in known):
                found.add(name)
    return frozenset(found)


def literals(reader: Reader) -> Iterator[tuple[cst.BaseExpression, str]]:
    """Every text that the file writes out, whole, wherever it stands; those that stand as statements are comments."""
    module = reader.facts.module
    pending: list[cst.CSTNode] = [reader.facts.tree]
    while pending:
        node = pending.pop()
        match node:
            case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
                continue
            case cst.SimpleString() | cst.FormattedString() | cst.ConcatenatedString():
                yield from ((node, each) for each in texts(reader, node, module, _END))
            case cst.BinaryOperation(operator=cst.Add()):
                parts = operands(node)
                if any(type(each) in _LITERALS for each in parts):
                    yield from ((node, each) for each in texts(reader, node, module, _END))
                else:
                    pending.extend(parts)
            case _:
                pending.extend(_children(node))


_LITERALS: frozenset[type] = frozenset({cst.SimpleString, cst.FormattedString, cst.ConcatenatedString})
_FIELDS: dict[type, tuple[str, ...] | None] = {}
"""The fields of each class met, None for what is no node: asking an abstract class each time costs more."""


def _fields(kind: type) -> tuple[str, ...] | None:
    if kind not in _FIELDS:
        _FIELDS[kind] = semantic_fields(kind) if issubclass(kind, cst.CSTNode) else None
    return _FIELDS[kind]


def _children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for field in _fields(type(node)) or ():
        value = getattr(node, field)
        for each in value if isinstance(value, list | tuple) else (value,):
            if _fields(type(each)) is not None:
                yield each


_LONGEST = 4_000
"""Words of a statement that is looked at."""
_END = 1 << 60
"""A point of the walk after everything."""


def _made(
    call: Call, found: Sequence[str], dialect: Dialect, sites: tuple[str, ...], driver: str, values: Bound | None
) -> Iterator[Statement]:
    for text in found:
        parts = statements(text)
        for _, each in parts:
            if each[0].key not in _VERBS or len(each) > _LONGEST:
                continue
            plain, dynamic = filled(each)
            dynamic = dynamic or any(word.text in "{}" for word in each)  # somebody will call format()
            whole = len(parts) == 1 and HOLE not in text
            yield Statement(
                text=plain,
                dialect=dialect,
                call=call,
                raw=text if whole else "",
                dynamic=dynamic,
                bound=values if len(parts) == 1 else None,
                driver=driver,
                sites=sites,
            )


def _is_sql(text: str) -> bool:
    head = text.lstrip(" \t\r\n(")[:8].lower()
    return head.startswith(("--", "/*", *_VERBS))


def _name(func: cst.BaseExpression) -> str:
    match func:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case _:
            return ""
