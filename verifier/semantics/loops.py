"""How far loops and containers reach: constant or small bounds, and which sequence a loop goes over."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, Facts, Loop, Scope, instance_class
from verifier.semantics.names import reaching

SMALL = 64
"""A `range` with constant bounds is no cost up to this many turns; what is written out in full is never one."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a loop visits: the text of the sequence, and the names of the loop's index and element variables."""

    text: str
    index: str | None
    element: str | None


def small(facts: Facts, loop: Loop) -> bool:
    """Whether a loop's number of turns is a small constant."""
    return loop.iterable is not None and small_value(facts, loop.iterable, loop.scope, loop.order)


def small_value(facts: Facts, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> bool:
    """Whether an expression is a container or range of a small constant size."""
    if depth > 4:
        return False
    match node:
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict():
            starred = (cst.StarredElement, cst.StarredDictElement)
            return not any(isinstance(each, starred) for each in node.elements)
        case cst.ListComp(for_in=cst.CompFor(iter=inner, inner_for_in=None)):
            return small_value(facts, inner, scope, order, depth + 1)
        case cst.SimpleString():
            return True
        case cst.Call(func=cst.Name(value="range"), args=args):
            numbers = [_integer(arg.value) for arg in args]
            known = [each for each in numbers if each is not None]
            return len(known) == len(numbers) and bool(known) and _turns(known) <= SMALL
        case cst.Call(func=cst.Name(value="enumerate" | "zip" | "reversed" | "sorted" | "list" | "set" | "tuple")):
            return any(small_value(facts, arg.value, scope, order, depth + 1) for arg in node.args)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="items" | "keys" | "values"))):
            return small_value(facts, value, scope, order, depth + 1)
        case cst.Name():
            return _small_name(facts, node.value, scope, order, depth)
        case cst.Attribute(value=cst.Name(value="string"), attr=cst.Name(value=name)):
            return name.startswith("ascii_") or name in {"digits", "hexdigits", "octdigits", "punctuation", "printable"}
        case cst.Attribute(attr=cst.Name(value=name)):
            return _small_attribute(facts, node, scope, name, depth)
        case _:
            return False


def _small_attribute(facts: Facts, node: cst.Attribute, scope: Scope, name: str, depth: int) -> bool:
    """Whether an attribute of `self` is only ever a literal that the class writes out."""
    owner = instance_class(node.value.value, scope) if isinstance(node.value, cst.Name) else None
    if owner is None or owner.attributes.get(name):
        return False
    bindings = [each for each in owner.bindings.get(name, ()) if each.kind is not BindingKind.AUGMENTED]
    return bool(bindings) and all(
        each.value is not None and small_value(facts, each.value, owner, each.order, depth + 1) for each in bindings
    )


def _small_name(facts: Facts, name: str, scope: Scope, order: int, depth: int) -> bool:
    bindings = reaching(facts, name, scope, order)
    if not bindings or grows(facts, name, bindings[0].scope):
        return False
    return all(
        each.kind is BindingKind.ASSIGNMENT
        and each.value is not None
        and small_value(facts, each.value, each.scope, each.order, depth + 1)
        for each in bindings
    )


def grows(facts: Facts, name: str, owner: Scope) -> bool:
    """Whether anything in the file adds to the container that a name holds."""
    for call in facts.calls:
        match call.node.func:
            case cst.Attribute(
                value=cst.Name(value=receiver), attr=cst.Name(value="append" | "extend" | "insert" | "add" | "update")
            ) if receiver == name:
                return True
            case _:
                pass
    return any(each.kind is BindingKind.AUGMENTED for each in owner.bindings.get(name, ()))


def leaves(loop: Loop, statement: cst.CSTNode) -> bool:
    """Whether the block in which a statement of a loop stands ends by leaving the loop: it runs once at most."""
    for node in descend(loop.node):
        if not isinstance(node, cst.IndentedBlock):
            continue
        lines = [each for each in node.body if isinstance(each, cst.SimpleStatementLine)]
        if any(small_statement is statement for each in lines for small_statement in each.body):
            last = node.body[-1]
            return isinstance(last, cst.SimpleStatementLine) and isinstance(
                last.body[-1], cst.Break | cst.Return | cst.Raise
            )
    return False


def sequence(facts: Facts, loop: Loop) -> Sequence | None:
    """The sequence that a `for` visits from end to end (or from an outer loop's index on), None for others."""
    if loop.iterable is None or loop.target is None:
        return None
    code = facts.tree.code_for_node
    target = loop.target
    match loop.iterable:
        case cst.Call(func=cst.Name(value="range"), args=args) if args and isinstance(target, cst.Name):
            stop = args[1].value if len(args) > 1 else args[0].value
            measured = _length_of(facts, stop, loop.scope, loop.order)
            return Sequence(code(measured).strip(), target.value, None) if measured is not None else None
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=inner), *_]):
            if isinstance(target, cst.Tuple) and len(target.elements) == 2:
                first, second = (each.value for each in target.elements)
                index = first.value if isinstance(first, cst.Name) else None
                element = second.value if isinstance(second, cst.Name) else None
                return Sequence(code(_unsliced(inner)).strip(), index, element)
            return None
        case cst.Name() | cst.Attribute() | cst.Subscript() as inner:
            base = _unsliced(inner)
            if isinstance(base, cst.Name | cst.Attribute) and isinstance(target, cst.Name):
                return Sequence(code(base).strip(), None, target.value)
            return None
        case _:
            return None


def _length_of(facts: Facts, node: cst.BaseExpression, scope: Scope, order: int) -> cst.BaseExpression | None:
    """`x` when an expression is `len(x)`, `len(x) - 1`, or a name bound to one of them."""
    match node:
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=inner)]):
            return inner
        case cst.BinaryOperation(left=left, operator=cst.Subtract() | cst.Add(), right=cst.Integer()):
            return _length_of(facts, left, scope, order)
        case cst.Name():
            bindings = reaching(facts, node.value, scope, order) or ()
            if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
                value = bindings[0].value
                if isinstance(value, cst.Call | cst.BinaryOperation):
                    return _length_of(facts, value, bindings[0].scope, bindings[0].order)
            return None
        case _:
            return None


def _unsliced(node: cst.BaseExpression) -> cst.BaseExpression:
    """`x` for `x[i + 1:]`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        return node.value
    return node


def _integer(node: cst.BaseExpression) -> int | None:
    match node:
        case cst.Integer():
            return int(node.value.replace("_", ""), 0)
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer(value=value)):
            return -int(value.replace("_", ""), 0)
        case _:
            return None


def _turns(numbers: list[int]) -> int:
    step = numbers[2] if len(numbers) > 2 else 1
    return len(range(*numbers)) if step else 0
