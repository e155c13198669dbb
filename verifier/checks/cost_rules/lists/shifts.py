"""Lists that are shifted as a whole to give or take their first element."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import libcst as cst

from verifier.checks.cost_rules.grading import graded, in_tests
from verifier.checks.cost_rules.lists.fixes import to_deque
from verifier.checks.cost_rules.lists.rewriting import rewritten
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.kinds import is_list, is_sequence
from verifier.costs.loops.exits import Exits, exits, runs_once
from verifier.costs.loops.varying import bound_in
from verifier.costs.model import Costs, Extent, Repeat, Size
from verifier.costs.natures import few_by_nature, many_by_nature
from verifier.costs.objects.queues import expires, measured, others
from verifier.costs.objects.windows import bounded, changes, emptied, exchanged, method, tested
from verifier.costs.origins import outside
from verifier.costs.repeats import around, repeated
from verifier.costs.written import integer
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Branch, Loop, Scope

_ARGUMENTS = re.compile(r"arg(s|v|uments|list)$|(^|\.)sys\.path$")
"""What the command line or a call gave, and `sys.path`: a handful."""


@dataclass(frozen=True, slots=True)
class _Shift:
    """A place where a list moves its elements by one."""

    node: cst.CSTNode
    container: cst.BaseExpression
    scope: Scope
    order: int
    loop: Loop | None
    branch: Branch | None
    statement: cst.CSTNode
    takes: bool


def shifts(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """The first of the places in a loop where a list that outlives it is shifted or copied to drop one element."""
    told: set[tuple[int, str]] = set()
    known: Exits | None = None
    for each in _alike(costs, (*_moved(costs), *_deleted(parsed))):
        text = dotted(each.container)
        if text is None or _ARGUMENTS.search(text) or _is_window(costs, each, text):
            continue
        repeat = repeated(costs, each.container, each.loop, each.scope, each.order)
        if repeat is None or (id(repeat.loop), text) in told or not _is_list(costs, each, text):
            continue
        known = exits(parsed.facts.tree) if known is None else known
        if runs_once(known, each.statement, each.loop, repeat):
            continue
        told.add((id(repeat.loop), text))
        inner = (one for one in around(each.loop) if one.within(repeat.loop) and emptied(text, one))
        found = measured(costs, repeat, text, next(inner, repeat.loop))
        yield costly(
            rule,
            parsed,
            each.node,
            found,
            evidence={"container": text, "class": "list"},
            severity=_severity(parsed, costs, found, each, text, sure=found is not repeat),
            fix=to_deque(parsed, costs, each.container, each.scope, each.order),
            call=code_of(parsed, each.node),
        )
    yield from _sliced(parsed, costs, rule)
    yield from rewritten(parsed, costs, rule)


def _severity(parsed: Parsed, costs: Costs, repeat: Repeat, each: _Shift, text: str, *, sure: bool) -> Severity | None:
    """Info where a loop takes elements only for as long as the first one is of a kind: there may be few.

    Of a queue that is filled behind, and from whose front all that is too old or too small goes, there may be many.
    """
    old = each.takes and each.loop is not None and expires(costs, text, each.scope, each.loop)
    if sure or old:
        few = few_by_nature(text) or in_tests(parsed) or ("." in text and not (old or many_by_nature(text)))
        return Severity.INFO if few else None
    if each.takes and each.loop is not None and tested(text, each.loop) and not _drains(text, each.loop):
        return Severity.INFO
    return graded(parsed, costs, repeat, each.container, each.scope, each.order)


def _drains(text: str, loop: Loop) -> bool:
    return any(emptied(text, each) for each in around(loop))


def _alike(costs: Costs, found: Iterable[_Shift]) -> Iterator[_Shift]:
    """Each place, and those of the containers that its name may stand for: `source = left if … else right`."""
    for each in found:
        yield each
        if each.loop is not None and isinstance(each.container, cst.Name):
            for other in others(costs, each.container, each.scope, each.order):
                yield replace(each, container=other)


def _moved(costs: Costs) -> Iterator[_Shift]:
    """`items.pop(0)` and `items.insert(0, x)`."""
    for name in ("pop", "insert"):
        for call in costs.calls.get(name, ()):
            match call.node:
                case cst.Call(
                    func=cst.Attribute(value=container),
                    args=[cst.Arg(value=cst.Integer(value="0"), keyword=None), *rest],
                ) if len(rest) == (name == "insert"):
                    yield _Shift(
                        call.node,
                        container,
                        call.scope,
                        call.order,
                        call.loop,
                        call.branch,
                        call.statement,
                        name == "pop",
                    )
                case _:
                    pass


def _deleted(parsed: Parsed) -> Iterator[_Shift]:
    """`del items[0]`."""
    if "del " not in parsed.text:
        return
    gone: dict[int, cst.Del] = {}
    for loop in parsed.facts.loops:
        if loop.parent is None and not isinstance(loop.node, cst.CompFor):
            gone.update((id(each.target), each) for each in descend(loop.node) if isinstance(each, cst.Del))
    for use in (*parsed.facts.names, *parsed.facts.attributes):
        match use.parent:
            case cst.Subscript(
                value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))]
            ) if value is use.node and id(use.parent) in gone:
                node = gone[id(use.parent)]
                yield _Shift(node, value, use.scope, use.order, use.loop, use.branch, node, takes=True)
            case _:
                pass


def _is_window(costs: Costs, each: _Shift, text: str) -> bool:
    """Whether the list is kept short, so that there is not much to shift."""
    if bounded(costs, text, each.scope, each.branch, each.loop):
        return True
    return (
        each.takes
        and not tested(text, each.loop)
        and exchanged(costs, text, each.scope, each.node, each.branch, each.loop)
    )


def _is_list(costs: Costs, each: _Shift, text: str) -> bool:
    """Surely a list by its type; or what is unknown, but asked for its first by place, and grown or emptied as one."""
    if is_list(costs, each.container, each.scope, each.order):
        return True
    if costs.inference.types(each.container, each.scope, each.order) or not each.takes:
        return False
    grown = any(method(call) in {"append", "insert"} for call in changes(costs, text, each.scope))
    return grown or tested(text, each.loop)


def _sliced(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`items = items[1:]` in a loop that goes on until nothing is left, or through another container."""
    for scope in parsed.facts.scopes:
        for name, bindings in scope.bindings.items():
            for each in bindings:
                if each.loop is None or each.kind is not BindingKind.ASSIGNMENT or not _drops(each):
                    continue
                repeat = _emptied(costs, each, bindings)
                if repeat is None or each.value is None:
                    continue
                sure = is_sequence(costs, cst.Name(name), each.scope, each.order)
                unknown = not costs.inference.types(cst.Name(name), each.scope, each.order)
                if sure or (unknown and tested(name, each.loop)):
                    said = f"{name} = {code_of(parsed, each.value)}"
                    severity = graded(parsed, costs, repeat, cst.Name(name), each.scope, each.order)
                    if not is_list(costs, cst.Name(name), each.scope, each.order) and not _read(repeat):
                        severity = Severity.INFO  # a text of a few kilobytes is copied in no time
                    if not _drops_one(each) and not _by_content(each, repeat):
                        severity = Severity.INFO  # batches of one size: there may be few
                    evidence = {"container": name, "class": "list, str, bytes or tuple"}
                    yield costly(rule, parsed, each.value, repeat, evidence=evidence, severity=severity, call=said)


