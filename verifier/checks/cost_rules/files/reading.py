"""Files and folders that are read as a whole for a part of them, or into a list for one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.files.places import called
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of, finding
from verifier.checks.rewrites.common import Unfixable, put, range_of
from verifier.costs.files import Above, above, of_the_system, path_of, reads_by_name, whole
from verifier.costs.frames.tables import TABLES, asked, of_table
from verifier.costs.loops.standing import again
from verifier.costs.model import Costs
from verifier.costs.written import integer
from verifier.model import Finding, Fix, Rule, Severity
from verifier.semantics.model import BindingKind, Call, Use
from verifier.semantics.names import qualify, reaching

_SHORT = re.compile(r"version|config|conf\b|readme|license|pid|meta|ini\b|toml|manifest|settings", re.IGNORECASE)
"""Files that are short by nature."""
_READERS = frozenset({"csv.reader", "csv.DictReader"})


def parts(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each whole of which one part is used."""
    if in_tests(parsed):
        return
    wholes = [(call, opened) for call in _candidates(costs) if (opened := whole(costs, call)) is not None]
    rows = [call for call in costs.calls.get("list", ()) if _of_reader(parsed, call)]
    tables = [call for call, _ in called(parsed, costs, TABLES)]
    around = above(parsed.facts.tree, [each.node for each in (*(call for call, _ in wholes), *rows, *tables)])
    reads: Mapping[tuple[int, str], list[Use]] = reads_by_name(costs) if wholes or rows or tables else {}
    for call, opened in wholes:
        if not of_the_system(opened):
            severity = Severity.INFO if _short(parsed, opened) else None
            yield from _lines(parsed, rule, call, around, reads, severity)
    for call in rows:
        yield from _lines(parsed, rule, call, around, reads, None, "every row")
    for call in tables:
        for part, severity in of_table(call, around[id(call.node)], reads):
            yield _found(parsed, rule, call, *part, None, severity)
    yield from _listings(parsed, costs, rule)


def _candidates(costs: Costs) -> Sequence[Call]:
    return [call for name in ("readlines", "splitlines", "split") for call in costs.calls.get(name, ())]


def _of_reader(parsed: Parsed, call: Call) -> bool:
    """`list(csv.reader(file))`, or of a name for one."""
    match call.node.args:
        case [cst.Arg(value=cst.Call(args=[cst.Arg(value=cst.List()), *_]))]:
            return False  # its lines are written out
        case [cst.Arg(value=cst.Call(func=func))]:
            return bool(_READERS.intersection(qualify(parsed.facts, func, call.scope, call.order)))
        case [cst.Arg(value=cst.Name(value=name))]:
            bindings = reaching(parsed.facts, name, call.scope, call.order) or ()
            values = [each.value for each in bindings if each.kind is BindingKind.ASSIGNMENT]
            return len(bindings) == len(values) == 1 and all(
                isinstance(each, cst.Call)
                and bool(_READERS.intersection(qualify(parsed.facts, each.func, call.scope, call.order)))
                for each in values
            )
        case _:
            return False


def _lines(
    parsed: Parsed,
    rule: Rule,
    call: Call,
    around: Mapping[int, Above],
    reads: Mapping[tuple[int, str], list[Use]],
    severity: Severity | None,
    everything: str = "every line",
) -> Iterator[Finding]:
    """What is used of a list of all lines: one of them at once, their number, or a few by a name of the list."""
    one, two = around[id(call.node)]
    index = _first(one, call.node)
    if index is not None:
        end = "the last one" if index < 0 else "one of them" if index else "the first one"
        info = Severity.INFO if index < 0 else severity
        yield _found(parsed, rule, call, everything, end, _next(parsed, one, call, index), info)
        return
    match two:
        case cst.Call(func=cst.Name(value="len"), args=[_]) if isinstance(one, cst.Arg):
            yield _found(parsed, rule, call, everything, "only their number", _sum(parsed, two, call), Severity.INFO)
    match call.statement:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value) if value is call.node:
            uses = reads.get((id(call.scope.function), name), ())
            if len(call.scope.bindings.get(name, ())) == 1 and call.scope.function is not None and uses:
                found = [_first(use.parent, use.node) for use in uses if not asked(use)]
                if found and all(each is not None and each >= 0 for each in found):
                    said = "the first one" if set(found) == {0} else "the first ones"
                    yield _found(parsed, rule, call, everything, said, None, severity)


