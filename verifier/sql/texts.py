"""The texts that an expression may have: literals, names bound to them, pieces put together, the rest as holes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import libcst as cst

from verifier.semantics.model import Binding, BindingKind, Facts, Scope, ScopeKind, instance_class
from verifier.semantics.names import reaching, visible
from verifier.sql.formatting import braces, percent, plain
from verifier.sql.words import HOLE

_DEEPEST = 8
_MOST = 24
"""Texts of one expression; a name that may hold more is not known."""
_LONGEST = 200_000
_SAME = frozenset({"strip", "lstrip", "rstrip", "dedent", "cleandoc", "bindparams", "columns"})
_WRAPPERS = frozenset({"text", "SQL", "RawSQL", "dedent", "cleandoc", "str"})


@dataclass(frozen=True, slots=True)
class Reader:
    """A file whose texts are read, with what was read before."""

    facts: Facts
    changed: frozenset[str]
    """Names of things whose methods are called or whose items are read or set."""
    calls: Mapping[str, Sequence[cst.Call]]
    """The calls of each name that a function or method may have."""
    known: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """By the identity of an expression's node; empty while it is being read."""


def open_reader(facts: Facts) -> Reader:
    """A reader of the texts of one file."""
    items = {
        each.node.value
        for each in facts.names
        if isinstance(each.node, cst.Name) and isinstance(each.parent, cst.Subscript)
    }
    called = {
        each.node.value.value
        for each in facts.attributes
        if isinstance(each.node, cst.Attribute)
        and isinstance(each.node.value, cst.Name)
        and isinstance(each.parent, cst.Call)
    }
    calls: dict[str, list[cst.Call]] = {}
    for call in facts.calls:
        if isinstance(call.node.func, cst.Name | cst.Attribute):
            name = call.node.func if isinstance(call.node.func, cst.Name) else call.node.func.attr
            calls.setdefault(name.value, []).append(call.node)
    return Reader(facts, frozenset(items | called), calls)


def texts(reader: Reader, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> tuple[str, ...]:
    """The texts that an expression may be, unknown pieces as HOLE; empty where it is not known to be one of a few."""
    if depth > _DEEPEST:
        return ()
    if id(node) not in reader.known:
        reader.known[id(node)] = ()
        reader.known[id(node)] = _texts(reader, node, scope, order, depth)
    return reader.known[id(node)]


def _texts(reader: Reader, node: cst.BaseExpression, scope: Scope, order: int, depth: int) -> tuple[str, ...]:
    facts = reader.facts

    def of(inner: cst.BaseExpression) -> tuple[str, ...]:
        return texts(reader, inner, scope, order, depth + 1)

    match node:
        case cst.SimpleString():
            value = node.evaluated_value
            return (value,) if isinstance(value, str) and len(value) <= _LONGEST else ()
        case cst.FormattedString():
            return _joined(_formatted(reader, node, scope, order, depth))
        case cst.ConcatenatedString() | cst.BinaryOperation(operator=cst.Add()):
            parts = [of(each) for each in operands(node)]
            return _joined(each or (HOLE,) for each in parts) if any(parts) else ()
        case cst.BinaryOperation(operator=cst.Modulo()):
            given = [each.value for each in node.right.elements] if isinstance(node.right, cst.Tuple) else [node.right]
            values = [_single(of(each)) for each in given]
            return tuple(percent(each, values) for each in of(node.left))
        case cst.Call():
            return _called(reader, node, scope, order, depth)
        case cst.IfExp():
            either = (of(node.body), of(node.orelse))
            return _few([*either[0], *either[1]]) if all(either) else ()
        case cst.NamedExpr():
            return of(node.value)
        case cst.Name():
            return _bound(reader, reaching(facts, node.value, scope, order) or (), depth)
        case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)):
            return _bound(reader, _members(reader, owner, name, scope), depth)
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
            return _item(reader, node.value, key, scope, order, depth)
        case _:
            return ()


