"""Calls of the file's own functions and properties that work out the same on every turn of a loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.costs.extents import size, turns
from verifier.costs.loops.computing import computes, gives_container, gone_through, read_of
from verifier.costs.model import Costs, Done, Repeat, Size
from verifier.costs.objects.changes import done_with, invariant, is_left_alone, unchanged
from verifier.costs.objects.doings import doings
from verifier.costs.objects.paths import path_of
from verifier.costs.origins import arguments
from verifier.costs.repeats import around, repeated
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Call, Loop, Scope, ScopeKind, Use, instance_class
from verifier.semantics.names import reaching

_DEEPEST = 3
Path = tuple[str, ...]
Needed = cst.BaseExpression | Path
"""An expression that decides what a call gives, or the path to an attribute of the object."""


@dataclass(frozen=True, slots=True)
class Again:
    """An expression with the same value on each turn, where it stands, and the container that it goes through."""

    node: cst.BaseExpression
    at: Call | Use
    of: cst.BaseExpression
    repeat: Repeat


def calls(costs: Costs) -> Iterator[Again]:
    """`total(items)` and `self.total` in a loop that changes none of the items."""
    properties: dict[str, Scope] = {}
    for name, functions in costs.functions.items():
        function = functions[0]
        paths = list(gone_through(function)) if len(functions) == 1 else []
        if not paths or not computes(costs, function):
            continue
        if _is_property(function):
            properties[name] = function
            continue
        for site in costs.calls.get(name, ()):
            yield from _same(costs, site, function, paths)
    yield from _read(costs, properties)


def _is_property(function: Scope) -> bool:
    node = function.node
    return isinstance(node, cst.FunctionDef) and any(
        isinstance(each.decorator, cst.Name) and each.decorator.value == "property" for each in node.decorators
    )


def _same(costs: Costs, site: Call, function: Scope, paths: list[tuple[Path, cst.BaseExpression]]) -> Iterator[Again]:
    """A call of a function that gets the same arguments again."""
    given = _arguments(site, function)
    if given is None:
        return
    receiver = _receiver(costs, site.node.func, site.scope, site.order, function)
    if isinstance(site.node.func, cst.Attribute) and receiver is None:
        return
    needed = _needed(given, function, receiver)
    for path, here in paths:
        of = given.get(path[0]) if len(path) == 1 else here
        if needed is None or not isinstance(of, cst.Name | cst.Attribute):
            continue
        if not size(costs, of, site.scope, site.order).grows:
            continue
        repeat = outermost(costs, needed, site.scope, site.loop)
        if repeat is None and site.loop is None and site.branch is None:
            repeat = _through(costs, needed, of, site)
        if repeat is not None:
            if _is_looked_at(costs, site, function):
                yield Again(site.node, site, of, repeat)
            return


def _is_looked_at(costs: Costs, site: Call, function: Scope) -> bool:
    """Whether what a call gives is neither changed nor kept, so that one would do for all turns."""
    match doings(costs).statements.get(id(site.node)):
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            if site.loop is None:
                return not _is_kept(costs, name, site.scope)
            done = [one.done for one in done_with(costs, (name,), site.scope, site.loop) if len(one.path) == 1]
            return done == [Done.BOUND] and unchanged(costs, (name,), site.scope, site.loop, deep=True, bound=True)
        case _:
            return not gives_container(function) or _is_looked_up(site)


def _is_kept(costs: Costs, name: str, scope: Scope) -> bool:
    """Whether a function does more with what a name holds than look at it."""
    found = doings(costs).done.get((id(scope), name), ())
    return any(each.done is not Done.BOUND for each in found)


def _is_looked_up(site: Call) -> bool:
    """Whether a call stands where its result is asked for one element: `x in known()`, `known()[k]`."""
    for node in descend(site.statement):
        match node:
            case cst.ComparisonTarget(operator=cst.In() | cst.NotIn(), comparator=value) if value is site.node:
                return True
            case cst.Subscript(value=value) if value is site.node:
                return True
            case _:
                pass
    return False


def _arguments(site: Call, function: Scope) -> dict[str, cst.BaseExpression] | None:
    """What a call gives for each parameter by name; None where that is not written in it."""
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return None
    names = [each.name.value for each in (*node.params.posonly_params, *node.params.params)]
    method = function.parent is not None and function.parent.kind is ScopeKind.CLASS
    if method != isinstance(site.node.func, cst.Attribute) or any(arg.star for arg in site.node.args):
        return None
    names = names[1:] if method else names
    if len(site.node.args) > len(names):
        return None
    return {
        arg.keyword.value if arg.keyword is not None else names[place]: arg.value
        for place, arg in enumerate(site.node.args)
    }


def _receiver(costs: Costs, func: cst.BaseExpression, scope: Scope, order: int, function: Scope) -> cst.Name | None:
    """The name of an object whose method or property surely is the function."""
    match func:
        case cst.Attribute(value=cst.Name(value=name) as owner):
            if function.parent is None or function.parent.kind is not ScopeKind.CLASS:
                return None
            own = instance_class(name, scope) is function.parent
            named = costs.inference.types(owner, scope, order) == (f"<local>.{function.parent.name}",)
            return owner if own or named else None
        case _:
            return None


def _needed(given: dict[str, cst.BaseExpression], function: Scope, receiver: cst.Name | None) -> list[Needed] | None:
    """What decides what a call gives; None where it needs the whole object."""
    found: list[Needed] = list(given.values())
    node = function.node
    if receiver is None or not isinstance(node, cst.FunctionDef):
        return found
    own = node.params.params[0].name.value if node.params.params else ""
    read = read_of(function, own)
    if (own,) in read:
        return None
    return [*found, *((receiver.value, path[1]) for path in read)]


def outermost(costs: Costs, needed: list[Needed], scope: Scope, innermost: Loop | None) -> Repeat | None:
    """The outermost loop that changes nothing of what is needed, one that grows before others."""
    found: Repeat | None = None
    for loop in around(innermost):
        if not all(_stays(costs, each, scope, loop) for each in needed):
            return found
        extent = turns(costs, loop)
        if extent.size > Size.SLOW and (found is None or extent.grows or not found.extent.grows):
            found = Repeat(loop, extent)
    return found


def _stays(costs: Costs, node: Needed, scope: Scope, loop: Loop) -> bool:
    """Whether a loop changes neither what an expression gives nor anything in it."""
    path = node if isinstance(node, tuple) else path_of(node)
    if path is None and isinstance(node, cst.BaseExpression):
        return invariant(costs, node, scope, loop)
    return path is not None and "[]" not in path and unchanged(costs, path, scope, loop, deep=True)


def _through(costs: Costs, needed: list[Needed], of: cst.BaseExpression, site: Call) -> Repeat | None:
    """A loop around the calls of the function that a call stands in, all of which hand in the same."""
    outer = repeated(costs, of, None, site.scope, site.order)
    if outer is None or outer.via is None:
        return None
    names = [each for each in needed if isinstance(each, cst.Name)]
    same = len(names) == len(needed) and all(_is_handed_on(costs, each, site.scope, outer.loop, 0) for each in names)
    return outer if same else None


def _is_handed_on(costs: Costs, node: cst.BaseExpression, scope: Scope, loop: Loop, depth: int) -> bool:
    """Whether a name in a function is what a loop further out hands in, the same on each of its turns."""
    function = scope.function
    if function is loop.scope.function:
        return _stays(costs, node, scope, loop)
    if depth > _DEEPEST or function is None or not isinstance(node, cst.Name):
        return False
    match reaching(costs.facts, node.value, scope, 10**9):
        case [Binding(kind=BindingKind.PARAMETER) as parameter]:
            if not is_left_alone(doings(costs), (id(function), node.value), kept=True):
                return False
            return any(
                _is_handed_on(costs, value, call.scope, loop, depth + 1) for call, value in arguments(costs, parameter)
            )
        case _:
            return False


def _read(costs: Costs, properties: dict[str, Scope]) -> Iterator[Again]:
    """Properties that are read again and work out the same."""
    for use in costs.facts.attributes if properties else ():
        name = use.node.attr.value if isinstance(use.node, cst.Attribute) else ""
        function = properties.get(name)
        if function is None or use.loop is None:
            continue
        receiver = _receiver(costs, use.node, use.scope, use.order, function)
        needed = _needed({}, function, receiver)
        if receiver is None or not needed:
            continue
        repeat = outermost(costs, needed, use.scope, use.loop)
        of = next((here for path, here in gone_through(function) if len(path) > 1), None)
        if repeat is not None and of is not None:
            yield Again(use.node, use, of, repeat)
