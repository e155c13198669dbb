"""Whether a value is read from outside the program: standard input, files, a database, the command line."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.natures import few_by_nature
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Call, Scope, ScopeKind
from verifier.semantics.names import reaching

_DEEPEST = 10
_READERS = frozenset({"input", "raw_input", "open"})
_READING = frozenset(
    {
        "readline",
        "readlines",
        "read",
        "read_text",
        "read_bytes",
        "fetchall",
        "fetchmany",
        "getline",
        "recv",
        "parse_args",
        "json",
    }
)
_STREAMS = frozenset({"sys.stdin", "stdin", "sys.stdin.buffer", "stdin.buffer", "sys.argv", "argv"})


def outside(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> bool:
    """Whether an expression's value, or a part of what it is made from, is read from outside."""
    if depth > _DEEPEST:
        return False
    key = (id(node), id(scope))
    if key not in costs.outside:
        costs.outside[key] = False  # a value that depends on itself brings nothing new
        costs.outside[key] = _outside(costs, node, scope, order, depth + 1)
    return costs.outside[key]


def _outside(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int) -> bool:
    match node:
        case cst.Name():
            if node.value in _STREAMS:
                return True
            bindings = reaching(costs.facts, node.value, scope, order) or ()
            return any(given(costs, each, depth) for each in bindings)
        case cst.Attribute():
            return dotted(node) in _STREAMS
        case cst.Call():
            return _call(costs, node, scope, order, depth)
        case cst.Subscript(value=value) | cst.StarredElement(value=value) | cst.NamedExpr(value=value):
            return outside(costs, value, scope, order, depth)
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements):
            return any(outside(costs, each.value, scope, order, depth) for each in elements)
        case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
            return outside(costs, node.for_in.iter, scope, order, depth) or _reads(node.elt)
        case cst.BinaryOperation(left=left, right=right):
            return outside(costs, left, scope, order, depth) or outside(costs, right, scope, order, depth)
        case cst.IfExp(body=body, orelse=orelse):
            return outside(costs, body, scope, order, depth) or outside(costs, orelse, scope, order, depth)
        case _:
            return False


def _call(costs: Costs, node: cst.Call, scope: Scope, order: int, depth: int) -> bool:
    match node.func:
        case cst.Name(value=name):
            if name in _READERS and name not in costs.functions:
                return True
            if name in costs.functions:
                return any(_returns(costs, each, depth) for each in costs.functions[name])
            bindings = reaching(costs.facts, name, scope, order) or ()
            if any(given(costs, each, depth) for each in bindings):
                return True
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            if name in _READING or dotted(value) in _STREAMS or outside(costs, value, scope, order, depth):
                return True
        case _:
            pass
    return any(outside(costs, arg.value, scope, order, depth) for arg in node.args)


def given(costs: Costs, each: Binding, depth: int = 0) -> bool:
    """Whether the value that a binding gives its name is read from outside."""
    if depth > _DEEPEST:
        return False
    if each.kind is BindingKind.PARAMETER:
        return any(outside(costs, arg, site.scope, site.order, depth + 1) for site, arg in arguments(costs, each))
    if each.kind is BindingKind.IMPORT:
        return each.path in {"sys.stdin", "sys.stdin.readline", "sys.argv"}
    if each.kind is BindingKind.LOOP and each.loop is not None and each.loop.iterable is not None:
        return outside(costs, each.loop.iterable, each.scope, each.loop.order, depth + 1)
    value = each.value or each.whole
    if isinstance(value, cst.Lambda):
        return _reads(value.body)
    if isinstance(value, cst.Attribute):
        return (dotted(value) or "").startswith(("sys.stdin", "stdin.")) or outside(
            costs, value, each.scope, each.order, depth + 1
        )
    if isinstance(value, cst.Name) and value.value in _READERS:
        return True
    return value is not None and outside(costs, value, each.scope, each.order, depth + 1)


def arguments(costs: Costs, parameter: Binding) -> list[tuple[Call, cst.BaseExpression]]:
    """What the calls in the file give for a parameter, each with its call; starred calls give nothing."""
    scope = parameter.scope
    function = scope.node
    if not isinstance(function, cst.FunctionDef) or not isinstance(parameter.node, cst.Param):
        return []
    params = (*function.params.posonly_params, *function.params.params)
    static = any(
        isinstance(each.decorator, cst.Name) and each.decorator.value == "staticmethod" for each in function.decorators
    )
    method = scope.parent is not None and scope.parent.kind is ScopeKind.CLASS and not static
    place = next((index for index, each in enumerate(params) if each is parameter.node), None)
    found: list[tuple[Call, cst.BaseExpression]] = []
    for call in costs.calls.get(scope.name, ()):
        args = call.node.args
        by_name = next((arg for arg in args if arg.keyword is not None and arg.keyword.value == parameter.name), None)
        if by_name is not None:
            found.append((call, by_name.value))
            continue
        index = None if place is None else place - (method and isinstance(call.node.func, cst.Attribute))
        if (
            index is not None
            and 0 <= index < len(args)
            and not any(arg.star or arg.keyword for arg in args[: index + 1])
        ):
            found.append((call, args[index].value))
    return found


def left_to_callers(parameter: Binding) -> bool:
    """Whether a parameter is one of a public function, and not named for something small: any number may come."""
    return not parameter.scope.name.startswith("_") and not few_by_nature(parameter.name)


def _returns(costs: Costs, scope: Scope, depth: int) -> bool:
    """Whether a function of the file returns something that is read from outside, as far as its text shows."""
    key = (id(scope), 0)
    if key not in costs.outside:
        costs.outside[key] = False
        node = scope.node
        found = isinstance(node, cst.FunctionDef) and any(
            each.value is not None and (_reads(each.value) or outside(costs, each.value, scope, 10**9, depth + 1))
            for each in descend(node.body)
            if isinstance(each, cst.Return)
        )
        costs.outside[key] = found
    return costs.outside[key]


def _reads(node: cst.CSTNode) -> bool:
    """Whether an expression itself calls one of the functions that read, as helpers like `lambda: int(input())` do."""
    for each in descend(node):
        match each:
            case cst.Call(func=cst.Name(value=name)) if name in _READERS - {"open"}:
                return True
            case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name))):
                if name in {"readline", "readlines"} or dotted(value) in _STREAMS:
                    return True
            case _:
                pass
    return False
