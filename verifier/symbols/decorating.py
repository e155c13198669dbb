"""What a function gives back when it is used as a decorator: what it is given, or a function that passes all on."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from verifier.symbols.bodies import Body, parameter_names, walk
from verifier.symbols.passing import passes_on
from verifier.symbols.reading import Def, Reading
from verifier.symbols.strings import words
from verifier.symbols.texts import last_part

_NOTHING = ""
_MARKING = words(
    "append add register isinstance issubclass getattr hasattr callable len signature wraps update_wrapper "
    "setdefault iscoroutinefunction isfunction isclass ismethod isasyncgenfunction isgeneratorfunction warn "
    "insert cast getdoc getfullargspec getsource str repr id partial get_type_hints dedent debug info"
)
"""Calls that may be given a function and leave it as it is."""
_WRAPPING = frozenset({"wraps", "update_wrapper", "cast"})
_Callable = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def kind(reading: Reading, node: Def, body: Body, *, method: bool) -> str:
    """`same`, `wraps`, or nothing where that cannot be told; a method's first parameter is passed over."""
    names = list(parameter_names(node.args))[1 if method else 0 :]
    if body.generator or not names or isinstance(node, ast.AsyncFunctionDef):
        return _annotated(reading, node, method=method) if reading.stub else _NOTHING
    if reading.stub or not body.returns:
        return _annotated(reading, node, method=method)
    first = names[0]
    if not all(_candidate(each, first, body) for each in body.returns):
        return _NOTHING
    if _touched(node, first):
        return _NOTHING
    return _returned(node, first, 0) or _annotated(reading, node, method=method)


def _candidate(node: ast.expr | None, first: str, body: Body) -> bool:
    """Whether a returned expression can be a decorated function; most cannot, and need no further look."""
    match node:
        case ast.Lambda():
            return True
        case ast.Name(id=name):
            return name == first or _defined(name, body)
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=given)]) if given == first:
            return _defined(name, body)
        case ast.Call(args=[ast.Name(id=name), *_] | [_, ast.Name(id=name)]):
            return _defined(name, body) or any(
                isinstance(each, ast.Name) and _defined(each.id, body) for each in node.args
            )
        case _:
            return False


def _defined(name: str, body: Body) -> bool:
    return ("def", None) in body.bound.get(name, ())


def _returned(node: _Callable, first: str, depth: int) -> str:
    """What all `return`s of a decorator, or of what makes one, come to."""
    if depth > 2:
        return _NOTHING
    found = {_value(each, node, first, depth) for each in _returns(node)}
    if not found or _NOTHING in found:
        return _NOTHING
    return "same" if found == {"same"} else "wraps"


def _returns(node: _Callable) -> list[ast.expr | None]:
    if isinstance(node, ast.Lambda):
        return [node.body]
    found: list[ast.expr | None] = []
    stack: list[ast.AST] = list(node.body)
    while stack:
        each = stack.pop()
        if isinstance(each, ast.Return):
            found.append(each.value)
        elif isinstance(each, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(
            each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            stack += ast.iter_child_nodes(each)
    return found


def _value(node: ast.expr | None, function: _Callable, first: str, depth: int) -> str:
    """What one returned expression is."""
    match node:
        case ast.Name(id=name) if name == first:
            return "same"
        case ast.Name(id=name):
            inner = _inner(function, name)
            return _NOTHING if inner is None else _made(inner, first, depth)
        case ast.Lambda():
            return _made(node, first, depth)
        case ast.Call(func=ast.Call(func=wrapping), args=[ast.Name(id=name)]) if last_part(wrapping) in _WRAPPING:
            return _value(ast.Name(id=name), function, first, depth)
        case ast.Call(func=wrapping, args=[ast.Name(id=name), ast.Name()]) if last_part(wrapping) == "update_wrapper":
            return _value(ast.Name(id=name), function, first, depth)
        case ast.Call(func=wrapping, args=[_, ast.Name(id=name)]) if last_part(wrapping) == "cast":
            return _value(ast.Name(id=name), function, first, depth)
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=given)], keywords=[]) if given == first:
            # a decorator that may be used with and without arguments
            inner = _inner(function, name)
            names = list(parameter_names(inner.args)) if inner is not None else []
            return _decorator(inner, names, depth) if inner is not None else _NOTHING
        case _:
            return _NOTHING


