"""The front of a list: which list a name stands for, what drops old elements, what follows a chain back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from verifier.costs.loops.whiles import tested
from verifier.costs.model import Costs, Extent, Repeat, Size, text_of
from verifier.costs.objects.windows import changes, emptied, method
from verifier.costs.written import written
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Loop, Scope
from verifier.semantics.names import reaching

_MOST = 100
"""Places that are looked at for one list."""
_ORDER = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)


def others(costs: Costs, name: cst.Name, scope: Scope, order: int) -> Iterator[cst.Name | cst.Attribute]:
    """The names and attributes whose object a name of the same function may stand for."""
    for each in reaching(costs.facts, name.value, scope, order) or ():
        if each.kind is BindingKind.ASSIGNMENT and each.scope is scope and each.value is not None:
            yield from (leaf for leaf in _leaves(each.value) if dotted(leaf) != name.value)


def _leaves(value: cst.BaseExpression) -> Iterator[cst.Name | cst.Attribute]:
    match value:
        case cst.Name() | cst.Attribute(value=cst.Name()):
            yield value
        case cst.IfExp(body=body, orelse=orelse):
            yield from _leaves(body)
            yield from _leaves(orelse)
        case _:
            pass


def expires(costs: Costs, text: str, scope: Scope, loop: Loop) -> bool:
    """Whether a `while` drops what is too old or too small from the front of a list that something is put behind.

    The test orders the first element: `while self.hits[0] < now - 60`. A local list must get longer in a loop around,
    or be kept in another container: `hits = self.hits[user]`.
    """
    if loop.test is None or not any(_orders_first(text, each) for each in descend(loop.test)):
        return False
    lives = "." in text or any(
        isinstance(each.value, cst.Subscript) or _is_default(each.value)
        for each in scope.bindings.get(text, ())[:_MOST]
    )
    return any(
        method(call) in {"append", "extend"} and (lives or _around(call.loop, loop))
        for call in changes(costs, text, scope)[:_MOST]
    )


def _is_default(value: cst.BaseExpression | None) -> bool:
    """`table.setdefault(key, [])`."""
    match value:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="setdefault")), args=[_, _]):
            return True
        case _:
            return False


def _around(outer: Loop | None, inner: Loop) -> bool:
    return outer is not None and inner is not outer and inner.within(outer)


def _orders_first(text: str, test: cst.CSTNode) -> bool:
    """`items[0] < limit`, also by a field of the element or by a difference."""
    match test:
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=operator)]) if isinstance(operator, _ORDER):
            return any(_is_first(text, each) for each in descend(test))
        case _:
            return False


def _is_first(text: str, node: cst.CSTNode) -> bool:
    match node:
        case cst.Subscript(value=base, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))]):
            return dotted(base) == text
        case _:
            return False


def measured(costs: Costs, repeat: Repeat, text: str, emptying: Loop) -> Repeat:
    """The loop that empties a list, with its size, or the same one where it follows a chain: `node = parents[node]`."""
    loop = repeat.loop
    if emptying is not loop and repeat.via is None:
        return Repeat(emptying, Extent(Size.LENGTH, f"len({text})", text))
    if repeat.extent.size is not Size.UNKNOWN or loop.test is None:
        return repeat
    if emptied(text, loop):
        return replace(repeat, extent=Extent(Size.LENGTH, f"len({text})", text))
    for name in tested(loop):
        for each in loop.scope.bindings.get(name, ())[:_MOST]:
            container = _link(name, each.value) if each.loop is loop else None
            if container is not None and not _few(costs, container, loop):
                return replace(repeat, extent=Extent(Size.LENGTH, f"len({text_of(costs, container)})"))
    return repeat


def _few(costs: Costs, container: cst.BaseExpression, loop: Loop) -> bool:
    """Whether all entries of a container are written out; one that begins empty is filled by something."""
    bindings = reaching(costs.facts, container.value, loop.scope, loop.order) if isinstance(container, cst.Name) else ()
    begun = [each.value for each in bindings or ()]
    filled = any(isinstance(each, cst.Dict | cst.List) and not each.elements for each in begun)
    return not filled and written(costs, container, loop.scope, loop.order)


def _link(name: str, value: cst.BaseExpression | None) -> cst.BaseExpression | None:
    """The container in which the next one of a chain is found by the last one."""
    match value:
        case (
            cst.Subscript(
                value=cst.Name() | cst.Attribute() as container,
                slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=key)))],
            )
            | cst.Call(
                func=cst.Attribute(value=cst.Name() | cst.Attribute() as container, attr=cst.Name(value="get")),
                args=[cst.Arg(value=cst.Name(value=key)), *_],
            )
        ) if key == name:
            return container
        case _:
            return None
