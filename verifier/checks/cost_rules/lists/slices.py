"""Searches in a copy of a part of a sequence that is made on every turn of a loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import libcst as cst

from verifier.checks.cost_rules.grading import graded
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.checks.rewrites.common import Unfixable, code, put, whole_range
from verifier.costs.elements import visited
from verifier.costs.extents import turns
from verifier.costs.kinds import is_sequence, is_text
from verifier.costs.loops.cuts import Cut, cuts
from verifier.costs.loops.exits import left_after
from verifier.costs.loops.gathering import handed, movers
from verifier.costs.model import Costs, Repeat, Size, text_of
from verifier.costs.repeats import repeated
from verifier.model import Finding, Fix, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call, Loop

_SEARCHES = frozenset({"startswith", "endswith", "find", "rfind", "index", "rindex", "count"})
_PATTERNS = frozenset({"match", "search", "fullmatch", "findall", "finditer"})
_MOST = 50
"""Assignments to one name that are looked at."""
_GROWTH = {2: "quadratic", 3: "cubic"}
_Way = tuple[str, cst.BaseExpression, Call | None]
"""How a slice is used (`searched`, `looked up` or `called` with), the expression around it, and the call."""
Uses = Mapping[int, _Way]
"""By the id of the slice, or of a name for it."""


def searches(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each slice that is made only to be searched or compared, and moves with the loops."""
    told: set[tuple[int, str]] = set()
    found = list(cuts(costs))
    ways = _ways(parsed, costs) if found else {}
    named = _named(parsed) if found else {}
    summed = {id(each.parts) for each in handed(costs) if movers(costs, each)} if found else set[int]()
    for cut in found:
        way = _way(cut, ways, named)
        if way is None:
            continue
        kind, where, call = way
        moving = cut.movers
        if len(moving) < 2 and (not cut.open or kind != "searched"):
            continue
        if kind == "called" and id(cut.node) in summed:
            continue  # another rule tells of what a function works out of each part
        outermost = moving[-1]
        text = text_of(costs, cut.base)
        repeat = repeated(costs, cut.base, cut.use.loop, cut.use.scope, cut.use.order)
        if repeat is None or (id(outermost), text) in told or not _is_sequence(costs, cut, text, moving):
            continue
        if outermost is cut.use.loop and left_after(outermost, cut.node):
            continue
        told.add((id(outermost), text))
        yield costly(
            rule,
            parsed,
            where,
            Repeat(outermost, turns(costs, outermost)),
            evidence={"container": text, "moved by loops": len(moving)},
            severity=_severity(parsed, costs, cut, way, Repeat(outermost, turns(costs, outermost))),
            fix=_fix(parsed, costs, cut, call),
            slice=code_of(parsed, cut.node),
            growth=_GROWTH.get(len(moving) + 1, "worse than cubic"),
        )


def _severity(parsed: Parsed, costs: Costs, cut: Cut, way: _Way, repeat: Repeat) -> Severity | None:
    """Info where parts are looked up in a set or handed to a function, and for what may be a short text.

    What is read from outside may be long, whatever is done with its parts.
    """
    kind, where, _ = way
    doubt = kind == "looked up" or (isinstance(where, cst.Call) and _doubtful(costs, cut))
    doubt = doubt or (kind == "called" and isinstance(where, cst.Call) and isinstance(where.func, cst.Name))
    if doubt and repeat.extent.size is not Size.OUTSIDE:
        return Severity.INFO
    return graded(parsed, costs, repeat, cut.base, cut.use.scope, cut.use.order)


def _doubtful(costs: Costs, cut: Cut) -> bool:
    """Whether nothing but its methods says what is cut."""
    return not is_sequence(costs, cut.base, cut.use.scope, cut.use.order)


