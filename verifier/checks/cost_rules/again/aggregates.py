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
from verifier.costs.loops.gathering import Gathered, gathered, handed, index_of, movers, moving
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
    "reduce": "itertools.accumulate, from the end too,",
}
_OF_WINDOWS = {
    "sum": "a sum that gains one and loses one",
    "mean": "a sum that gains one and loses one",
    "max": "a collections.deque of the best ones",
    "min": "a collections.deque of the best ones",
    "Counter": "a counter that gains one and loses one",
    "set": "a counter that gains one and loses one",
}
_ENDING_EARLY = frozenset({"all", "any"})
_GROWTH = {0: "quadratic", 2: "cubic"}
_ADDING = frozenset({"append", "add", "insert", "extend"})


def parts(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`sum(x[:i])`, `max(x[i:i + k])`, `sum(x[j] for j in range(i))` in a loop over `i`; `max(x)` while `x` grows.

    `sum(x[i:j])` in a loop over both, and a function of the file that goes through `x[i:j]`.
    """
    for each, found, loops in _found(costs):
        call = each.call
        if runs_once(costs, call.loop, call.statement):
            continue
        repeat, sure = found
        weak = not sure or conditional(call.branch, repeat.loop) or each.array
        weak = weak or (not loops and each.name in _ENDING_EARLY)
        level = Severity.INFO if weak else graded(parsed, costs, repeat, each.of, call.scope, call.order, *loops)
        yield costly(
            rule,
            parsed,
            call.node,
            repeat,
            evidence={"sequence": code_of(parsed, each.of), "all of it on each turn": each.low is each.high is None},
            severity=level,
            call=code_of(parsed, call.node),
            growth=_GROWTH.get(len(loops), "worse than cubic"),
            remedy=_remedy(each),
        )


def _found(costs: Costs) -> Iterator[tuple[Gathered, tuple[Repeat, bool], list[Loop]]]:
    """What is gathered again, the loop that does so and whether it is sure, and the loops that move both ends."""
    for each in gathered(costs):
        if each.low is each.high is None:
            found = _filling(costs, each)
        else:
            loops = movers(costs, each)
            if (between := _between(costs, each, loops)) is not None:
                yield each, between, loops
                continue
            found = _slicing(costs, each) or _asking(costs, each)
        if found is not None:
            yield each, found, []
    for each in handed(costs):
        loops = movers(costs, each)
        if (between := _between(costs, each, loops)) is not None:
            yield each, between, loops


def _between(costs: Costs, each: Gathered, loops: list[Loop]) -> tuple[Repeat, bool] | None:
    """The outermost of the loops that move the ends of a part, and whether nothing else changes the sequence there."""
    if not loops or not _same_of_each(costs, each, loops[0]):
        return None
    path = path_of(each.of)
    steady = path is not None and unchanged(costs, path, each.call.scope, loops[-1], deep=False)
    return Repeat(loops[-1], turns(costs, loops[-1])), steady


def _remedy(each: Gathered) -> str:
    """What would do in place of a call; a window loses elements too, so that nothing just runs along."""
    ends = [
        {node.value for node in descend(end) if isinstance(node, cst.Name)}
        for end in (each.low, each.high)
        if end is not None
    ]
    if len(ends) == 2 and ends[0] & ends[1]:
        return _OF_WINDOWS.get(each.name, "what the turn before found, with one more and one less,")
    return _REMEDIES.get(each.name, "what the turn before found")


def _slicing(costs: Costs, each: Gathered) -> tuple[Repeat, bool] | None:
    """The loop that the ends of a slice follow, and whether nothing else changes the sequence there."""
    for loop in around(each.call.loop):
        index = index_of(costs, loop) if loop.iterable is not None else None
        if index is None or not (_is_part(costs, each, loop, index) or _is_window(costs, each, loop, index)):
            continue
        extent = turns(costs, loop)
        if extent.size <= Size.SLOW:
            return None
        path = path_of(each.of)
        steady = path is not None and unchanged(costs, path, each.call.scope, loop, deep=False)
        return Repeat(loop, extent), steady
    return None


def _is_part(costs: Costs, each: Gathered, loop: Loop, index: str) -> bool:
    """Whether what is gathered begins or ends where a loop is, so that it is half of all on average."""
    at_low, at_high = (_is_at(costs, each, end, index) for end in (each.low, each.high))
    if at_low == at_high:
        return False
    other = each.high if at_low else each.low
    if other is not None and not invariant(costs, other, each.call.scope, loop):
        return False
    return _same_of_each(costs, each, loop)


def _is_at(costs: Costs, each: Gathered, end: cst.BaseExpression | None, index: str) -> bool:
    """Whether an end of a part is where a loop is, also by a name for that."""
    return end is not None and (
        near(end, index) or index in (moving(costs, end, each.call.scope, each.call.order) or ())
    )


def _same_of_each(costs: Costs, each: Gathered, loop: Loop) -> bool:
    """Whether what a comprehension makes of an element does not depend on where the loop is."""
    own = frozenset(own_names(each.parts))
    return all(invariant(costs, one, each.call.scope, loop, own) for one in each.each)


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
    if each.name != "sum" or low is None or high is None or each.each:
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
