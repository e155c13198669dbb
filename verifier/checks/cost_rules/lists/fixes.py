"""Fixes that give a local list another class: a deque to take from its front, a set to be searched."""

from __future__ import annotations

import re

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, put, range_of, whole_range
from verifier.checks.rewrites.insertion import extended, inserted
from verifier.costs.model import Costs
from verifier.costs.objects.roles import Local, Role, local
from verifier.costs.objects.windows import method
from verifier.costs.written import integer
from verifier.model import Edit, Fix
from verifier.semantics.model import Scope
from verifier.semantics.names import reaching

_HASHABLE = frozenset({"builtins.str", "builtins.int", "builtins.bytes", "builtins.bool"})
_KEYS = re.compile(r"(^|_)(id|name|key|email|sku|code|url|path|title|isbn|uuid|slug|number|username)$")


def to_deque(parsed: Parsed, costs: Costs, container: cst.BaseExpression, scope: Scope, order: int) -> Fix | None:
    """`collections.deque` in place of a list of which nothing is asked that a deque does not do as well."""
    found = local(costs, container.value, scope) if isinstance(container, cst.Name) else None
    if found is None or not all(_as_deque(each) for each in found.roles):
        return None
    try:
        edits = [edit for each in found.roles for edit in _ends(parsed, each)]
        edits += [edit for each in found.values for edit in _made(parsed, each, "deque")]
        edits += _imported(parsed, costs, scope, order)
    except Unfixable:
        return None
    return Fix("Use a collections.deque", tuple(edits), safe=False)


def to_set(parsed: Parsed, costs: Costs, container: cst.BaseExpression, scope: Scope, order: int) -> Fix | None:
    """A set in place of a list that is only filled and searched, and holds what can be hashed."""
    found = local(costs, container.value, scope) if isinstance(container, cst.Name) else None
    if found is None or not all(_as_set(each) for each in found.roles):
        return None
    if not _hashable(parsed, found, scope, order) or reaching(costs.facts, "set", scope, order):
        return None
    try:
        edits = [edit for each in found.roles for edit in _added(parsed, each)]
        edits += [edit for each in found.values for edit in _made(parsed, each, "set")]
    except Unfixable:
        return None
    return Fix("Use a set", tuple(edits), safe=False)


def _as_deque(role: Role) -> bool:
    if role.kind != "call" or role.call is None:
        return role.kind != "other"
    args = role.call.node.args
    if any(arg.keyword is not None or arg.star for arg in args):
        return False
    match method(role.call):
        case "pop":
            return not args or (len(args) == 1 and integer(args[0].value) == 0)
        case "insert":
            return len(args) == 2 and integer(args[0].value) == 0
        case "append" | "extend" | "remove" | "clear" | "count":
            return True
        case _:
            return False


def _ends(parsed: Parsed, role: Role) -> list[Edit]:
    """`popleft()` for `pop(0)` and `appendleft(x)` for `insert(0, x)`."""
    if role.call is None or role.kind != "call" or not isinstance(role.call.node.func, cst.Attribute):
        return []
    args, name = role.call.node.args, role.call.node.func.attr
    match name.value:
        case "pop" if args:
            return [put(parsed, *range_of(parsed, name), "popleft"), put(parsed, *range_of(parsed, args[0]), "")]
        case "insert":
            first, second = range_of(parsed, args[0])[0], range_of(parsed, args[1])[0]
            return [put(parsed, *range_of(parsed, name), "appendleft"), put(parsed, first, second, "")]
        case _:
            return []


def _as_set(role: Role) -> bool:
    if role.kind == "call" and role.call is not None:
        args = role.call.node.args
        return method(role.call) == "append" and len(args) == 1 and not args[0].star and args[0].keyword is None
    if role.kind == "asked" and role.call is not None:
        return isinstance(role.call.node.func, cst.Name) and role.call.node.func.value == "bool"
    return role.kind in {"truth", "member"}


def _added(parsed: Parsed, role: Role) -> list[Edit]:
    if role.call is None or role.kind != "call" or not isinstance(role.call.node.func, cst.Attribute):
        return []
    return [put(parsed, *range_of(parsed, role.call.node.func.attr), "add")]


def _made(parsed: Parsed, value: cst.BaseExpression, name: str) -> list[Edit]:
    """A display, a comprehension or a `list(…)` as another class."""
    start, end = whole_range(parsed, value)
    match value:
        case cst.List(elements=[]):
            return [put(parsed, start, end, f"{name}()")]
        case cst.List() | cst.ListComp() if name == "set" and not value.lpar:
            return [put(parsed, start, start + 1, "{"), put(parsed, end - 1, end, "}")]
        case cst.List() | cst.ListComp():
            return [put(parsed, start, start, f"{name}("), put(parsed, end, end, ")")]
        case cst.Call(func=cst.Name(value="list") as func):
            return [put(parsed, *range_of(parsed, func), name)]
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="split" | "splitlines"))):
            return [put(parsed, start, start, f"{name}("), put(parsed, end, end, ")")]
        case _:
            raise Unfixable("nobody knows what is assigned")


def _hashable(parsed: Parsed, found: Local, scope: Scope, order: int) -> bool:
    """Whether all that is put into it is text, a number or a key by its name."""
    elements: list[cst.BaseExpression] = []
    for value in found.values:
        match value:
            case cst.List(elements=items):
                elements += [each.value for each in items]
            case cst.ListComp(elt=elt):
                elements.append(elt)
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="split" | "splitlines"))):
                pass
            case _:
                return False
    elements += [each.call.node.args[0].value for each in found.roles if each.call is not None and each.kind == "call"]
    return all(_is_key(parsed, each, scope, order) for each in elements)


def _is_key(parsed: Parsed, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)) if _KEYS.search(name):
            return True
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
            return _KEYS.search(str(key.evaluated_value)) is not None
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="lower" | "upper" | "strip" | "casefold"))):
            return True
        case _:
            types = parsed.inference.types(node, scope, order)
            return bool(types) and set(types) <= _HASHABLE


def _imported(parsed: Parsed, costs: Costs, scope: Scope, order: int) -> list[Edit]:
    """The import of deque, where the file does not have it yet."""
    bound = reaching(costs.facts, "deque", scope, order)
    if bound and all(each.path == "collections.deque" for each in bound):
        return []
    if bound:
        raise Unfixable("deque means something else in the file")
    statement = inserted(parsed, "from collections import deque", "collections")
    return [extended(parsed, "collections", "deque") or statement]
