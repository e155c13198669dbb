"""Sums, maxima and the like of a part that grows or moves with a loop, worked out from its beginning on every turn."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import graded
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.elements import near
from verifier.costs.extents import turns
from verifier.costs.kinds import DEQUE
from verifier.costs.loops.gathering import Gathered, gathered
from verifier.costs.loops.stretches import is_asked, is_settled, width_of
from verifier.costs.model import Costs, Done, Repeat, Size
from verifier.costs.objects.changes import conditional, done_with, invariant, own_names, runs_once, unchanged
from verifier.costs.objects.paths import path_of
from verifier.costs.objects.windows import changes, method
from verifier.costs.repeats import around, repeated
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Loop

_REMEDIES = {
    "sum": "a running total, or prefix sums,",
    "mean": "a running total",
    "max": "a running maximum",
    "min": "a running minimum",
    "len": "a set that grows with the loop",
    "set": "a set that grows with the loop",
    "sorted": "bisect.insort into a list that stays sorted",
    "median": "bisect.insort into a list that stays sorted",
    "Counter": "a counter that is brought up to date",
}
_ADDING = frozenset({"append", "add", "insert", "extend"})


def parts(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`sum(x[:i])`, `max(x[i:i + k])`, `sum(x[j] for j in range(i))` in a loop over `i`; `max(x)` while `x` grows."""
    for each in gathered(costs):
        call = each.call
        found = (
            _filling(costs, each) if each.low is each.high is None else _slicing(costs, each) or _asking(costs, each)
        )
        if found is None or runs_once(costs, call.loop, call.statement):
            continue
        repeat, sure = found
        weak = not sure or conditional(call.branch, repeat.loop) or each.array
        level = Severity.INFO if weak else graded(parsed, costs, repeat, each.of, call.scope, call.order)
        yield costly(
            rule,
            parsed,
            call.node,
            repeat,
            evidence={"sequence": code_of(parsed, each.of), "all of it on each turn": each.low is each.high is None},
            severity=level,
            call=code_of(parsed, call.node),
            remedy=_remedy(each),
        )


def _remedy(each: Gathered) -> str:
    """What would do in place of a call; a window loses elements too, so that nothing just runs along."""
    ends = [
        {node.value for node in descend(end) if isinstance(node, cst.Name)}
        for end in (each.low, each.high)
        if end is not None
    ]
    if len(ends) == 2 and ends[0] & ends[1]:
        adding = each.name in {"sum", "mean"}
        return "a sum that gains one and loses one" if adding else "a collections.deque of the best ones"
    return _REMEDIES.get(each.name, "what the turn before found")


def _slicing(costs: Costs, each: Gathered) -> tuple[Repeat, bool] | None:
    """The loop that the ends of a slice follow, and whether nothing else changes the sequence there."""
    for loop in around(each.call.loop):
        index = _index(loop)
        if index is None or not (_is_part(costs, each, loop, index) or _is_window(costs, each, loop, index)):
            continue
        extent = turns(costs, loop)
        if extent.size <= Size.SLOW:
            return None
        path = path_of(each.of)
        steady = path is not None and unchanged(costs, path, each.call.scope, loop, deep=False)
        return Repeat(loop, extent), steady
    return None


def _index(loop: Loop) -> str | None:
    """The name that a loop counts with, one by one."""
    match loop.iterable, loop.target:
        case cst.Call(func=cst.Name(value="range"), args=args), cst.Name(value=name) if len(args) < 3:
            return name
        case cst.Call(func=cst.Name(value="enumerate")), cst.Tuple(
            elements=[cst.Element(value=cst.Name(value=name)), _]
        ):
            return name
        case _:
            return None


def _is_part(costs: Costs, each: Gathered, loop: Loop, index: str) -> bool:
    """Whether what is gathered begins or ends where a loop is, so that it is half of all on average."""
    at_low = each.low is not None and near(each.low, index)
    at_high = each.high is not None and near(each.high, index)
    if at_low == at_high:
        return False
    other = each.high if at_low else each.low
    if other is not None and not invariant(costs, other, each.call.scope, loop):
        return False
    return _same_of_each(costs, each, loop)


def _same_of_each(costs: Costs, each: Gathered, loop: Loop) -> bool:
    """Whether what a comprehension makes of an element does not depend on where the loop is."""
    return each.each is None or invariant(costs, each.each, each.call.scope, loop, frozenset(own_names(each.parts)))


def _is_window(costs: Costs, each: Gathered, loop: Loop, index: str) -> bool:
    """Whether it is a window of a width that nobody bounds, and the loop moves it over all: `x[i:i + k]`."""
    if each.low is None or each.high is None or loop.iterable is None:
        return False
    width = width_of(costs, each.low, each.high, loop, index, each.call.order)
    if width is None:
        return False
    over = {width.value, dotted(each.of)}
    moved = any(isinstance(node, cst.Name | cst.Attribute) and dotted(node) in over for node in descend(loop.iterable))
    return moved and invariant(costs, width, each.call.scope, loop) and _same_of_each(costs, each, loop)


def _asking(costs: Costs, each: Gathered) -> tuple[Repeat, bool] | None:
    """The loop that reads from outside which stretch to add up next, while the sequence stays as it is."""
    call, low, high = each.call, each.low, each.high
    if each.name != "sum" or low is None or high is None or each.each is not None:
        return None
    if not is_asked(costs, low, high, call.scope, call.order):
        return None
    repeat = repeated(costs, each.of, call.loop, call.scope, call.order)
    if repeat is None:
        return None
    path = path_of(each.of)
    if repeat.via is None:
        steady = path is not None and unchanged(costs, path, call.scope, repeat.loop, deep=False)
        return (repeat, True) if steady and not invariant(costs, call.node, call.scope, repeat.loop) else None
    steady = isinstance(each.of, cst.Attribute) and is_settled(costs, each.of, call.scope)
    return (repeat, True) if steady else None


def _filling(costs: Costs, each: Gathered) -> tuple[Repeat, bool] | None:
    """The loop that only adds to what is gone through, so that the result could be brought up to date."""
    call, path, text = each.call, path_of(each.of), dotted(each.of)
    if path is None or text is None or call.loop is None or text not in costs.growing:
        return None
    repeat = repeated(costs, each.of, call.loop, call.scope, call.order)
    if repeat is None or repeat.via is not None or DEQUE in costs.inference.types(each.of, call.scope, call.order):
        return None
    adding = [
        one
        for one in changes(costs, text, call.scope)
        if method(one) in _ADDING and one.loop is not None and one.loop.within(repeat.loop)
    ]
    disturbing = [one for one in done_with(costs, path, call.scope, repeat.loop) if one.done is not Done.KEPT]
    if not adding or len(disturbing) != len(adding) or not _same_of_each(costs, each, repeat.loop):
        return None
    return repeat, any(call.loop.within(one.loop) for one in adding if one.loop is not None)


RULES: CostRules = {"recomputed-aggregate": parts}
