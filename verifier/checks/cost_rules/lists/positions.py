"""Elements that are looked for by value in a list on every turn of a loop: `index`, `count`, `remove`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import called_few, certain, graded, graded_search
from verifier.checks.cost_rules.reporting import CostRules, costly, growth
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import size
from verifier.costs.kinds import TUPLE, is_list
from verifier.costs.loops.exits import Exits, exits, runs_once
from verifier.costs.loops.varying import varies
from verifier.costs.model import Costs, Done, Extent, Repeat, Size, text_of
from verifier.costs.objects.changes import conditional, done_with, unchanged
from verifier.costs.objects.filling import distinct_values
from verifier.costs.objects.handed import handed_lists
from verifier.costs.objects.paths import path_of
from verifier.costs.objects.short import kept_short
from verifier.costs.objects.windows import changes
from verifier.costs.objects.windows import method as taken_by
from verifier.costs.repeats import around, repeated
from verifier.model import Finding, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, Call, Loop
from verifier.semantics.names import reaching

_METHODS = ("index", "count", "remove")
_GOING_THROUGH = ("max", "min", "sorted", "sort", "map", "filter")


def positions(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`items.index(x)`, `items.count(x)` and `items.remove(x)` in a loop, once for each list, method and loop."""
    told: set[tuple[int, str, str]] = set()
    known: Exits | None = None
    for method in _METHODS:
        for call in costs.calls.get(method, ()):
            match call.node:
                case cst.Call(
                    func=cst.Attribute(value=cst.Name() | cst.Attribute() as container),
                    args=[cst.Arg(value=sought, keyword=None, star="")],
                ):
                    pass
                case _:
                    continue
            repeat = repeated(costs, container, call.loop, call.scope, call.order)
            if method == "remove" and (all_of_one := _removes_all(costs, call, container, sought)) is not None:
                repeat = all_of_one
            if repeat is None:
                continue
            best = _is_best(costs, call, container, sought, repeat)
            if not (method == "remove" or best or varies(sought, call.scope, repeat)):
                continue
            if kept_short(costs, container, call.scope):
                continue
            text = text_of(costs, container)
            doubt = _doubt(costs, container, text, call, method)
            if (id(repeat.loop), text, method) in told or doubt is None:
                continue
            known = exits(parsed.facts.tree) if known is None else known
            if runs_once(known, call.statement, call.loop, repeat):
                continue
            told.add((id(repeat.loop), text, method))
            where = (call.scope, call.order)
            few: bool | None = None
            if method == "index" and distinct_values(costs, container, *where):
                kept = isinstance(container, cst.Attribute)  # by an encoder, for all values that it gets later
                few = not kept and called_few(costs, repeat.loop, call.loop)
            severity = graded_search(parsed, costs, repeat, container, *where, call.loop, few=few)
            if best and severity is not None:
                severity = certain(parsed, costs, repeat, container, *where)
            severity = Severity.INFO if doubt else severity
            said = growth(costs, repeat, container, call.scope)
            yield _finding(rule, parsed, call.node, repeat, container, said, severity)
    yield from _keys(parsed, costs, rule)


def _finding(
    rule: Rule,
    parsed: Parsed,
    node: cst.CSTNode,
    repeat: Repeat,
    container: cst.CSTNode,
    said: str,
    severity: Severity | None,
) -> Finding:
    text = code_of(parsed, container)
    return costly(
        rule,
        parsed,
        node,
        repeat,
        evidence={"container": text},
        severity=severity,
        call=code_of(parsed, node),
        container=text,
        growth=said,
    )


def _is_best(
    costs: Costs, call: Call, container: cst.BaseExpression, sought: cst.BaseExpression, repeat: Repeat
) -> bool:
    """Whether each turn takes the greatest or least of a list, which it changes, as a heap would give it.

    Where nobody says how often a loop turns, something must come back: so often it may take the best few of many.
    """
    path = path_of(container)
    if path is None or repeat.via is not None or not _asks_best(costs, call, sought, text_of(costs, container)):
        return False
    if conditional(call.branch, repeat.loop) or unchanged(costs, path, call.scope, repeat.loop, deep=True):
        return False
    if repeat.extent.grows:
        return True
    text = text_of(costs, container)
    inside = [each for each in changes(costs, text, call.scope) if each.loop and each.loop.within(repeat.loop)]
    if any(taken_by(each) in {"append", "insert"} for each in inside):
        return True
    done = [each for each in done_with(costs, path, call.scope, repeat.loop) if each.done is Done.CHANGED]
    return len(done) > len(inside)  # `items[at] = less`


