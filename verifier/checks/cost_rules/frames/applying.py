"""Functions that pandas or NumPy call for every row or element, where an expression works on all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import libcst as cst

from verifier.checks.cost_rules.frames.apply_fix import written_on_columns
from verifier.checks.cost_rules.frames.rows import row_reader
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, code_of, finding
from verifier.costs.frames.evidence import Kind
from verifier.costs.frames.known import Frames, grouped, kind, open_frames
from verifier.costs.frames.rows import few
from verifier.costs.frames.turn import Turn, columns, works
from verifier.costs.frames.vectors import At, Seen, elementwise, named
from verifier.costs.loops.following import LAST, follower
from verifier.costs.model import Costs
from verifier.model import Finding, Rule, Severity
from verifier.semantics.model import BindingKind, Call, Scope
from verifier.semantics.names import qualify, reaching


@dataclass(frozen=True, slots=True)
class _Functions:
    """What the functions of one file do, found out once for each."""

    costs: Costs
    follow: Callable[[str], bool]
    turns: dict[tuple[str, bool], Turn | None] = field(default_factory=dict)
    """By name, and whether they are called for rows."""


def applied(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`df.apply(f, axis=1)`, `df["a"].apply(f)`, `df["a"].map(f)` and `np.vectorize(f)` where `f` only calculates."""
    frames = open_frames(costs)
    if frames is None or in_tests(parsed):
        return
    functions = _Functions(costs, follower(costs))
    for name in ("apply", "map", "transform"):
        for call in costs.calls.get(name, ()):
            match call.node.func, call.node.args:
                case cst.Attribute(value=receiver), [cst.Arg(value=function, star="", keyword=None), *rest]:
                    by_row = name == "apply" and any(_is_axis(each, index) for index, each in enumerate(rest, 1))
                    if not by_row and (rest or not isinstance(function, cst.Lambda | cst.Name)):
                        continue
                    if _whole(frames, receiver, call, by_row=by_row):
                        yield from _judged(parsed, functions, rule, call, function, by_row=by_row)
                case _:
                    pass
    for call in costs.calls.get("vectorize", ()):
        if call.node.args and qualify(costs.facts, call.node.func, call.scope, call.order) == ("numpy.vectorize",):
            yield from _judged(parsed, functions, rule, call, call.node.args[0].value, by_row=False)


def _is_axis(arg: cst.Arg, index: int) -> bool:
    """`axis=1`, `axis="columns"`, or 1 as the second argument of `apply`."""
    if arg.keyword is None:
        return index == 1 and isinstance(arg.value, cst.Integer) and arg.value.value == "1"
    one = isinstance(arg.value, cst.Integer) and arg.value.value == "1"
    columns_ = isinstance(arg.value, cst.SimpleString) and arg.value.evaluated_value == "columns"
    return arg.keyword.value == "axis" and (one or columns_)


def _whole(frames: Frames, receiver: cst.BaseExpression, call: Call, *, by_row: bool) -> bool:
    """Whether a method surely goes over the rows of a frame or the elements of a column, of which there may be many."""
    known = kind(frames, receiver, call.scope, call.order)
    whole = known in {Kind.FRAME, None} if by_row else known is Kind.SERIES
    return whole and not grouped(receiver) and not few(frames, receiver, call.scope, call.order)


def _judged(
    parsed: Parsed,
    functions: _Functions,
    rule: Rule,
    call: Call,
    function: cst.BaseExpression,
    *,
    by_row: bool,
) -> Iterator[Finding]:
    """The finding for a function that only calculates: a warning where it works on numbers, else for information."""
    turn = _turn(functions, function, call, by_row=by_row)
    if turn is None or not turn.seen.work:
        return
    text = code_of(parsed, call.node.func)
    made = finding(
        rule,
        parsed,
        call.node,
        evidence={"called for": "each row" if by_row else "each element", "reads": columns(turn)},
        call=text,
        unit="row" if by_row else "element",
    )
    method = isinstance(call.node.func, cst.Attribute) and call.node.func.attr.value != "vectorize"
    fix = written_on_columns(parsed, call, function, by_row=by_row) if method else None
    sure = by_row or not turn.seen.texts
    yield replace(made, severity=made.severity if sure else Severity.INFO, fix=fix)


def _turn(functions: _Functions, function: cst.BaseExpression, call: Call, *, by_row: bool) -> Turn | None:
    """What one call of a lambda, or of a function of the file by its name, does; None where it does more."""
    costs = functions.costs
    match function:
        case cst.Lambda(params=params, body=body):
            seen = Seen()
            at = _at(functions, call.scope, call.order, _parameters(params), by_row=by_row)
            if at is None or not elementwise(body, at, seen) or not seen.fields:
                return None
            return Turn(at, seen, frozenset(), frozenset())
        case cst.Name(value=name):
            bindings = reaching(costs.facts, name, call.scope, call.order) or ()
            if len(bindings) != 1 or bindings[0].kind is not BindingKind.FUNCTION:
                return None
            node, scopes = bindings[0].node, costs.functions.get(name, [])
            if not isinstance(node, cst.FunctionDef) or len(scopes) != 1 or node.decorators or node.asynchronous:
                return None
            key = (name, by_row)
            if key not in functions.turns:
                at = _at(functions, scopes[0], LAST, _parameters(node.params), by_row=by_row)
                functions.turns[key] = works(node.body.body, at, answers=True) if at is not None else None
            return functions.turns[key]
        case _:
            return None


def _parameters(params: cst.Parameters) -> list[str]:
    if params.star_kwarg or isinstance(params.star_arg, cst.Param) or params.kwonly_params:
        return []
    return [each.name.value for each in (*params.posonly_params, *params.params)]


def _at(functions: _Functions, scope: Scope, order: int, names: list[str], *, by_row: bool) -> At | None:
    """What a function with these parameters is at: a row, which is its only parameter, or elements."""
    if not names or (by_row and len(names) != 1):
        return None
    if by_row:
        return At(functions.costs, scope, order, row_reader(names[0]), functions.follow)
    return At(functions.costs, scope, order, named(names), functions.follow)


RULES: CostRules = {"apply-by-row": applied}