def _by_content(each: Binding, repeat: Repeat) -> bool:
    """Whether each turn finds anew how much it drops."""
    value = each.value
    if not isinstance(value, cst.Subscript):
        return False
    names = {node.value for part in value.slice for node in descend(part) if isinstance(node, cst.Name)}
    return any(bound_in(name, each.scope, repeat.loop) for name in names)


def _read(repeat: Repeat) -> bool:
    return repeat.extent.size is Size.OUTSIDE


def _drops_one(each: Binding) -> bool:
    match each.value:
        case cst.Subscript(
            value=cst.Name(value=name),
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper, step=None))],
        ) if name == each.name:
            first, last = (None if side is None else integer(side) for side in (lower, upper))
            return (first == 1 and upper is None) or (lower is None and last == -1)
        case _:
            return False


def _drops(each: Binding) -> bool:
    """One element, or as many as some expression says: `data = data[end:]`."""
    match each.value:
        case cst.Subscript(
            value=cst.Name(value=name),
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=cst.BaseExpression(), upper=None, step=None))],
        ):
            return name == each.name
        case _:
            return _drops_one(each)


def _emptied(costs: Costs, each: Binding, bindings: list[Binding]) -> Repeat | None:
    """The loop that goes on while there are elements left, or goes through another container."""
    for loop in around(each.loop):
        if any(one is not each and one.loop is not None and one.loop.within(loop) for one in bindings):
            return None  # it is made anew, or changed in another way
        if emptied(each.name, loop):
            read = outside(costs, cst.Name(each.name), loop.scope, loop.order)
            known = Size.OUTSIDE if read else Size.LENGTH
            return Repeat(loop, Extent(known, f"len({each.name})", each.name))
        if not _drops_one(each):
            return None
        if loop.test is None and turns(costs, loop).grows:
            return Repeat(loop, turns(costs, loop))
    return None


RULES: CostRules = {"list-shift-in-loop": shifts}