def _asks_best(costs: Costs, call: Call, sought: cst.BaseExpression, text: str) -> bool:
    """Whether what is looked for is `max(items)` of the list itself, or a name that a loop around gives that value."""
    match sought:
        case cst.Call(func=cst.Name(value="max" | "min"), args=[cst.Arg(value=inner, star=""), *rest]):
            return text_of(costs, inner) == text and all(each.keyword is not None for each in rest)
        case cst.Name(value=name):
            match reaching(costs.facts, name, call.scope, call.order):
                case [Binding(value=cst.Call() as value, loop=Loop() as loop)] if (
                    call.loop is not None and call.loop.within(loop)
                ):
                    return _asks_best(costs, call, value, text)
                case _:
                    return False
        case _:
            return False


def _doubt(costs: Costs, container: cst.BaseExpression, text: str, call: Call, method: str) -> bool | None:
    """Whether it is not sure that it is long; None where the search may be no search, or nobody can do without it.

    A text is only gone through element by element where the loop itself goes through it: to look for each of
    some words in a text is no defect. A loop over the distinct characters of a text takes few turns.
    """
    if method == "remove" and _removes_all(costs, call, container, call.node.args[0].value) is not None:
        return True  # there may be few of one and the same
    if is_list(costs, container, call.scope, call.order) or handed_lists(costs, container, call.scope, call.order):
        return False
    kinds = costs.inference.types(container, call.scope, call.order)
    if kinds == (TUPLE,):
        return False
    if method == "remove":
        return None  # a set does it at once
    for loop in around(call.loop):
        if loop.iterable is not None and (distinct := _goes_through(costs, loop.iterable, text)) is not None:
            return distinct
    return None


def _removes_all(costs: Costs, call: Call, container: cst.BaseExpression, sought: cst.BaseExpression) -> Repeat | None:
    """The loop of `while x in items: items.remove(x)`, which makes sense for a list only."""
    match call.loop.test if call.loop is not None else None:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.In(), comparator=right)]):
            text = text_of(costs, container)
            if (
                call.loop is not None
                and text_of(costs, left) == text_of(costs, sought)
                and text_of(costs, right) == text
            ):
                return Repeat(call.loop, Extent(Size.LENGTH, f"len({text})", text))
        case _:
            pass
    return None


def _goes_through(costs: Costs, node: cst.BaseExpression, text: str) -> bool | None:
    """Whether only the distinct elements of a container are visited; None where it is another one that is visited."""
    match node:
        case cst.Name() | cst.Attribute():
            return False if text_of(costs, node) == text else None
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Slice())]):
            return _goes_through(costs, value, text)
        case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner), *_]):
            if name in {"set", "frozenset"}:
                return None if _goes_through(costs, inner, text) is None else True
            if name in {"enumerate", "list", "tuple", "sorted", "reversed", "range", "len", "iter"}:
                return _goes_through(costs, inner, text)
            return None
        case cst.Call(func=cst.Attribute(value=cst.Name(value="dict"), attr=cst.Name(value="fromkeys")), args=args):
            return None if not args or _goes_through(costs, args[0].value, text) is None else True
        case _:
            return None


def _keys(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`max(set(items), key=items.count)` and `map(items.index, wanted)`: one search for each element."""
    for name in _GOING_THROUGH:
        for call in costs.calls.get(name, ()):
            found = _handed(name, call)
            if found is None:
                continue
            searching, through = found
            if not isinstance(searching.value, cst.Name | cst.Attribute):
                continue
            text = dotted(searching.value)
            extent = size(costs, through, call.scope, call.order)
            if not extent.grows or text is None or not size(costs, searching.value, call.scope, call.order).grows:
                continue
            sure = is_list(costs, searching.value, call.scope, call.order)
            if not sure and _goes_through(costs, through, text) is None:
                continue
            loop = Loop("call", call.node, call.loop, call.scope, call.order, iterable=through)
            repeat = Repeat(loop, extent)
            severity = graded(parsed, costs, repeat, searching.value, call.scope, call.order) if sure else Severity.INFO
            said = growth(costs, repeat, searching.value, call.scope)
            yield _finding(rule, parsed, searching, repeat, searching.value, said, severity)


def _handed(name: str, call: Call) -> tuple[cst.Attribute, cst.BaseExpression] | None:
    """The bound method that a call asks for each element, and what it goes through."""
    args = call.node.args
    through = call.node.func.value if name == "sort" and isinstance(call.node.func, cst.Attribute) else None
    if name in {"map", "filter"}:
        handed = args[0].value if len(args) == 2 else None
        through = args[1].value if len(args) == 2 else None
    else:
        handed = next((arg.value for arg in args if arg.keyword is not None and arg.keyword.value == "key"), None)
        if through is None and args and args[0].keyword is None:
            through = args[0].value
    if isinstance(handed, cst.Attribute) and handed.attr.value in {"index", "count"} and through is not None:
        return handed, through
    return None


RULES: CostRules = {"list-search-in-loop": positions}
