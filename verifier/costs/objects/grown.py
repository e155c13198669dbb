"""Statements that give a name its old value with something more: `text += part`, `x = x + [y]`, `d = {**d, k: v}`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.objects.doings import doings
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind

_MOST = 100
"""A name that is bound in more places is not looked at: each question about it goes through all of them."""


class Form(StrEnum):
    """Where the old value stands in the new one."""

    AUGMENTED = "augmented"
    BEHIND = "behind"
    """`x = x + y`: the rest goes behind the old value."""
    CHAINED = "chained"
    """`x = x + y + z`: two sums, each a new object."""
    BEFORE = "before"
    """`x = y + x`."""
    FORMATTED = "formatted"
    """`x = f"{x}…"` and its like."""
    SPREAD = "spread"
    """`x = [*x, y]`."""
    UNION = "union"
    """`x = x | y`, `x = x.union(y)`."""


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """A name or attribute of `self`, the statement that makes it longer, and what is added."""

    target: cst.Name | cst.Attribute
    statement: cst.BaseSmallStatement
    binding: Binding
    form: Form
    value: cst.BaseExpression


def grown(costs: Costs) -> Iterator[Grown]:
    """Every such statement of a file: first the augmented ones, then plain assignments."""
    for each in costs.facts.augmented:
        match each.node:
            case cst.AugAssign(
                target=cst.Name() | cst.Attribute() as target, operator=cst.AddAssign() | cst.BitOrAssign(), value=value
            ):
                yield Grown(target, each.node, each, Form.AUGMENTED, value)
            case _:
                pass
    for scope in costs.facts.scopes:
        for group in (*scope.bindings.values(), *scope.attributes.values()):
            for each in group if len(group) <= _MOST else ():
                if (form := form_of(each)) is not None and (found := _assigned(costs, each, form)) is not None:
                    yield found


def _assigned(costs: Costs, each: Binding, form: Form) -> Grown | None:
    statement = doings(costs).statements.get(id(each.value))
    if statement is None or each.value is None or not isinstance(each.node, cst.Name | cst.Attribute):
        return None
    return Grown(each.node, statement, each, form, each.value)


def form_of(binding: Binding) -> Form | None:
    """How a plain assignment makes its target longer; None where its value is another."""
    if binding.kind not in {BindingKind.ASSIGNMENT, BindingKind.ATTRIBUTE} or binding.value is None:
        return None
    name = dotted(binding.node)
    return None if name is None else _form(name, binding.value)


def carries(binding: Binding) -> bool:
    """Whether a plain assignment gives its target the old elements again, with more or in another order."""
    if form_of(binding) is not None:
        return True
    name = dotted(binding.node)
    match binding.value:
        case cst.Call(
            func=cst.Name(value="sorted" | "list" | "reversed"), args=[cst.Arg(value=inner, star=""), *_]
        ) if name:
            return _is_old(name, inner) or _form(name, inner) in {Form.BEHIND, Form.CHAINED, Form.BEFORE, Form.SPREAD}
        case cst.Subscript() | cst.Call(func=cst.Attribute(attr=cst.Name(value="copy"))) if name and binding.value:
            return binding.kind in {BindingKind.ASSIGNMENT, BindingKind.ATTRIBUTE} and _is_old(name, binding.value)
        case _:
            return False


def sum_form(name: str, value: cst.BaseExpression) -> str | None:
    """The class of the copy that an expression makes of a container in a name: `a + [b]`, `[*a, b]`, `{**a, …}`."""
    match value:
        case cst.BinaryOperation(operator=cst.Add(), left=left, right=cst.List() | cst.ListComp()):
            return "list" if _is_old(name, left) else None
        case cst.BinaryOperation(operator=cst.Add(), left=left, right=cst.Tuple()):
            return "tuple" if _is_old(name, left) else None
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict():
            return type(value).__name__.lower() if _form(name, value) is Form.SPREAD else None
        case _:
            return None


def _form(name: str, value: cst.BaseExpression) -> Form | None:
    match value:
        case cst.BinaryOperation(operator=cst.Add()):
            return _sum(name, value)
        case cst.BinaryOperation(operator=cst.BitOr(), left=left, right=right):
            return Form.UNION if _is_old(name, left) or _is_old(name, right) else None
        case cst.BinaryOperation(operator=cst.Modulo(), left=cst.SimpleString(), right=right):
            parts = [each.value for each in right.elements] if isinstance(right, cst.Tuple) else [right]
            return Form.FORMATTED if any(dotted(each) == name for each in parts) else None
        case cst.Call(func=cst.Attribute(value=left, attr=cst.Name(value="union"))):
            return Form.UNION if dotted(left) == name else None
        case cst.Call(func=cst.Name(value="dict"), args=[cst.Arg(value=old, star=""), _, *_]):
            return Form.SPREAD if dotted(old) == name else None
        case cst.Call(
            func=cst.Attribute(value=cst.SimpleString(), attr=cst.Name(value="join")),
            args=[cst.Arg(value=cst.List(elements=parts) | cst.Tuple(elements=parts))],
        ):
            return Form.FORMATTED if any(dotted(each.value) == name for each in parts) else None
        case cst.Call(func=cst.Attribute(value=cst.SimpleString(), attr=cst.Name(value="format")), args=args):
            return Form.FORMATTED if any(dotted(arg.value) == name for arg in args) else None
        case cst.FormattedString(parts=parts):
            return Form.FORMATTED if any(_inserts(each, name) for each in parts) else None
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements):
            return Form.SPREAD if any(_spreads(each, name) for each in elements) else None
        case cst.Dict(elements=elements):
            return Form.SPREAD if any(_spreads(each, name) for each in elements) else None
        case _:
            return None


def _sum(name: str, value: cst.BinaryOperation) -> Form | None:
    """The form of a chain of `+` in which the name stands once or more."""
    parts: list[cst.BaseExpression] = []
    here: cst.BaseExpression = value
    while (
        isinstance(here, cst.BinaryOperation)
        and isinstance(here.operator, cst.Add)
        and (here is value or not here.lpar)
    ):
        parts.append(here.right)
        here = here.left
    if _is_old(name, here):
        return Form.BEHIND if len(parts) == 1 else Form.CHAINED
    return Form.BEFORE if any(_is_old(name, each) for each in parts) else None


def _is_old(name: str, node: cst.BaseExpression) -> bool:
    """Whether an expression is what a name holds, or a copy of all of it: `x`, `x[:]`, `list(x)`, `x.copy()`."""
    match node:
        case cst.Name() | cst.Attribute():
            return dotted(node) == name
        case cst.Subscript(
            value=inner, slice=[cst.SubscriptElement(slice=cst.Slice(lower=None, upper=None, step=None))]
        ):
            return dotted(inner) == name
        case cst.Call(
            func=cst.Name(value="list" | "tuple" | "set" | "dict" | "sorted"), args=[cst.Arg(value=inner, star="")]
        ):
            return dotted(inner) == name
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="copy")), args=[]):
            return dotted(inner) == name
        case _:
            return False


def _inserts(part: cst.BaseFormattedStringContent, name: str) -> bool:
    """Whether a part of an f-string is the name's whole value."""
    return (
        isinstance(part, cst.FormattedStringExpression)
        and part.conversion is None
        and part.format_spec is None
        and dotted(part.expression) == name
    )


def _spreads(element: cst.BaseElement | cst.BaseDictElement, name: str) -> bool:
    return isinstance(element, cst.StarredElement | cst.StarredDictElement) and dotted(element.value) == name
