"""Sorting again and again, and sorting all to take one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst

from verifier.checks.cost_rules.grading import certain, graded
from verifier.checks.cost_rules.reporting import CostRules, costly, growth
from verifier.checks.registry import Parsed, code_of, finding
from verifier.checks.rewrites.common import Unfixable, code, replace_node
from verifier.checks.rewrites.names import spell
from verifier.costs.extents import size, turns
from verifier.costs.kinds import is_list
from verifier.costs.model import Costs, Repeat, Size
from verifier.costs.objects.changes import conditional, runs_once, unchanged
from verifier.costs.objects.doings import doings
from verifier.costs.objects.filling import filled
from verifier.costs.objects.paths import path_of
from verifier.costs.objects.short import kept_short
from verifier.costs.objects.windows import changes, method, tested
from verifier.costs.repeats import around, repeated, sites
from verifier.costs.written import integer
from verifier.model import Edit, Finding, Fix, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call
from verifier.semantics.names import qualify

_MOST_TAKEN = 10
"""Taking more of the first elements than this is no reason to say anything."""
_VIEWS = frozenset({"items", "keys", "values"})


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken of a sorted list: the first or last element, or so many of them (`count`)."""

    first: bool
    count: int | None


def sorts(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`items.sort()` and `sorted(items)` on each turn of a loop that `items` outlives."""
    shrinking = _shrinking(costs)
    for name in ("sort", "sorted"):
        for call in costs.calls.get(name, ()):
            container = _sorted(costs, call, name)
            if container is None or _taken(costs, call) is not None:
                continue
            repeat = repeated(costs, container, call.loop, call.scope, call.order) or _queued(costs, call, container)
            if repeat is None or runs_once(costs, call.loop, call.statement):
                continue
            if kept_short(costs, container, call.scope):
                continue
            path = path_of(container)
            same = path is not None and unchanged(costs, path, repeat.loop.scope, repeat.loop, deep=False)
            rarely = repeat.via is None and conditional(call.branch, repeat.loop)
            pushed = _is_pushed(costs, call, container, repeat)
            given = (
                pushed and isinstance(container, cst.Name) and filled(costs, container, call.scope, call.order) is None
            )
            few = not same and repeat.loop.kind == "for" and (dotted(container), id(call.scope)) in shrinking
            weak = rarely or (few and not given) or _is_iterated(call)
            where = (call.scope, call.order)
            level = graded(parsed, costs, repeat, container, *where)
            if pushed and level is not None:
                level = certain(parsed, costs, repeat, container, *where)
            yield costly(
                rule,
                parsed,
                call.node,
                repeat,
                evidence={"container": code_of(parsed, container), "changed in the loop": not same},
                severity=Severity.INFO if weak else level,
                container=code_of(parsed, container),
                growth=growth(costs, repeat, container, call.scope),
            )


def _is_pushed(costs: Costs, call: Call, container: cst.BaseExpression, repeat: Repeat) -> bool:
    """Whether the loop that sorts a list again puts elements into it too, so that a heap would do."""
    text = dotted(container)
    return text is not None and any(
        method(each) in {"append", "insert", "extend"} and each.loop is not None and each.loop.within(repeat.loop)
        for each in changes(costs, text, call.scope)
    )


def _queued(costs: Costs, call: Call, container: cst.BaseExpression) -> Repeat | None:
    """The loop of another method that takes one by one what a method puts into an attribute and sorts each time."""
    text = dotted(container)
    block = doings(costs).blocks.get(id(call.statement))
    if not isinstance(container, cst.Attribute) or text is None or block is None or call.loop is not None:
        return None
    found = changes(costs, text, call.scope)
    if not any(method(each) == "append" and _stands_before(costs, each, call) for each in found):
        return None
    for each in found:
        if method(each) == "pop" and each.loop is not None and each.loop.kind == "while" and tested(text, each.loop):
            return Repeat(each.loop, turns(costs, each.loop))
    return None


def _stands_before(costs: Costs, one: Call, other: Call) -> bool:
    """Whether a call is the statement right before another in a block."""
    known = doings(costs).blocks
    first, second = known.get(id(one.statement)), known.get(id(other.statement))
    return first is not None and second is not None and first[0] is second[0] and first[1] + 1 == second[1]


def _sorted(costs: Costs, call: Call, name: str) -> cst.BaseExpression | None:
    """The name or attribute whose elements a call sorts; None where they may be few or it may be another `sort`."""
    match call.node:
        case cst.Call(func=cst.Attribute(value=cst.Name() | cst.Attribute() as found)) if name == "sort":
            return found if is_list(costs, found, call.scope, call.order) else None
        case cst.Call(func=cst.Name(), args=[cst.Arg(value=cst.BaseExpression() as found, star=""), *_]):
            found = _viewed(found)
            if not isinstance(found, cst.Name | cst.Attribute) or name == "sort":
                return None
            if qualify(costs.facts, call.node.func, call.scope, call.order) != ("builtins.sorted",):
                return None
            return found if size(costs, found, call.scope, call.order).size > Size.SLOW else None
        case _:
            return None


def _viewed(node: cst.BaseExpression) -> cst.BaseExpression:
    """`d` for `d.items()`."""
    match node:
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name)), args=[]) if name in _VIEWS:
            return inner
        case _:
            return node


def _is_iterated(call: Call) -> bool:
    """Whether a loop goes through what a call sorts: then the loop takes nearly as long as the sort."""
    loop = call.statement
    return isinstance(loop, cst.For) and any(loop.iter is each for each in (call.node,))


def _shrinking(costs: Costs) -> set[tuple[str | None, int]]:
    """Texts of lists from which something is taken away, with the scope in which it is."""
    return {
        (dotted(call.node.func.value), id(call.scope))
        for name in ("pop", "popleft", "remove", "clear")
        for call in costs.calls.get(name, ())
        if isinstance(call.node.func, cst.Attribute)
    }


def firsts(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`sorted(items)[0]` and the like, where one pass would find what is taken."""
    for call in costs.calls.get("sorted", ()):
        taken = _taken(costs, call)
        if taken is None or not call.node.args:
            continue
        if qualify(costs.facts, call.node.func, call.scope, call.order) != ("builtins.sorted",):
            continue
        items = call.node.args[0].value
        extent = size(costs, items, call.scope, call.order)
        if extent.size <= Size.SLOW:
            continue
        whole = doings(costs).subscripts[id(call.node)]
        instead, fix = _instead(parsed, call, whole, taken)
        said = code_of(parsed, whole)
        evidence = {"container": code_of(parsed, items), "growth": "n log n where n would do"}
        repeat = repeated(costs, _viewed(items), call.loop, call.scope, call.order) or _turning(costs, call)
        if repeat is not None and not runs_once(costs, call.loop, call.statement):
            rarely = repeat.via is None and conditional(call.branch, repeat.loop)
            level = Severity.INFO if rarely else graded(parsed, costs, repeat, items, call.scope, call.order)
            yield costly(
                rule, parsed, whole, repeat, evidence=evidence, severity=level, fix=fix, call=said, instead=instead
            )
        else:
            made = finding(
                rule, parsed, whole, evidence=evidence, turns=extent.text or "its size", call=said, instead=instead
            )
            yield replace(made, severity=Severity.INFO, fix=fix)


def _turning(costs: Costs, call: Call) -> Repeat | None:
    """A loop that grows around a call, or around a call of its function, with another container on each turn."""
    function = call.scope.function
    outer = [(each, site) for site in (sites(costs, function) if function else ()) for each in around(site.loop)]
    for each, via in [*((one, None) for one in around(call.loop)), *outer]:
        if turns(costs, each).grows:
            return Repeat(each, turns(costs, each), via)
    return None


def _taken(costs: Costs, call: Call) -> _Taken | None:
    """What is taken of a sorted list right away, where that is one element at an end, or a few."""
    whole = doings(costs).subscripts.get(id(call.node))
    match whole:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            place = integer(index)
            return _Taken(place == 0, None) if place in {0, -1} else None
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper, step=None))]):
            if lower is None and upper is not None:
                count = integer(upper)
                return _Taken(True, count) if count is not None and 0 < count <= _MOST_TAKEN else None
            return None
        case _:
            return None