def _first(node: cst.CSTNode, inner: cst.CSTNode) -> int | None:
    """The constant index that a subscript of a node takes, or the end of its slice from the start."""
    match node:
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]) if value is inner:
            return integer(index)
        case cst.Subscript(
            value=value, slice=[cst.SubscriptElement(slice=cst.Slice(lower=None, upper=upper, step=None))]
        ) if value is inner and upper is not None:
            end = integer(upper)
            return end if end is not None and end > 0 else None
        case _:
            return None


def _short(parsed: Parsed, opened: cst.Call) -> bool:
    """Whether a file is named in the code, or is called like one that is short."""
    path = path_of(opened)
    return path is None or isinstance(path, cst.SimpleString) or _SHORT.search(code_of(parsed, path)) is not None


def _found(
    parsed: Parsed, rule: Rule, call: Call, whole_: str, part: str, fix: Fix | None, severity: Severity | None = None
) -> Finding:
    made = finding(
        rule,
        parsed,
        call.node,
        evidence={"read": whole_, "used": part},
        call=code_of(parsed, call.node),
        whole=whole_,
        part=part,
    )
    return replace(made, severity=severity or made.severity, fix=fix)


def _next(parsed: Parsed, node: cst.CSTNode, call: Call, index: int) -> Fix | None:
    """`next(file)` for `file.readlines()[0]` and `next(rows)` for `list(rows)[0]`."""
    match call.node:
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="readlines"))):
            text = f"next({name})"
        case cst.Call(func=cst.Name(value="list"), args=[cst.Arg(value=inner)]):
            text = f"next({parsed.facts.tree.code_for_node(inner)})"
        case _:
            return None
    match node:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index())]) if index == 0:
            return _put(parsed, node, text, safe=False)
        case _:
            return None


def _sum(parsed: Parsed, node: cst.CSTNode, call: Call) -> Fix | None:
    match call.node:
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="readlines"))):
            return _put(parsed, node, f"sum(1 for _ in {name})", safe=True)
        case _:
            return None


def _put(parsed: Parsed, node: cst.CSTNode, text: str, *, safe: bool) -> Fix | None:
    try:
        return Fix(f"Write `{text}`", (put(parsed, *range_of(parsed, node), text),), safe=safe)
    except Unfixable:
        return None


def _listings(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`name in os.listdir(folder)` on every turn of a loop."""
    calls = {id(call.node): call for call, _ in called(parsed, costs, ("os.listdir", "os.scandir"))}
    for use in parsed.facts.comparisons if calls else ():
        match use.node:
            case cst.Comparison(
                comparisons=[cst.ComparisonTarget(operator=cst.In() | cst.NotIn(), comparator=comparator)]
            ) if id(comparator) in calls:
                call = calls[id(comparator)]
                repeat = again(costs, call)
                if repeat is not None and repeat.extent.grows:
                    text = code_of(parsed, comparator)
                    yield costly(
                        rule,
                        parsed,
                        comparator,
                        repeat,
                        evidence={"searched": text},
                        call=text,
                        whole="the whole folder on every turn of the loop",
                        part="one name",
                    )
            case _:
                pass


def lists(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each `for line in file.readlines()` over a file that nothing else in the function uses."""
    if in_tests(parsed):
        return
    loops = {id(loop.iterable): loop for loop in parsed.facts.loops if loop.iterable is not None}
    calls = [
        call for call in costs.calls.get("readlines", ()) if id(call.node) in loops and whole(costs, call) is not None
    ]
    reads = reads_by_name(costs) if calls else {}
    for call in calls:
        match call.node:
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name) as file)):
                if len(reads.get((id(call.scope.function), name), ())) == 1:
                    fix = _put(parsed, call.node, file.value, safe=True)
                    made = finding(
                        rule, parsed, call.node, evidence={"list": "all lines"}, call=code_of(parsed, call.node)
                    )
                    yield replace(made, fix=fix)
            case _:
                pass


RULES: CostRules = {"whole-file-for-a-part": parts, "whole-file-in-memory": lists}
