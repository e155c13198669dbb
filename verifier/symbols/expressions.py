"""What expressions stand for, in a library's module or in the file under check, without running any."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from verifier.symbols import attributes, constants, elements, results
from verifier.symbols.frames import DEEPEST, Arguments, Frame
from verifier.symbols.values import Instance, Special, Types, Value, any_of, builtin, join, without_none

_MOST_STEPS = 3000
"""Expressions looked at for one question: names that loops bind to each other would multiply them without end."""
_MOST_ELEMENTS = 12
"""Elements of a display that are looked at."""
_OWN_OPERANDS = frozenset({"builtins", "datetime", "pathlib", "decimal", "fractions", "collections"})
_OPERATORS: Mapping[type[cst.BaseBinaryOp], str] = {
    cst.Add: "__add__",
    cst.Subtract: "__sub__",
    cst.Multiply: "__mul__",
    cst.Divide: "__truediv__",
    cst.FloorDivide: "__floordiv__",
    cst.Modulo: "__mod__",
    cst.BitOr: "__or__",
    cst.BitAnd: "__and__",
    cst.MatrixMultiply: "__matmul__",
}


def evaluate(node: cst.BaseExpression, frame: Frame, depth: int = 0) -> Types:
    """The values that an expression may have; empty when one of them is unknown."""
    world = frame.world
    if depth > DEEPEST or world.depth > DEEPEST:
        return ()
    found = frame.known(node)
    if found is not None:
        return found
    if world.depth == 0:
        world.steps = 0
    world.steps += 1
    if world.steps > _MOST_STEPS:
        return ()
    world.depth += 1
    found = _evaluate(node, frame, depth + 1)
    world.depth -= 1
    return found


def _evaluate(node: cst.BaseExpression, frame: Frame, depth: int) -> Types:
    if (simple := constants.simple(node)) is not None:
        return simple
    match node:
        case cst.Name():
            return frame.lookup(node)
        case cst.Attribute():
            return attributes.attributes(frame.world, evaluate(node.value, frame, depth), node.attr.value)
        case cst.Call():
            return _call(node, frame, depth)
        case cst.Subscript():
            return _subscript(node, frame, depth)
        case cst.IfExp():
            return join(evaluate(node.body, frame, depth), evaluate(node.orelse, frame, depth))
        case cst.BooleanOperation():
            return join(evaluate(node.left, frame, depth), evaluate(node.right, frame, depth))
        case cst.NamedExpr():
            return evaluate(node.value, frame, depth)
        case cst.Await():
            return elements.awaited(evaluate(node.expression, frame, depth))
        case cst.BinaryOperation():
            return _binary(node, frame, depth)
        case cst.List() | cst.Set() | cst.Tuple() | cst.Dict():
            return _container(node, frame, depth)
        case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
            inner = frame.inside(node)
            # what a comprehension only fills with literals is often given other elements later
            plain = inner is None or constants.simple(node.elt) is not None
            element = () if plain or inner is None else evaluate(node.elt, inner, depth)
            kind = {cst.ListComp: "list", cst.SetComp: "set"}.get(type(node))
            made = builtin(kind, element) if kind else Instance("typing", "Generator", (element, (), ()), exact=True)
            return (made,)
        case cst.DictComp():
            return (builtin("dict", (), ()),)
        case _:
            return ()


def _call(node: cst.Call, frame: Frame, depth: int) -> Types:
    if isinstance(node.func, cst.Name) and node.func.value == "super":
        return ()
    found: dict[Value, None] = {}
    arguments = Arguments(node, frame, depth)
    callees = without_none(evaluate(node.func, frame, depth))
    for each in callees:
        some = results.result(frame.world, each, arguments)
        if not some:
            return ()
        found.update(dict.fromkeys(some))
    return tuple(found)


def _subscript(node: cst.Subscript, frame: Frame, depth: int) -> Types:
    base = without_none(evaluate(node.value, frame, depth))
    joined: Types | None = None
    for each in base:
        found = elements.item(node, each, frame, depth)
        if not found:
            return ()
        joined = found if joined is None else join(joined, found)
    return joined or ()


def _container(node: cst.List | cst.Set | cst.Tuple | cst.Dict, frame: Frame, depth: int) -> Types:
    """A display; only a tuple keeps the elements that it is made with."""
    if not isinstance(node, cst.Tuple):
        kind = {cst.Dict: "dict", cst.List: "list"}.get(type(node), "set")
        return (builtin(kind, (), ()) if kind == "dict" else builtin(kind, ()),)
    if len(node.elements) > _MOST_ELEMENTS or any(isinstance(each, cst.StarredElement) for each in node.elements):
        return (builtin("tuple", (), (Special("..."),)),)
    return (builtin("tuple", *(evaluate(each.value, frame, depth) for each in node.elements)),)


def displayed(node: cst.BaseExpression, frame: Frame) -> Types:
    """What a loop over a display takes from it on the spot; empty for anything else."""
    if not isinstance(node, cst.List | cst.Set | cst.Tuple) or len(node.elements) > _MOST_ELEMENTS:
        return ()
    if any(isinstance(each, cst.StarredElement) for each in node.elements):
        return ()
    return any_of([evaluate(each.value, frame) for each in node.elements])


def _binary(node: cst.BinaryOperation, frame: Frame, depth: int) -> Types:
    left, right = evaluate(node.left, frame, depth), evaluate(node.right, frame, depth)
    if (numbers := constants.arithmetic(node.operator, left, right)) is not None:
        return numbers
    if len(left) != 1 or not isinstance(left[0], Instance) or left[0].module == "numpy":
        return ()
    # the right side's own operator decides wherever the left one does not know its class
    if not right or any(not isinstance(each, Instance) or each.module not in _OWN_OPERANDS for each in right):
        return ()
    name = _OPERATORS.get(type(node.operator))
    if name is None:
        return ()
    call = cst.Call(cst.Name(name), [cst.Arg(node.right)])
    return elements.call_method(frame.world, left[0], name, Arguments(call, frame, depth))
