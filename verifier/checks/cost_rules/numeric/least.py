"""The least number that will do, counted up to although its halves could be tried."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import costly, header
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import size
from verifier.costs.model import Costs, Extent, Repeat, Size
from verifier.costs.written import integer
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Loop, Scope

_ORDERED = cst.LessThan | cst.LessThanEqual | cst.GreaterThan | cst.GreaterThanEqual
_END = 1 << 60
"""A point of the walk after everything."""


def least(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`while hours(piles, speed) > limit: speed += 1`, where the hours only fall as the speed rises."""
    for loop in parsed.facts.loops:
        found = _counted(loop)
        if found is None:
            continue
        counter, test = found
        gone_through = _gone_through(costs, loop, test, counter)
        if gone_through is None or gone_through.size < Size.LENGTH:
            continue
        yield costly(
            rule,
            parsed,
            header(loop) if loop.test is not None else test,
            Repeat(loop, Extent(Size.UNKNOWN, counter)),
            evidence={"searched": counter, "growth": f"{gone_through.text} times the value of {counter}"},
            severity=Severity.INFO if in_tests(parsed) else None,
            what=f"the least `{counter}` for `{code_of(parsed, test)}`",
            remedy="a search by halves",
        )


def _counted(loop: Loop) -> tuple[str, cst.Comparison] | None:
    """The number that a loop counts up from its beginning to where a comparison turns over, and the comparison."""
    match loop.node:
        case cst.While(
            test=cst.Comparison() as test,
            body=cst.IndentedBlock(
                body=[
                    cst.SimpleStatementLine(
                        body=[cst.AugAssign(target=cst.Name(value=name), operator=cst.AddAssign(), value=step)]
                    )
                ]
            ),
        ) if integer(step) == 1:
            others = [
                each
                for each in loop.scope.bindings.get(name, ())
                if each.kind is not BindingKind.AUGMENTED and each.order <= loop.order
            ]
            begins = [integer(each.value) for each in others[-1:] if each.value is not None]
        case cst.For(
            target=cst.Name(value=name),
            iter=cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=first), cst.Arg(value=last)]),
            body=cst.IndentedBlock(body=[cst.If(test=cst.Comparison() as test, body=body, orelse=None)]),
        ) if integer(last) is None and _gives(body, name):
            begins = [integer(first)]
        case _:
            return None
    return (name, test) if begins in ([0], [1]) else None


def _gives(body: cst.BaseSuite, name: str) -> bool:
    """Whether a block only returns a name, or ends the loop."""
    match body:
        case cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[cst.Return(value=cst.Name(value=value))])]):
            return value == name and len(body.body) == 1
        case cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[cst.Break()])]):
            return True
        case _:
            return False


def _gone_through(costs: Costs, loop: Loop, test: cst.Comparison, counter: str) -> Extent | None:
    """How much the monotone side of a comparison goes through on each turn; the other side must be a plain limit."""
    if len(test.comparisons) != 1 or not isinstance(test.comparisons[0].operator, _ORDERED):
        return None
    for side, limit in ((test.left, test.comparisons[0].comparator), (test.comparisons[0].comparator, test.left)):
        if isinstance(limit, cst.Name | cst.Attribute | cst.Integer) and not _reads(limit, counter):
            found = _monotone(costs, side, counter, loop.scope, loop.order)
            if found is not None:
                return found
    return None


def _monotone(costs: Costs, node: cst.BaseExpression, counter: str, scope: Scope, order: int) -> Extent | None:
    """The size of what is summed or counted where each part only falls, or only rises, with the counter."""
    match node:
        case cst.Call(
            func=cst.Name(value="sum"),
            args=[
                cst.Arg(
                    value=cst.GeneratorExp(elt=part, for_in=cst.CompFor(iter=items, inner_for_in=None) as clause)
                    | cst.ListComp(elt=part, for_in=cst.CompFor(iter=items, inner_for_in=None) as clause)
                )
            ],
        ):
            return _of_parts(costs, part, clause, items, counter, scope, order)
        case cst.Call(
            func=cst.Name(value="len"),
            args=[cst.Arg(value=cst.ListComp(elt=part, for_in=cst.CompFor(iter=items, inner_for_in=None) as clause))],
        ) if clause.ifs:
            return _of_parts(costs, cst.Integer("1"), clause, items, counter, scope, order)
        case cst.Call(
            func=cst.Name(value=name) | cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=name))
        ):
            return _by_function(costs, node, name, counter, scope, order)
        case _:
            return None


def _of_parts(
    costs: Costs,
    part: cst.BaseExpression,
    clause: cst.CompFor,
    items: cst.BaseExpression,
    counter: str,
    scope: Scope,
    order: int,
) -> Extent | None:
    if not isinstance(clause.target, cst.Name) or _reads(items, counter):
        return None
    element = clause.target.value
    match clause.ifs:
        case []:
            monotone = _falls(part, counter, element)
        case [cst.CompIf(test=test)]:
            monotone = integer(part) == 1 and _falls(test, counter, element)
        case _:
            return None
    return size(costs, items, scope, order) if monotone else None


