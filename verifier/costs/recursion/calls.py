"""Functions that call themselves: which of the calls run on one path, and what each does to a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.written import integer
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, Call, Loop, Scope, ScopeKind
from verifier.semantics.names import reaching

_MOST_PATHS = 64


class Step(StrEnum):
    """What an argument of a self-call is, seen from the parameter that it is given for."""

    SAME = "same"
    UP = "up"
    DOWN = "down"
    LESS = "less"  # by something that is not constant: `amount - coin`
    MORE = "more"
    REST = "rest"  # `items[1:]`: without a constant number of elements at one end
    CUT = "cut"  # `items[i:]` or `items[:i]`: in front of a place or behind it
    WITHIN = "within"  # the variable of a loop over a `range` that the parameter bounds
    FIXED = "fixed"
    OTHER = "other"


SHRINKING = frozenset({Step.UP, Step.DOWN, Step.LESS, Step.REST, Step.WITHIN})
"""Steps of which a recursion can take only so many."""


@dataclass(frozen=True, slots=True)
class Self:
    """One call of a function by itself, with the argument and the step for each parameter."""

    call: Call
    arguments: dict[str, cst.BaseExpression]
    steps: dict[str, Step]


@dataclass(frozen=True, slots=True)
class Recursion:
    """A function with its calls of itself; its parameters by name, `self` left out."""

    scope: Scope
    node: cst.FunctionDef
    parameters: dict[str, Binding]
    selves: tuple[Self, ...]


def recursions(costs: Costs) -> Iterator[Recursion]:
    """Each function of the file that calls itself."""
    for name, scopes in costs.functions.items():
        inside: dict[int, list[Call]] = {}
        for call in costs.calls.get(name, ()):
            inside.setdefault(id(call.scope.function), []).append(call)
        for scope in scopes:
            calls = [each for each in inside.get(id(scope), ()) if _means(costs, each, scope)]
            if isinstance(scope.node, cst.FunctionDef) and calls and (found := _recursion(scope, scope.node, calls)):
                yield found


def _recursion(scope: Scope, node: cst.FunctionDef, calls: list[Call]) -> Recursion | None:
    names = [each.name.value for each in (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)]
    if isinstance(node.params.star_arg, cst.Param) or node.params.star_kwarg is not None:
        return None
    if scope.parent is not None and scope.parent.kind is ScopeKind.CLASS and not _static(node):
        names = names[1:]
    parameters = {
        name: bindings[0] for name in names if (bindings := scope.bindings.get(name)) is not None and len(bindings) == 1
    }
    selves = []
    for call in calls:
        arguments = _arguments(call.node, names)
        steps = {name: step(name, arguments[name], call) if name in parameters else Step.OTHER for name in arguments}
        selves.append(Self(call, arguments, steps))
    return Recursion(scope, node, parameters, tuple(selves))


def _means(costs: Costs, call: Call, scope: Scope) -> bool:
    """Whether a call with a function's name is surely a call of that function."""
    method = scope.parent is not None and scope.parent.kind is ScopeKind.CLASS
    match call.node.func:
        case cst.Name(value=name) if not method:
            bindings = reaching(costs.facts, name, call.scope, call.order) or ()
            return len(bindings) == 1 and bindings[0].node is scope.node
        case cst.Attribute(value=cst.Name(value=owner)) if method and scope.parent is not None:
            return owner in {"self", "cls", scope.parent.name}
        case _:
            return False


def _static(node: cst.FunctionDef) -> bool:
    return any(
        isinstance(each.decorator, cst.Name) and each.decorator.value == "staticmethod" for each in node.decorators
    )


def _arguments(node: cst.Call, names: Sequence[str]) -> dict[str, cst.BaseExpression]:
    """The expressions that a call gives by parameter; what stands behind a star is left out."""
    found: dict[str, cst.BaseExpression] = {}
    for index, arg in enumerate(node.args):
        if arg.star:
            return {}
        if arg.keyword is not None:
            found[arg.keyword.value] = arg.value
        elif index < len(names):
            found[names[index]] = arg.value
    return found


def step(name: str, node: cst.BaseExpression, call: Call) -> Step:
    """What an argument is, seen from the parameter of that name."""
    if integer(node) is not None or isinstance(node, cst.SimpleString):
        return Step.FIXED
    match node:
        case cst.Name(value=value) if value == name:
            return Step.SAME
        case cst.UnaryOperation(operator=cst.Not(), expression=cst.Name(value=value)) if value == name:
            return Step.SAME
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract() as operator, right=right):
            return _moved(name, left, operator, right, call)
        case cst.Subscript(
            value=cst.Name(value=value),
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper, step=None))],
        ) if value == name:
            return _rest(lower, upper)
        case cst.Name(value=value):
            return Step.WITHIN if ranged(value, name, call) else Step.OTHER
        case _:
            return Step.OTHER


