"""Searches through everything that can be made of some elements: all orders, all subsets, all combinations."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.numeric.orders import picked
from verifier.checks.cost_rules.reporting import CostRules, costly, header
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import number, size
from verifier.costs.model import Costs, Extent, Repeat, Size
from verifier.costs.written import integer
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Loop

_CHOOSING = ("any", "all", "min", "max")
"""Builtins that keep one of the values that they are given."""


def enumerations(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`for order in permutations(items): if …`, `for mask in range(1 << n)`, where few of them are kept."""
    yield from picked(parsed, costs, rule)
    asked = _asked(costs)
    for loop in parsed.facts.loops:
        found = _exponent(costs, loop)
        if found is None or not (_searches(loop) or id(loop.node) in asked):
            continue
        growth, extent = found
        if extent.size >= Size.UNKNOWN:
            yield costly(
                rule,
                parsed,
                header(loop),
                Repeat(loop, extent),
                evidence={"growth": growth.format(extent.text)},
                severity=None if extent.grows else Severity.INFO,
                what=code_of(parsed, header(loop)),
                growth=growth.format(extent.text),
            )


def _exponent(costs: Costs, loop: Loop) -> tuple[str, Extent] | None:
    """How many turns a loop takes, in words with a place for what decides it, and the size of that."""
    match loop.iterable:
        case cst.Call(func=cst.Name(value="range"), args=[*_, cst.Arg(value=stop)]):
            exponent = _power(stop)
            return None if exponent is None else ("2 ** {}", number(costs, exponent, loop.scope, loop.order))
        case cst.Call(func=func, args=[cst.Arg(value=items, star=""), *rest]):
            name = (dotted(func) or "").rpartition(".")[2]
            if name == "permutations" and not rest:
                return "{}!", size(costs, items, loop.scope, loop.order)
            if name == "combinations" and len(rest) == 1 and rest[0].keyword is None:
                return _subsets(costs, loop, items, rest[0].value)
            if name == "product" and len(rest) == 1 and rest[0].keyword and rest[0].keyword.value == "repeat":
                return "k ** {}", number(costs, rest[0].value, loop.scope, loop.order)
            return None
        case _:
            return None


def _subsets(
    costs: Costs, loop: Loop, items: cst.BaseExpression, taken: cst.BaseExpression
) -> tuple[str, Extent] | None:
    """`combinations(items, k)` for each `k` up to the length of the items, or with half of it."""
    match taken:
        case cst.BinaryOperation(left=most, operator=cst.FloorDivide(), right=right) if integer(right) == 2:
            growth = "nearly 2 ** {}"
        case cst.Name(value=name) if (upper := _most(loop, name)) is not None:
            growth, most = "2 ** {}", upper
        case _:
            return None
    whole = size(costs, items, loop.scope, loop.order)
    bound = number(costs, most, loop.scope, loop.order)
    return (growth, whole) if whole.text and (whole.of, whole.text) == (bound.of, bound.text) else None


def _most(loop: Loop, name: str) -> cst.BaseExpression | None:
    """The larger bound of the `range` that a loop around this one counts through with a name."""
    outer = loop.parent
    while outer is not None:
        match outer.target, outer.iterable:
            case cst.Name(value=target), cst.Call(func=cst.Name(value="range"), args=args) if target == name and args:
                down = len(args) == 3 and (integer(args[2].value) or 0) < 0
                return args[0].value if down or len(args) == 1 else args[1].value
            case _:
                outer = outer.parent
    return None


def _power(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """`n` of `2 ** n`, `1 << n` and `pow(2, n)`, give or take something."""
    match node:
        case cst.BinaryOperation(left=cst.Integer(), operator=cst.Power() | cst.LeftShift(), right=right):
            return right
        case cst.Call(func=cst.Name(value="pow"), args=[cst.Arg(value=cst.Integer()), cst.Arg(value=right)]):
            return right
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract()):
            return _power(left)
        case _:
            return None


def _searches(loop: Loop) -> bool:
    """Whether a loop looks for something among what it goes through, and does not hand out all of it."""
    match loop.node:
        case cst.For(body=cst.IndentedBlock(body=statements)):
            if any(_hands_out(each) for each in statements):
                return False
            return any(isinstance(each, cst.If) for each in descend(loop.node)) or _improves(loop.node)
        case cst.CompFor(ifs=ifs):
            return bool(ifs)
        case _:
            return False


def _asked(costs: Costs) -> set[int]:
    """The clauses of the comprehensions of which one value is kept: `any(… for …)`, `min(… for …)`, by id."""
    found: set[int] = set()
    for name in _CHOOSING:
        for call in costs.calls.get(name, ()):
            match call.node:
                case cst.Call(
                    func=cst.Name(), args=[cst.Arg(value=(cst.GeneratorExp() | cst.ListComp()) as values, star=""), *_]
                ):
                    clause: cst.CompFor | None = values.for_in
                    while clause is not None:
                        found.add(id(clause))
                        clause = clause.inner_for_in
                case _:
                    pass
    return found


def _hands_out(statement: cst.CSTNode) -> bool:
    """Whether a statement of the loop's own block keeps or yields on every turn."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Yield())]):
            return True
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=cst.Attribute(attr=cst.Name(value=name))))]):
            return name in {"append", "add", "extend"}
        case _:
            return False


def _improves(node: cst.CSTNode) -> bool:
    """Whether something in a loop is `best = max(best, …)`."""
    for each in descend(node):
        match each:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=name))],
                value=cst.Call(func=cst.Name(value="max" | "min"), args=[cst.Arg(value=cst.Name(value=first)), *_]),
            ) if first == name:
                return True
            case _:
                pass
    return False


RULES: CostRules = {"everything-enumerated": enumerations}
