"""Calls that get the same on every turn of a loop: what they are made from is settled before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from verifier.costs.extents import turns
from verifier.costs.loops.exits import leaving
from verifier.costs.loops.paging import pages
from verifier.costs.model import Costs, Extent, Repeat, Size, text_of
from verifier.costs.natures import few_by_nature
from verifier.costs.objects.settled import Place, class_of, roots
from verifier.costs.origins import arguments
from verifier.costs.repeats import around, sites
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Branch, BranchKind, Call, Loop, Scope, ScopeKind

_DEEPEST = 4
_SURE = frozenset({BranchKind.TRY, BranchKind.LOOP})
_DEFINED = frozenset({BindingKind.IMPORT, BindingKind.FUNCTION, BindingKind.CLASS})
_MEMORY = frozenset({"lru_cache", "cache", "cached_property", "cached", "cache_resource", "cache_data", "memoize"})


def again(
    costs: Costs, call: Call, given: Sequence[cst.BaseExpression] | None = None, *, each: bool = False
) -> Repeat | None:
    """The loop that repeats a call with nothing changed, around it or around the calls of its function.

    `given` are the arguments that count; all of them if None. With `each`, the call may be made for each element of a
    collection, and the loop is the one that goes through the same collection again.
    """
    func = call.node.func
    parts = [each.value for each in call.node.args] if given is None else list(given)
    if isinstance(func, cst.Attribute):
        parts.append(func.value)
    return _again(costs, call, [Place(part, call.scope, call.order) for part in parts], 0, each=each)


def _again(costs: Costs, call: Call, places: Sequence[Place], depth: int, *, each: bool) -> Repeat | None:
    found = [root for place in places for root in roots(costs, place)]
    function = call.scope.function
    if None in found or (function is not None and function.kind is ScopeKind.LAMBDA):
        return None
    known = [root for root in found if root is not None and root.kind not in _DEFINED]
    best: Repeat | None = None
    for loop in around(call.loop):
        if not surely(call.branch, loop) or _once(loop):
            return best
        own = [root for root in known if root.loop is not None and root.loop.within(loop)]
        if own and each and all(root.kind is BindingKind.LOOP and root.loop is loop for root in own):
            through = _gone_through(costs, loop)
            if through is None:
                return best
            known = [*(root for root in known if root not in own), *through]
            continue
        if own:
            return best
        extent = Extent(Size.LENGTH) if pages(costs, loop) else turns(costs, loop)
        counts = Size.LENGTH if loop.kind == "while" else Size.UNKNOWN
        if extent.size >= counts and not _waits(costs, loop) and (best is None or extent.size > best.extent.size):
            best = Repeat(loop, extent)
    if best is not None or depth >= _DEEPEST or function is None or not every_call(call):
        return best
    own = [root for root in known if root.scope.function is function]
    if any(root.kind is not BindingKind.PARAMETER for root in own):
        return None  # made anew by every call
    handed = [(root, {id(site): value for site, value in arguments(costs, root)}) for root in own]
    for site in calls_of(costs, function):
        outer = _outer(site, handed, function)
        if outer is not None and (again_ := _again(costs, site, outer, depth + 1, each=each)) is not None:
            return Repeat(again_.loop, again_.extent, site)
    return None


def _gone_through(costs: Costs, loop: Loop) -> list[Binding] | None:
    """What decides the collection that a loop goes through; None where that cannot be told, or it has few elements."""
    if loop.iterable is None or not turns(costs, loop).grows or few_by_nature(text_of(costs, loop.iterable)):
        return None
    found = list(roots(costs, Place(loop.iterable, loop.scope, loop.order)))
    return None if None in found else [each for each in found if each is not None and each.kind not in _DEFINED]


def calls_of(costs: Costs, function: Scope) -> Iterator[Call]:
    """The calls that surely mean a function of the file: by its name, or of an object that is of the method's class."""
    for site in sites(costs, function):
        match site.node.func:
            case cst.Name():
                yield site
            case cst.Attribute(value=cst.Name(value="self" | "cls")):
                if function.parent is not None and class_of(site.scope) is function.parent:
                    yield site
            case cst.Attribute(value=value) if function.parent is not None:
                if costs.inference.types(value, site.scope, site.order) == (f"<local>.{function.parent.name}",):
                    yield site
            case _:
                pass


