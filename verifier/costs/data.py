"""Whether a loop goes through data, such as rows and records, and not through a handful of plain values handed in."""

from __future__ import annotations

import libcst as cst

from verifier.costs.extents import turns
from verifier.costs.model import Costs, Size, text_of
from verifier.costs.natures import few_by_nature
from verifier.costs.origins import arguments
from verifier.semantics.model import Binding, BindingKind, Loop, Scope
from verifier.semantics.names import reaching

_DEEPEST = 4
"""Names that are followed to their values, one by one."""
_MOST = 20
"""Calls of one function that are looked at."""
_WRAPPERS = frozenset(
    {"enumerate", "sorted", "reversed", "list", "tuple", "set", "zip", "iter", "filter", "map", "tqdm", "range", "len"}
)


def of_data(costs: Costs, loop: Loop, depth: int = 0) -> bool:
    """Whether what a loop goes through is read from outside, held by an object, given by a call, or made of records."""
    extent = turns(costs, loop)
    if extent.size is Size.OUTSIDE:
        return True
    if extent.size is not Size.LENGTH or loop.iterable is None:
        return False
    return _records(costs, loop) or is_data(costs, loop.iterable, loop.scope, loop.order, depth)


def is_data(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> bool:
    """Whether a container is held by an object, given by a call, or filled from data."""
    if depth > _DEEPEST:
        return False
    match node:
        case cst.Call(func=cst.Name(value=name), args=args) if name in _WRAPPERS:
            return any(is_data(costs, arg.value, scope, order, depth) for arg in args)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="items" | "values" | "keys" | "split"))):
            return is_data(costs, value, scope, order, depth)
        case cst.Call() | cst.Attribute() | cst.Await():
            return True
        case cst.Subscript(value=value) | cst.BinaryOperation(left=value):
            return is_data(costs, value, scope, order, depth)
        case (
            cst.ListComp(elt=elt, for_in=cst.CompFor(iter=inner)) | cst.SetComp(elt=elt, for_in=cst.CompFor(iter=inner))
        ) if _by_part(elt) and not few_by_nature(text_of(costs, inner)):
            return True
        case cst.ListComp(for_in=cst.CompFor(iter=inner)) | cst.GeneratorExp(for_in=cst.CompFor(iter=inner)):
            return is_data(costs, inner, scope, order, depth)
        case cst.Name(value=name):
            bindings = reaching(costs.facts, name, scope, order) or ()
            return any(_given(costs, each, depth + 1) for each in bindings)
        case _:
            return False


def _given(costs: Costs, each: Binding, depth: int) -> bool:
    """Whether the value that one binding gives is data."""
    match each.kind:
        case BindingKind.PARAMETER:
            if each.annotation is not None and _named_class(each.annotation):
                return True
            if id(each) not in costs.data:
                costs.data[id(each)] = False  # functions that hand it to each other say nothing new
                costs.data[id(each)] = any(
                    is_data(costs, arg, site.scope, site.order, depth) for site, arg in arguments(costs, each)[:_MOST]
                )
            return costs.data[id(each)]
        case BindingKind.LOOP if each.loop is not None:
            return of_data(costs, each.loop, depth)
        case BindingKind.WITH:
            return True
        case _ if isinstance(each.value, cst.List | cst.Set | cst.Dict) and not each.value.elements:
            return _filled_from_data(costs, each, depth)
        case _:
            return each.value is not None and is_data(costs, each.value, each.scope, each.order, depth)


def _filled_from_data(costs: Costs, each: Binding, depth: int) -> bool:
    """Whether an empty container is filled in a loop over data."""
    return any(
        isinstance(call.node.func, cst.Attribute)
        and isinstance(call.node.func.value, cst.Name)
        and call.node.func.value.value == each.name
        and call.loop is not None
        and call.scope.function is each.scope.function
        and ((name == "extend" and _from_call(call.node)) or of_data(costs, call.loop, depth))
        for name in ("append", "add", "extend", "insert")
        for call in costs.calls.get(name, ())
    )


def _from_call(node: cst.Call) -> bool:
    """Whether what is added is the result of another call."""
    return any(isinstance(arg.value, cst.Call) for arg in node.args)


def _records(costs: Costs, loop: Loop) -> bool:
    """Whether the elements of a loop are read by attribute or by a written key, or come apart into several names."""
    match loop.target:
        case cst.Name(value=name):
            return (id(loop), name) in _read_by_part(costs)
        case cst.Tuple(elements=elements):
            counted = isinstance(loop.iterable, cst.Call) and isinstance(loop.iterable.func, cst.Name)
            names = [each.value.value for each in elements if isinstance(each.value, cst.Name)]
            return not counted or any((id(loop), name) in _read_by_part(costs) for name in names)
        case _:
            return False


def _read_by_part(costs: Costs) -> set[tuple[int, str]]:
    """The loop variables of the file that are read by attribute or by a written key, each with its loop."""
    if costs.parts is None:
        costs.parts = set()
        for use in costs.facts.names:
            if not isinstance(use.node, cst.Name) or use.loop is None or not _by_part(use.parent):
                continue
            loop: Loop | None = use.loop
            while loop is not None:
                costs.parts.add((id(loop), use.node.value))
                loop = loop.parent
    return costs.parts


def _by_part(parent: cst.CSTNode) -> bool:
    """`element.name` or `element["name"]`."""
    match parent:
        case cst.Attribute():
            return True
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString()))]):
            return True
        case _:
            return False


def _named_class(annotation: cst.BaseExpression) -> bool:
    """Whether an annotation names a class of the program's own, or dictionaries, as its elements: `list[Order]`."""
    match annotation:
        case cst.Subscript(slice=[*_, cst.SubscriptElement(slice=cst.Index(value=element))]):
            return _named_class(element) or (isinstance(element, cst.Name) and element.value in {"dict", "Dict"})
        case cst.Name(value=name):
            return name[:1].isupper() and name not in _GENERIC
        case cst.Attribute():
            return True
        case _:
            return False


_GENERIC = frozenset(
    {
        "List",
        "Set",
        "Tuple",
        "Sequence",
        "Iterable",
        "Iterator",
        "Collection",
        "Optional",
        "Union",
        "Any",
        "Text",
        "FrozenSet",
    }
)
