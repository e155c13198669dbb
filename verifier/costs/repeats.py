"""Which loop repeats a place while a value lives, in the function itself or around the calls of it in the same file."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.costs.extents import turns
from verifier.costs.loops.whiles import restarts
from verifier.costs.model import Costs, Repeat, Size
from verifier.costs.objects.grown import carries
from verifier.costs.origins import arguments
from verifier.costs.written import written
from verifier.semantics.model import Binding, BindingKind, Call, Loop, Scope, ScopeKind, instance_class
from verifier.semantics.names import reaching

_DEEPEST = 3
_PASSING = {BindingKind.AUGMENTED, BindingKind.DELETION}


def repeated(
    costs: Costs, value: cst.BaseExpression, loop: Loop | None, scope: Scope, order: int, depth: int = 0
) -> Repeat | None:
    """The outermost loop that grows, or else runs many times, while the object in a name or attribute lives."""
    bindings = _bindings(costs, value, scope, order)
    if bindings is None or written(costs, value, scope, order):
        return None
    outermost: Repeat | None = None
    given = [*bindings, *_given_to(value, scope)]
    for each in around(loop):
        if any(
            one.scope.function is scope.function and one.loop is not None and one.loop.within(each) for one in given
        ):
            return outermost  # made anew on every turn of this loop
        extent = turns(costs, each)
        if outermost is not None and outermost.extent.grows and not extent.grows:
            continue
        if extent.size >= Size.UNKNOWN or (extent.size is Size.FIXED and outermost is None):
            outermost = Repeat(each, extent)
    if depth < _DEEPEST and (found := _through_calls(costs, bindings, scope, depth)) is not None:
        return found if outermost is None or (found.extent.grows and not outermost.extent.grows) else outermost
    return outermost


def _bindings(costs: Costs, value: cst.BaseExpression, scope: Scope, order: int) -> list[Binding] | None:
    """What may have put the object into a name; an attribute's object lives as long as the object it belongs to."""
    match value:
        case cst.Name(value=name) | cst.Attribute(value=cst.Name(value=name)):
            found = [each for each in reaching(costs.facts, name, scope, order) or () if not _passes(each)]
            return found or None
        case _:
            return None


def _passes(binding: Binding) -> bool:
    """Whether a binding puts no new object into its name, or the old one with something more."""
    return binding.kind in _PASSING or (binding.loop is not None and carries(binding))


def _given_to(value: cst.BaseExpression, scope: Scope) -> list[Binding]:
    """What a method puts into an attribute of its own object: another object from there on."""
    match value:
        case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attribute)):
            owner = instance_class(name, scope)
            found = owner.attributes.get(attribute, []) if owner is not None else []
            return [each for each in found if not _passes(each)]
        case _:
            return []


def _through_calls(costs: Costs, bindings: list[Binding], scope: Scope, depth: int) -> Repeat | None:
    """A loop around a call of this function that hands in the same object, or leaves it where it is, on each turn."""
    function = scope.function
    if function is None or not isinstance(function.node, cst.FunctionDef):
        return None
    parameter = next((each for each in bindings if each.kind is BindingKind.PARAMETER and each.scope is function), None)
    if parameter is not None and (owner := instance_class(parameter.name, function)) is not None:
        for site in sites(costs, function):
            if (found := _same_object(costs, site, owner, depth)) is not None:
                return Repeat(found.loop, found.extent, site)
        return None
    if parameter is not None:
        key = (id(parameter), depth)
        if key not in costs.through:
            costs.through[key] = _handed_in(costs, parameter, depth)
        return costs.through[key]
    if any(each.scope.function is function for each in bindings):
        return None  # a local: made anew by every call
    for site in sites(costs, function):
        for each in around(site.loop):
            if turns(costs, each).size >= Size.UNKNOWN:
                return Repeat(each, turns(costs, each), site)
    return None


def _handed_in(costs: Costs, parameter: Binding, depth: int) -> Repeat | None:
    """A loop in which another function hands in the same object for a parameter on each turn."""
    for site, given in arguments(costs, parameter):
        found = repeated(costs, given, site.loop, site.scope, site.order, depth + 1)
        if found is not None and site.scope.function is not parameter.scope.function:
            return Repeat(found.loop, found.extent, site)
    return None


def sites(costs: Costs, function: Scope) -> Iterator[Call]:
    """The calls in the file that surely mean this function: by its name, or as a method of the same object."""
    method = function.parent is not None and function.parent.kind is ScopeKind.CLASS
    if len(costs.functions.get(function.name, ())) != 1:
        return
    for call in costs.calls.get(function.name, ()):
        if isinstance(call.node.func, cst.Attribute) == method and call.scope.function is not function:
            yield call


def _same_object(costs: Costs, site: Call, owner: Scope, depth: int) -> Repeat | None:
    """The loop in which one and the same instance of a class is asked again, by itself or through a name for it."""
    match site.node.func:
        case cst.Attribute(value=cst.Name(value=name) as receiver):
            itself = instance_class(name, site.scope) is owner
            if itself or costs.inference.types(receiver, site.scope, site.order) == (f"<local>.{owner.name}",):
                return repeated(costs, receiver, site.loop, site.scope, site.order, depth + 1)
        case _:
            pass
    return None


def around(loop: Loop | None) -> Iterator[Loop]:
    """A loop and those around it in the same function, from the inside out."""
    while loop is not None:
        yield loop
        loop = loop.parent


def levels(costs: Costs, loop: Loop | None) -> list[Loop]:
    """The loops around a place, from the inside out, that multiply: each goes all its way on every turn of the next.

    Left out are loops of few turns, loops over the elements that an outer one is at (`for row in rows: for cell in row`
    is one pass), loops over what an outer one reads anew (test cases), `while` loops that go on from where they were.
    """
    chain = [each for each in around(loop) if turns(costs, each).size >= Size.UNKNOWN]
    found: list[Loop] = []
    for index, each in enumerate(chain):
        if not any(_follows(costs, each, outer) for outer in chain[index + 1 :]):
            found.append(each)
    return found


def _follows(costs: Costs, inner: Loop, outer: Loop) -> bool:
    """Whether an inner loop's way is a part of what an outer loop walks through, or is not begun anew."""
    extent = turns(costs, inner)
    if extent.depends is not None:
        return False  # `range(i)` and the like: half of all pairs
    if inner.kind == "while" and not restarts(inner, outer):
        return True
    return any(_bound_in(inner.scope, name, outer) for name in extent.names)


def _bound_in(scope: Scope, name: str, loop: Loop) -> bool:
    here: Scope | None = scope
    while here is not None and here.function is scope.function:
        for each in here.bindings.get(name, ()):
            if each.loop is not None and each.loop.within(loop) and each.kind is not BindingKind.AUGMENTED:
                return True
        here = here.parent
    return False
