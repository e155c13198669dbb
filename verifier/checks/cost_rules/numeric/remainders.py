"""Numbers of ever more digits of which only the remainder is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.numeric.products import broken, large, products, summands
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, code_of, finding
from verifier.checks.rewrites.common import Unfixable, code, put, range_of, whole_range
from verifier.costs.extents import number
from verifier.costs.model import Costs, Size
from verifier.costs.written import integer
from verifier.model import Finding, Fix, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import Use

_LONG = ("**", "pow(", "factorial(")
_INT = ("builtins.int",)


def large_numbers(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`a ** b % m`, `factorial(n) % m`, and numbers that a loop makes ever larger before the remainder is taken."""
    if "%" not in parsed.text:
        return
    if any("%" in line and any(each in line for each in _LONG) for line in parsed.text.splitlines()):
        uses = {id(use.node): use for use in (*parsed.facts.names, *parsed.facts.attributes)}
        seen: set[int] = set()
        for node in descend(parsed.facts.tree):
            if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo):
                for part in summands(node.left):
                    found = _power(parsed, costs, rule, node, part, uses) if id(part) not in seen else None
                    seen.add(id(part))
                    if found is not None:
                        yield found
    yield from products(parsed, costs, rule)


def _power(
    parsed: Parsed,
    costs: Costs,
    rule: Rule,
    node: cst.BinaryOperation,
    part: cst.BaseExpression,
    uses: Mapping[int, Use],
) -> Finding | None:
    """`a ** b % m` where `b` is not written in the file; the power may be a part of a sum or a product."""
    raised = _raised(part)
    if raised is None:
        return None
    base, exponent = raised
    use = next((uses[id(each)] for each in descend(exponent) if id(each) in uses), None)
    if use is None or integer(exponent) is not None:
        return None
    extent = number(costs, exponent, use.scope, use.order)
    if extent.size in {Size.SMALL, Size.SLOW} or any(
        _fraction(parsed, each, use) for each in ((base, exponent, node.right), (None, node.left, node.right))
    ):
        return None
    sure = extent.grows or large(costs, node.right, use.scope, use.order)
    sure = sure or (base is not None and part is node.left and _modular(costs, base, node.right, use))
    made = finding(
        rule,
        parsed,
        part if part is not node.left else node,
        evidence={"number": code_of(parsed, part), "growth": f"digits grow with {code_of(parsed, exponent)}"},
        whole=code_of(parsed, part),
        modulus=code_of(parsed, node.right),
        remedy="a product that is reduced on every turn" if base is None else "pow(a, b, m)",
    )
    fix = _three_arguments(parsed, node, part, base, exponent, use) if base is not None else None
    severity = made.severity if sure and not in_tests(parsed) else Severity.INFO
    return replace(made, severity=severity, fix=fix)


def _modular(costs: Costs, base: cst.BaseExpression, modulus: cst.BaseExpression, use: Use) -> bool:
    """Whether base and modulus are names too, of no small numbers: a power in the ring of the modulus is wanted."""
    sizes = [number(costs, each, use.scope, use.order).size for each in (base, modulus)]
    named = all(isinstance(each, cst.Name | cst.Attribute) for each in (base, modulus))
    return named and sizes[1] not in {Size.SMALL, Size.FIXED, Size.SLOW} and sizes[0] is not Size.SLOW


def _raised(node: cst.BaseExpression) -> tuple[cst.BaseExpression | None, cst.BaseExpression] | None:
    """The base (None for a factorial) and what makes a number long: the exponent or the factorial's argument."""
    match node:
        case cst.BinaryOperation(left=base, operator=cst.Power(), right=exponent):
            return base, exponent
        case cst.Call(
            func=cst.Name(value="pow"), args=[cst.Arg(value=base, star=""), cst.Arg(value=exponent, star="")]
        ):
            return base, exponent
        case cst.Call(
            func=cst.Name(value="factorial")
            | cst.Attribute(value=cst.Name(value="math"), attr=cst.Name(value="factorial")),
            args=[cst.Arg(value=argument)],
        ):
            return None, argument
        case _:
            return None


def _fraction(parsed: Parsed, parts: tuple[cst.BaseExpression | None, ...], use: Use) -> bool:
    """Whether a part is known to be no integer, or the power is never long."""
    for part in parts:
        if part is None:
            continue
        types = parsed.inference.types(part, use.scope, use.order)
        if types and not set(types) <= {*_INT, "builtins.bool"}:
            return True
        if broken(part):
            return True
    return integer(parts[0]) in {0, 1, -1} if parts[0] is not None else False


def _three_arguments(
    parsed: Parsed,
    node: cst.BinaryOperation,
    part: cst.BaseExpression,
    base: cst.BaseExpression,
    exponent: cst.BaseExpression,
    use: Use,
) -> Fix | None:
    """`pow(a, b, m)`; safe where all three are surely integers."""
    try:
        parts = [_argument(parsed, each) for each in (base, exponent, node.right)]
        start, end = whole_range(parsed, node if part is node.left else part)
        edit = put(parsed, start, end, f"pow({', '.join(parts)})")
    except Unfixable:
        return None
    known = all(parsed.inference.types(each, use.scope, use.order) == _INT for each in (base, exponent, node.right))
    return Fix("Use `pow` with three arguments", (edit,), safe=known)


def _argument(parsed: Parsed, node: cst.BaseExpression) -> str:
    """The text of an operand as an argument, for which it needs no parentheses of its own."""
    if not isinstance(node, cst.BinaryOperation | cst.UnaryOperation):
        return code(parsed, node)
    start, end = range_of(parsed, node)
    return parsed.text[start:end]


RULES: CostRules = {"big-number": large_numbers}
