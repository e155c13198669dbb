"""Searches by a key that go through all elements: a loop in a loop, or a comprehension on every turn of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.checks.cost_rules.grading import called_few, graded
from verifier.checks.cost_rules.reporting import CostRules, costly, header
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import size
from verifier.costs.loops.exits import Exits, exits, runs_once
from verifier.costs.loops.matching import Match, matches, sought
from verifier.costs.loops.varying import varies
from verifier.costs.model import Costs, Repeat, Size, text_of
from verifier.costs.objects.short import kept_short
from verifier.costs.objects.windows import changes, method
from verifier.costs.repeats import around, repeated
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.model import BindingKind, Call, Loop
from verifier.semantics.names import reaching

_MOST = 100
"""Places where a list gets longer that are looked at."""
_ID = re.compile(r"(^|_)(id|pk|uuid|guid)$|[a-z]Id$")


@dataclass(frozen=True, slots=True)
class _Search:
    """A loop that goes through a container to find the elements with a key, and the loop around it."""

    loop: Loop
    container: cst.BaseExpression
    around: Loop | None
    match: Match
    inside: cst.CSTNode


def joins(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each search by an equal key in a container that outlives the loop around it."""
    known: Exits | None = None
    consumers = _consumers(costs)
    for each in (*_loops(costs, parsed, consumers), *_filters(costs)):
        loop = each.loop
        if not size(costs, each.container, loop.scope, loop.order).grows or _once(costs, each):
            continue
        repeat = repeated(costs, each.container, each.around, loop.scope, loop.order)
        if repeat is None or kept_short(costs, each.container, loop.scope):
            continue
        if _same(costs, each, repeat) or not varies(each.match.key, loop.scope, repeat):
            continue
        known = exits(parsed.facts.tree) if known is None else known
        if runs_once(known, each.inside, each.around, repeat):
            continue
        text = code_of(parsed, each.container)
        yield costly(
            rule,
            parsed,
            header(loop),
            repeat,
            also=(Related(parsed.source.path, parsed.positions.span(each.match.test), "what is looked for"),),
            evidence={"container": text, "key": code_of(parsed, each.match.part)},
            severity=_severity(parsed, costs, repeat, each),
            container=text,
            test=code_of(parsed, each.match.test),
        )


def _severity(parsed: Parsed, costs: Costs, repeat: Repeat, each: _Search) -> Severity | None:
    """Info too for plain values in two containers that nothing says to be long: records with keys are data.

    Whatever its name is, a container gets long where each turn that does not find its key adds one; and what has an
    id is a row of a table.
    """
    adds = _adds(costs, repeat, each)
    plain = isinstance(each.match.part, cst.Name | cst.Subscript) and isinstance(
        each.match.key, cst.Name | cst.Subscript
    )
    plain = plain and not any(
        isinstance(side, cst.Subscript) and _is_field(side) for side in (each.match.part, each.match.key)
    )
    read = size(costs, each.container, each.loop.scope, each.loop.order).size is Size.OUTSIDE
    if plain and not read and not adds and repeat.extent.size is not Size.OUTSIDE:
        return Severity.INFO
    few: bool | None = None
    if _is_id(each.match.part) and _is_id(each.match.key):
        few = False
    elif adds:
        few = called_few(costs, repeat.loop, each.around)
    where = (each.loop.scope, each.loop.order, each.loop, each.around)
    return graded(parsed, costs, repeat, each.container, *where, few=few)


def _adds(costs: Costs, repeat: Repeat, each: _Search) -> bool:
    """Whether the loop around a search puts what it did not find into the container."""
    text = text_of(costs, each.container)
    return any(
        method(call) in {"append", "insert", "add"} and call.loop is not None and call.loop.within(repeat.loop)
        for call in changes(costs, text, each.loop.scope)[:_MOST]
    )


def _is_id(node: cst.BaseExpression) -> bool:
    match node:
        case cst.Attribute(attr=cst.Name(value=name)):
            return _ID.search(name) is not None
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
            return _ID.search(str(key.evaluated_value)) is not None
        case _:
            return False


def _is_field(node: cst.Subscript) -> bool:
    """Whether a part of a record is read: `x["id"]`, `x[0]`."""
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() | cst.Integer()))]:
            return True
        case _:
            return False


def _loops(costs: Costs, parsed: Parsed, consumers: dict[int, Call]) -> Iterator[_Search]:
    """The `for` loops and comprehensions that do nothing but search."""
    for loop in parsed.facts.loops:
        found = sought(loop)
        if found is None:
            continue
        container, names = found
        for match in matches(costs, loop, names, consumers):
            consumer = consumers.get(id(loop.scope.node))
            inside = consumer.statement if consumer is not None else loop.node
            yield _Search(loop, container, loop.parent, match, inside)
            break


def _filters(costs: Costs) -> Iterator[_Search]:
    """`filter(lambda x: x.id == key, items)`."""
    for call in costs.calls.get("filter", ()):
        match call.node.args:
            case [
                cst.Arg(
                    value=cst.Lambda(params=cst.Parameters(params=[cst.Param(name=cst.Name(value=name))]), body=body)
                ),
                cst.Arg(value=cst.Name() | cst.Attribute() as container),
            ]:
                loop = Loop("call", call.node, call.loop, call.scope, call.order, iterable=container)
                for found in matches(costs, loop, frozenset({name}), {}, body):
                    yield _Search(loop, container, call.loop, found, call.statement)
                    break
            case _:
                pass


def _consumers(costs: Costs) -> dict[int, Call]:
    """Which generator is the argument of which call of a built-in function."""
    return {
        id(call.node.args[0].value): call
        for name in ("any", "all", "sum", "next")
        for call in costs.calls.get(name, ())
        if call.node.args and isinstance(call.node.args[0].value, cst.GeneratorExp | cst.ListComp)
    }


def _once(costs: Costs, each: _Search) -> bool:
    """Whether a container can be gone through only once, or is read anew: an open file, a generator."""
    if not isinstance(each.container, cst.Name):
        return False
    bindings = reaching(costs.facts, each.container.value, each.loop.scope, each.loop.order) or ()
    return any(
        one.kind is BindingKind.WITH
        or (isinstance(one.value, cst.Call) and text_of(costs, one.value.func) in {"open", "iter", "zip", "map"})
        or isinstance(one.value, cst.GeneratorExp)
        for one in bindings
    )


def _same(costs: Costs, each: _Search, repeat: Repeat) -> bool:
    """Whether a loop around goes through the same container: every pair of one sequence is another rule's."""
    text = text_of(costs, each.container)
    return any(
        loop.iterable is not None and (_goes(costs, loop.iterable) == text)
        for loop in (*around(each.around), repeat.loop)
    )


def _goes(costs: Costs, node: cst.BaseExpression) -> str | None:
    match node:
        case cst.Call(func=cst.Name(value="enumerate" | "range" | "len"), args=[*_, cst.Arg(value=inner)]):
            return _goes(costs, inner)
        case cst.Name() | cst.Attribute():
            return text_of(costs, node)
        case _:
            return None


RULES: CostRules = {"nested-search": joins}
