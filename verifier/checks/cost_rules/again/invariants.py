"""What a loop works out again on every turn although nothing in it changes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.again.calls import calls
from verifier.checks.cost_rules.again.texts import texts
from verifier.checks.cost_rules.grading import graded
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import size, turns
from verifier.costs.loops.gathering import Gathered, gathered
from verifier.costs.model import Costs, Done, Repeat, Size
from verifier.costs.objects.changes import conditional, done_with, invariant, runs_once, unchanged
from verifier.costs.objects.paths import path_of
from verifier.costs.origins import arguments
from verifier.costs.repeats import around, repeated
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Call, Loop, Scope
from verifier.semantics.names import reaching


def invariants(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`max(scores)` in a loop that changes none of them, and lists made anew from the same on each turn."""
    told: set[tuple[int, str]] = set()
    for each in gathered(costs):
        call = each.call
        if not _is_long(costs, each) or runs_once(costs, call.loop, call.statement):
            continue
        repeat = _repeats(costs, each)
        text = code_of(parsed, call.node)
        if repeat is None or (id(repeat.loop), text) in told:
            continue
        told.add((id(repeat.loop), text))
        rarely = repeat.via is None and conditional(call.branch, call.loop or repeat.loop)
        # numpy goes through an array a hundred times faster than a loop turns
        weak = rarely or (each.array and not _goes_through(repeat.loop, each.of))
        level = Severity.INFO if weak else graded(parsed, costs, repeat, each.of, call.scope, call.order)
        yield _told(parsed, rule, call.node, repeat, each.of, level)
    for again in (*calls(costs), *texts(costs)):
        at, text = again.at, code_of(parsed, again.node)
        if (id(again.repeat.loop), text) in told or (isinstance(at, Call) and runs_once(costs, at.loop, at.statement)):
            continue
        told.add((id(again.repeat.loop), text))
        rarely = again.repeat.via is None and conditional(at.branch, at.loop or again.repeat.loop)
        level = Severity.INFO if rarely else graded(parsed, costs, again.repeat, again.of, at.scope, at.order)
        yield _told(parsed, rule, again.node, again.repeat, again.of, level)
    for binding, container, repeat in _remade(costs):
        weak = conditional(binding.branch, repeat.loop)
        level = Severity.INFO if weak else graded(parsed, costs, repeat, container, binding.scope, binding.order)
        if binding.value is not None:
            yield _told(parsed, rule, binding.value, repeat, container, level)


def _is_long(costs: Costs, each: Gathered) -> bool:
    parts = each.parts if isinstance(each.parts, cst.Subscript) else each.of
    return size(costs, parts, each.call.scope, each.call.order).grows


def _told(
    parsed: Parsed,
    rule: Rule,
    node: cst.BaseExpression,
    repeat: Repeat,
    container: cst.BaseExpression,
    level: Severity | None,
) -> Finding:
    name = code_of(parsed, container)
    return costly(
        rule,
        parsed,
        node,
        repeat,
        evidence={"container": name, "growth": f"{repeat.extent.text or 'the turns'} · len({name})"},
        severity=level,
        call=code_of(parsed, node),
        container=name,
    )


def _goes_through(loop: Loop, container: cst.BaseExpression) -> bool:
    """Whether a loop is over the same container."""
    name = dotted(container)
    return loop.iterable is not None and any(
        isinstance(each, cst.Name | cst.Attribute) and dotted(each) == name for each in descend(loop.iterable)
    )


def _outermost(costs: Costs, node: cst.BaseExpression, scope: Scope, innermost: Loop | None) -> Repeat | None:
    """The outermost loop on each turn of which an expression gives the same, one that grows before others."""
    found: Repeat | None = None
    for loop in around(innermost):
        if not invariant(costs, node, scope, loop):
            return found
        extent = turns(costs, loop)
        if extent.size > Size.SLOW and (found is None or extent.grows or not found.extent.grows):
            found = Repeat(loop, extent)
    return found


def _repeats(costs: Costs, each: Gathered) -> Repeat | None:
    """The loop around a call that gives the same on each turn, or around the calls of the function it stands in."""
    call = each.call
    found = _outermost(costs, call.node, call.scope, call.loop)
    if found is not None or call.branch is not None:
        return found
    outer = repeated(costs, each.of, None, call.scope, call.order)
    if outer is None or outer.via is None or len(call.node.args) != 1 or each.parts is not each.of:
        return None
    return outer if _is_given(costs, each, outer) else None


def _is_given(costs: Costs, each: Gathered, outer: Repeat) -> bool:
    """Whether each call of the function in a loop hands in the same container, and the loop leaves it as it is."""
    site, scope = outer.via, each.call.scope
    if site is not None and isinstance(each.of, cst.Attribute):
        path = path_of(each.of)
        return path is not None and unchanged(costs, path, site.scope, outer.loop, deep=False)
    name = each.of.value if isinstance(each.of, cst.Name) else ""
    for binding in reaching(costs.facts, str(name), scope, each.call.order) or ():
        if binding.kind is not BindingKind.PARAMETER:
            return False
        for call, given in arguments(costs, binding):
            if call is site and not invariant(costs, given, call.scope, outer.loop):
                return False
    return site is not None


def _remade(costs: Costs) -> Iterator[tuple[Binding, cst.BaseExpression, Repeat]]:
    """The lists, sets and dicts that a loop makes of the same elements on each turn, and only looks at."""
    for scope in costs.facts.scopes:
        for bindings in scope.bindings.values():
            for each in bindings:
                container = _made_of(each) if each.kind is BindingKind.ASSIGNMENT and each.loop is not None else None
                if container is None or each.value is None or not size(costs, container, each.scope, each.order).grows:
                    continue
                repeat = _outermost(costs, each.value, each.scope, each.loop)
                if repeat is not None and _is_looked_at(costs, each, repeat.loop):
                    yield each, container, repeat


def _made_of(each: Binding) -> cst.BaseExpression | None:
    """The container of whose elements a comprehension or a call makes another one."""
    match each.value:
        case cst.ListComp(for_in=cst.CompFor(iter=inner)) | cst.SetComp(for_in=cst.CompFor(iter=inner)):
            pass
        case cst.DictComp(for_in=cst.CompFor(iter=inner)):
            pass
        case cst.Call(
            func=cst.Name(value="set" | "frozenset" | "dict" | "Counter"), args=[cst.Arg(value=inner, star="")]
        ):
            pass
        case _:
            return None
    match inner:
        case cst.Name() | cst.Attribute() if dotted(inner):
            return inner
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="items" | "keys" | "values")), args=[]):
            return value if dotted(value) else None
        case _:
            return None


def _is_looked_at(costs: Costs, each: Binding, loop: Loop) -> bool:
    """Whether a loop binds a name here only, and neither changes what is in it nor hands it on."""
    found = [one.done for one in done_with(costs, (each.name,), each.scope, loop)]
    return found == [Done.BOUND]


RULES: CostRules = {"invariant-recomputed": invariants}
