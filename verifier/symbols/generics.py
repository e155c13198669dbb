"""What type variables mean: for an object, by the bases of its class; in a call, by its arguments."""

from __future__ import annotations

import libcst as cst

from verifier.symbols import defined, elements, expressions, hints, results
from verifier.symbols.bases import Base, lineage
from verifier.symbols.frames import DEEPEST, Arguments
from verifier.symbols.model import Class, Function, Variable
from verifier.symbols.modules import World
from verifier.symbols.names import find, nested
from verifier.symbols.trees import items, parsed
from verifier.symbols.values import ClassValue, Instance, Special, Types, Value, any_of, join, without_none

_OF_ONE = frozenset(
    {"Iterable", "Sequence", "Collection", "Iterator", "Set", "AbstractSet", "list", "set", "SupportsNext"}
)
_OF_PAIRS = frozenset({"Mapping", "dict", "Dict", "SupportsKeysAndGetItem"})


def type_parameters(world: World, module: str, name: str) -> tuple[str, ...]:
    """The names of a class's type variables, in order (PEP 484, PEP 695)."""
    key = ("parameters", module, name)
    known: tuple[str, ...] | None = world.memo.get(key)
    if known is None:
        world.memo[key] = ()
        known = world.memo[key] = _type_parameters(world, module, name)
    return known


def _type_parameters(world: World, module: str, name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    frame = defined.ModuleFrame(world, module, name)
    for statement in nested(world, module, name):
        if not isinstance(statement, Class):
            continue
        if statement.parameters:
            return statement.parameters
        for text in statement.bases:
            if "[" not in text or not isinstance(node := parsed(text), cst.Subscript):
                continue
            head = text.partition("[")[0].rpartition(".")[2]
            names = [
                part.value
                for each in items(node)
                for part in _names_in(each)
                if any(isinstance(one, Special) and one.variable for one in frame.lookup(part))
            ]
            if head in {"Generic", "Protocol"}:
                return tuple(names)
            found.update(dict.fromkeys(names))
    return tuple(found)


def _names_in(node: cst.BaseExpression) -> list[cst.Name]:
    match node:
        case cst.Name():
            return [node]
        case cst.Subscript():
            return [one for each in items(node) for one in _names_in(each)]
        case cst.BinaryOperation():
            return [*_names_in(node.left), *_names_in(node.right)]
        case cst.Tuple() | cst.List():
            return [one for each in node.elements for one in _names_in(each.value)]
        case _:
            return []


def substitution(world: World, base: Base, receiver: Value) -> dict[str, Types]:
    """What the type variables of a base mean for an object of a class below it."""
    if not isinstance(receiver, Instance | ClassValue):
        return {}
    line = lineage(world, receiver.module, receiver.name)
    if (base.module, base.name) == (receiver.module, receiver.name):
        return dict(zip(type_parameters(world, base.module, base.name), receiver.args, strict=False))
    if base.child < 0 or base.child >= len(line.bases):
        return {}
    child = line.bases[base.child]
    above = substitution(world, child, receiver)
    node = parsed(base.text)
    if not isinstance(node, cst.Subscript):
        return {}
    frame = defined.ModuleFrame(world, child.module, child.name, receiver, above)
    args = [hints.annotate(each.slice.value, frame) if isinstance(each.slice, cst.Index) else () for each in node.slice]
    return dict(zip(type_parameters(world, base.module, base.name), args, strict=False))


def solve(world: World, module: str, function: Function, arguments: Arguments, *, bound: bool) -> dict[str, Types]:
    """What a call's arguments say of the type variables in a function's annotations."""
    solved: dict[str, Types] = {}
    given = arguments.given(function, bound=bound)
    frame = defined.ModuleFrame(world, module)
    for parameter in function.parameters:
        expression = given.get(parameter.name)
        node = parsed(parameter.annotation) if parameter.annotation and expression is not None else None
        if node is None or expression is None or arguments.depth > DEEPEST // 2:
            continue
        _match(node, expressions.evaluate(expression, arguments.frame, arguments.depth + 1), frame, solved)
    return solved


def _match(node: cst.BaseExpression, types: Types, frame: defined.ModuleFrame, solved: dict[str, Types]) -> None:
    if not types:
        return
    if isinstance(node, cst.BinaryOperation):
        for side in (node.left, node.right):
            _match(side, without_none(types), frame, solved)
        return
    if isinstance(node, cst.Name):
        if any(
            isinstance(each, Special) and each.variable and not _bounded(frame.world, each)
            for each in frame.lookup(node)
        ):
            known = solved.get(node.value)
            solved[node.value] = types if known is None else join(known, types)
        return
    if not isinstance(node, cst.Subscript) or not isinstance(node.value, cst.Name | cst.Attribute):
        return
    inner = items(node)
    head = node.value.value if isinstance(node.value, cst.Name) else node.value.attr.value
    if head in _OF_ONE and len(inner) == 1:
        _match(inner[0], elements.iterate(frame.world, types), frame, solved)
    elif head in {"type", "Type"} and inner:
        made = tuple(Instance(each.module, each.name, each.args) for each in types if isinstance(each, ClassValue))
        _match(inner[0], made, frame, solved)
    elif head == "Callable" and len(inner) == 2:
        given = [results.result(frame.world, each, None) for each in types]
        if all(given):
            _match(inner[1], any_of(given), frame, solved)
    elif head in _OF_PAIRS and len(inner) == 2:
        for each in types:
            if isinstance(each, Instance) and len(each.args) == 2:
                _match(inner[0], each.args[0], frame, solved)
                _match(inner[1], each.args[1], frame, solved)


def _bounded(world: World, variable: Special) -> bool:
    """Whether a type variable takes some classes only, which nobody here compares with the argument's."""
    answer = find(world, variable.module, variable.name)
    texts = [
        each.value or ""
        for one in (answer if isinstance(answer, tuple) else ())
        for each in one.definitions
        if isinstance(each, Variable)
    ]
    return any("bound=" in text or text.count(",") - text.count("=") > 0 for text in texts)