def _ways(parsed: Parsed, costs: Costs) -> Uses:
    """How slices and names are searched or compared in a file."""
    found: dict[int, _Way] = {}
    for use in parsed.facts.comparisons:
        match use.node:
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
                if isinstance(operator, cst.In | cst.NotIn):
                    found[id(left)] = ("looked up", use.node, None)
                    found[id(right)] = ("searched", use.node, None)
                elif isinstance(operator, cst.Equal | cst.NotEqual):
                    found[id(left)] = found[id(right)] = ("called", use.node, None)
            case _:
                pass
    for name in _SEARCHES | _PATTERNS:
        for call in costs.calls.get(name, ()):
            found.update(_asked(name, call))
    for name in costs.functions:
        for call in costs.calls.get(name, ()):
            for arg in call.node.args:
                found.setdefault(id(arg.value), ("called", call.node, None))
    return found


def _asked(name: str, call: Call) -> Iterator[tuple[int, _Way]]:
    """What a method that searches is asked of and for."""
    func, args = call.node.func, call.node.args
    if not isinstance(func, cst.Attribute):
        return
    if name in _PATTERNS:
        place = 1 if dotted(func.value) == "re" else 0
        if len(args) > place:
            yield id(args[place].value), ("searched", call.node, None)
        return
    yield id(func.value), ("searched", call.node, call)
    if len(args) == 1:
        yield id(args[0].value), ("called", call.node, None)


def _way(cut: Cut, ways: Uses, named: Mapping[int, list[cst.BaseExpression]]) -> _Way | None:
    """How a slice is used, or the name that it is given: `part = s[i:j]`, then `part == part[::-1]`."""
    places = (cut.node, *named.get(id(cut.node), ()))
    return next((ways[id(each)] for each in places if id(each) in ways), None)


def _named(parsed: Parsed) -> Mapping[int, list[cst.BaseExpression]]:
    """The reads of names in loops whose value there is a slice, by the id of the slice."""
    found: dict[int, list[cst.BaseExpression]] = defaultdict(list)
    for use in parsed.facts.names:
        if use.loop is None or not isinstance(use.node, cst.Name):
            continue
        for each in use.scope.bindings.get(use.node.value, ())[:_MOST]:
            if each.loop is not None and use.loop.within(each.loop) and isinstance(each.value, cst.Subscript):
                found[id(each.value)].append(use.node)
    return found


def _is_sequence(costs: Costs, cut: Cut, text: str, movers: tuple[Loop, ...]) -> bool:
    """Surely a list or text by its type; or what is unknown, but has the length of which the loops go all the way."""
    if is_sequence(costs, cut.base, cut.use.scope, cut.use.order):
        return True
    if costs.inference.types(cut.base, cut.use.scope, cut.use.order):
        return False
    for loop in movers:
        at = visited(costs, loop)
        if (at is not None and at.text == text) or turns(costs, loop).of == text:
            return True
    return False


def _fix(parsed: Parsed, costs: Costs, cut: Cut, call: Call | None) -> Fix | None:
    """`s.startswith(p, i)` for `s[i:].startswith(p)`, which differs only for an empty `p` behind the end."""
    if call is None or not is_text(costs, cut.base, cut.use.scope, cut.use.order):
        return None
    match call.node, cut.node.slice[0].slice:
        case (
            cst.Call(
                func=cst.Attribute(attr=cst.Name(value="startswith")), args=[cst.Arg(keyword=None, star="") as arg]
            ),
            cst.Slice(lower=cst.BaseExpression() as lower, upper=None),
        ):
            try:
                start = code(parsed, lower)
                first, last = whole_range(parsed, cut.node)
                end = whole_range(parsed, arg.value)[1]
                edits = (
                    put(parsed, first, last, code(parsed, cut.base)),
                    put(parsed, end, end, f", {start}"),
                )
            except Unfixable:
                return None
            return Fix(f"Start at `{start}` without a copy", edits, safe=False)
        case _:
            return None


RULES: CostRules = {"slice-search-in-loop": searches}