def operands(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The pieces of `a + b + c`, and of literals that stand beside each other, in their order."""
    found: list[cst.BaseExpression] = []
    pending = [node]
    while pending:
        match pending.pop():
            case cst.ConcatenatedString(left=left, right=right):
                pending += [right, left]
            case cst.BinaryOperation(operator=cst.Add(), left=left, right=right):
                pending += [right, left]
            case other:
                found.append(other)
    return found


def _called(reader: Reader, node: cst.Call, scope: Scope, order: int, depth: int) -> tuple[str, ...]:
    match node:
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="format"))):
            places: list[str] = []
            names: dict[str, str] = {}
            for arg in node.args:
                known = _single(texts(reader, arg.value, scope, order, depth + 1))
                if arg.keyword is not None:
                    names[arg.keyword.value] = known
                else:
                    places.append(known if not arg.star else HOLE)
            return tuple(braces(each, places, names) for each in texts(reader, value, scope, order, depth + 1))
        case cst.Call(
            func=cst.Attribute(value=value, attr=cst.Name(value="join")),
            args=[cst.Arg(value=cst.List(elements=parts) | cst.Tuple(elements=parts))],
        ):
            between = _single(texts(reader, value, scope, order, depth + 1))
            pieces = [_single(texts(reader, each.value, scope, order, depth + 1)) for each in parts]
            return (between.join(pieces),) if pieces else ()
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name))) if name in _SAME and (
            found := texts(reader, value, scope, order, depth + 1)
        ):
            return found
        case cst.Call(
            func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)), args=[cst.Arg(value=first), *_]
        ) if name in _WRAPPERS:
            return texts(reader, first, scope, order, depth + 1)
        case _:
            return ()


def _formatted(
    reader: Reader, node: cst.FormattedString, scope: Scope, order: int, depth: int
) -> Iterable[tuple[str, ...]]:
    raw = "r" in node.prefix.lower()
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            yield (plain(part.value, raw=raw),)
        elif isinstance(part, cst.FormattedStringExpression) and part.format_spec is None and part.conversion is None:
            known = texts(reader, part.expression, scope, order, depth + 1)
            yield known if len(known) == 1 and HOLE not in known[0] else (HOLE,)
        else:
            yield (HOLE,)


def _bound(reader: Reader, bindings: Sequence[Binding], depth: int) -> tuple[str, ...]:
    found: list[str] = []
    for each in bindings:
        if each.kind is BindingKind.LOOP:
            known = _elements(reader, each, depth)
        elif each.kind in {BindingKind.ASSIGNMENT, BindingKind.PATTERN, BindingKind.ATTRIBUTE} and each.value:
            known = texts(reader, each.value, each.scope, each.order, depth + 1)
        else:
            return ()
        if not known:
            return ()
        found.extend(known)
    return _few(found)


def _elements(reader: Reader, each: Binding, depth: int) -> tuple[str, ...]:
    """The texts that a loop goes through, where they are written out."""
    loop = each.loop
    if loop is None or loop.iterable is None or loop.target is not each.node:
        return ()
    node, scope, order = loop.iterable, loop.scope, loop.order
    if isinstance(node, cst.Name):
        bindings = reaching(reader.facts, node.value, scope, order) or ()
        if len(bindings) != 1 or bindings[0].value is None:
            return ()
        node, scope, order = bindings[0].value, bindings[0].scope, bindings[0].order
    if not isinstance(node, cst.List | cst.Tuple):
        return ()
    found = [texts(reader, item.value, scope, order, depth + 1) for item in node.elements]
    return _few([text for group in found for text in group]) if all(found) else ()


def _members(reader: Reader, owner: str, name: str, scope: Scope) -> Sequence[Binding]:
    """What a class binds to a name that is read from its instance or from the class itself."""
    kind = instance_class(owner, scope)
    if kind is None and (found := visible(reader.facts, owner, scope)) is not None:
        named = [each for each in found[1] if each.kind is BindingKind.CLASS]
        if len(found[1]) == len(named) == 1:
            kind = next((each for each in reader.facts.scopes if each.node is named[0].node), None)
    if kind is None or kind.kind is not ScopeKind.CLASS:
        return ()
    return [*kind.bindings.get(name, ()), *kind.attributes.get(name, ())]


def _item(
    reader: Reader, node: cst.BaseExpression, key: cst.SimpleString, scope: Scope, order: int, depth: int
) -> tuple[str, ...]:
    """`QUERIES["name"]` where the dictionary is written out."""
    bindings = reaching(reader.facts, node.value, scope, order) or () if isinstance(node, cst.Name) else ()
    if len(bindings) != 1 or not isinstance(bindings[0].value, cst.Dict):
        return ()
    for each in bindings[0].value.elements:
        match each:
            case cst.DictElement(key=cst.SimpleString() as mine) if mine.evaluated_value == key.evaluated_value:
                return texts(reader, each.value, bindings[0].scope, bindings[0].order, depth + 1)
            case _:
                pass
    return ()


def _single(found: tuple[str, ...]) -> str:
    return found[0] if len(found) == 1 else HOLE


def _joined(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Every way to put one text of each part after the other."""
    groups = list(parts)
    ways = 1
    for each in groups:
        ways *= len(each)
    if ways > _MOST:
        groups = [each if len(each) == 1 else (HOLE,) for each in groups]
    return tuple(text for each in product(*groups) if len(text := "".join(each)) <= _LONGEST)


def _few(found: Sequence[str]) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(found))
    return distinct if len(distinct) <= _MOST else ()
