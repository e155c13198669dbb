"""Functions that hand all their arguments to another function as they are."""

from __future__ import annotations

import ast

from verifier.symbols.bodies import walk
from verifier.symbols.reading import Def


def passes_on(node: Def, function: str) -> bool:
    """Whether a function takes `*args, **kwargs` (after at most one more) and calls `function` with exactly these."""
    arguments = node.args
    if arguments.vararg is None or arguments.kwarg is None or arguments.kwonlyargs or arguments.defaults:
        return False
    leading = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if len(leading) > 1:
        return False
    args, kwargs = arguments.vararg.arg, arguments.kwarg.arg
    own = {args, kwargs, *leading}
    called = False
    for each in walk(*node.body):
        match each:
            case ast.Call(func=ast.Name(id=name)) if name == function:
                if not _exact(each, leading, args, kwargs):
                    return False
                called = True
            case ast.Call() if _given(each, args, kwargs):
                return False
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name in own or name == function:
                return False
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) if name in own:
                return False
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == kwargs:
                if attribute not in {"get", "items", "keys", "values", "copy"}:
                    return False
    return called


def _exact(call: ast.Call, leading: list[str], args: str, kwargs: str) -> bool:
    match call.args, call.keywords:
        case [*first, ast.Starred(value=ast.Name(id=starred))], [ast.keyword(arg=None, value=ast.Name(id=doubled))]:
            names = [each.id if isinstance(each, ast.Name) else "" for each in first]
            return names == leading and starred == args and doubled == kwargs
        case _:
            return False


def _given(call: ast.Call, args: str, kwargs: str) -> bool:
    """Whether another call is given all the arguments, so that it may take the function's place."""
    starred = any(
        isinstance(each, ast.Starred) and isinstance(each.value, ast.Name) and each.value.id == args
        for each in call.args
    )
    doubled = any(
        each.arg is None and isinstance(each.value, ast.Name) and each.value.id == kwargs for each in call.keywords
    )
    return starred or doubled
