"""Sequences that are put together anew on every turn of a loop, without some of their elements."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import graded
from verifier.checks.cost_rules.reporting import costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.kinds import is_list, is_sequence
from verifier.costs.loops.exits import Exits, exits, runs_once
from verifier.costs.model import Costs, Extent, Repeat, Size
from verifier.costs.objects.doings import doings
from verifier.costs.origins import outside
from verifier.costs.repeats import around
from verifier.model import Finding, Rule, Severity
from verifier.semantics.model import Binding, BindingKind, Loop


def rewritten(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`text = text[:i] + text[i + 2:]` in a loop that looks for the next place, and `while pair in text: …replace`."""
    known_exits: Exits | None = None
    for scope in parsed.facts.scopes:
        for name, bindings in scope.bindings.items():
            for each in bindings:
                if each.loop is None or each.value is None or each.kind is not BindingKind.ASSIGNMENT:
                    continue
                if not (_cuts_out(name, each.value) or _replaces(name, each.value, each.loop)):
                    continue
                container = cst.Name(name)
                loop = _repeating(costs, each, bindings)
                if loop is None or not is_sequence(costs, container, each.scope, each.order):
                    continue
                known = Size.OUTSIDE if outside(costs, container, loop.scope, loop.order) else Size.LENGTH
                repeat = Repeat(loop, Extent(known, f"len({name})", name))
                statement = doings(costs).statements.get(id(each.value))
                known_exits = known_exits if known_exits is not None else exits(parsed.facts.tree)
                if statement is None or runs_once(known_exits, statement, each.loop, repeat):
                    continue
                long = known is Size.OUTSIDE or is_list(costs, container, each.scope, each.order)
                yield costly(
                    rule,
                    parsed,
                    each.value,
                    repeat,
                    evidence={"container": name, "class": "list, str, bytes or tuple"},
                    # a text of a few kilobytes is copied in no time
                    severity=graded(parsed, costs, repeat, container, each.scope, each.order)
                    if long
                    else Severity.INFO,
                    call=f"{name} = {code_of(parsed, each.value)}",
                )


def _cuts_out(name: str, value: cst.BaseExpression) -> bool:
    """`x[:i] + x[j:]`, also with something between."""
    match value:
        case (
            cst.BinaryOperation(
                left=cst.BinaryOperation(left=left, operator=cst.Add()), operator=cst.Add(), right=right
            )
            | cst.BinaryOperation(left=left, operator=cst.Add(), right=right)
        ):
            return _is_part(name, left, first=True) and _is_part(name, right, first=False)
        case _:
            return False


def _is_part(name: str, node: cst.BaseExpression, *, first: bool) -> bool:
    match node:
        case cst.Subscript(
            value=cst.Name(value=base),
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper, step=None))],
        ):
            return base == name and ((lower is None and upper is not None) if first else upper is None)
        case _:
            return False


def _replaces(name: str, value: cst.BaseExpression, loop: Loop) -> bool:
    """`text.replace(pair, "")` in a loop that goes on while the pair is in the text."""
    match value, loop.test:
        case (
            cst.Call(func=cst.Attribute(value=cst.Name(value=base), attr=cst.Name(value="replace"))),
            cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.In(), comparator=cst.Name(value=searched))]),
        ):
            return base == searched == name
        case _:
            return False


def _repeating(costs: Costs, each: Binding, bindings: list[Binding]) -> Loop | None:
    """The outermost loop of many turns in which nothing else binds the name."""
    found: Loop | None = None
    for loop in around(each.loop):
        others = (one for one in bindings if one is not each and one.kind is not BindingKind.AUGMENTED)
        if any(one.loop is not None and one.loop.within(loop) for one in others):
            return found
        if turns(costs, loop).size >= Size.UNKNOWN:
            found = loop
    return found
