"""Values that can be read off an expression itself, and whether they fit an overload's annotations."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from verifier.symbols.model import Function
from verifier.symbols.trees import parsed
from verifier.symbols.values import NONE, Instance, Types, builtin

_NUMBERS = {"bool": 0, "int": 1, "float": 2, "complex": 3}
_PLAIN = frozenset({"str", "bytes", "int", "float", "bool"})


def simple(node: cst.BaseExpression) -> Types | None:
    """The class of a literal; None for an expression that is none."""
    match node:
        case cst.SimpleString():
            return (builtin("bytes" if "b" in node.prefix.lower() else "str"),)
        case cst.ConcatenatedString():
            return simple(node.left)
        case cst.FormattedString():
            return (builtin("str"),)
        case cst.Integer():
            return (builtin("int"),)
        case cst.Float():
            return (builtin("float"),)
        case cst.Imaginary():
            return (builtin("complex"),)
        case cst.Name(value="True" | "False"):
            return (builtin("bool"),)
        case cst.Name(value="None"):
            return (NONE,)
        case cst.UnaryOperation(operator=cst.Not()):
            return (builtin("bool"),)
        case cst.UnaryOperation(operator=cst.Minus() | cst.Plus()):
            inner = simple(node.expression)
            return inner if inner is not None and inner[0].name in _NUMBERS else None
        case _:
            return None


def integer(node: cst.BaseExpression) -> int | None:
    """The number that a literal index is."""
    match node:
        case cst.Integer():
            return int(node.value.replace("_", ""), 0)
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer() as inner):
            return -int(inner.value.replace("_", ""), 0)
        case _:
            return None


def arithmetic(operator: cst.BaseBinaryOp, left: Types, right: Types) -> Types | None:
    """The class of an operation on built-in values; None where that is for their methods to say."""
    if len(left) != 1 or not isinstance(left[0], Instance) or left[0].module != "builtins":
        return None
    first = left[0]
    if isinstance(operator, cst.Modulo) and first.name in {"str", "bytes"}:
        return (builtin(first.name),)
    if len(right) != 1 or not isinstance(right[0], Instance) or right[0].module != "builtins":
        return ()
    second = right[0]
    if first.name in _NUMBERS and second.name in _NUMBERS:
        if isinstance(operator, cst.Power):
            return ()
        floor = "float" if isinstance(operator, cst.Divide) else "int"
        return (builtin(max((first.name, second.name, floor), key=_NUMBERS.__getitem__)),)
    if isinstance(operator, cst.Add) and first.name == second.name:
        return (builtin(first.name, *first.args),) if first.args == second.args else (builtin(first.name),)
    if isinstance(operator, cst.Multiply) and first.name in {"str", "list", "bytes"} and second.name == "int":
        return (first,)
    return () if first.name in {*_NUMBERS, "str", "bytes", "list", "tuple"} else None


def fits(function: Function, given: Mapping[str, cst.BaseExpression]) -> bool | None:
    """Whether the arguments surely fit (True) or surely do not fit (False) an overload's annotations."""
    sure = True
    for parameter in function.parameters:
        expression = given.get(parameter.name)
        if expression is None:
            continue
        verdict = _fits(parameter.annotation, expression)
        if verdict is False:
            return False
        sure = sure and verdict is True
    return True if sure else None


def _fits(annotation: str | None, expression: cst.BaseExpression) -> bool | None:
    node = parsed(annotation) if annotation else None
    if node is None:
        return None
    constant = _constant(expression)
    allowed = _allowed(node)
    if constant is not None and allowed is not None:
        return constant in allowed
    if annotation == "None" and constant is not None:
        return constant == "None"
    kind = simple(expression)
    if kind is not None and isinstance(node, cst.Name) and node.value in _PLAIN:
        name = kind[0].name
        if name == node.value:
            return True
        return name in _NUMBERS and node.value in _NUMBERS and _NUMBERS[name] <= _NUMBERS[node.value]
    return None


def only_literals(annotation: str | None) -> bool:
    """Whether an annotation allows nothing but literals and None, so that a default can only be one of them."""
    node = parsed(annotation) if annotation else None
    return node is not None and _allowed(node) is not None


def _constant(node: cst.BaseExpression) -> str | None:
    """A literal as the text that `Literal[…]` would have, quotes aside."""
    match node:
        case cst.SimpleString():
            return f"'{node.evaluated_value!s}'"
        case cst.Name(value="True" | "False" | "None") | cst.Integer():
            return node.value
        case _:
            return None


def _allowed(node: cst.BaseExpression) -> frozenset[str] | None:
    """The literals that an annotation consists of; None when it allows anything else."""
    match node:
        case cst.Name(value="None"):
            return frozenset({"None"})
        case cst.BinaryOperation(operator=cst.BitOr()):
            left, right = _allowed(node.left), _allowed(node.right)
            return left | right if left is not None and right is not None else None
        case cst.Subscript(value=cst.Name(value="Literal") | cst.Attribute(attr=cst.Name(value="Literal"))):
            found = [_constant(each.slice.value) for each in node.slice if isinstance(each.slice, cst.Index)]
            return frozenset(each for each in found if each is not None) if all(found) else None
        case _:
            return None
