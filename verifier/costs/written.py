"""Sizes that are written in the file: constants, displays written out in full, names of them that nothing adds to."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs, text_of
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, Scope, instance_class
from verifier.semantics.names import reaching

_DEEPEST = 4
_WRAPPERS = frozenset(
    {
        "enumerate",
        "zip",
        "reversed",
        "sorted",
        "list",
        "set",
        "tuple",
        "frozenset",
        "iter",
        "product",
        "combinations",
        "permutations",
    }
)
_END = 1 << 60
"""A point of the walk after everything."""
_ALPHABETS = frozenset({"digits", "hexdigits", "octdigits", "punctuation", "printable", "whitespace"})


def written(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> bool:
    """Whether an expression is a container whose elements all stand in the file."""
    if depth > _DEEPEST:
        return False
    match node:
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict():
            starred = (cst.StarredElement, cst.StarredDictElement)
            return not any(isinstance(each, starred) for each in node.elements)
        case cst.ListComp(for_in=cst.CompFor(iter=inner, inner_for_in=None)):
            return written(costs, inner, scope, order, depth + 1)
        case cst.SimpleString() | cst.ConcatenatedString(left=cst.SimpleString(), right=cst.SimpleString()):
            return True
        case cst.Call(func=cst.Name(value="range"), args=args):
            numbers = [integer(arg.value) for arg in args]
            return None not in numbers and bool(numbers) and _turns([each or 0 for each in numbers]) <= 64
        case cst.Call(func=cst.Name(value=name), args=[]) if len(costs.functions.get(name, ())) == 1:
            return _returned(costs, costs.functions[name][0], depth)
        case cst.Call(func=cst.Name(value=name)) if name in _WRAPPERS:
            return any(written(costs, arg.value, scope, order, depth + 1) for arg in node.args)
        case cst.Call(
            func=cst.Attribute(value=value, attr=cst.Name(value="items" | "keys" | "values" | "split" | "copy"))
        ):
            return written(costs, value, scope, order, depth + 1)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return written(costs, left, scope, order, depth + 1) and written(costs, right, scope, order, depth + 1)
        case cst.BinaryOperation(left=cst.List() as left, operator=cst.Multiply(), right=right):
            times = integer(right)
            return times is not None and times <= 64 and written(costs, left, scope, order, depth + 1)
        case cst.IfExp(body=body, orelse=orelse):
            return written(costs, body, scope, order, depth + 1) and written(costs, orelse, scope, order, depth + 1)
        case cst.Name():
            return _name(costs, node.value, scope, order, depth)
        case cst.Attribute(value=cst.Name(value="string"), attr=cst.Name(value=name)):
            return name.startswith("ascii_") or name in _ALPHABETS
        case cst.Attribute(attr=cst.Name(value=name)):
            return _attribute(costs, node, scope, name, depth)
        case _:
            return False


def _attribute(costs: Costs, node: cst.Attribute, scope: Scope, name: str, depth: int) -> bool:
    """Whether an attribute of `self` is only ever a display that its class writes out."""
    owner = instance_class(node.value.value, scope) if isinstance(node.value, cst.Name) else None
    if owner is None or text_of(costs, node) in costs.growing:
        return False
    bindings = (*owner.bindings.get(name, ()), *owner.attributes.get(name, ()))
    of_class = name not in owner.attributes and not any(each.endswith(f".{name}") for each in costs.growing)
    return bool(bindings) and all(
        each.value is not None
        and (of_class or _filled(each.value))
        and written(costs, each.value, each.scope, each.order, depth + 1)
        for each in bindings
    )


def _returned(costs: Costs, function: Scope, depth: int) -> bool:
    """Whether a function without arguments only ever returns what it writes out."""
    if not isinstance(function.node, cst.FunctionDef):
        return False
    values = [each.value for each in descend(function.node.body) if isinstance(each, cst.Return)]
    return bool(values) and all(each is not None and written(costs, each, function, _END, depth + 1) for each in values)


def _name(costs: Costs, name: str, scope: Scope, order: int, depth: int) -> bool:
    bindings = reaching(costs.facts, name, scope, order)
    if not bindings or name in costs.growing:
        return False
    return all(
        each.kind is BindingKind.ASSIGNMENT
        and each.value is not None
        and written(costs, each.value, each.scope, each.order, depth + 1)
        for each in bindings
    )


def _filled(node: cst.BaseExpression) -> bool:
    """Not an empty display, which something will fill: `self.items = []`."""
    return not (isinstance(node, cst.List | cst.Dict) and not node.elements)


def integer(node: cst.CSTNode) -> int | None:
    """The number that an integer literal or simple arithmetic on literals is."""
    match node:
        case cst.Integer(value=value):
            return int(value.replace("_", ""), 0)
        case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
            found = integer(inner)
            return None if found is None else -found
        case cst.BinaryOperation(left=left, operator=operator, right=right):
            sides = integer(left), integer(right)
            if sides[0] is None or sides[1] is None:
                return None
            match operator:
                case cst.Add():
                    return sides[0] + sides[1]
                case cst.Subtract():
                    return sides[0] - sides[1]
                case cst.Multiply():
                    return sides[0] * sides[1]
                case cst.Power() if 0 <= sides[1] <= 64 and abs(sides[0]) <= 1000:
                    return int(sides[0] ** sides[1])
                case _:
                    return None
        case cst.Call(func=cst.Name(value="int"), args=[cst.Arg(value=cst.Float(value=value))]):
            return int(float(value))
        case _:
            return None


def _turns(numbers: list[int]) -> int:
    step = numbers[2] if len(numbers) > 2 else 1
    return len(range(*numbers)) if step else 0