def _inner(function: _Callable, name: str) -> Def | None:
    """The one function inside that has this name."""
    if isinstance(function, ast.Lambda):
        return None
    found = [
        each
        for each in walk(*function.body)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name
    ]
    bound = [each for each in walk(*function.body) if isinstance(each, ast.Name) and each.id == name]
    stored = any(isinstance(each.ctx, ast.Store) for each in bound)
    return found[0] if len(found) == 1 and not stored else None


def _made(inner: _Callable, first: str, depth: int) -> str:
    """An inner function either takes the place of the decorated one, or is the decorator itself."""
    if isinstance(inner, ast.Lambda) or not passes_on(inner, first):
        return _decorator(inner, list(parameter_names(inner.args)), depth)
    return "wraps" if all(_plain(each) for each in inner.decorator_list) else _NOTHING


def _decorator(inner: _Callable, names: Sequence[str], depth: int) -> str:
    if not names or isinstance(inner, ast.AsyncFunctionDef) or inner.args.vararg or inner.args.kwarg:
        return _NOTHING
    if not isinstance(inner, ast.Lambda) and (inner.decorator_list or _touched(inner, names[0])):
        return _NOTHING
    return _returned(inner, names[0], depth + 1)


def _plain(decorator: ast.expr) -> bool:
    """Whether a wrapper's own decorator only copies names over."""
    return isinstance(decorator, ast.Call) and (last_part(decorator.func) or "").endswith("wraps")


def _touched(node: Def, first: str) -> bool:
    """Whether something public is set on the decorated object, or it is handed to a call that might do so."""
    for each in walk(*node.body):
        match each:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name == first:
                return True
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()) if name == first:
                if not attribute.startswith("_"):
                    return True
            case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=name), key, *_]) if name == first:
                if not (isinstance(key, ast.Constant) and str(key.value).startswith("_")):
                    return True
            case ast.Call(func=callee, args=arguments):
                given = any(isinstance(one, ast.Name) and one.id == first for one in arguments)
                inner = isinstance(callee, ast.Name) and _inner(node, callee.id) is not None
                if given and not inner and last_part(callee) not in _MARKING:
                    return True
    return False


def _annotated(reading: Reading, node: Def, *, method: bool) -> str:
    """What the annotations promise: the same type variable, or the same parameters, go in and come out."""
    if node.returns is None:
        return _NOTHING
    plain = [*node.args.posonlyargs, *node.args.args]
    taken = plain[1 if method else 0] if len(plain) > (1 if method else 0) else None
    given = taken.annotation if taken is not None else None
    own = reading.type_parameters.get(node.lineno, ()) or tuple(each.name for each in getattr(node, "type_params", ()))
    variables = reading.type_variables | set(own)
    if given is not None and (found := _kept(given, node.returns, variables)):
        return found
    match node.returns:
        case ast.Subscript(slice=ast.Tuple(elts=[ast.List(elts=[inner]), result])) if _callable(node.returns):
            return _kept(inner, result, variables)
        case _:
            return _NOTHING


def _kept(given: ast.expr, result: ast.expr, variables: set[str]) -> str:
    match given, result:
        case ast.Name(id=one), ast.Name(id=two) if one == two and (one in variables or _looks_like_a_variable(one)):
            return "same"
        case (
            ast.Subscript(slice=ast.Tuple(elts=[ast.Name(id=one), _])),
            ast.Subscript(slice=ast.Tuple(elts=[ast.Name(id=two), _])),
        ) if one == two and _callable(given) and _callable(result):
            # Callable[P, …]: a bare name there can only be a ParamSpec
            return "wraps"
        case _:
            return _NOTHING


def _callable(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and last_part(node.value) == "Callable"


def _looks_like_a_variable(name: str) -> bool:
    """Whether a name, perhaps imported, is written as type variables are."""
    bare = name.lstrip("_")
    return (bare.isupper() and len(bare) < 3) or bare.endswith(("FuncType", "_T", "FuncT", "TFunc"))
