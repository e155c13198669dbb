"""Where rules about resources look: calls of known functions, and functions that answer a request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.costs.loops.standing import calls_of, every_call
from verifier.costs.model import Costs
from verifier.semantics.model import Call, Scope
from verifier.semantics.names import qualify

_ROUTES = frozenset({"route", "get", "post", "put", "delete", "patch", "websocket", "api_route"})
_DEEPEST = 2


def called(parsed: Parsed, costs: Costs, paths: Sequence[str]) -> Iterator[tuple[Call, str]]:
    """The calls in the file of functions of other packages, by their dotted paths, with the path."""
    wanted = frozenset(paths)
    for name in sorted({each.rpartition(".")[2] for each in paths}):
        for call in costs.calls.get(name, ()):
            for path in qualify(parsed.facts, call.node.func, call.scope, call.order):
                if path in wanted:
                    yield call, path
                    break


def request_handler(costs: Costs, call: Call, depth: int = 0) -> Scope | None:
    """The function behind a route (Flask, FastAPI, AWS Lambda) every request to which makes a call."""
    function = call.scope.function
    if function is None or not every_call(call, early=True):
        return None
    if function.name == "lambda_handler" or (
        isinstance(function.node, cst.FunctionDef) and any(_is_route(each) for each in function.node.decorators)
    ):
        return function
    if depth < _DEEPEST:
        for site in calls_of(costs, function):
            if (found := request_handler(costs, site, depth + 1)) is not None:
                return found
    return None


def _is_route(decorator: cst.Decorator) -> bool:
    """`@app.get("/orders")`."""
    match decorator.decorator:
        case cst.Call(
            func=cst.Attribute(attr=cst.Name(value=name)), args=[cst.Arg(value=cst.SimpleString() as path), *_]
        ):
            return name in _ROUTES and str(path.evaluated_value).startswith("/")
        case _:
            return False