def _moved(
    name: str, left: cst.BaseExpression, operator: cst.BaseBinaryOp, right: cst.BaseExpression, call: Call
) -> Step:
    """`n - 1`, `amount - coin`, `n - i - 1`, `i + 1` where `i` is at an inner place."""
    inner = step(name, left, call)
    amount = integer(right)
    up = isinstance(operator, cst.Add)
    if inner is Step.WITHIN and amount is not None:
        return inner
    if inner is Step.LESS and (amount is not None or not up):
        return inner
    if inner is Step.SAME:
        if amount is None:
            if any(isinstance(each, cst.Call | cst.List | cst.Tuple | cst.BaseString) for each in descend(right)):
                return Step.OTHER
            return Step.MORE if up else Step.LESS
        return Step.SAME if amount == 0 else Step.UP if up == (amount > 0) else Step.DOWN
    return Step.OTHER


def _rest(lower: cst.BaseExpression | None, upper: cst.BaseExpression | None) -> Step:
    first = 0 if lower is None else integer(lower)
    last = 0 if upper is None else integer(upper)
    if (first is None and upper is None) or (last is None and lower is None):
        return Step.CUT
    if first is None or last is None or first < 0 or last > 0:
        return Step.OTHER
    return Step.SAME if first == last == 0 else Step.REST


def ranged(variable: str, name: str, call: Call) -> Loop | None:
    """The loop of a function around a call that counts with a variable in a `range` whose bounds read a parameter."""
    loop = call.loop
    while loop is not None:
        match loop.target, loop.iterable:
            case cst.Name(value=target), cst.Call(func=cst.Name(value="range")) as iterable if target == variable:
                read = any(isinstance(each, cst.Name) and each.value == name for each in descend(iterable))
                return loop if read else None
            case _:
                loop = loop.parent
    return None


def together(recursion: Recursion, selves: Sequence[Self]) -> tuple[Self, ...]:
    """Those of some calls of itself that a function makes on one path; of several paths, the first with most calls."""
    found = _block(recursion.node.body, {id(each.call.node): index for index, each in enumerate(selves)})
    most = max((calls for calls, _ in found), key=len)
    return tuple(selves[index] for index in sorted(most))


_Wanted = Mapping[int, int]
"""The numbers of the calls that are asked for, by the id of the node."""
_Paths = list[tuple[frozenset[int], bool]]
"""The calls on each path, and whether it ends in a `return` or `raise`."""


def _block(node: cst.CSTNode, wanted: _Wanted) -> _Paths:
    paths: _Paths = [(frozenset(), False)]
    for each in node.body if isinstance(node, cst.IndentedBlock | cst.SimpleStatementSuite) else [node]:
        following = _statement(each, wanted)
        joined = dict.fromkeys((calls, True) for calls, ended in paths if ended)
        for calls, ended in paths:
            if not ended:
                joined |= dict.fromkeys((calls | more, ends) for more, ends in following)
        paths = sorted(joined, key=lambda path: (-len(path[0]), path[1]))[:_MOST_PATHS]
    return paths


def _statement(node: cst.CSTNode, wanted: _Wanted) -> _Paths:
    match node:
        case cst.If(test=test, body=body, orelse=orelse):
            other = (
                _block(orelse.body if isinstance(orelse, cst.Else) else orelse, wanted)
                if orelse
                else [(frozenset[int](), False)]
            )
            before = frozenset(_calls(test, wanted))
            return [(before | calls, ended) for calls, ended in (*_block(body, wanted), *other)]
        case cst.For(iter=header, body=body) | cst.While(test=header, body=body):
            before = frozenset(_calls(header, wanted))
            inside = frozenset(each for calls, _ in _block(body, wanted) for each in calls)
            return [(before | inside, False)]  # another turn may take another way
        case cst.With(body=body):
            return _block(body, wanted)
        case cst.Match(cases=cases):
            return [(frozenset(), False), *(path for each in cases for path in _block(each.body, wanted))]
        case cst.FunctionDef() | cst.ClassDef():
            return [(frozenset(), False)]
        case cst.SimpleStatementLine(body=[*_, last]):
            return [(frozenset(_calls(node, wanted)), isinstance(last, cst.Return | cst.Raise))]
        case cst.Return() | cst.Raise():
            return [(frozenset(_calls(node, wanted)), True)]
        case _:
            return [(frozenset(_calls(node, wanted)), False)]


def _calls(node: cst.CSTNode, wanted: _Wanted) -> Iterator[int]:
    """The calls in an expression; of the two sides of `a if t else b` those of the side with more."""
    match node:
        case cst.IfExp(test=test, body=body, orelse=orelse):
            sides = [list(_calls(each, wanted)) for each in (body, orelse)]
            yield from _calls(test, wanted)
            yield from max(sides, key=len)
            return
        case cst.Call() if id(node) in wanted:
            yield wanted[id(node)]
        case cst.Lambda():
            return
    for child in node.children:
        yield from _calls(child, wanted)
