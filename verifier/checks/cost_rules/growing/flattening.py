"""Lists added up one after the other, each sum a copy of all before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, code_of, finding
from verifier.checks.rewrites.common import Unfixable, code, replace_node
from verifier.checks.rewrites.names import spell
from verifier.costs.extents import size
from verifier.costs.kinds import LIST, TUPLE
from verifier.costs.model import Costs, Size
from verifier.costs.natures import few_by_nature, many_by_nature
from verifier.costs.objects.grown import sum_form
from verifier.costs.origins import outside
from verifier.model import Finding, Fix, Rule, Severity
from verifier.semantics.model import Binding, BindingKind, Call
from verifier.semantics.names import qualify, reaching

_KINDS = {LIST: "list", TUPLE: "tuple"}
_REDUCE = "functools.reduce"
_ADD = {"operator.add", "operator.concat"}


def sums(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`sum(lists, [])` and `reduce(operator.add, lists)` where what is added is lists or tuples."""
    for name in ("sum", "reduce"):
        for call in costs.calls.get(name, ()):
            found = _summed(costs, call) if name == "sum" else _reduced(costs, call)
            if found is None:
                continue
            parts, kind = found
            extent = size(costs, parts, call.scope, call.order)
            if extent.size <= Size.SLOW:
                continue
            text = code_of(parsed, parts)
            made = finding(
                rule,
                parsed,
                call.node,
                evidence={"class": kind, "growth": extent.text or f"len({text})"},
                call=code_of(parsed, call.node),
                kind=kind,
                turns=extent.text or f"the number of {kind}s",
            )
            fix = _chained(parsed, call, parts, kind) if name == "sum" else None
            weak = in_tests(parsed) or not extent.grows or few_by_nature(text)
            weak = weak or not (_is_handed_in(costs, parts, call) or many_by_nature(text))
            yield replace(made, severity=Severity.INFO if weak else made.severity, fix=fix)


def _is_handed_in(costs: Costs, parts: cst.BaseExpression, call: Call) -> bool:
    """Whether the lists are a parameter, of which nobody knows how many there are, or come from outside."""
    if outside(costs, parts, call.scope, call.order):
        return True
    if isinstance(parts, cst.ListComp | cst.GeneratorExp):
        return _is_handed_in(costs, parts.for_in.iter, call)
    bindings = reaching(costs.facts, parts.value, call.scope, call.order) if isinstance(parts, cst.Name) else ()
    return any(each.kind is BindingKind.PARAMETER for each in bindings or ())


def _summed(costs: Costs, call: Call) -> tuple[cst.BaseExpression, str] | None:
    """What a `sum` adds up, where it begins with an empty list or tuple."""
    if qualify(costs.facts, call.node.func, call.scope, call.order) != ("builtins.sum",):
        return None
    match call.node.args:
        case [cst.Arg(value=parts, star=""), cst.Arg(value=start, star="", keyword=None | cst.Name(value="start"))]:
            found = costs.inference.types(start, call.scope, call.order)
            return (parts, _KINDS[found[0]]) if len(found) == 1 and found[0] in _KINDS else None
        case _:
            return None


def _reduced(costs: Costs, call: Call) -> tuple[cst.BaseExpression, str] | None:
    """What a `reduce` adds up, where its function adds and it begins with a list, or always makes one."""
    if qualify(costs.facts, call.node.func, call.scope, call.order) != (_REDUCE,):
        return None
    match call.node.args:
        case [cst.Arg(value=function), cst.Arg(value=parts, star=""), *rest] if len(rest) < 2:
            pass
        case _:
            return None
    first = costs.inference.types(rest[0].value, call.scope, call.order) if rest else ()
    begun = (_KINDS.get(first[0]) if len(first) == 1 else None) if rest else _kind_of_parts(costs, parts, call)
    if set(qualify(costs.facts, function, call.scope, call.order)) & _ADD:
        return (parts, begun) if begun is not None else None
    match function:
        case cst.Lambda(params=cst.Parameters(params=[cst.Param(name=cst.Name(value=name)), _]), body=body):
            kind = sum_form(name, body) or (begun if _adds(name, body) else None)
            return (parts, kind) if kind is not None else None
        case _:
            return None


def _kind_of_parts(costs: Costs, parts: cst.BaseExpression, call: Call) -> str | None:
    """What each element is, where a comprehension makes them or an annotation says it: `list[list[int]]`."""
    if isinstance(parts, cst.ListComp | cst.GeneratorExp):
        found = costs.inference.types(parts.elt, call.scope, call.order)
        return _KINDS.get(found[0]) if len(found) == 1 else None
    bindings = reaching(costs.facts, parts.value, call.scope, call.order) if isinstance(parts, cst.Name) else ()
    match bindings:
        case [
            Binding(annotation=cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=inner))]), scope=scope)
        ]:
            found = costs.inference.annotation(inner, scope, call.order)
            return _KINDS.get(found[0]) if len(found) == 1 else None
        case [Binding(value=cst.ListComp() as made)]:
            return _kind_of_parts(costs, made, call)
        case _:
            return None


def _adds(name: str, body: cst.BaseExpression) -> bool:
    match body:
        case cst.BinaryOperation(operator=cst.Add(), left=cst.Name(value=left)):
            return left == name
        case _:
            return False


def _chained(parsed: Parsed, call: Call, parts: cst.BaseExpression, kind: str) -> Fix | None:
    """`list(itertools.chain.from_iterable(lists))`, which also takes what is no list."""
    try:
        spelled = spell(parsed, "itertools.chain", call.scope, call.order)
        lists = code(parsed, parts)
        inside = lists[1:-1] if isinstance(parts, cst.GeneratorExp) and len(parts.lpar) == 1 else lists
        text = f"{kind}({spelled.text}.from_iterable({inside}))"
        edits = (replace_node(parsed, call.node, text), *spelled.edits)
    except Unfixable:
        return None
    return Fix(f"Chain the {kind}s in one pass", edits, safe=False)


RULES: CostRules = {"sum-of-lists": sums}