def _outer(
    site: Call, handed: Sequence[tuple[Binding, dict[int, cst.BaseExpression]]], function: Scope
) -> list[Place] | None:
    """What a call gives for the parameters that matter; None where that cannot be told."""
    places: list[Place] = []
    for each, given in handed:
        value = given.get(id(site))
        if value is None and _is_first(each, function) and isinstance(site.node.func, cst.Attribute):
            value = site.node.func.value
        if value is None:
            value = each.value  # its default
        if value is None or any(arg.star for arg in site.node.args):
            return None
        places.append(Place(value, site.scope, site.order))
    return places


def _is_first(parameter: Binding, function: Scope) -> bool:
    if not isinstance(function.node, cst.FunctionDef) or function.parent is None:
        return False
    if any(dotted(each.decorator) == "staticmethod" for each in function.node.decorators):
        return False
    params = (*function.node.params.posonly_params, *function.node.params.params)
    return function.parent.kind is ScopeKind.CLASS and bool(params) and params[0] is parameter.node


def surely(branch: Branch | None, loop: Loop) -> bool:
    """Whether code in a branch runs on every turn of a loop that gets there."""
    while branch is not None and branch.node is not loop.node:
        if branch.kind not in _SURE and branch.node is not loop.scope.node:
            return False
        branch = branch.parent
    return True


def every_call(call: Call, *, early: bool = False) -> bool:
    """Whether each call of its function comes to this place: no branch, memory or (unless `early`) early return."""
    function = call.scope.function
    if function is None or not isinstance(function.node, cst.FunctionDef):
        return False
    if any(remembers(each.decorator) for each in function.node.decorators) or function.outer:
        return False
    above = next((each.branch for each in _own_bindings(function) if each.node is function.node), None)
    branch = call.branch
    while branch is not None and branch is not above:
        if branch.kind not in _SURE and branch.node is not call.scope.node:
            return False
        branch = branch.parent
    return early or not any(isinstance(each, cst.If) and _returns(each.body) for each in function.node.body.body)


def _own_bindings(function: Scope) -> Sequence[Binding]:
    return function.parent.bindings.get(function.name, ()) if function.parent is not None else ()


def remembers(decorator: cst.BaseExpression) -> bool:
    """Whether a decorator keeps what the function gave: `functools.cache`, `st.cache_resource`."""
    func = decorator.func if isinstance(decorator, cst.Call) else decorator
    return (dotted(func) or "").rpartition(".")[2] in _MEMORY


def _once(loop: Loop) -> bool:
    """Whether a loop's body ends by leaving it: the first turn that gets there is the last."""
    return isinstance(loop.node, cst.For | cst.While) and _leaves(loop.node.body)


def _leaves(block: cst.BaseSuite) -> bool:
    match block.body[-1] if block.body else None:
        case cst.SimpleStatementLine():
            return leaving(block.body) is not None
        case cst.With(body=body) | cst.Try(body=body, orelse=None):
            return _leaves(body)
        case cst.Try(orelse=cst.Else(body=body)):
            return _leaves(body)
        case _:
            return False


def _returns(block: cst.BaseSuite) -> bool:
    match block.body[-1] if block.body else None:
        case cst.SimpleStatementLine(body=[*_, last]):
            return isinstance(last, cst.Return)
        case cst.Return():
            return True
        case _:
            return False


def _waits(costs: Costs, loop: Loop) -> bool:
    """Whether a loop sleeps: it watches something, or is polite."""
    return any(each.loop is not None and each.loop.within(loop) for each in costs.calls.get("sleep", ()))
