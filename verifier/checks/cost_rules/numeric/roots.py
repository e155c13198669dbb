"""Roots and divisors that are looked for among all numbers up to a number."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.numeric.least import least
from verifier.checks.cost_rules.numeric.ranges import each_of_range
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, put, range_of
from verifier.checks.rewrites.insertion import inserted
from verifier.checks.rewrites.names import is_free
from verifier.costs.extents import number
from verifier.costs.model import Costs, Extent, Repeat, Size
from verifier.costs.written import integer
from verifier.model import Edit, Finding, Fix, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, Loop, Use

_ROOTS = {2: "square", 3: "cube"}
_REMEDIES = {2: "math.isqrt", 3: "the rounded cube root and its neighbours"}


def counted(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each loop over all numbers up to `n` that looks for a root of `n`, or for any divisor of it."""
    yield from least(parsed, costs, rule)
    for use in parsed.facts.comparisons:
        match use.node:
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=right)]):
                found = _root(parsed, costs, rule, use, left, right) or _root(parsed, costs, rule, use, right, left)
                found = found or _divisor(parsed, costs, rule, use, left, right)
                if found is not None:
                    yield found
            case _:
                pass


def _root(
    parsed: Parsed, costs: Costs, rule: Rule, use: Use, power: cst.BaseExpression, whole: cst.BaseExpression
) -> Finding | None:
    """`i * i == n` in a loop over `range(n)`."""
    base, exponent = _power(power)
    if base is None or exponent not in _ROOTS or not isinstance(whole, cst.Name):
        return None
    found = _loop(costs, use, base, whole.value)
    if found is None:
        return None
    loop, extent = found
    kind = _ROOTS[exponent]
    return costly(
        rule,
        parsed,
        use.node,
        Repeat(loop, extent),
        evidence={"searched": f"the {kind} root of {whole.value}", "growth": "exponential in the digits"},
        severity=Severity.INFO if in_tests(parsed) else None,
        what=f"the {kind} root of `{whole.value}`",
        remedy=_REMEDIES[exponent],
    )


def _power(node: cst.BaseExpression) -> tuple[str | None, int]:
    """The name and the exponent of `i * i`, `i ** 3`, `i * i * i`, `pow(i, 2)`."""
    match node:
        case cst.BinaryOperation(left=cst.Name(value=name), operator=cst.Power(), right=right):
            return name, integer(right) or 0
        case cst.Call(func=cst.Name(value="pow"), args=[cst.Arg(value=cst.Name(value=name)), cst.Arg(value=right)]):
            return name, integer(right) or 0
        case cst.BinaryOperation(left=left, operator=cst.Multiply(), right=cst.Name(value=name)):
            if isinstance(left, cst.Name):
                return (name, 2) if left.value == name else (None, 0)
            inner, times = _power(left)
            return (name, times + 1) if inner == name else (None, 0)
        case _:
            return None, 0


def _loop(costs: Costs, use: Use, counter: str, whole: str) -> tuple[Loop, Extent] | None:
    """The loop around a comparison that counts up to about a number that may be large, with its size."""
    loop = use.loop
    while loop is not None and not (isinstance(loop.target, cst.Name) and loop.target.value == counter):
        loop = loop.parent
    if loop is None:
        return None
    match loop.iterable:
        case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=stop)]):
            pass
        case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=cst.Integer()), cst.Arg(value=stop), *_]):
            pass
        case _:
            return None
    extent = number(costs, stop, loop.scope, loop.order)
    if not _up_to(stop, whole) or extent.size in {Size.SMALL, Size.FIXED, Size.SLOW, Size.LENGTH}:
        return None
    return loop, extent


