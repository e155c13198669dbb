"""Membership tests that go through a list from its start, again on every turn of a loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.grading import graded_search
from verifier.checks.cost_rules.lists.fixes import to_set
from verifier.checks.cost_rules.reporting import CostRules, costly, growth
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import size
from verifier.costs.kinds import is_list
from verifier.costs.loops.whiles import walks
from verifier.costs.model import Costs, Repeat, Size, text_of
from verifier.costs.objects.handed import asked_for_each, called_list, handed_lists
from verifier.costs.objects.short import kept_short
from verifier.costs.objects.windows import changes, method
from verifier.costs.repeats import repeated
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import Use
from verifier.semantics.names import reaching

_MOST = 100
"""Places where a list gets longer that are looked at."""
_DOUBT = "a list by its name"
_BUILDERS = frozenset({"list", "tuple", "sorted", "set", "frozenset", "reversed"})


def membership(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`x in items` on a list that outlives the loop around it, once for each list and loop."""
    told: dict[tuple[int, str], Finding] = {}
    waiting = _waits(parsed, costs)
    handed = asked_for_each(costs)
    for each in parsed.facts.comparisons:
        loop = handed.get(id(each.scope.node)) if each.loop is None else None
        use = each if loop is None else replace(each, loop=loop)
        comparison = use.node
        if not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) != 1:
            continue
        target = comparison.comparisons[0]
        if not isinstance(target.operator, cst.In | cst.NotIn):
            continue
        found = _searched(costs, target.comparator, use)
        if found is None:
            continue
        container, repeat, kind = found
        if kept_short(costs, container, use.scope):
            continue
        if id(comparison) in waiting and not _fills(costs, container, use, repeat):
            continue
        text = code_of(parsed, target.comparator)
        before = told.get((id(repeat.loop), text))
        if before is not None and before.severity is not Severity.INFO:
            continue
        made = costly(
            rule,
            parsed,
            comparison,
            repeat,
            evidence={"container": text, "class": kind},
            severity=Severity.INFO
            if kind == _DOUBT
            else graded_search(parsed, costs, repeat, container, use.scope, use.order, use.loop),
            fix=to_set(parsed, costs, target.comparator, use.scope, use.order),
            container=text,
            growth=growth(costs, repeat, container, use.scope),
        )
        if before is None or made.severity is not Severity.INFO:
            told[id(repeat.loop), text] = made
    yield from told.values()


def _waits(parsed: Parsed, costs: Costs) -> set[int]:
    """The ids of comparisons in loop tests: `while answer not in choices` waits for what somebody else does."""
    tests = (each.test for each in parsed.facts.loops if each.test is not None and not walks(costs, each))
    return {id(node) for test in tests for node in descend(test) if isinstance(node, cst.Comparison)}


def _fills(costs: Costs, container: cst.BaseExpression, use: Use, repeat: Repeat) -> bool:
    """Whether a loop around a `while x in taken` puts something into the container on each turn."""
    return any(
        method(call) in {"append", "insert"}
        and call.loop is not None
        and call.loop.within(repeat.loop)
        and not (use.loop is not None and use.loop is repeat.loop)
        for call in changes(costs, text_of(costs, container), use.scope)[:_MOST]
    )


def _searched(costs: Costs, node: cst.BaseExpression, use: Use) -> tuple[cst.BaseExpression, Repeat, str] | None:
    """What is gone through element by element, the loop that repeats it, and what it is."""
    match node:
        case cst.Name() | cst.Attribute():
            repeat = repeated(costs, node, use.loop, use.scope, use.order)
            if repeat is None:
                return None
            if is_list(costs, node, use.scope, use.order) or handed_lists(costs, node, use.scope, use.order):
                return node, repeat, "list"
            return (node, repeat, _DOUBT) if called_list(costs, node, use.scope, use.order) else None
        case cst.Call(func=cst.Attribute(value=cst.Name() | cst.Attribute() as base, attr=name), args=[]) if (
            name.value == "values"
        ):
            return _built(costs, base, "the values of a dict", use)
        case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner, star="", keyword=None), *_]) if (
            name in _BUILDERS and not reaching(costs.facts, name, use.scope, use.order)
        ):
            return _built(costs, _base(inner), f"{name}() of it, built on each turn", use)
        case (
            cst.ListComp(for_in=cst.CompFor(iter=inner, inner_for_in=None))
            | cst.SetComp(for_in=cst.CompFor(iter=inner, inner_for_in=None))
            | cst.GeneratorExp(for_in=cst.CompFor(iter=inner, inner_for_in=None))
        ):
            if any(isinstance(each, cst.Name) and _moves(use, each.value) for each in descend(node)):
                return None
            return _built(costs, _base(inner), "a comprehension over it, built on each turn", use)
        case _:
            return None


def _base(node: cst.BaseExpression) -> cst.BaseExpression:
    """`d` for `d.keys()` and `d.items()`."""
    match node:
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="keys" | "values" | "items")), args=[]):
            return value
        case _:
            return node


def _built(
    costs: Costs, base: cst.BaseExpression, kind: str, use: Use
) -> tuple[cst.BaseExpression, Repeat, str] | None:
    """A thing that is made from something long-living, or gone through, for one test only."""
    repeat = repeated(costs, base, use.loop, use.scope, use.order)
    if repeat is None or not size(costs, base, use.scope, use.order).size >= Size.LENGTH:
        return None
    return base, repeat, kind


def _moves(use: Use, name: str) -> bool:
    """Whether a name gets another value in the loop around a test."""
    bindings = use.scope.bindings.get(name, ())
    loop = use.loop
    while loop is not None and loop.parent is not None:
        loop = loop.parent
    return loop is not None and any(each.loop is not None and each.loop.within(loop) for each in bindings)


RULES: CostRules = {"list-membership-in-loop": membership}