def _falls(part: cst.BaseExpression, counter: str, element: str) -> bool:
    """Whether an element's part goes one way with the counter: `x / k`, `-(-x // k)`, `(x + k - 1) // k`, `x > k`."""
    match part:
        case cst.Call(func=func, args=[cst.Arg(value=inner)]) if (dotted(func) or "").rpartition(".")[2] in {
            "ceil",
            "floor",
            "int",
        }:
            return _falls(inner, counter, element)
        case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
            return _falls(inner, counter, element)
        case cst.BinaryOperation(left=left, operator=cst.Divide() | cst.FloorDivide(), right=cst.Name(value=right)) if (
            right == counter
        ):
            return _divided(left, counter, element)
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=right) if (
            integer(right) is not None
        ):
            return _falls(left, counter, element)
        case cst.Comparison(
            left=cst.Name(value=left),
            comparisons=[cst.ComparisonTarget(operator=operator, comparator=cst.Name(value=right))],
        ) if isinstance(operator, _ORDERED):
            return {left, right} == {counter, element}
        case _:
            return False


def _divided(node: cst.BaseExpression, counter: str, element: str) -> bool:
    """Whether a number that is divided is the element, give or take the counter and a constant: `x + k - 1`, `-x`."""
    match node:
        case cst.Name(value=value):
            return value == element
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Name(value=value)):
            return value == element
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=right):
            added = integer(right) is not None or (isinstance(right, cst.Name) and right.value == counter)
            whole = isinstance(right, cst.BinaryOperation) and _only(right, counter)
            return (added or whole) and _divided(left, counter, element)
        case _:
            return False


def _only(node: cst.BaseExpression, counter: str) -> bool:
    """Whether an expression is the counter, give or take a constant: `k - 1`."""
    match node:
        case cst.BinaryOperation(left=cst.Name(value=left), operator=cst.Add() | cst.Subtract(), right=right):
            return left == counter and integer(right) is not None
        case _:
            return False


def _by_function(costs: Costs, node: cst.Call, name: str, counter: str, scope: Scope, order: int) -> Extent | None:
    """The same of a function of the file that is called with the counter, and with nothing else of it."""
    functions = costs.functions.get(name, ())
    if len(functions) != 1 or not isinstance(functions[0].node, cst.FunctionDef) or any(a.star for a in node.args):
        return None
    function = functions[0].node
    names = [each.name.value for each in function.params.params]
    names = names[1:] if isinstance(node.func, cst.Attribute) else names
    given = {
        arg.keyword.value if arg.keyword else names[index]: arg.value
        for index, arg in enumerate(node.args)
        if arg.keyword or index < len(names)
    }
    inner = [key for key, value in given.items() if isinstance(value, cst.Name) and value.value == counter]
    if len(inner) != 1 or sum(_reads(value, counter) for value in given.values()) != 1:
        return None
    part = _result(function)
    if part is None:
        return None
    if isinstance(part, cst.For):
        found = _added_up(costs, part, inner[0], functions[0])
    else:
        found = _monotone(costs, part, inner[0], functions[0], _END)
    if found is None or found.of not in given:
        return found
    return size(costs, given[found.of], scope, order)


def _result(function: cst.FunctionDef) -> cst.BaseExpression | cst.For | None:
    """What a function returns at once, or the loop in which it adds up what it returns."""
    statements = [
        each
        for each in function.body.body
        if not (
            isinstance(each, cst.SimpleStatementLine)
            and isinstance(each.body[0], cst.Expr)
            and isinstance(each.body[0].value, cst.SimpleString)
        )
    ]
    match statements:
        case [cst.SimpleStatementLine(body=[cst.Return(value=value)])]:
            return value
        case [
            cst.SimpleStatementLine(
                body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=total))], value=cst.Integer())]
            ),
            cst.For(
                body=cst.IndentedBlock(
                    body=[cst.SimpleStatementLine(body=[cst.AugAssign(target=cst.Name(value=added))])]
                )
            ) as loop,
            cst.SimpleStatementLine(body=[cst.Return(value=cst.Name(value=returned))]),
        ] if total == added == returned:
            return loop
        case _:
            return None


def _added_up(costs: Costs, loop: cst.For, counter: str, scope: Scope) -> Extent | None:
    match loop:
        case cst.For(
            target=cst.Name(value=element),
            iter=items,
            body=cst.IndentedBlock(
                body=[cst.SimpleStatementLine(body=[cst.AugAssign(operator=cst.AddAssign(), value=part)])]
            ),
        ) if not _reads(items, counter) and _falls(part, counter, element):
            return size(costs, items, scope, _END)
        case _:
            return None


def _reads(node: cst.BaseExpression, name: str) -> bool:
    return any(isinstance(each, cst.Name) and each.value == name for each in descend(node))