def _instead(parsed: Parsed, call: Call, whole: cst.Subscript, taken: _Taken) -> tuple[str, Fix | None]:
    """What finds the same in one pass, and the fix that writes it."""
    backwards = False
    rest: list[str] = []
    for arg in call.node.args[1:]:
        match arg:
            case cst.Arg(keyword=cst.Name(value="reverse"), value=cst.Name(value="True" | "False" as said)):
                backwards = said == "True"
            case cst.Arg(keyword=cst.Name(value="key"), value=value):
                rest.append(f", key={code(parsed, value)}")
            case _:
                return "min, max or heapq.nsmallest", None
    least = taken.first != backwards
    try:
        items = code(parsed, call.node.args[0].value)
        if taken.count is None:
            name = "min" if least else "max"
            edits: tuple[Edit, ...] = (replace_node(parsed, whole, f"{name}({items}{''.join(rest)})"),)
        else:
            name = "heapq.nsmallest" if least else "heapq.nlargest"
            spelled = spell(parsed, name, call.scope, call.order)
            text = f"{spelled.text}({taken.count}, {items}{''.join(rest)})"
            edits = (replace_node(parsed, whole, text), *spelled.edits)
    except Unfixable:
        return "min" if taken.count is None else "heapq", None
    return name, Fix(f"Take it with `{name}`", edits, safe=False)


RULES: CostRules = {"sort-in-loop": sorts, "sort-to-take-first": firsts}
