"""What an expression can come to at a point of a run; watched nodes are told about on the way."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from verifier.values import calls, guards, pure, texts
from verifier.values.model import (
    UNKNOWN,
    Bound,
    Class,
    Contents,
    Function,
    Names,
    Origin,
    Taint,
    Value,
    constant,
    marked,
    tainted,
)
from verifier.values.run import Run
from verifier.values.state import State, of_items

_BUILTINS = frozenset(dir(builtins))
_PARSED = frozenset({"netloc", "hostname", "scheme", "host", "port"})


def value_of(run: Run, state: State, node: cst.BaseExpression) -> Value:
    """The value of an expression; what it does to names and containers happens to the state."""
    run.steps += 1
    read = _READERS.get(type(node))
    found = read(run, state, node) if read else UNKNOWN
    return noticed(run, state, node, found)


def noticed(run: Run, state: State, node: cst.CSTNode, found: Value) -> Value:
    """The value as it leaves a node: with what comes in there, marked for what is cleaned there, told where watched."""
    number = id(node)
    if run.unknown is not None and (found == UNKNOWN or _foreign(found)):
        found = replace(found, taints=frozenset([Taint(Origin(run.unknown, 0))]))  # one for all: sets stay small
    if number in run.sources:
        origins = {Taint(Origin(kind, number)) for kind in run.sources[number]}
        found = replace(found, constants=None, taints=found.taints | origins, text=None)
    if number in run.cleaned:
        found = state.marked(found, *run.cleaned[number])
    if number in run.watched:
        run.reached(node, found, state.depends(found), tuple(run.calls))
    return found


def _foreign(value: Value) -> bool:
    """Whether a value is something imported that is no constant by its name: `sys.argv`, not `config.FOLDER`."""
    return isinstance(value.reference, str) and not value.taints and not value.reference.rpartition(".")[2].isupper()


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
        base = marked(base, guards.CHECKED, guards.SCALAR)
    return Value(taints=base.taints, reference=Bound(base, name), parsed=parsed)


def _subscript(run: Run, state: State, node: cst.Subscript) -> Value:
    base = value_of(run, state, node.value)
    keys = [_key(run, state, each.slice) for each in node.slice]
    key = keys[0] if len(keys) == 1 else UNKNOWN
    if key.constants is not None and len(key.constants) == 1:
        return _at(state, base, key.constants[0])
    found = pure.applied(lambda text, place: text[place], (base, key))
    if found is not None:
        return found
    member = state.any_member(base)
    return replace(member, taints=member.taints | state.depends(key)) if base.box is not None else member


def _at(state: State, base: Value, key: Any) -> Value:
    held = state.contents(base)
    if held is None:
        found = pure.applied(lambda text, place: text[place], (base, constant(key)))
        if found is not None:
            return found
        return replace(tainted(state.depends(base)), parsed=base.parsed)
    if held.kind == "list" and held.exact:
        if isinstance(key, slice):
            members = [held.items[number] for number in sorted(held.items)][key]
            return state.new(of_items("list", dict(enumerate(members))))
        if isinstance(key, int) and key < 0:
            key += len(held.items)
    if isinstance(key, slice):
        return state.new(Contents("list", {}, state.any_member(base), exact=False))
    return state.member(base, key)


def _key(run: Run, state: State, node: cst.BaseSlice) -> Value:
    if isinstance(node, cst.Index):
        return value_of(run, state, node.value)
    if not isinstance(node, cst.Slice):
        return UNKNOWN
    ends = [value_of(run, state, each) if each else constant(None) for each in (node.lower, node.upper, node.step)]
    return pure.applied(slice, ends) or UNKNOWN


def _call(run: Run, state: State, node: cst.Call) -> Value:
    return calls.call(run, state, node)


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
    return state.new(of_items(kind, dict(enumerate(members))))


def _dict(run: Run, state: State, node: cst.Dict) -> Value:
    items: dict[Any, Value] = {}
    rest: Value | None = None
    for each in node.elements:
        found = value_of(run, state, each.value)
        if isinstance(each, cst.DictElement):
            key = value_of(run, state, each.key)
            if key.constants is not None and len(key.constants) == 1 and _hashable(key.constants[0]):
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


def _hashable(key: Any) -> bool:
    return isinstance(key, str | int | float | bytes | bool | None | tuple)


def _binary(run: Run, state: State, node: cst.BinaryOperation) -> Value:
    left, right = value_of(run, state, node.left), value_of(run, state, node.right)
    return texts.operation(state, type(node.operator), left, right)


def _unary(run: Run, state: State, node: cst.UnaryOperation) -> Value:
    found = value_of(run, state, node.expression)
    if isinstance(node.operator, cst.Not):
        answer = pure.truth(found)
        return constant(not answer) if answer is not None else UNKNOWN
    if isinstance(node.operator, cst.Minus):
        return pure.applied(lambda number: -number, (found,)) or found
    return found


def _boolean(run: Run, state: State, node: cst.BooleanOperation) -> Value:
    left = value_of(run, state, node.left)
    answer = pure.truth(left)
    stops = isinstance(node.operator, cst.Or)
    if answer is stops:
        return left
    other = state.copy()
    guards.hold(run, other, node.left, not stops)
    right = value_of(run, other, node.right)
    state.merge([other])
    return right if answer is not None else state.either(left, right)


def _comparison(run: Run, state: State, node: cst.Comparison) -> Value:
    left = value_of(run, state, node.left)
    answers = []
    for each in node.comparisons:
        right = value_of(run, state, each.comparator)
        answers.append(_compared(state, type(each.operator), left, right))
        left = right
    if len(answers) == 1 and answers[0] is not None:
        return answers[0]
    return UNKNOWN


def _compared(state: State, kind: type[cst.CSTNode], left: Value, right: Value) -> Value | None:
    held = state.contents(right)
    if held is not None and kind in {cst.In, cst.NotIn} and held.exact and left.constants is not None:
        members = list(held.items) if held.kind == "dict" else None
        if members is None:
            values = [each.constants for each in held.items.values()]
            if any(each is None or len(each) != 1 for each in values):
                return None
            members = [each[0] for each in values if each]
        return pure.compared(kind, left, constant(tuple(members)))
    return pure.compared(kind, left, right)


def _conditional(run: Run, state: State, node: cst.IfExp) -> Value:
    answer = pure.truth(value_of(run, state, node.test))
    results = []
    for holds, branch in ((True, node.body), (False, node.orelse)):
        if answer is not (not holds):
            way = state.copy()
            guards.hold(run, way, node.test, holds)
            results.append((value_of(run, way, branch), way))
    state.merge([way for _, way in results])
    return results[0][0] if len(results) == 1 else state.either(results[0][0], results[1][0])


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


def bind(run: Run, state: State, target: cst.BaseExpression, found: Value) -> None:
    """Give a target of an assignment, a loop or a `with` its value."""
    match target:
        case cst.Name():
            _bind_name(run, state, target, found)
        case cst.Tuple() | cst.List():
            _unpack(run, state, target.elements, found)
        case cst.Attribute():
            base = value_of(run, state, target.value)
            found = noticed(run, state, target, found)
            if isinstance(base.reference, Class):
                base.reference.attributes[target.attr.value] = found
            elif state.contents(base) is not None:
                state.store(base, target.attr.value, found)
        case cst.Subscript():
            _bind_item(run, state, target, found)
        case cst.StarredElement():
            bind(run, state, target.value, found)


def _bind_name(run: Run, state: State, target: cst.Name, found: Value) -> None:
    found = noticed(run, state, target, found)
    name = target.value
    if name in state.names.globals:
        before = run.module.values.get(name)
        run.module.values[name] = found if before is None else state.either(before, found)
    else:
        state.names.values[name] = found


def _bind_item(run: Run, state: State, target: cst.Subscript, found: Value) -> None:
    base = value_of(run, state, target.value)
    keys = [_key(run, state, each.slice) for each in target.slice]
    found = noticed(run, state, target, found)
    if state.contents(base) is None:
        taints = state.depends(found)
        if taints - base.taints and isinstance(target.value, cst.Name) and base.reference is None:
            _bind_name(run, state, target.value, replace(base, constants=None, taints=base.taints | taints, text=None))
        return
    key = keys[0].constants if len(keys) == 1 else None
    if key is not None and len(key) == 1 and _hashable(key[0]):
        state.store(base, key[0], found)
    else:
        state.store_any(base, found)


def _unpack(run: Run, state: State, elements: Sequence[cst.BaseElement], found: Value) -> None:
    held = state.contents(found)
    starred = any(isinstance(each, cst.StarredElement) for each in elements)
    for number, each in enumerate(elements):
        if held is not None and held.exact and not starred and number in held.items:
            member = held.items[number]
        elif held is None and not starred:
            member = _at(state, found, number)
        else:
            member = state.any_member(found)
        if isinstance(each, cst.StarredElement):
            member = state.new(Contents("list", {}, member, exact=False))
        bind(run, state, each.value, member)


def _formatted(run: Run, state: State, node: cst.FormattedString) -> Value:
    return texts.formatted(run, state, node)


_READERS: dict[type[cst.CSTNode], Callable[[Run, State, Any], Value]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Subscript: _subscript,
    cst.Call: _call,
    cst.List: _sequence,
    cst.Tuple: _sequence,
    cst.Set: _sequence,
    cst.Dict: _dict,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _comparison,
    cst.IfExp: _conditional,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
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
