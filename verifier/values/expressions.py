"""What an expression can come to at a point of a run; watched nodes are told about on the way."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import libcst as cst

from verifier.values import calls, guards, operators, pure, texts
from verifier.values.binding import bind
from verifier.values.marks import CHECKED, SCALAR
from verifier.values.model import (
    UNKNOWN,
    Bound,
    Class,
    Contents,
    Function,
    Names,
    Value,
    constant,
    marked,
)
from verifier.values.noticing import noticed
from verifier.values.run import Run
from verifier.values.state import State
from verifier.values.subscripts import hashable, key_of, member_at

_BUILTINS = frozenset(dir(builtins))


_PARSED = frozenset({"netloc", "hostname", "scheme", "host", "port"})


def value_of(run: Run, state: State, node: cst.BaseExpression) -> Value:
    """The value of an expression; what it does to names and containers happens to the state."""
    run.steps += 1
    read = _READERS.get(type(node))
    found = read(run, state, node) if read else UNKNOWN
    return noticed(run, state, node, found)


def _name(_: Run, state: State, node: cst.Name) -> Value:
    match node.value:
        case "None":
            return constant(None)
        case "True" | "False":
            return constant(node.value == "True")
    found = state.names.get(node.value)
    if found is not None:
        return found
    return Value(reference=f"builtins.{node.value}" if node.value in _BUILTINS else node.value)


def _attribute(run: Run, state: State, node: cst.Attribute) -> Value:
    base = value_of(run, state, node.value)
    name = node.attr.value
    if isinstance(base.reference, str) and base.box is None:
        # What an import leads to is the program's own where its name says that it is a constant.
        taints = frozenset(each for each in base.taints if each.origin.kind != run.unknown or not name.isupper())
        return Value(taints=taints, reference=f"{base.reference}.{name}")
    if isinstance(base.reference, Class):
        function = base.reference.method(name)
        if function is not None:
            return Value(reference=function)
        return base.reference.attributes.get(name, UNKNOWN)
    held = state.contents(base)
    if held is not None and held.kind == "object":
        if name in held.items:
            return state.member(base, name)
        method = held.owner.method(name) if held.owner else None
        if method is None and held.owner and name in held.owner.attributes:
            return held.owner.attributes[name]
        return Value(taints=base.taints, reference=Bound(base, name, method))
    parsed = base.parsed if name in _PARSED else None
    if name in run.numbers:
        base = marked(base, CHECKED, SCALAR)
    return Value(taints=base.taints, reference=Bound(base, name), parsed=parsed)


def _subscript(run: Run, state: State, node: cst.Subscript) -> Value:
    base = value_of(run, state, node.value)
    keys = [key_of(run, state, each.slice) for each in node.slice]
    key = keys[0] if len(keys) == 1 else UNKNOWN
    if key.constants is not None and len(key.constants) == 1:
        return member_at(state, base, key.constants[0])
    found = pure.applied(lambda text, place: text[place], (base, key))
    if found is not None:
        return found
    member = state.any_member(base)
    return replace(member, taints=member.taints | state.depends(key)) if base.box is not None else member


def _sequence(run: Run, state: State, node: cst.List | cst.Tuple | cst.Set) -> Value:
    members = []
    rest: Value | None = None
    for each in node.elements:
        found = value_of(run, state, each.value)
        if isinstance(each, cst.StarredElement):
            element = state.any_member(found)
            rest = element if rest is None else state.either(rest, element)
        else:
            members.append(found)
    kind = "set" if isinstance(node, cst.Set) else "list"
    if rest is not None:
        for member in members:
            rest = state.either(rest, member)
        return state.new(Contents(kind, {}, rest, exact=False))
    if kind == "list" and isinstance(node, cst.Tuple) and members:
        whole = pure.applied(lambda *each: tuple(each), members)
        if whole is not None and whole.constants is not None and len(whole.constants) == 1:
            return whole
    return state.new(Contents(kind, dict(enumerate(members))))


def _dict(run: Run, state: State, node: cst.Dict) -> Value:
    items: dict[Any, Value] = {}
    rest: Value | None = None
    for each in node.elements:
        found = value_of(run, state, each.value)
        if isinstance(each, cst.DictElement):
            key = value_of(run, state, each.key)
            if key.constants is not None and len(key.constants) == 1 and hashable(key.constants[0]):
                items[key.constants[0]] = found
                continue
        else:
            held = state.contents(found)
            if held is not None and held.kind == "dict" and held.rest is None:
                items |= held.items
                continue
            found = state.any_member(found)
        rest = found if rest is None else state.either(rest, found)
    return state.new(Contents("dict", items, rest, exact=rest is None))


def _string(_: Run, __: State, node: cst.SimpleString) -> Value:
    return constant(node.evaluated_value)


def _concatenated(run: Run, state: State, node: cst.ConcatenatedString) -> Value:
    return texts.operation(state, cst.Add, value_of(run, state, node.left), value_of(run, state, node.right))


def _number(_: Run, __: State, node: cst.Integer | cst.Float) -> Value:
    return constant(node.evaluated_value)


def _await(run: Run, state: State, node: cst.Await) -> Value:
    return value_of(run, state, node.expression)


def _walrus(run: Run, state: State, node: cst.NamedExpr) -> Value:
    found = value_of(run, state, node.value)
    if isinstance(node.target, cst.Name):
        state.names.values[node.target.value] = noticed(run, state, node.target, found)
    return found


def _yield(run: Run, state: State, node: cst.Yield) -> Value:
    if isinstance(node.value, cst.From):
        found = state.any_member(value_of(run, state, node.value.item))
    else:
        found = value_of(run, state, node.value) if node.value else constant(None)
    if run.returned:
        many = state.new(Contents("list", {}, found, exact=False))
        run.returned[-1].append((many, state.copy()))
    return UNKNOWN


def _lambda(run: Run, state: State, node: cst.Lambda) -> Value:
    made = Function(node, state.names)
    if id(node) not in run.seen:
        run.seen.add(id(node))
        run.pending.append(made)
    return Value(reference=made)


def _comprehension(run: Run, state: State, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Value:
    inner = State(Names({}, state.names), state.heap, state.loops + 1)
    clause: cst.CompFor | None = node.for_in
    dead = False
    while clause is not None:
        element = state.any_member(value_of(run, inner, clause.iter))
        bind(run, inner, clause.target, element)
        for each in clause.ifs:
            dead = dead or pure.truth(value_of(run, inner, each.test)) is False
            guards.hold(run, inner, each.test, True)
        clause = clause.inner_for_in
    if isinstance(node, cst.DictComp):
        key = value_of(run, inner, node.key)
        found = value_of(run, inner, node.value)
        taints = inner.depends(key)
        return replace(state.new(Contents("dict", {}, found, exact=False)), taints=taints)
    found = value_of(run, inner, node.elt)
    kind = "set" if isinstance(node, cst.SetComp) else "list"
    return state.new(Contents(kind, {}, None if dead else found, exact=False))


_READERS: dict[type[cst.CSTNode], Callable[[Run, State, Any], Value]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Subscript: _subscript,
    cst.Call: calls.call,
    cst.List: _sequence,
    cst.Tuple: _sequence,
    cst.Set: _sequence,
    cst.Dict: _dict,
    cst.BinaryOperation: operators.binary,
    cst.UnaryOperation: operators.unary,
    cst.BooleanOperation: operators.boolean,
    cst.Comparison: operators.comparison,
    cst.IfExp: operators.conditional,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: texts.formatted,
    cst.Integer: _number,
    cst.Float: _number,
    cst.Await: _await,
    cst.NamedExpr: _walrus,
    cst.Yield: _yield,
    cst.Lambda: _lambda,
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _comprehension,
}