def _up_to(stop: cst.BaseExpression, whole: str) -> bool:
    """Whether a bound is a number itself or a constant part of it: `n`, `n + 1`, `n // 2 + 1`, `int(n / 2)`."""
    match stop:
        case cst.Name(value=value):
            return value == whole
        case cst.BinaryOperation(
            left=left, operator=cst.Add() | cst.Subtract() | cst.FloorDivide() | cst.Divide(), right=cst.Integer()
        ):
            return _up_to(left, whole)
        case cst.Call(func=cst.Name(value="int"), args=[cst.Arg(value=inner)]):
            return _up_to(inner, whole)
        case _:
            return False


def _divisor(
    parsed: Parsed, costs: Costs, rule: Rule, use: Use, left: cst.BaseExpression, right: cst.BaseExpression
) -> Finding | None:
    """`n % i == 0` in a loop over `range(2, n)` that ends with the first divisor."""
    match left:
        case cst.BinaryOperation(left=cst.Name(value=whole), operator=cst.Modulo(), right=cst.Name(value=counter)) if (
            integer(right) == 0
        ):
            found = _loop(costs, use, counter, whole)
        case _:
            return None
    call = each_of_range(costs, use.scope, whole) if found is not None else None
    if found is None or not ((ends := _ends(found[0], use, counter)) or (call is not None and _only(found[0], use))):
        return None
    loop, extent = found
    return costly(
        rule,
        parsed,
        use.node,
        Repeat(loop, extent, call),
        evidence={"searched": f"a divisor of {whole}", "growth": f"{whole} turns where its square root would do"},
        severity=Severity.INFO if call is None or in_tests(parsed) else None,
        fix=_shortened(parsed, loop, whole) if ends else None,
        what=f"a divisor of `{whole}`",
        remedy=f"a loop to math.isqrt({whole})"
        if ends
        else f"a loop to math.isqrt({whole}), which finds them in pairs,",
    )


def _only(loop: Loop, use: Use) -> bool:
    """Whether a loop does nothing with what is no divisor: `sum(d for d in range(1, n) if n % d == 0)`."""
    match loop.node:
        case cst.CompFor(ifs=[cst.CompIf(test=test)]):
            return test is use.node
        case cst.For(body=cst.IndentedBlock(body=[cst.If(test=test, orelse=None)])):
            return test is use.node
        case _:
            return False


def _ends(loop: Loop, use: Use, counter: str) -> bool:
    """Whether the first divisor ends the loop, and which one it was does not matter; it must not be 1."""
    first = loop.iterable.args[0].value if isinstance(loop.iterable, cst.Call) else None
    if first is None or integer(first) != 2 or not isinstance(loop.node, cst.For):
        return False
    ends = False
    for each in loop.node.body.body:
        match each:
            case cst.If(
                test=test,
                body=(
                    cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[*_, last])])
                    | cst.SimpleStatementSuite(body=[*_, last])
                ) as body,
            ):
                if not isinstance(last, cst.Return | cst.Break):
                    return False
                if test is not use.node or counter in _names(body):
                    return False  # it may end at the root already
                ends = True
            case cst.If():
                return False
            case _:
                pass
    return ends


def _names(node: cst.CSTNode) -> Iterator[str]:
    return (each.value for each in descend(node) if isinstance(each, cst.Name))


def _shortened(parsed: Parsed, loop: Loop, whole: str) -> Fix | None:
    """The fix that ends the loop at the root; not a safe one, for a root of a negative number is an error."""
    if not isinstance(loop.iterable, cst.Call) or len(loop.iterable.args) != 2:
        return None
    bound = parsed.facts.module.bindings.get("math", [])
    imported = bool(bound) and all(one.kind is BindingKind.IMPORT and one.path == "math" for one in bound)
    edits: list[Edit] = []
    try:
        if not imported:
            if not is_free(parsed, "math"):
                return None
            edits.append(inserted(parsed, "import math", "math"))
        edits.append(put(parsed, *range_of(parsed, loop.iterable.args[1].value), f"math.isqrt({whole}) + 1"))
    except Unfixable:
        return None
    return Fix(f"Look for divisors up to the square root of `{whole}`", tuple(edits), safe=False)


RULES: CostRules = {"counted-root-search": counted}
