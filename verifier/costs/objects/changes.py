"""Whether what an expression reads stays the same while a loop runs, and whether an object is kept beyond a turn."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import libcst as cst

from verifier.costs.loops.exits import leaving
from verifier.costs.model import Costs, Doing, Doings, Done
from verifier.costs.objects.doings import doings
from verifier.costs.objects.harmless import repeatable
from verifier.costs.objects.paths import owner_of, path_of
from verifier.semantics.fields import descend, semantic_fields
from verifier.semantics.model import Branch, BranchKind, Loop, Scope, ScopeKind
from verifier.semantics.names import normal

_MOST_SHARED = 40
_CHOICES = (cst.If, cst.IfExp, cst.MatchCase, cst.ExceptHandler, cst.ExceptStarHandler)


def invariant(
    costs: Costs, node: cst.BaseExpression, scope: Scope, loop: Loop, besides: frozenset[str] = frozenset()
) -> bool:
    """Whether an expression surely has the same value on every turn of a loop, and no effect, some names left out."""
    if _given_anew(scope, loop, node):
        return False
    local = frozenset(own_names(node)) | besides
    deep = bool(local) or any(isinstance(each, cst.Attribute | cst.Subscript) for each in descend(node))
    for each in descend(node):
        match each:
            case cst.Await() | cst.Yield() | cst.NamedExpr():
                return False
            case cst.Call() if not repeatable(costs, each, scope):
                return False
            case _:
                pass
    return all(path[0] in local or unchanged(costs, path, scope, loop, deep=deep) for path in _paths(node))


def _given_anew(scope: Scope, loop: Loop, node: cst.CSTNode) -> bool:
    """Whether an expression reads the parameter of a lambda around it, which each of its calls gives."""
    given: set[str] = set()
    around: Scope | None = scope
    while around is not None and around is not loop.scope:
        if around.kind is ScopeKind.LAMBDA:
            given.update(around.bindings)
        around = around.parent
    return bool(given) and any(isinstance(each, cst.Name) and each.value in given for each in descend(node))


def unchanged(
    costs: Costs, path: tuple[str, ...], scope: Scope, loop: Loop, *, deep: bool, bound: bool = False
) -> bool:
    """Whether nothing in a loop may bind a path anew or change the object it leads to (if `deep`, its elements).

    With `bound`, the path is bound in the loop, and only changes of the object count.
    """
    known = doings(costs)
    span = _span(costs, loop)
    if span is None:
        return False
    waiting = [((owner_of(costs, path[0], scope), path[0]), path)]
    seen = {waiting[0]}
    function = scope.function
    while waiting:
        key, here = waiting.pop()
        if len(seen) > _MOST_SHARED or known.foreign.get(key, set()) - {id(function)}:
            return False
        alias = bound or here != path
        if any(
            _disturbs(known, each, here, deep=deep, alias=alias) for each in _between(known.done.get(key, []), span)
        ):
            return False
        for each in known.aliases.get(key, ()):
            there = _translated(here, each.path, each.other, deep=deep)
            if there is not None and (each.key, there) not in seen:
                seen.add((each.key, there))
                waiting.append((each.key, there))
    return True


def kept(costs: Costs, path: tuple[str, ...], scope: Scope, loop: Loop) -> bool:
    """Whether the object that a path leads to may be held by something else, or changed by others, after a turn."""
    span = _span(costs, loop)
    if span is None:
        return True
    known = doings(costs)
    key = (owner_of(costs, path[0], scope), path[0])
    return any(
        each.path == path
        and each.done in {Done.KEPT, Done.PASSED}
        and each.place not in known.leaving
        and not (each.into is not None and is_left_alone(known, each.into))
        for each in _between(known.done.get(key, []), span)
    )


def done_with(costs: Costs, path: tuple[str, ...], scope: Scope, loop: Loop) -> Iterator[Doing]:
    """What a loop does with the object that a path leads to, and with its elements and attributes."""
    span = _span(costs, loop)
    if span is not None:
        found = doings(costs).done.get((owner_of(costs, path[0], scope), path[0]), [])
        yield from (each for each in _between(found, span) if each.path[: len(path)] == path)


def _span(costs: Costs, loop: Loop) -> tuple[int, int] | None:
    node = loop.scope.node if loop.kind == "comprehension" else loop.node
    return doings(costs).spans.get(id(node))


def _between(found: list[Doing], span: tuple[int, int]) -> Iterator[Doing]:
    for index in range(bisect_left(found, span[0], key=lambda each: each.place), len(found)):
        if found[index].place > span[1]:
            return
        yield found[index]


def _disturbs(known: Doings, doing: Doing, path: tuple[str, ...], *, deep: bool, alias: bool) -> bool:
    """Whether a doing may give a path another object, or change the one that it leads to."""
    if doing.done is Done.KEPT or (doing.into is not None and is_left_alone(known, doing.into, kept=True)):
        return False
    shorter = min(len(doing.path), len(path))
    if doing.path[:shorter] != path[:shorter]:
        return False
    if len(doing.path) > len(path):
        return deep
    return doing.done is not Done.BOUND or not alias


def is_left_alone(known: Doings, parameter: tuple[int, str], *, kept: bool = False) -> bool:
    """Whether a function of the file neither changes what it is given for a parameter nor hands it on to be changed.

    With `kept`, it may keep it, or give it back.
    """
    key = (*parameter, kept)
    if key not in known.alone:
        known.alone[key] = True  # what hands it to itself again does nothing new
        known.alone[key] = _leaves_alone(known, parameter, kept=kept)
    return known.alone[key]


def _leaves_alone(known: Doings, parameter: tuple[int, str], *, kept: bool) -> bool:
    fine = {Done.BOUND, Done.KEPT} if kept else {Done.BOUND}
    shared = [known.done.get(one.key, ()) for one in known.aliases.get(parameter, ())]
    if any(each.done not in fine for found in shared for each in found):
        return False
    return all(
        (each.done is Done.BOUND and len(each.path) == 1)
        or (each.done is Done.KEPT and kept)
        or (each.into is not None and is_left_alone(known, each.into, kept=kept))
        for each in known.done.get(parameter, ())
    )


def _translated(
    path: tuple[str, ...], one: tuple[str, ...], other: tuple[str, ...], *, deep: bool
) -> tuple[str, ...] | None:
    """A path by another name of an object on it, or of one below it."""
    if path[: len(one)] == one:
        return (*other, *path[len(one) :])
    return other if deep and one[: len(path)] == path else None


def own_names(node: cst.CSTNode) -> Iterator[str]:
    """The names that comprehensions and lambdas in an expression bind."""
    for each in descend(node):
        match each:
            case cst.CompFor(target=target):
                yield from (normal(one.value) for one in descend(target) if isinstance(one, cst.Name))
            case cst.Param(name=cst.Name(value=name)):
                yield normal(name)
            case _:
                pass


def _paths(node: cst.CSTNode) -> Iterator[tuple[str, ...]]:
    """The longest paths that an expression reads, those in indices included; names of functions are left out."""
    path = path_of(node)
    if path is not None:
        yield path
    match node:
        case cst.Name():
            pass
        case cst.Attribute(value=value):
            if path is None:
                yield from _paths(value)
            elif not isinstance(value, cst.Name):
                yield from _indices(value)
        case cst.Subscript() if path is not None:
            yield from _indices(node)
        case cst.Call(func=func, args=args):
            if isinstance(func, cst.Attribute):
                yield from _paths(func.value)
            for arg in args:
                yield from _paths(arg.value)
        case _:
            for name in semantic_fields(type(node)):
                value = getattr(node, name)
                for child in value if isinstance(value, list | tuple) else (value,):
                    if isinstance(child, cst.CSTNode):
                        yield from _paths(child)


def _indices(node: cst.CSTNode) -> Iterator[tuple[str, ...]]:
    """The paths that the indices in a chain read."""
    while isinstance(node, cst.Attribute | cst.Subscript):
        if isinstance(node, cst.Subscript):
            for each in node.slice:
                yield from _paths(each)
        node = node.value


def runs_once(costs: Costs, loop: Loop | None, statement: cst.CSTNode) -> bool:
    """Whether the block of a statement in a loop ends by leaving the loop or the function around it."""
    if loop is None or loop.kind == "comprehension":
        return False
    block = doings(costs).blocks.get(id(statement))
    return block is not None and leaving(block[0]) is not None


def conditional(branch: Branch | None, loop: Loop) -> bool:
    """Whether a place in a loop runs only on some of its turns, as far as `if`, `match` and `except` say."""
    if loop.kind == "comprehension":
        return branch is not None and isinstance(branch.node, cst.IfExp)
    while branch is not None and branch.node is not loop.node:
        if branch.kind is not BranchKind.LOOP and isinstance(branch.node, _CHOICES):
            return True
        branch = branch.parent
    return False
